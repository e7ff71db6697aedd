"""The loop that every changed file passes through: notice, settle, examine, read, write.

One thread owns all of this state. Watchers leave hints in its mailbox, sweeps offer paths,
worker processes return outcomes; nothing else decides about a file.
"""

import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

from simd.catalogue import Catalogue, Transaction
from simd.core.errors import CatalogueError
from simd.core.hints import Appeared, Cookie, Degraded, Gone, Hint, Lost, Touched, outermost
from simd.core.hints import Moved as MovedHint
from simd.core.model import Stamp
from simd.core.settling import Settling, Verdict
from simd.imaging import AlreadyKnown, Changed, Decoded, DecodePool, Outcome, Refused
from simd.ports import Clock
from simd.runtime.broadcast import Broadcast
from simd.runtime.mailbox import Mailbox
from simd.work.arrivals import Arrival, Arrivals, Copied, Read, Unreadable, Vanished
from simd.work.examine import Examiner, Place, ToRead, is_directory, stamp_of
from simd.work.pending import Pending

log = logging.getLogger(__name__)
T = TypeVar("T")

FLUSH_SECONDS = 0.1
FLUSH_FILES = 200
RETRY_SECONDS = 5.0
EXAMINE_AT_ONCE = 128
TASKS_PER_WORKER = 3
PROGRESS_SECONDS = 0.2


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
        self.trouble: str | None = None
        self._catalogue = catalogue
        self._pool = pool
        self._arrivals = arrivals
        self._examiner = examiner
        self._settling = settling
        self._clock = clock
        self._broadcast = broadcast
        self._requests: Requests | None = None
        self._paused = False
        # Left by other threads, taken by the loop; deque's append and popleft are atomic.
        self._offers: deque[Place] = deque()
        self._outcomes: deque[tuple[ToRead, Outcome]] = deque()
        self._errands: deque[Callable[[], None]] = deque()
        # The loop's own.
        self._ready: deque[Place] = deque()
        self._to_read: deque[ToRead] = deque()
        self._held: dict[int, list[Place]] = {}
        self._unwritten_sizes: set[int] = set()
        self._reading = 0
        self._batch: dict[bytes, Arrival] = {}
        self._unwritten: list[Arrival] = []
        self._appeared: list[bytes] = []
        self._flush_at: float | None = None
        self._resume_at = 0.0
        self._sweep_after_trouble = False
        self._done = 0
        self._told_at = 0.0

    # Entry points for other threads.

    def connect(self, requests: Requests) -> None:
        """Say whom to ask for sweeps; once, before the loop starts."""
        self._requests = requests

    def offer(self, paths: Sequence[bytes], *, forced: bool = False) -> None:
        """Hand in paths that a sweep found new, changed or missing; ``forced`` reads them in any case."""
        for path in paths:
            self.pending.enter(path)
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

    def counts(self) -> IngestCounts:
        """Where files stand on their way."""
        settling = len(self._settling)
        unfinished = len(self.pending)
        return IngestCounts(
            settling=settling,
            waiting=max(unfinished - settling - self._reading, 0),
            decoding=self._reading,
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
            self._submit()
            self._flush_when_due()
            self._tell_progress()
        self._flush()

    @property
    def _ask(self) -> Requests:
        if self._requests is None:
            raise RuntimeError("connect() comes before the loop")
        return self._requests

    def _patience(self) -> float | None:
        if self._errands or self._outcomes or self._may_examine():
            return 0.0
        now = self._clock.monotonic()
        moments = [m for m in (self._settling.next_due(), self._flush_at) if m is not None]
        return max(min(moments) - now, 0.0) if moments else None

    def _take_errands(self) -> None:
        while self._errands:
            self._flush()
            self._errands.popleft()()

    # Hints.

    def _heed_safely(self, hint: Hint) -> None:
        try:
            self._heed(hint)
        except CatalogueError as error:
            self._note_trouble(error)
            self._sweep_after_trouble = True

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
        self._flush()
        self._settling.rename(source, target)
        self.pending.rename(source, target)
        arrival = self._examiner.moved(source, target)
        if arrival is not None:
            self._settling.forget(target)
            self._arrive(arrival)
            return
        self._arrive(Vanished(source))
        self._touch(target)

    def _write_now(self, job: Callable[[Transaction], object]) -> None:
        """Write what concerns a whole folder, after all that was noticed before it."""
        self._flush()
        self._catalogue.write(job).result()
        self._broadcast.tell("groups", images=[], generation=self._catalogue.generation())

    # Settling.

    def _settle(self) -> None:
        now = self._clock.monotonic()
        for path in self._settling.due(now):
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
            and not self._unwritten
            and self._clock.monotonic() >= self._resume_at
            and len(self._to_read) < EXAMINE_AT_ONCE // 2
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
            self._note_trouble(error)
            return
        self._clear_trouble()
        for path in findings.unchanged:
            self._finish(path)
        for arrival in findings.arrivals:
            self._arrive(arrival)
        now, wall = self._clock.monotonic(), self._clock.now().timestamp()
        self._to_read.extend(task for task in findings.to_read if self._is_settled(task, now, wall))

    def _is_settled(self, task: ToRead, now: float, wall: float) -> bool:
        """Whether a file may be read; one that a sweep found in the middle of a copy has to rest first."""
        if task.place.settled:
            return True
        return self._settling.found(task.place.path, task.stamp, now, wall) is Verdict.SETTLED

    def _next_place(self) -> Place:
        """What has settled goes before what a sweep found, so that new files never wait for a first scan."""
        return self._ready.popleft() if self._ready else self._offers.popleft()

    def _submit(self) -> None:
        most = self._pool.workers * TASKS_PER_WORKER
        while self._to_read and self._reading < most and not self._paused:
            task = self._to_read.popleft()
            size = task.stamp.size
            if not task.known and not task.place.forced and size in self._unwritten_sizes:
                # Probably a copy of what is being read: wait for its digest instead of decoding twice.
                self._held.setdefault(size, []).append(task.place)
                continue
            self._unwritten_sizes.add(size)
            self._reading += 1
            self._read(task)

    def _read(self, task: ToRead) -> None:
        def returned(future: Future[Outcome]) -> None:
            self._outcomes.append((task, future.result()))
            self.mailbox.wake()

        self._pool.submit(task.place.path, task.known, size=task.stamp.size).add_done_callback(returned)

    def _collect(self) -> None:
        while self._outcomes:
            task, outcome = self._outcomes.popleft()
            self._reading -= 1
            path = task.place.path
            match outcome:
                case Decoded(signature, stamp) if stamp == stamp_of(path):
                    self._arrive(Read(path, stamp, signature))
                case AlreadyKnown(digest, stamp) if stamp == stamp_of(path):
                    self._arrive(Copied(path, stamp, digest))
                case Refused(code, reason, stamp) if stamp is None or stamp == stamp_of(path):
                    self._arrive(Unreadable(path, stamp or stamp_of(path), code, reason))
                case Decoded() | AlreadyKnown() | Refused() | Changed():
                    self._release(task.stamp.size)
                    self._again(path)

    def _release(self, size: int) -> None:
        """Let the files of this size go on that waited for one that was being read."""
        self._unwritten_sizes.discard(size)
        self._ready.extend(self._held.pop(size, ()))

    # Writing.

    def _arrive(self, arrival: Arrival) -> None:
        # The last word on a path counts, and keeps its place in the order of arrival.
        self._batch.pop(arrival.path, None)
        self._batch[arrival.path] = arrival
        self.pending.enter(arrival.path)
        if self._flush_at is None:
            self._flush_at = self._clock.monotonic() + FLUSH_SECONDS

    def _flush_when_due(self) -> None:
        idle = not self._reading and not self._to_read and not self._may_examine()
        due = self._flush_at is not None and self._clock.monotonic() >= self._flush_at
        if due or (self._batch and (idle or len(self._batch) >= FLUSH_FILES)):
            self._flush()

    def _flush(self) -> None:
        """Write what has arrived. A batch that could not be written is kept as it is and goes first."""
        while (self._unwritten or self._batch) and self._clock.monotonic() >= self._resume_at:
            if not self._unwritten:
                self._unwritten = list(self._batch.values())
                self._batch, self._flush_at = {}, None
            try:
                unresolved = self._arrivals.write(self._unwritten)
            except CatalogueError as error:
                self._note_trouble(error)
                return
            written, self._unwritten = self._unwritten, []
            self._clear_trouble()
            self._settle_accounts(written, unresolved)
        if not (self._unwritten or self._batch):
            self._flush_at = None

    def _settle_accounts(self, written: Sequence[Arrival], unresolved: Collection[bytes]) -> None:
        for arrival in written:
            self._release(_size_of(arrival))
            if arrival.path in unresolved:
                self._again(arrival.path)
            else:
                self._finish(arrival.path)

    def _note_trouble(self, error: CatalogueError) -> None:
        log.error(
            "the catalogue could not be written, trying again in %.0f s: %s", RETRY_SECONDS, error.message
        )
        self.trouble = f"{error.message} Nothing new is read until it can be written."
        self._resume_at = self._flush_at = self._clock.monotonic() + RETRY_SECONDS

    def _clear_trouble(self) -> None:
        self.trouble = None
        if self._sweep_after_trouble:
            self._sweep_after_trouble = False
            self._ask.sweep_all("changes were missed while the catalogue could not be written")

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


def _size_of(arrival: Arrival) -> int:
    stamp = getattr(arrival, "stamp", None)
    return stamp.size if isinstance(stamp, Stamp) else -1
