"""When a file that is being written may be read.

Two clocks run for every pending file. The *quiet* clock starts anew with every sign of
change; the *cap* runs from the first sign, so that a file which never rests is tried all the
same. Times named ``now`` are seconds on a steady clock; ``wall`` is seconds since the epoch.
"""

from dataclasses import dataclass
from enum import Enum
from heapq import heappop, heappush

from simd.core.stamp import Stamp

_NANOSECONDS = 1_000_000_000


class Verdict(Enum):
    """What :meth:`Settling.confirm` and :meth:`Settling.found` say of a file."""

    SETTLED = "settled"
    """Read it now. It is no longer pending."""

    CHANGING = "changing"
    """It stays pending; a later :meth:`Settling.due` names it again."""

    GONE = "gone"
    """It vanished, or was forgotten in the meantime. It is no longer pending."""


@dataclass(slots=True)
class _Entry:
    """One pending file. ``queued`` tells whether the heap holds an item for it."""

    first: float
    last: float
    stamp: Stamp | None
    queued: bool = False


class Settling:
    """Pending files and the moments at which each of them is worth a look.

    The caller takes a stamp on every sign of change (:meth:`touch`), asks for files whose time
    has come (:meth:`due`), stats those once more and gives each to :meth:`confirm`. A file is
    settled when ``quiet`` seconds passed without a sign and two stamps at least that far apart
    are equal. Every operation costs O(log n): the heap holds one item per pending file, and
    items that a later touch has overtaken are pushed back only when they surface.

    Attributes:
        quiet: the seconds that a file has to rest.
    """

    def __init__(self, quiet: float, cap: float) -> None:
        self.quiet = quiet
        self._cap = cap
        self._pending: dict[bytes, _Entry] = {}
        self._heap: list[tuple[float, int, bytes, _Entry]] = []
        self._pushed = 0

    def __len__(self) -> int:
        return len(self._pending)

    def __contains__(self, path: object) -> bool:
        return path in self._pending

    def touch(self, path: bytes, stamp: Stamp | None, now: float) -> None:
        """Note a sign of change, with what ``stat`` says at this moment.

        With None for a stamp, the first :meth:`confirm` takes it and the file settles one quiet
        time later.
        """
        entry = self._pending.get(path)
        if entry is None:
            entry = self._pending[path] = _Entry(now, now, stamp)
        else:
            entry.last, entry.stamp = now, stamp
        if not entry.queued:
            self._push(path, entry)

    def found(self, path: bytes, stamp: Stamp, now: float, wall: float) -> Verdict:
        """Judge a new or changed file that a sweep came upon: SETTLED or CHANGING.

        One that has not changed for the quiet time by the wall clock is settled at once. Times
        in the future prove nothing; such a file must rest like one that was just touched.
        """
        entry = self._pending.get(path)
        age = wall - max(stamp.mtime_ns, stamp.ctime_ns) / _NANOSECONDS
        if entry is None and age >= self.quiet:
            return Verdict.SETTLED
        if entry is None or entry.stamp != stamp:
            self.touch(path, stamp, now)
        return Verdict.CHANGING

    def due(self, now: float) -> list[bytes]:
        """The files whose quiet time, or cap, has passed: stat each and call :meth:`confirm`.

        A file is named once; it comes back only after it was confirmed or touched.
        """
        ready = []
        while self._heap and self._heap[0][0] <= now:
            path, entry = self._pop()
            if self._pending.get(path) is not entry:
                continue
            if self._deadline(entry) <= now:
                ready.append(path)
            else:
                self._push(path, entry)
        return ready

    def confirm(self, path: bytes, stamp: Stamp | None, now: float) -> Verdict:
        """Judge a file by its present stamp; None when it is no longer there."""
        entry = self._pending.get(path)
        if entry is None:
            return Verdict.GONE
        if stamp is None:
            del self._pending[path]
            return Verdict.GONE
        rested = stamp == entry.stamp and now >= entry.last + self.quiet
        if rested or now >= entry.first + self._cap:
            del self._pending[path]
            return Verdict.SETTLED
        if stamp != entry.stamp:
            entry.last, entry.stamp = now, stamp
        if not entry.queued:
            self._push(path, entry)
        return Verdict.CHANGING

    def follow(self, quiet: float, cap: float) -> None:
        """Go by other times from now on, also for what is pending."""
        self.quiet, self._cap = quiet, cap
        self._heap.clear()
        for path, entry in self._pending.items():
            self._push(path, entry)

    def forget(self, path: bytes) -> None:
        """Drop a file, pending or not."""
        self._pending.pop(path, None)

    def rename(self, source: bytes, target: bytes) -> None:
        """Carry a pending file over to its new name, clocks included.

        A target that was pending lends its cap: a file that is replaced every second must be
        tried in the end. A source that is not pending changes nothing.
        """
        entry = self._pending.pop(source, None)
        if entry is None:
            return
        replaced = self._pending.get(target)
        first = entry.first if replaced is None else min(entry.first, replaced.first)
        carried = _Entry(first, entry.last, entry.stamp)
        self._pending[target] = carried
        self._push(target, carried)

    def next_due(self) -> float | None:
        """When :meth:`due` has something to say next; None when nothing is waiting."""
        while self._heap:
            deadline, _, path, entry = self._heap[0]
            if self._pending.get(path) is entry and self._deadline(entry) <= deadline:
                return deadline
            self._pop()
            if self._pending.get(path) is entry:
                self._push(path, entry)
        return None

    def _deadline(self, entry: _Entry) -> float:
        return min(entry.last + self.quiet, entry.first + self._cap)

    def _push(self, path: bytes, entry: _Entry) -> None:
        entry.queued = True
        self._pushed += 1
        heappush(self._heap, (self._deadline(entry), self._pushed, path, entry))

    def _pop(self) -> tuple[bytes, _Entry]:
        _, _, path, entry = heappop(self._heap)
        entry.queued = False
        return path, entry
