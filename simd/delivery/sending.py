"""Sending a message to many targets, in a process of its own.

Apprise and the dozens of libraries below it write URLs, headers and answers into logs, keep
threads, and can hang in a name lookup that has no deadline. In a process whose standard
error leads nowhere, and that is ended when its time is up, none of that reaches the daemon.
"""

import json
import logging
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress

from simd.delivery.targets import hidden

log = logging.getLogger(__name__)

DEADLINE_SECONDS = 60.0
"""When this is over, the targets that have not answered count as failed."""

_COMMAND = (sys.executable, "-P", "-m", "simd.delivery.courier")
_RUNNING: set["subprocess.Popen[bytes]"] = set()
"""The senders of this process. A set takes and gives in one step, so it needs no lock."""

_SILENT = "no answer in time"
_LOST = "the sender broke down"


def send(
    targets: Sequence[str], title: str, body: str, deadline_seconds: float = DEADLINE_SECONDS
) -> Sequence[str]:
    """Send a message to every target at once; one that fails stops no other.

    Args:
        targets: Apprise's URLs, with their secrets.
        title: one line.
        body: plain text.
        deadline_seconds: how long all of it may take.

    Returns:
        The targets that failed, each by scheme and host and with a reason:
        ``json://example.org (refused, or not reached)``. Never a secret.
    """
    if not targets:
        return ()
    answers, missing = _ask_courier(
        {"targets": list(targets), "title": title, "body": body}, deadline_seconds
    )
    reasons = [answers.get(position, missing) for position in range(len(targets))]
    failed = [
        f"{label} ({reason})"
        for label, reason in zip(_labels(targets), reasons, strict=True)
        if reason is not None
    ]
    for label in failed:
        log.warning("a message was not delivered: %s", label)
    return failed


def abandon() -> None:
    """End whatever is being sent, in a process that stops: it counts as failed for those who wait for it."""
    for courier in list(_RUNNING):
        courier.kill()


def _ask_courier(order: Mapping[str, object], seconds: float) -> tuple[dict[int, str | None], str]:
    """What became of each target by its position, and what is to be said of those that are not there."""
    try:
        courier = subprocess.Popen(  # noqa: S603 - the command is ours; the secrets go through the pipe
            _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError as error:
        log.error("the sender of messages could not be started: %s", error.strerror)  # noqa: TRY400 - known
        return {}, _LOST
    missing = _LOST
    with courier:
        _RUNNING.add(courier)
        try:
            said, _ = courier.communicate(json.dumps(order).encode(), seconds)
        except subprocess.TimeoutExpired:
            courier.kill()
            said, _ = courier.communicate()
            missing = _SILENT
        finally:
            _RUNNING.discard(courier)
    return _read(said), missing


def _read(said: bytes) -> dict[int, str | None]:
    """The lines of the courier; one that was cut off by its end tells nothing."""
    answers: dict[int, str | None] = {}
    for line in said.splitlines():
        with suppress(ValueError):
            position, reason = json.loads(line)
            answers[position] = reason
    return answers


def _labels(targets: Sequence[str]) -> list[str]:
    """Each target without its secrets; those that then look alike are numbered."""
    bare = [hidden(target) for target in targets]
    alike, seen = Counter(bare), Counter[str]()
    labels = []
    for label in bare:
        seen[label] += 1
        labels.append(f"{label} no. {seen[label]}" if alike[label] > 1 else label)
    return labels
