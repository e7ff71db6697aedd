"""Commands about the daemon itself: status, sync, pause, resume."""

from argparse import ArgumentParser, ArgumentTypeError

from simd.core.wire import Json
from simd.ctl.call import Call
from simd.render.holds import reasons
from simd.render.status import status as view
from simd.render.words import duration

ANSWERING_SECONDS = 10.0
"""How much longer than the daemon waits a client waits for its answer."""


LONGEST_SYNC_SECONDS = 3_600.0
"""As the protocol allows."""


def status_words(command: ArgumentParser) -> None:
    """``--watch``."""
    command.add_argument(
        "--watch",
        action="store_true",
        help="look every second until Ctrl-C; one JSON object a line where no terminal is",
    )


def pause_words(_command: ArgumentParser) -> None:
    """No arguments."""


resume_words = pause_words


def sync_words(command: ArgumentParser) -> None:
    """``--timeout``."""
    command.add_argument(
        "--timeout",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="give up after this long (default: 60)",
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_SYNC_SECONDS:
        raise ArgumentTypeError(f"a number of seconds from 0 to {LONGEST_SYNC_SECONDS:.0f}, not {text!r}")
    return seconds


def status(call: Call) -> int:
    """The daemon at a glance, or live."""
    if call.arguments.watch:
        from simd.ctl.watch import watch  # noqa: PLC0415 - needed only here

        return watch(call)
    answer = call.client.get("/v1/status")
    if call.output.as_json:
        call.output.json(answer)
    else:
        call.output.text(view(answer, call.output.style))
    return 0


def sync(call: Call) -> int:
    """Wait until every change made so far is committed and searchable."""
    seconds = call.arguments.timeout

    def ask() -> Json:
        left = max(0.0, seconds - call.client.patience.waited)
        return call.client.post("/v1/sync", {"timeout": left}, timeout=left + ANSWERING_SECONDS, patience=0.0)

    answer = call.client.patience.ask(ask, seconds)
    if call.output.as_json:
        call.output.json(answer)
    else:
        call.output.text(f"In step after {duration(answer['waited_ms'] / 1_000)}.")
    return 0


def pause(call: Call) -> int:
    """Stop hashing."""
    return _switch(call, "/v1/pause", "Hashing is paused; queries still answer")


def resume(call: Call) -> int:
    """Go on hashing."""
    return _switch(call, "/v1/resume", "The pause by hand is over, but hashing still waits")


def _switch(call: Call, path: str, held: str) -> int:
    """Begin or end the person's own pause; ``held`` is said when nothing is read after that, whyever."""
    answer = call.client.post(path)
    if call.output.as_json:
        call.output.json(answer)
    elif answer["paused"]:
        call.output.text(f"{held}: {reasons(answer['holds'])}.")
    else:
        call.output.text("Hashing goes on.")
    return 0
