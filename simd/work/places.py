"""Places that wait to be looked at, so that a slow disk keeps nobody waiting but its own files."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence

from simd.core.turns import Disks, Lane, Turns
from simd.work.examine import Place

_SETTLED, _FOUND = 0, 1
"""What has settled goes before what a sweep found, so that new files never wait for a first scan."""


class Places:
    """In their order, but for those on a spinning disk of which enough are on their way already.

    Used by one thread, but for :meth:`offer`.
    """

    def __init__(self, disks_under: Callable[[bytes], Disks]) -> None:
        """``disks_under`` tells the spinning disks that a path lies on."""
        # Left by other threads; deque's append and popleft are atomic.
        self._offered: deque[Place] = deque()
        self._found: set[bytes] = set()
        self._turns: Turns[Place] = Turns(
            lambda place: Lane(_SETTLED if place.settled else _FOUND, disks_under(place.path))
        )

    def offer(self, place: Place) -> None:
        """Hand in a place; may be called from any thread."""
        self._offered.append(place)

    def put_back(self, places: Sequence[Place]) -> None:
        """Let places that were taken go next, in their order."""
        for place in reversed(places):
            self._turns.appendleft(place)
            self._found.add(place.path)

    def may_go(self, wanted: Callable[[Lane], bool]) -> bool:
        """Whether :meth:`take` would give any."""
        return self._turn(wanted) is not None

    def may_settled_go(self, wanted: Callable[[Lane], bool]) -> bool:
        """Whether :meth:`take` would give one that has settled first."""
        lane = self._turn(wanted)
        return lane is not None and lane.rank == _SETTLED

    def take(self, most: int, wanted: Callable[[Lane], bool]) -> list[Place]:
        """Up to so many places, of lanes that are wanted."""
        places: list[Place] = []
        while len(places) < most and (lane := self._turn(wanted)) is not None:
            place = self._turns.take(lane)
            self._found.discard(place.path)
            places.append(place)
        return places

    def add(self, places: Iterable[Place]) -> None:
        """Let places wait behind all others of their kind."""
        for place in places:
            self._turns.append(place)

    def _turn(self, wanted: Callable[[Lane], bool]) -> Lane | None:
        while self._offered:
            self._append(self._offered.popleft())
        return self._turns.turn(wanted)

    def _append(self, place: Place) -> None:
        """Let an offered place wait, unless it waits already: sweep upon sweep may find the same files."""
        if place.forced or place.path not in self._found:
            self._found.add(place.path)
            self._turns.append(place)
