"""Progress on standard error: a bar, plain lines, or nothing at all."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import closing
from threading import Thread

from simd.client.events import EventStream
from simd.core.errors import SimdError
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


Reading = Callable[[Json], Json]
"""Gives ``phase``, ``done`` and ``total`` of an event that words them otherwise."""


def followed(call: Call, event: str, ask: Callable[[], Json], read: Reading = lambda data: data) -> Json:
    """The answer to a question that takes the daemon a while; its progress is shown meanwhile.

    Args:
        call: whose terminal shows it.
        event: the name of the events that tell the progress.
        ask: the question.
        read: how the progress is read from such an event.
    """
    last: Json = {}

    def show(data: Json) -> None:
        last.update(read(data))
        view.show(last)

    with closing(chosen_view(call)) as view, closing(call.client.events()) as events:
        follower = Thread(target=_follow, args=(events, event, show), name="events", daemon=True)
        follower.start()
        try:
            answer = ask()
        finally:
            events.close()
            follower.join()
        if last.get("total") is not None:
            view.show({**last, "done": last["total"]})  # the answer may have come before the last event
    return answer


def _follow(events: EventStream, event: str, show: Callable[[Json], None]) -> None:
    try:
        for name, data in events:
            if name == event:
                show(data)
    except SimdError:
        return  # progress alone is lost; whatever is wrong, the answer tells
