"""Giving way: a rematch works in small slices, rests as long as it worked, and ends when it must."""

from collections.abc import Callable
from threading import Event

from simd.ports import Clock

REST = 1.0
"""Seconds of rest for each second of work: half of one processor at most."""

SLICE_SECONDS = 0.01
"""Less work than this is not worth a rest."""

PAUSED_SECONDS = 0.25
"""How often a paused rematch looks whether it may go on."""


class Stopped(Exception):
    """The daemon is stopping."""


class Pace:
    """When to work and when to rest. Used by one thread."""

    def __init__(
        self, stop: Event, paused: Callable[[], bool], clock: Clock, beat: Callable[[], None]
    ) -> None:
        """``beat`` shows that the thread lives."""
        self._beat = beat
        self._stop = stop
        self._paused = paused
        self._clock = clock
        self._since = clock.monotonic()

    def rest(self) -> None:
        """To be called between slices; returns when the next one may begin.

        Raises:
            Stopped: there is to be none.
        """
        self._beat()
        worked = self._clock.monotonic() - self._since
        if worked < SLICE_SECONDS and not self._paused() and not self._stop.is_set():
            return
        self._clock.wait(self._stop, worked * REST)
        while self._paused() and not self._stop.is_set():
            self._beat()
            self._clock.wait(self._stop, PAUSED_SECONDS)
        if self._stop.is_set():
            raise Stopped
        self._since = self._clock.monotonic()
