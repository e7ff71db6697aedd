"""The loop that every changed file passes through: notice, settle, examine, read, write.

One thread owns all of this state. Watchers leave hints in its mailbox, sweeps offer paths,
worker processes return outcomes; nothing else decides about a file. While a file settles it is
read ahead.
"""

import logging
from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

from simd.catalogue import WRITER, Catalogue, Transaction
from simd.core.errors import CatalogueError
from simd.core.hints import Appeared, Cookie, Degraded, Gone, Hint, Lost, Settled, Touched, merged, outermost
from simd.core.hints import Moved as MovedHint
from simd.core.settling import Settling
from simd.core.stamp import Stamp
from simd.imaging import DecodePool
from simd.ports import Clock
from simd.runtime.broadcast import Broadcast
from simd.runtime.heartbeat import Heart
from simd.runtime.mailbox import Mailbox
from simd.work.arrivals import Arrival, Arrivals, Moved, Recognised, Vanished
from simd.work.batch import Batch
from simd.work.examine import Examiner, Place, ToRead, is_directory, stamp_of
from simd.work.holding import Holding
from simd.work.lag import Lag
from simd.work.pending import Pending
from simd.work.places import Places
from simd.work.progress import IngestCounts, Progress
from simd.work.reading import Reading, arrival_of
from simd.work.resting import Resting

log = logging.getLogger(__name__)
T = TypeVar("T")

EXAMINE_AT_ONCE = 128
IDLE_SECONDS = 15.0
"""Even with nothing to do the loop goes round so often, and shows that it lives."""
SECONDS_ALLOWED = 300.0
"""A hundred thousand files that settle at once, on a disk that is slow to tell of them."""


@dataclass(frozen=True, slots=True)
class Requests:
    """Whom the loop asks: for a sweep below a path or of everything, and about the roots.

    Attributes:
        cookie: told of every cookie that came through the mailbox.
    """

    sweep: Callable[[bytes, str], None]
    sweep_all: Callable[[str], None]
    degrade: Callable[[bytes, str], None]
    check: Callable[[bytes], None]
    is_root: Callable[[bytes], bool]
    cookie: Callable[[str], None]


class Ingest:
    """The files on their way into the catalogue.

    Attributes:
        mailbox: where watchers leave hints.
        pending: who is on the way.
        holding: the reasons to read nothing for a while.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        pool: DecodePool,
        arrivals: Arrivals,
        examiner: Examiner,
        settling: Settling,
        clock: Clock,
        broadcast: Broadcast,
        mailbox: Mailbox[Hint],
    ) -> None:
        self.mailbox = mailbox
        self.pending = Pending()
        self.heart = Heart("ingest", SECONDS_ALLOWED, [WRITER])
        self.holding = Holding(clock, mailbox.wake)
        self._catalogue = catalogue
        self._examiner = examiner
        self._resting = Resting(settling, clock)
        self._ahead = self._resting.ahead
        self._clock = clock
        self._broadcast = broadcast
        self._reading = Reading(pool, mailbox.wake, self._fresh)
        self._batch = Batch(arrivals, clock, self._settle_accounts, self._recovered)
        self._progress = Progress(self.pending, settling, self._reading, clock, broadcast)
        self._lag = Lag(clock)
        self._requests: Requests | None = None
        self._places = Places(pool.disks_under)
        # Left by other threads, taken by the loop; deque's append and popleft are atomic.
        self._errands: deque[Callable[[], None]] = deque()
        # The loop's own.
        self._appeared: list[bytes] = []

    # Entry points for other threads.

    def connect(self, requests: Requests) -> None:
        """Say whom to ask for sweeps; once, before the loop starts."""
        self._requests = requests

    def offer(self, paths: Sequence[bytes], *, forced: bool = False, found_by: Hashable = None) -> None:
        """Hand in paths that a sweep found new, changed or missing.

        Args:
            paths: absolute, below a root.
            forced: they are read in any case.
            found_by: the pending sweep, which is over when they are dealt with.
        """
        for path in paths:
            self.pending.enter(path, found_by)
            self._places.offer(Place(path, forced=forced))
        self.mailbox.wake()

    def errand(self, job: Callable[[], T]) -> Future[T]:
        """Run ``job`` on the loop's thread, between two batches."""
        future: Future[T] = Future()

        def run() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(job())
                except Exception as error:  # noqa: BLE001 - handed to the caller, who waits for it
                    future.set_exception(error)

        self._errands.append(run)
        self.mailbox.wake()
        return future

    def settle_after(self, quiet: float, cap: float) -> Future[None]:
        """Have files rest for other times from now on, in seconds."""
        return self.errand(lambda: self._resting.follow(quiet, cap))

    @property
    def paused(self) -> bool:
        """Whether reading is held for any reason; what is being read is finished all the same."""
        return bool(self.holding.holds)

    @property
    def trouble(self) -> str | None:
        """Why the catalogue cannot be used at present."""
        return self._batch.trouble

    def counts(self) -> IngestCounts:
        """Where files stand on their way."""
        return self._progress.counts()

    # The loop.

    def loop(self, stop: Event) -> None:
        """Work until ``stop`` is set."""
        while not stop.is_set():
            self.heart.beat()
            hints, overflowed = self.mailbox.take(min(self._patience(), IDLE_SECONDS))
            if overflowed:
                self._ask.sweep_all("more changes came at once than could be noted one by one")
            for hint in merged(hints):
                self._heed_safely(hint)
            self._sweep_appeared()
            self._take_errands()
            self._settle()
            self._collect()
            self._examine()
            if not self.paused:
                self._reading.submit()
            self._batch.flush_when_due(idle=self._reading.idle and not self._may_examine())
            self._progress.tell()
        self._batch.flush()

    @property
    def _ask(self) -> Requests:
        if self._requests is None:
            raise RuntimeError("connect() comes before the loop")
        return self._requests

    def _patience(self) -> float:
        if self._errands or self._reading.has_outcomes or self._may_examine():
            return 0.0
        now = self._clock.monotonic()
        moments = [m for m in (self._resting.next_due(), self._batch.due_at) if m is not None]
        return max(min(moments, default=now + IDLE_SECONDS) - now, 0.0)

    def _take_errands(self) -> None:
        while self._errands:
            self._batch.flush()
            self._errands.popleft()()

    # Hints.

    def _heed_safely(self, hint: Hint) -> None:
        self.heart.beat()
        try:
            self._heed(hint)
        except CatalogueError as error:
            self._batch.note_trouble(error, missed_changes=True)

    def _recovered(self) -> None:
        self._ask.sweep_all("changes were missed while the catalogue could not be used")

    def _sweep_appeared(self) -> None:
        """An unpacked archive announces hundreds of folders: one sweep of the outermost covers them."""
        appeared, self._appeared = self._appeared, []
        for path in outermost(appeared):
            self._ask.sweep(path, "folder appeared")

    def _heed(self, hint: Hint) -> None:
        match hint:
            case Touched(path):
                self._touch(path)
            case Gone(path, directory):
                self._gone(path, directory=directory)
            case MovedHint(source, target, directory):
                self._moved(source, target, directory=directory)
            case Settled(path, stamp, image_id):
                self._arrive(Recognised(path, stamp, image_id))
            case Appeared(path):
                self._appeared.append(path)
            case Lost(root, reason):
                self._ask.sweep(root, reason)
            case Degraded(root, reason):
                self._ask.degrade(root, reason)
            case Cookie(name):
                # Whoever waits for the cookie waits for all that came before it.
                self._sweep_appeared()
                self._ask.cookie(name)

    def _touch(self, path: bytes) -> None:
        if not self._examiner.concerns(path):
            return
        stamp = stamp_of(path)
        if stamp is None:
            if path in self.pending or path in self._batch:
                self._vanish(path)
        else:
            self._unsettle(path, stamp)

    def _unsettle(self, path: bytes, stamp: Stamp) -> None:
        self.pending.enter(path)
        self._resting.touch(path, stamp)

    def _vanish(self, path: bytes) -> None:
        self._resting.forget(path)
        self._arrive(Vanished(path))

    def _gone(self, path: bytes, *, directory: bool) -> None:
        if self._ask.is_root(path):
            self._ask.check(path)
        elif directory and is_directory(path):
            self._ask.sweep(path, "folder came back")
        elif directory:
            self._write_now(lambda transaction: transaction.mark_directory_missing(path))
        elif stamp_of(path) is not None:
            self._touch(path)
        elif self._examiner.concerns(path):
            self._vanish(path)

    def _moved(self, source: bytes, target: bytes, *, directory: bool) -> None:
        if directory:
            self._write_now(lambda transaction: transaction.move_directory(source, target))
            self._ask.sweep(target, "folder moved")
            return
        self._batch.flush()
        self._resting.rename(source, target)
        arrival = self._examiner.moved(source, target)
        if arrival is not None:
            self._resting.forget(target)
            self._arrive(arrival)
            return
        self._arrive(Vanished(source))
        self._touch(target)

    def _write_now(self, job: Callable[[Transaction], object]) -> None:
        """Write what concerns a whole folder, after all that was noticed before it."""
        self._batch.flush()
        self._catalogue.write(job).result()
        self._broadcast.tell("groups", images=[], generation=self._catalogue.generation())

    # Settling.

    def _settle(self) -> None:
        rested = self._resting.settle()
        self._places.add(Place(path, settled=True) for path in rested.ready)
        for arrival in rested.arrivals:
            self._arrive(arrival)
        for path in rested.gone:
            if path in self.pending:
                self._arrive(Vanished(path))

    def _again(self, path: bytes) -> None:
        """The file changed under our hands: let it settle first."""
        stamp = stamp_of(path)
        if stamp is None:
            self._vanish(path)
        else:
            self._unsettle(path, stamp)

    # Reading.

    def _may_examine(self) -> bool:
        if self.paused or self._batch.blocked:
            return False
        return self._may_read_ahead() or self._places.may_go(self._reading.wants_more_of)

    def _may_read_ahead(self) -> bool:
        return self._ahead.has_calm and self._reading.wants_more

    def _examine(self) -> None:
        if not self._may_examine():
            return
        wanted = self._reading.wants_more_of
        if self._may_read_ahead() and not self._places.may_settled_go(wanted):
            self._examine_ahead()
            return
        places = self._places.take(EXAMINE_AT_ONCE, wanted)
        try:
            findings = self._examiner.examine(places)
        except CatalogueError as error:
            self._places.put_back(places)
            self._batch.note_trouble(error)
            return
        self._batch.clear_trouble()
        for path in findings.unchanged:
            self._finish(path)
        for arrival in findings.arrivals:
            self._arrive(arrival)
        self._read(
            task
            for task in findings.to_read
            if task.place.settled or self._resting.found(task.place.path, task.stamp)
        )

    def _examine_ahead(self) -> None:
        """Only what has to be read is of use so early; everything else is found again later."""
        try:
            findings = self._examiner.examine(self._ahead.take(EXAMINE_AT_ONCE))
        except CatalogueError as error:
            self._batch.note_trouble(error)
            return
        self._batch.clear_trouble()
        self._read(self._ahead.hand_out(findings.to_read))

    def _read(self, tasks: Iterable[ToRead]) -> None:
        self._reading.add(tasks)

    def _fresh(self, size: int) -> frozenset[bytes]:
        """The digests of files of ``size`` bytes that have been read and may not be written yet."""
        return self._ahead.digests(size) | self._batch.fresh.digests(size)

    def _collect(self) -> None:
        for task, outcome in self._reading.outcomes():
            completed = self._ahead.completed(outcome, task.stamp.size)
            if not self._ahead.collect(task, completed):
                continue
            path = task.place.path
            present = stamp_of(path)
            arrival = None if present is None else arrival_of(path, completed, present)
            if arrival is None:
                self._again(path)
            else:
                self._arrive(arrival, patient=not (task.place.settled or task.place.ahead))

    # Writing.

    def _arrive(self, arrival: Arrival, *, patient: bool = False) -> None:
        if isinstance(arrival, Vanished) and not self._examiner.stands(arrival.path):
            # With its whole disk, perhaps: a sweep judges that.
            self._ask.check(arrival.path)
            self._finish(arrival.path)
            return
        self.pending.enter(arrival.path)
        self._batch.add(arrival, patient=patient)

    def _settle_accounts(self, written: Sequence[Arrival], unresolved: Collection[bytes]) -> None:
        """What was written is done; a path that is unresolved has to be read after all."""
        for arrival in written:
            if arrival.path in unresolved:
                self._again(arrival.path)
                continue
            self._lag.note(arrival)
            self._finish(arrival.path)
            if isinstance(arrival, Moved):
                self._finish(arrival.source)

    def _finish(self, path: bytes) -> None:
        if path not in self._resting and path not in self._batch:
            self._progress.finish(path)
