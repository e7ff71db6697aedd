"""How far a rematch has come, for ``status`` and for those who listen."""

from collections.abc import Callable

from simd.core.answers import Progress
from simd.ports import Clock
from simd.runtime.broadcast import Broadcast
from simd.work.rematch.pace import Pace

EVENT = "rematch"

TELL_SECONDS = 0.25
"""Progress is told this often at most, unless a phase begins."""


class Reporting:
    """Tells of phases and of steps done. Written by one thread, read by any."""

    def __init__(self, broadcast: Broadcast, clock: Clock) -> None:
        self.progress: Progress | None = None
        self._broadcast = broadcast
        self._clock = clock
        self._told_at = 0.0

    def enter(self, phase: str, total: int | None, done: int = 0) -> None:
        """A phase begins."""
        self._tell(Progress(phase=phase, done=done, total=total, per_second=None))

    def advancing(self, pace: Pace) -> Callable[[int], None]:
        """What to call after every slice of work, with the number of steps that it has finished."""

        def advance(steps: int) -> None:
            self._pass(steps)
            pace.rest()

        return advance

    def end(self) -> None:
        """Nothing is under way any more."""
        self.progress = None

    def _pass(self, steps: int) -> None:
        held = self.progress
        if held is None or not steps:
            return
        moved = Progress(phase=held.phase, done=held.done + steps, total=held.total, per_second=None)
        if self._clock.monotonic() - self._told_at >= TELL_SECONDS:
            self._tell(moved)
        else:
            self.progress = moved

    def _tell(self, progress: Progress) -> None:
        self.progress = progress
        self._told_at = self._clock.monotonic()
        self._broadcast.tell(EVENT, phase=progress.phase, done=progress.done, total=progress.total)
