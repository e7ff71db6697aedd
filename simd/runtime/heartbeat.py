"""Signs of life of the long-lived threads, and who gathers them.

A beat is one assignment: it costs nothing on a hot path and takes no lock. Whoever judges the
beats is elsewhere (:mod:`simd.core.vigil`).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import get_ident

from simd.core.vigil import LifeSign


class Heart:
    """The sign of life of one thread; only that thread calls its methods, but for :meth:`sign`.

    A heart that never beat is at rest, so a thread counts from its first beat on.

    Args:
        name: of the thread.
        allowed: seconds that may pass from one beat to the next while it works.
        awaits: the names of the hearts whose work it waits for in the course of its own.
        monotonic: tells the time.

    Attributes:
        thread: the identifier of the thread that beat last.
    """

    def __init__(
        self,
        name: str,
        allowed: float,
        awaits: Sequence[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.thread: int | None = None
        self._allowed = allowed
        self._awaits = tuple(awaits)
        self._monotonic = monotonic
        # One value, exchanged as a whole: a look from another thread never sees half of it.
        self._state: tuple[float, float, str | None] | None = None

    def beat(self) -> None:
        """Show that the thread goes on."""
        self.thread = get_ident()
        self._state = (self._monotonic(), self._allowed, None)

    def rest(self) -> None:
        """The thread waits for something to do, for as long as it takes; the next beat ends this."""
        self._state = None

    @contextmanager
    def during(self, doing: str, allowed: float) -> Iterator[None]:
        """Declare a step without beats that may rightly take up to ``allowed`` seconds."""
        self.thread = get_ident()
        self._state = (self._monotonic(), allowed, doing)
        try:
            yield
        finally:
            self.beat()

    def sign(self) -> LifeSign | None:
        """The last sign of life; None while at rest. May be called by any thread."""
        state = self._state
        if state is None:
            return None
        at, allowed, doing = state
        return LifeSign(name=self.name, at=at, allowed=allowed, doing=doing, awaits=self._awaits)
