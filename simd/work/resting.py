"""The files that rest until they may be read: the settle clock and the calm clock of each, in step."""

from dataclasses import dataclass, field

from simd.core.settling import Settling, Verdict
from simd.core.stamp import Stamp
from simd.ports import Clock
from simd.work.ahead import CALM_SHARE, Promise, ReadAhead
from simd.work.arrivals import Arrival
from simd.work.examine import stamp_of

TOGETHER_SECONDS = 0.05
"""Files that settle within so long of each other go on together: to look into the catalogue, and to
write it, costs about as much for one as for a few."""


@dataclass(slots=True)
class Rested:
    """Files whose rest is over.

    Attributes:
        ready: paths that have to be examined.
        arrivals: what was read of others while they settled.
        gone: paths at which nothing stands.
    """

    ready: list[bytes] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    gone: list[bytes] = field(default_factory=list)


class Resting:
    """Both clocks of every file that settles. Used by one thread only.

    Attributes:
        ahead: what is read of the files while they settle.
    """

    def __init__(self, settling: Settling, clock: Clock) -> None:
        self.ahead = ReadAhead(settling.quiet * CALM_SHARE)
        self._settling = settling
        self._clock = clock
        self._not_before = 0.0

    def follow(self, quiet: float, cap: float) -> None:
        """Go by other times from now on."""
        self._settling.follow(quiet, cap)
        self.ahead.follow(quiet * CALM_SHARE)

    def __len__(self) -> int:
        return len(self._settling)

    def __contains__(self, path: object) -> bool:
        return path in self._settling

    def touch(self, path: bytes, stamp: Stamp) -> None:
        """Note a sign of change."""
        now = self._clock.monotonic()
        self._settling.touch(path, stamp, now)
        self.ahead.touch(path, stamp, now)

    def found(self, path: bytes, stamp: Stamp) -> bool:
        """Whether what a sweep came upon may be read; in the middle of a copy it has to rest first."""
        now, wall = self._clock.monotonic(), self._clock.now().timestamp()
        if self._settling.found(path, stamp, now, wall) is Verdict.SETTLED:
            return True
        self.ahead.found(path, stamp, now)
        return False

    def forget(self, path: bytes) -> None:
        """Drop a file, pending or not."""
        self._settling.forget(path)
        self.ahead.forget(path)

    def rename(self, source: bytes, target: bytes) -> None:
        """Carry a pending file over to its new name; what was read of it is not."""
        self._settling.rename(source, target)
        self.ahead.forget(source)
        self.ahead.forget(target)

    def next_due(self) -> float | None:
        """When :meth:`settle` has something to do next; None when nothing rests."""
        moments = [due for due in (self._settling.next_due(), self.ahead.next_due()) if due is not None]
        return max(min(moments), self._not_before) if moments else None

    def settle(self) -> Rested:
        """Look at all whose time has come."""
        rested = Rested()
        now = self._clock.monotonic()
        if now < self._not_before:
            return rested
        settled, calm = self._settling.due(now), self.ahead.due(now)
        if settled or calm:
            self._not_before = now + TOGETHER_SECONDS
        for path in settled:
            self._confirm(path, now, rested)
        for path in calm:
            self.ahead.confirm(path, stamp_of(path), now)
        return rested

    def _confirm(self, path: bytes, now: float, rested: Rested) -> None:
        stamp = stamp_of(path)
        match self._settling.confirm(path, stamp, now):
            case Verdict.SETTLED:
                self._end(path, stamp, rested)
            case Verdict.CHANGING if stamp is not None:
                self.ahead.touch(path, stamp, now)
            case _:
                self.ahead.forget(path)
                rested.gone.append(path)

    def _end(self, path: bytes, stamp: Stamp | None, rested: Rested) -> None:
        match self.ahead.settled(path, stamp):
            case None:
                rested.ready.append(path)
            case Promise.COMING:
                pass
            case arrival:
                rested.arrivals.append(arrival)
