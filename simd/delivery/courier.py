"""The process that sends messages: reads an order from standard input, answers on standard output.

The order is a JSON object with ``targets``, ``title`` and ``body``. For each target there is a
line ``[position, reason]``, as soon as it is known; the reason is null when the message was
taken. Reasons are fixed words: what a service or a library says could repeat a secret.
"""

import json
import logging
import os
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import TextIO

from apprise import Apprise, AppriseAsset, NotifyFormat
from apprise.manager_plugins import NotificationManager
from apprise.result import AppriseResultStatus

TARGET_SECONDS = 30.0
"""How long one service may take."""

AT_ONCE = 16
"""Services that are spoken to at the same time."""

SERVICES = NotificationManager()  # type: ignore[no-untyped-call]  # Apprise is typed in part

UNKNOWN = "Apprise knows no such service"
UNSUPPORTED = "it needs a library that is not installed"
INCOMPLETE = "the URL is not complete"
REFUSED = "refused, or not reached"
SILENT = "no answer in time"


def main() -> None:
    """Deliver one message and end, whatever still hangs."""
    answers = _take_stdout()
    logging.disable(logging.CRITICAL)
    order = json.load(sys.stdin)
    deliver(order["targets"], order["title"], order["body"], answers)
    # A thread that waits for a dead service would keep an ordinary exit waiting too.
    os._exit(0)


def deliver(targets: Sequence[str], title: str, body: str, answers: TextIO) -> None:
    """Send to every target and write a line about each."""
    asset = _asset()
    # Asking loads every service, which had better happen before there are threads.
    known = frozenset(SERVICES.schemas(include_disabled=True))  # type: ignore[no-untyped-call]  # as above
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sent: dict[Future[str | None], int] = {
            pool.submit(_attempt, target, title, body, asset, known): position
            for position, target in enumerate(targets)
        }
        for attempt in as_completed(sent):
            answers.write(f"{json.dumps([sent[attempt], attempt.result()])}\n")
            answers.flush()


def _attempt(target: str, title: str, body: str, asset: AppriseAsset, known: frozenset[str]) -> str | None:
    """Send to one target; why that failed, or None."""
    service = Apprise.instantiate(target, asset=asset)
    if service is None:
        return _why_not(target, known)
    sender = Apprise(asset=asset)
    sender.add(service)
    result = sender.notify(body=body, title=title, body_format=NotifyFormat.TEXT)
    if result:
        return None
    return SILENT if result.status is AppriseResultStatus.TIMEOUT else REFUSED


def _why_not(target: str, known: frozenset[str]) -> str:
    scheme = target.partition("://")[0].lower()
    if scheme not in known:
        return UNKNOWN
    return INCOMPLETE if SERVICES[scheme].enabled else UNSUPPORTED


def _asset() -> AppriseAsset:
    """How Apprise should behave: nothing is stored or loaded, and no picture of its own is linked."""
    return AppriseAsset(
        app_id="simd",
        app_desc="simd",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        storage_mode="memory",
        pgp_autogen=False,
        pem_autogen=False,
        allow_templates=False,
        service_timeout=TARGET_SECONDS,
    )


def _take_stdout() -> TextIO:
    """The pipe to whoever asked; whatever a library prints from now on goes nowhere."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


if __name__ == "__main__":
    main()
