"""The loop that every changed file passes through: notice, settle, examine, read, write.

One thread owns all of this state. Watchers leave hints in its mailbox, sweeps offer paths,
worker processes return outcomes; nothing else decides about a file.
"""

import logging
from collections import deque
from collections.abc import Callable, Collection, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

from simd.catalogue import Catalogue, Transaction
from simd.core.errors import CatalogueError
from simd.core.hints import Appeared, Cookie, Degraded, Gone, Hint, Lost, Touched, outermost
from simd.core.hints import Moved as MovedHint
from simd.core.settling import Settling, Verdict
from simd.imaging import AlreadyKnown, Changed, Decoded, DecodePool, Refused
from simd.ports import Clock
from simd.runtime.broadcast import Broadcast
from simd.runtime.mailbox import Mailbox
from simd.work.arrivals import Arrival, Arrivals, Copied, Moved, Read, Unreadable, Vanished
from simd.work.batch import Batch
from simd.work.examine import Examiner, Place, ToRead, is_directory, stamp_of
from simd.work.pending import Pending
from simd.work.reading import Reading

log = logging.getLogger(__name__)
T = TypeVar("T")

EXAMINE_AT_ONCE = 128
PROGRESS_SECONDS = 0.2

TOGETHER_SECONDS = 0.05
"""Files that settle within so long of each other go on together: to look into the catalogue, and to
write it, costs about as much for one as for a few."""


@dataclass(frozen=True, slots=True)
class IngestCounts:
    """Where files stand on their way."""

    settling: int
    waiting: int
    decoding: int
    done: int
    total: int


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
    """The files on their way into the catalogue."""

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
        self._catalogue = catalogue
        self._examiner = examiner
        self._settling = settling
        self._clock = clock
        self._broadcast = broadcast
        self._reading = Reading(pool, mailbox.wake)
        self._batch = Batch(arrivals, clock, self._settle_accounts, self._recovered)
        self._requests: Requests | None = None
        self._paused = False
        # Left by other threads, taken by the loop; deque's append and popleft are atomic.
        self._offers: deque[Place] = deque()
        self._errands: deque[Callable[[], None]] = deque()
        # The loop's own.
        self._ready: deque[Place] = deque()
        self._appeared: list[bytes] = []
        self._done = 0
        self._settle_at = 0.0
        self._told_at = 0.0

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
            self._offers.append(Place(path, forced=forced))
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

    def pause(self) -> None:
        """Stop reading files; what is being read is finished."""
        self._paused = True

    def resume(self) -> None:
        """Go on reading files."""
        self._paused = False
        self.mailbox.wake()

    @property
    def paused(self) -> bool:
        """Whether reading is stopped."""
        return self._paused

    @property
    def trouble(self) -> str | None:
        """Why the catalogue cannot be used at present."""
        return self._batch.trouble

    def counts(self) -> IngestCounts:
        """Where files stand on their way."""
        settling = len(self._settling)
        unfinished = len(self.pending)
        return IngestCounts(
            settling=settling,
            waiting=max(unfinished - settling - self._reading.in_flight, 0),
            decoding=self._reading.in_flight,
            done=self._done,
            total=self._done + unfinished,
        )

    # The loop.

    def loop(self, stop: Event) -> None:
        """Work until ``stop`` is set."""
        while not stop.is_set():
            hints, overflowed = self.mailbox.take(self._patience())
            if overflowed:
                self._ask.sweep_all("more changes came at once than could be noted one by one")
            for hint in hints:
                self._heed_safely(hint)
            self._sweep_appeared()
            self._take_errands()
            self._settle()
            self._collect()
            self._examine()
            if not self._paused:
                self._reading.submit()
            self._batch.flush_when_due(idle=self._reading.idle and not self._may_examine())
            self._tell_progress()
        self._batch.flush()

    @property
    def _ask(self) -> Requests:
        if self._requests is None:
            raise RuntimeError("connect() comes before the loop")
        return self._requests

    def _patience(self) -> float | None:
        if self._errands or self._reading.has_outcomes or self._may_examine():
            return 0.0
        now = self._clock.monotonic()
        due = self._settling.next_due()
        settling = None if due is None else max(due, self._settle_at)
        moments = [m for m in (settling, self._batch.due_at) if m is not None]
        return max(min(moments) - now, 0.0) if moments else None

    def _take_errands(self) -> None:
        while self._errands:
            self._batch.flush()
            self._errands.popleft()()

    # Hints.

    def _heed_safely(self, hint: Hint) -> None:
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
                self._arrive(Vanished(path))
            return
        self.pending.enter(path)
        self._settling.touch(path, stamp, self._clock.monotonic())

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
            self._settling.forget(path)
            self._arrive(Vanished(path))

    def _moved(self, source: bytes, target: bytes, *, directory: bool) -> None:
        if directory:
            self._write_now(lambda transaction: transaction.move_directory(source, target))
            self._ask.sweep(target, "folder moved")
            return
        self._batch.flush()
        self._settling.rename(source, target)
        arrival = self._examiner.moved(source, target)
        if arrival is not None:
            self._settling.forget(target)
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
        now = self._clock.monotonic()
        if now < self._settle_at:
            return
        due = self._settling.due(now)
        if due:
            self._settle_at = now + TOGETHER_SECONDS
        for path in due:
            stamp = stamp_of(path)
            match self._settling.confirm(path, stamp, now):
                case Verdict.SETTLED:
                    self._ready.append(Place(path, settled=True))
                case Verdict.GONE if path in self.pending:
                    self._arrive(Vanished(path))

    def _again(self, path: bytes) -> None:
        """The file changed under our hands: let it settle first."""
        stamp = stamp_of(path)
        if stamp is None:
            self._arrive(Vanished(path))
        else:
            self.pending.enter(path)
            self._settling.touch(path, stamp, self._clock.monotonic())

    # Reading.

    def _may_examine(self) -> bool:
        return (
            not self._paused
            and not self._batch.blocked
            and self._reading.wants_more
            and bool(self._ready or self._offers)
        )

    def _examine(self) -> None:
        if not self._may_examine():
            return
        places = [
            self._next_place() for _ in range(min(EXAMINE_AT_ONCE, len(self._ready) + len(self._offers)))
        ]
        try:
            findings = self._examiner.examine(places)
        except CatalogueError as error:
            self._ready.extendleft(reversed(places))
            self._batch.note_trouble(error)
            return
        self._batch.clear_trouble()
        for path in findings.unchanged:
            self._finish(path)
        for arrival in findings.arrivals:
            self._arrive(arrival)
        now, wall = self._clock.monotonic(), self._clock.now().timestamp()
        self._reading.add(task for task in findings.to_read if self._is_settled(task, now, wall))

    def _is_settled(self, task: ToRead, now: float, wall: float) -> bool:
        """Whether a file may be read; one that a sweep found in the middle of a copy has to rest first."""
        if task.place.settled:
            return True
        return self._settling.found(task.place.path, task.stamp, now, wall) is Verdict.SETTLED

    def _next_place(self) -> Place:
        """What has settled goes before what a sweep found, so that new files never wait for a first scan."""
        return self._ready.popleft() if self._ready else self._offers.popleft()

    def _collect(self) -> None:
        for task, outcome in self._reading.outcomes():
            path = task.place.path
            present = stamp_of(path)
            match outcome:
                case Decoded(signature, stamp) if stamp == present:
                    self._arrive(Read(path, stamp, signature))
                case AlreadyKnown(digest, stamp) if stamp == present:
                    self._arrive(Copied(path, stamp, digest))
                case Refused(code, reason, stamp) if present is not None and stamp in {None, present}:
                    self._arrive(Unreadable(path, present, code, reason))
                case Decoded() | AlreadyKnown() | Refused() | Changed():
                    self._again(path)

    # Writing.

    def _arrive(self, arrival: Arrival) -> None:
        self.pending.enter(arrival.path)
        self._batch.add(arrival)

    def _settle_accounts(self, written: Sequence[Arrival], unresolved: Collection[bytes]) -> None:
        """What was written is done; a path that is unresolved has to be read after all."""
        for arrival in written:
            if arrival.path in unresolved:
                self._again(arrival.path)
                continue
            self._finish(arrival.path)
            if isinstance(arrival, Moved):
                self._finish(arrival.source)

    def _finish(self, path: bytes) -> None:
        if path in self._settling or path in self._batch:
            return
        self.pending.leave(path)
        self._done += 1
        if not len(self.pending):
            self._tell_progress(last=True)
            self._done = 0

    def _tell_progress(self, *, last: bool = False) -> None:
        now = self._clock.monotonic()
        counts = self.counts()
        if last or (counts.total and now - self._told_at >= PROGRESS_SECONDS):
            self._told_at = now
            self._broadcast.tell("progress", phase="decode", done=counts.done, total=counts.total)
