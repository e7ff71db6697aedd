"""The files that worker processes are reading, and those that wait for a reader."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace

from simd.core.stamp import Stamp
from simd.core.turns import Disks, Lane, Turns
from simd.imaging import AlreadyKnown, Changed, Decoded, DecodePool, Outcome, Refused
from simd.runtime.instruments import counter
from simd.work.arrivals import Arrival, Copied, Read, Unreadable
from simd.work.examine import ToRead

TASKS_PER_WORKER = 3
"""Enough that no worker waits for the next file, and few, as what is handed out keeps its turn."""

SMALL_TASKS_PER_WORKER = 48
SMALL_BYTES_PER_WORKER = 1024 * 1024
"""As many small files may be handed out as have so many bytes together."""

ENOUGH_WAITING = 64

FILES_READ = counter("simd_files_read_total", "Files that workers have read, by outcome.", "outcome")
BYTES_READ = counter("simd_bytes_read_total", "Bytes of the files that workers have read.")
REFUSED = counter(
    "simd_files_refused_total", "Files that could not be read, by the code of the problem.", "code"
)


@dataclass(slots=True)
class _Load:
    """What is being read from some disks."""

    files: int = 0
    bytes: int = 0

    def add(self, files: int, size: int) -> None:
        self.files += files
        self.bytes += size


class Reading:
    """Keeps the workers busy, and reads equal bytes once. Used by one thread, but for the outcomes."""

    def __init__(
        self, pool: DecodePool, wake: Callable[[], None], fresh: Callable[[int], frozenset[bytes]]
    ) -> None:
        """Begin with nothing to read.

        Args:
            pool: who reads.
            wake: called from another thread whenever an outcome has come.
            fresh: the digests of what was read lately and has so many bytes; asked when a file is
                handed out, as it may have waited while its equal was read.
        """
        self._pool = pool
        self._wake = wake
        self._fresh = fresh
        self._waiting: Turns[ToRead] = Turns(lambda task: Lane(0, pool.disks_under(task.place.path)))
        # By the length of a file that is being read: files of the same length, probably copies of it.
        self._held: dict[int, list[ToRead]] = {}
        # Filled by the pool's thread: deque's append and popleft are atomic.
        self._outcomes: deque[tuple[ToRead, Disks, Outcome]] = deque()
        self._in_flight: list[ToRead] = []
        self._loads: defaultdict[Disks, _Load] = defaultdict(_Load)

    @property
    def in_flight(self) -> int:
        """How many files are being read."""
        return len(self._in_flight)

    def in_flight_of(self, chosen: Callable[[bytes], bool]) -> int:
        """How many of the files that are being read are chosen; may be called from any thread."""
        return sum(chosen(task.place.path) for task in tuple(self._in_flight))

    @property
    def idle(self) -> bool:
        """Whether nothing is being read and nothing waits to be."""
        return not self._in_flight and not self._waiting

    @property
    def wants_more(self) -> bool:
        """Whether the workers may soon have nothing to do."""
        return len(self._waiting) < ENOUGH_WAITING

    def wants_more_of(self, lane: Lane) -> bool:
        """Whether they may soon have nothing to do that lies on these spinning disks, or on no such disk."""
        return self._waiting.waiting(lane.disks) < ENOUGH_WAITING

    @property
    def has_outcomes(self) -> bool:
        """Whether :meth:`outcomes` has something to give."""
        return bool(self._outcomes)

    def add(self, tasks: Iterable[ToRead]) -> None:
        """Queue files."""
        for task in tasks:
            self._waiting.append(task)

    def submit(self) -> None:
        """Hand files to the workers, up to a few for each, and as many for each spinning disk.

        A file of the same length as one that is being read is probably a copy of it: it is
        held until that one's digest is known, instead of being decoded as well.
        """
        while (lane := self._waiting.turn(self._has_room)) is not None:
            task = self._informed(self._waiting.take(lane))
            held = self._held.get(task.stamp.size)
            if held is not None and not task.known and not task.place.forced:
                held.append(task)
            else:
                self._held.setdefault(task.stamp.size, [])
                self._hand_out(task, lane.disks)

    def outcomes(self) -> Iterator[tuple[ToRead, Outcome]]:
        """What has been read since the last call."""
        while self._outcomes:
            task, disks, outcome = self._outcomes.popleft()
            self._in_flight.remove(task)
            self._loads[disks].add(-1, -task.stamp.size)
            self._release(task.stamp.size, _digest_of(outcome))
            _count(task, outcome)
            yield task, outcome

    def _has_room(self, lane: Lane) -> bool:
        # A disk that spins has one reader at a time, and what waits for that one is in nobody's way.
        workers = 1 if lane.disks else self._pool.workers
        load = self._loads[lane.disks]
        if load.files < workers * TASKS_PER_WORKER:
            return True
        few_bytes = load.bytes < workers * SMALL_BYTES_PER_WORKER
        return few_bytes and load.files < workers * SMALL_TASKS_PER_WORKER

    def _release(self, size: int, digest: frozenset[bytes]) -> None:
        """Let those go on that were held for a file of this length; equal bytes are now known."""
        held = self._held.pop(size, ())
        for task in reversed(held):
            self._waiting.appendleft(replace(task, known=digest))

    def _informed(self, task: ToRead) -> ToRead:
        """What is on its way into the catalogue needs no decoding either."""
        fresh = frozenset() if task.place.forced else self._fresh(task.stamp.size)
        return replace(task, known=task.known | fresh) if fresh else task

    def _hand_out(self, task: ToRead, disks: Disks) -> None:
        def returned(future: Future[Outcome]) -> None:
            self._outcomes.append((task, disks, future.result()))
            self._wake()

        self._in_flight.append(task)
        self._loads[disks].add(1, task.stamp.size)
        future = self._pool.submit(task.place.path, task.known, size=task.stamp.size, disks=disks)
        future.add_done_callback(returned)


def arrival_of(path: bytes, outcome: Outcome, present: Stamp) -> Arrival | None:
    """What an outcome says of a file that has this stamp now; None when it has changed meanwhile."""
    match outcome:
        case Decoded(signature, stamp) if stamp == present:
            return Read(path, stamp, signature)
        case AlreadyKnown(digest, stamp) if stamp == present:
            return Copied(path, stamp, digest)
        case Refused(code, reason, stamp) if stamp in {None, present}:
            return Unreadable(path, present, code, reason)
        case Decoded() | AlreadyKnown() | Refused() | Changed():
            return None


def _digest_of(outcome: Outcome) -> frozenset[bytes]:
    match outcome:
        case Decoded(signature):
            return frozenset({signature.digest})
        case AlreadyKnown(digest):
            return frozenset({digest})
        case _:
            return frozenset()


def _count(task: ToRead, outcome: Outcome) -> None:
    BYTES_READ.add(by=task.stamp.size)
    match outcome:
        case Decoded():
            FILES_READ.add("decoded")
        case AlreadyKnown():
            FILES_READ.add("known")
        case Changed():
            FILES_READ.add("changed")
        case Refused(code):
            FILES_READ.add("refused")
            REFUSED.add(code)
