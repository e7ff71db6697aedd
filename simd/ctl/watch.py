"""``status --watch``: a look every second, drawn over the last one, or one JSON object a line."""

import os
import sys
from time import sleep

from simd.client.http import Client
from simd.core.errors import Failed, Unavailable
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.render.live import cropped, live

SECONDS = 1.0
"""From one look to the next."""

ANSWER_SECONDS = 10.0
"""How long a daemon may take to answer before it counts as not there."""

_ENTER = "\x1b[?1049h\x1b[?25l"
"""Another screen, without a cursor; xterm's private modes, which every terminal of today has."""

_LEAVE = "\x1b[?25h\x1b[?1049l"
_HOME, _CLEAR_LINE, _CLEAR_BELOW = "\x1b[H", "\x1b[K", "\x1b[J"


def watch(call: Call) -> int:
    """Look until somebody interrupts."""
    drawn = sys.stdout.isatty() and not call.output.as_json and os.environ.get("TERM") != "dumb"
    try:
        if drawn:
            sys.stdout.write(_ENTER)
        _go_on(call, drawn=drawn)
    except KeyboardInterrupt:
        # That is how it ends.
        pass
    finally:
        if drawn:
            sys.stdout.write(_LEAVE)
            sys.stdout.flush()
    return 0


def _go_on(call: Call, *, drawn: bool) -> None:
    client = Client(call.client.socket_path, timeout=ANSWER_SECONDS)
    before: Json | None = None
    while True:
        seen = look(client, before)
        if drawn:
            sys.stdout.write(_frame(live(seen, call.output.style)))
        else:
            call.output.json(seen)
        sys.stdout.flush()
        before = seen["pulse"]
        sleep(SECONDS)


def look(client: Client, before: Json | None) -> Json:
    """What the daemon says of itself now.

    Args:
        client: asks it.
        before: the pulse of the last look, for the rates.

    Returns:
        ``status``, ``pulse``, ``rates`` (per second: ``files``, ``bytes``, ``queries``) and ``waiting``, each
        None where there is nothing to say.
    """
    try:
        status = client.get("/v1/status")
        pulse = None if status["state"] == "loading" else client.get("/v1/pulse")
    except (Unavailable, Failed) as error:
        return {"status": None, "pulse": None, "rates": None, "waiting": error.message}
    return {"status": status, "pulse": pulse, "rates": _rates(before, pulse), "waiting": None}


def _rates(before: Json | None, pulse: Json | None) -> Json | None:
    """Per second since the last look; None when there was none, or the daemon has begun anew."""
    if before is None or pulse is None:
        return None
    seconds = pulse["uptime_seconds"] - before["uptime_seconds"]
    if seconds <= 0:
        return None
    return {name: round((total - before["done"][name]) / seconds, 3) for name, total in pulse["done"].items()}


def _frame(lines: list[str]) -> str:
    """The lines over those of the last frame, as many and as much of each as the terminal has room for."""
    columns, rows = os.get_terminal_size(sys.stdout.fileno())
    # A terminal that does not know its size says 0.
    shown = [f"{cropped(line, columns or 80)}{_CLEAR_LINE}" for line in lines[: rows or 24]]
    return _HOME + "\r\n".join(shown) + _CLEAR_BELOW
