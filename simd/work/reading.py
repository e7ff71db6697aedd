"""The files that worker processes are reading, and those that wait for a reader."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future

from simd.imaging import DecodePool, Outcome
from simd.work.examine import Place, ToRead

TASKS_PER_WORKER = 3
ENOUGH_WAITING = 64


class Reading:
    """Keeps the workers busy, and reads equal bytes once. Used by one thread, but for the outcomes."""

    def __init__(self, pool: DecodePool, wake: Callable[[], None]) -> None:
        """``wake`` is called from another thread whenever an outcome has come."""
        self._pool = pool
        self._wake = wake
        self._waiting: deque[ToRead] = deque()
        self._held: dict[int, list[Place]] = {}
        self._open_sizes: set[int] = set()
        # A file may have had several lengths while it was read: all of them are released with its path.
        self._sizes_of: defaultdict[bytes, set[int]] = defaultdict(set)
        # Filled by the pool's thread: deque's append and popleft are atomic.
        self._outcomes: deque[tuple[ToRead, Outcome]] = deque()
        self.in_flight = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is being read and nothing waits to be."""
        return not self.in_flight and not self._waiting

    @property
    def wants_more(self) -> bool:
        """Whether the workers may soon have nothing to do."""
        return len(self._waiting) < ENOUGH_WAITING

    @property
    def has_outcomes(self) -> bool:
        """Whether :meth:`outcomes` has something to give."""
        return bool(self._outcomes)

    def add(self, tasks: Iterable[ToRead]) -> None:
        """Queue files."""
        self._waiting.extend(tasks)

    def submit(self) -> None:
        """Hand files to the workers, up to a few for each.

        A file of the same length as one that is being read is probably a copy of it: it is
        held until that one's digest is in the catalogue, instead of being decoded as well.
        """
        while self._waiting and self.in_flight < self._pool.workers * TASKS_PER_WORKER:
            task = self._waiting.popleft()
            size = task.stamp.size
            if not task.known and not task.place.forced and size in self._open_sizes:
                self._held.setdefault(size, []).append(task.place)
            else:
                self._open_sizes.add(size)
                self._sizes_of[task.place.path].add(size)
                self.in_flight += 1
                self._hand_out(task)

    def outcomes(self) -> Iterator[tuple[ToRead, Outcome]]:
        """What has been read since the last call."""
        while self._outcomes:
            self.in_flight -= 1
            yield self._outcomes.popleft()

    def release(self, path: bytes) -> list[Place]:
        """Note that what was read at a path is in the catalogue, or is void: who waited for it."""
        freed: list[Place] = []
        for size in self._sizes_of.pop(path, ()):
            self._open_sizes.discard(size)
            freed += self._held.pop(size, ())
        return freed

    def _hand_out(self, task: ToRead) -> None:
        def returned(future: Future[Outcome]) -> None:
            self._outcomes.append((task, future.result()))
            self._wake()

        self._pool.submit(task.place.path, task.known, size=task.stamp.size).add_done_callback(returned)
