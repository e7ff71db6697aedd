"""Progress on standard error: a bar, plain lines, or nothing at all."""

import os
import sys
import time
from collections.abc import Callable

from simd.core.wire import Json
from simd.ctl.call import Call
from simd.render.status import progress

LINE_SECONDS = 2.0
"""At most one line in this time, unless the work enters another phase."""


class Silence:
    """Shows nothing."""

    def show(self, data: Json) -> None:
        """Take a ``progress`` event."""

    def close(self) -> None:
        """Leave the screen as it is."""


class Lines(Silence):
    """Writes plain lines, for logs and pipes."""

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock
        self._phase: str | None = None
        self._written_at = 0.0

    def show(self, data: Json) -> None:
        """Write the event as a line, if it is time for one."""
        now = self._clock()
        if data["phase"] == self._phase and now - self._written_at < LINE_SECONDS:
            return
        self._phase, self._written_at = data["phase"], now
        self._write(progress(data))


def chosen_view(call: Call) -> Silence:
    """The view that suits standard error: a bar on a terminal, elsewhere lines, unless JSON is asked for."""
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        from simd.ctl.bar import Bar  # noqa: PLC0415 - rich takes 50 ms, and only a terminal needs it

        return Bar()
    return Silence() if call.output.as_json else Lines(call.output.note)
