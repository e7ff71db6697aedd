"""Whose turn it is, where some of what waits cannot go on before a disk is free.

A disk that spins serves one reader well and several badly: its head would go to and fro between
them. So a reader is given the disks that its file lies on, and whoever needs one of them waits,
while files on other disks go on.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

Disks = frozenset[str]
"""The spinning disks under a file, by name; empty for everything else, which nobody has to wait for."""

NO_DISK: Disks = frozenset()


class Lane(NamedTuple):
    """What keeps the order among itself. Lower ranks go first."""

    rank: int
    disks: Disks


class Turns(Generic[T]):
    """Things that wait, each in the lane that it had when it came. Used by one thread.

    The first to come is the first to go, but for those whose disks are not free. Such a one keeps
    its disks from all that came after it, so that nobody waits for ever behind a crowd that needs
    one disk less. Among things of a lower rank those of a higher do not count.
    """

    def __init__(self, lane_of: Callable[[T], Lane]) -> None:
        self._lane_of = lane_of
        self._lanes: dict[Lane, deque[tuple[int, T]]] = {}
        self._first = 0
        self._last = 0
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def __iter__(self) -> Iterator[T]:
        return (item for lane in self._lanes.values() for _, item in lane)

    def append(self, item: T) -> None:
        """Let it wait behind all others of its rank."""
        self._last += 1
        self._queue(item).append((self._last, item))

    def appendleft(self, item: T) -> None:
        """Let it wait before all others of its rank."""
        self._first -= 1
        self._queue(item).appendleft((self._first, item))

    def waiting(self, disks: Disks) -> int:
        """How many wait for just these disks."""
        return sum(len(queue) for lane, queue in self._lanes.items() if lane.disks == disks)

    def turn(self, may: Callable[[Lane], bool]) -> Lane | None:
        """The lane whose first thing is to go next; None when nothing may.

        Args:
            may: whether the first thing of a lane may go: its disks are free, and whatever else it needs.
        """
        claimed: Disks = NO_DISK
        for lane in self._in_order():
            if not lane.disks & claimed and may(lane):
                return lane
            claimed |= lane.disks
        return None

    def first(self, lane: Lane) -> T | None:
        """The first thing of a lane, which stays; None when there is none."""
        queue = self._lanes.get(lane)
        return queue[0][1] if queue else None

    def take(self, lane: Lane) -> T:
        """The first thing of a lane, which waits no longer."""
        queue = self._lanes[lane]
        _, item = queue.popleft()
        self._waiting -= 1
        if not queue:
            del self._lanes[lane]
        return item

    def _in_order(self) -> Iterable[Lane]:
        if len(self._lanes) == 1:
            # As nearly always: nothing spins, and everything is equally urgent.
            return self._lanes
        return sorted(self._lanes, key=lambda lane: (lane.rank, self._lanes[lane][0][0]))

    def _queue(self, item: T) -> deque[tuple[int, T]]:
        self._waiting += 1
        return self._lanes.setdefault(self._lane_of(item), deque())
