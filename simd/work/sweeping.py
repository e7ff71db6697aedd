"""Sweeps: comparing the folders with the catalogue, one request at a time.

The sweep is the truth and the events are hints. One thread sweeps; it hands what is new or
changed to the ingest loop at once, and what is missing only when the whole sweep is
believable.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from threading import Condition, Event
from typing import Any, TypeVar

from simd.catalogue import WRITER, Catalogue
from simd.core.display import display_path
from simd.core.errors import BadRequest, CatalogueError, SimdError
from simd.core.mishaps import REBUILT, label_of
from simd.core.model import RootState
from simd.core.roots import RootIdentity, guard
from simd.core.skipping import SkipRules
from simd.core.stamp import Stamp
from simd.runtime.broadcast import Broadcast
from simd.runtime.heartbeat import Heart
from simd.runtime.instruments import PATIENT, counter, histogram
from simd.watching.sweep import identify, missing_directories, sweep
from simd.work.ingest import Ingest
from simd.work.mishaps import Mishaps
from simd.work.rootkeeping import RootKeeper, identity_of
from simd.work.roots import Roots, Standing
from simd.work.tally import Tally

log = logging.getLogger(__name__)
T = TypeVar("T")

SECONDS_ALLOWED = 900.0
"""For one folder, however many names it holds and however slow its disk is to wake."""
WATCHES_SECONDS = 4 * 3_600.0
"""For the watches of all folders, each of which is read from a disk."""

CHECK_ROOTS_SECONDS = 10.0
PROGRESS_SECONDS = 0.2
REASON_ASKED = "asked for"

SWEEP_SECONDS = histogram(
    "simd_sweep_seconds", "Seconds of a sweep, by what asked for it.", PATIENT, "reason"
)
WATCHER_REBUILDS = counter("simd_watcher_rebuilds_total", "Times that the watcher was started anew.")


@dataclass(frozen=True, slots=True)
class Request:
    """One folder to sweep.

    Attributes:
        start: the root, or a folder below it.
        scan: the number under which somebody waits for it.
        rehash: read every file again, changed or not.
    """

    root: bytes
    start: bytes
    reason: str
    scan: int
    rehash: bool = False


class _Retired(Exception):
    """The root is watched no longer."""


class Sweeper:
    """One thread's work: the sweeps that others ask for.

    Attributes:
        heart: shows that the thread lives.
        watching: set when the watches of all roots were set for the first time.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        roots: Roots,
        keeper: RootKeeper,
        ingest: Ingest,
        skip: SkipRules,
        extensions: frozenset[bytes],
        broadcast: Broadcast,
        mishaps: Mishaps,
    ) -> None:
        self._catalogue = catalogue
        self._roots = roots
        self._keeper = keeper
        self._ingest = ingest
        self._skip = skip
        self._extensions = extensions
        self._broadcast = broadcast
        self._mishaps = mishaps
        self.heart = Heart("sweeper", SECONDS_ALLOWED, [WRITER])
        self.watching = Event()
        self._requests: deque[Request] = deque()
        # What the catalogue refused; whoever waits for it waits until it is done after all.
        self._owed: list[Request] = []
        self._errands: deque[tuple[Callable[[], object], Future[Any]]] = deque()
        self._changed = Condition()
        self._scans = 0
        self._check_at = 0.0
        self._told_at = 0.0
        self._stop = Event()

    # Asking.

    def request(self, paths: Sequence[bytes], reason: str, *, rehash: bool = False) -> int:
        """Ask for sweeps of these roots or folders below them; the number of the scan.

        Raises:
            BadRequest: a path lies in no watched folder.
        """
        wanted = [(self._root_of(path), path) for path in paths]
        with self._changed:
            self._scans += 1
            for root, start in wanted:
                self._enqueue(Request(root, start, reason, self._scans, rehash))
            self._changed.notify()
            return self._scans

    def notice(self, path: bytes, reason: str) -> None:
        """Ask for a sweep of what an event was about, if that lies in a root still."""
        if self._roots.holding(path) is not None:
            self.request([path], reason)

    def errand(self, job: Callable[[], T]) -> Future[T]:
        """Run ``job`` on the sweeper's thread, soon: also in the middle of a sweep, between two parts of it.

        What changes roots or watches is done so, because they belong to this thread. What waits when
        the thread ends is cancelled.
        """
        future: Future[T] = Future()
        with self._changed:
            self._errands.append((job, future))
            self._changed.notify()
        return future

    def rebuild_watcher(self, why: str) -> Future[None]:
        """Have the watcher started anew, and every root swept whether that succeeds or not."""

        def rebuild() -> None:
            WATCHER_REBUILDS.add()
            try:
                self._keeper.rebuild_watcher()
            finally:
                self.request_all(f"{REBUILT}: {why}")

        return self.errand(rebuild)

    def request_all(self, reason: str, *, rehash: bool = False) -> int:
        """Ask for a sweep of every root."""
        return self.request([standing.root.path for standing in self._roots.all()], reason, rehash=rehash)

    def request_unwatched(self) -> None:
        """Ask for a sweep of every root whose changes may cause no events."""
        unwatched = [s.root.path for s in self._roots.all() if s.network or s.state is RootState.DEGRADED]
        if unwatched:
            self.request(unwatched, "not watched")

    def degrade(self, root: bytes, reason: str) -> None:
        """Note that a part of a root cannot be watched, and sweep it."""
        if root in self._roots:
            self._roots.update(root, state=RootState.DEGRADED, reason=reason)
            # Its standing says why; that it is swept for this is nothing to tell a person twice.
            self.request([root], "not watched")

    def check(self, _root: bytes) -> None:
        """Look soon whether the roots are still there."""
        with self._changed:
            self._check_at = 0.0
            self._changed.notify()

    def wake(self) -> None:
        """Let the loop see that it should stop."""
        self._stop.set()
        self._keeper.hurry()
        with self._changed:
            self._changed.notify()

    def _root_of(self, path: bytes) -> bytes:
        root = self._roots.holding(path)
        if root is None:
            shown = display_path(path)
            raise BadRequest(
                f"{shown} lies in no watched folder.",
                hint="simctl status lists the watched folders.",
                path=shown,
            )
        return root

    def _enqueue(self, request: Request) -> None:
        """Add a request, unless nobody waits for it and one that covers it is there."""
        if request.reason != REASON_ASKED and any(_covers(waiting, request) for waiting in self._requests):
            return
        self._mishaps.note(request.reason, request.root)
        self._ingest.pending.enter(request)
        self._requests.append(request)

    # Working.

    def loop(self, stop: Event) -> None:
        """Sweep what is asked for until ``stop`` is set; look after the roots in between."""
        # Of all roots before the first is swept: what happens in the last one is not to wait for that.
        with self.heart.during("sets watches", WATCHES_SECONDS):
            self._keeper.watch_all()
        self.watching.set()
        while not stop.is_set():
            self.heart.beat()
            self._do_errands()
            if time.monotonic() >= self._check_at:
                self._check_at = time.monotonic() + CHECK_ROOTS_SECONDS
                self._look_after_roots()
            request = self._next()
            if request is not None:
                self._serve(request)
        while self._errands:
            self._errands.popleft()[1].cancel()

    def _look_after_roots(self) -> None:
        with self._changed:
            self._requests.extend(self._owed)
            self._owed.clear()
        try:
            due = self._keeper.check()
        except CatalogueError as error:
            log.warning("the roots are looked at later: %s", error.message)
            return
        for path, reason in due.items():
            self.request([path], reason)

    def _next(self) -> Request | None:
        with self._changed:
            wait = max(self._check_at - time.monotonic(), 0.0)
            self._changed.wait_for(self._has_news, wait)
            return self._requests.popleft() if self._requests and not self._stop.is_set() else None

    def _has_news(self) -> bool:
        return bool(self._requests or self._errands or self._stop.is_set() or not self._check_at)

    def _do_errands(self) -> None:
        while self._errands:
            job, future = self._errands.popleft()
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(job())
                except Exception as error:  # noqa: BLE001 - handed to the caller, who waits for it
                    future.set_exception(error)

    def _serve(self, request: Request) -> None:
        started = time.monotonic()
        tally = Tally()
        try:
            self._sweep(request, tally)
        except _Retired:
            log.info("the sweep of %s is given up", display_path(request.start))
        except SimdError as error:
            log.error(  # noqa: TRY400 - a known kind
                "the sweep of %s failed: %s",
                display_path(request.start),
                error.message,
                extra={"path": request.start, "reason": request.reason},
            )
            self._roots.update(request.root, state=RootState.DEGRADED, reason=error.message)
            if isinstance(error, CatalogueError):
                self._owed.append(request)
                return
        self._ingest.pending.leave(request)
        seconds = time.monotonic() - started
        SWEEP_SECONDS.observe(seconds, label_of(request.reason))
        took = round(seconds * 1e3)
        self._broadcast.tell(
            "scanned",
            scan=request.scan,
            root=display_path(request.start),
            files=tally.files,
            changed=tally.changed,
            missing=len(tally.missing),
            took_ms=took,
        )
        _log_sweep(request, tally, seconds)

    def _sweep(self, request: Request, tally: Tally) -> None:
        if request.root not in self._roots:
            raise _Retired
        present = identify(request.root)
        if present is None:
            self._keeper.set_offline(request.root, "the folder is not there")
            return
        root = self._roots[request.root].root
        if request.start != request.root and not (root.online and identity_of(root) == present):
            # A part proves nothing of the whole, which may be another disk.
            with self._changed:
                self._enqueue(replace(request, start=request.root))
            return
        # Watches first, then the sweep: whatever changes from here on causes an event.
        with self.heart.during("sets watches", WATCHES_SECONDS):
            standing = self._keeper.prepare(request.root, present)
        with self._catalogue.read() as snapshot:
            known_directories = snapshot.directories_under(request.start)
        self._walk(request, tally)
        if self._stop.is_set():
            return
        gone = missing_directories(known_directories, tally.seen, tally.left_out())
        tally.missing += self._files_in(gone)
        doubt = self._doubt(standing, present, request, tally)
        if doubt is not None:
            self._keeper.set_offline(request.root, doubt)
            return
        # In this order: what is missing counts as such only in a root that is what it was enrolled as.
        self._keeper.set_online(request.root, present, tally.unreadable)
        self._ingest.offer(tally.missing, found_by=request)

    def _walk(self, request: Request, tally: Tally) -> None:
        known = _nothing if request.rehash else self._known
        for findings in sweep(
            request.root, request.start, self._skip, self._extensions, known, self._must_stop
        ):
            self._do_errands()
            if request.root not in self._roots:
                raise _Retired
            tally.add(findings)
            changed = [path for path, _ in findings.changed]
            self._ingest.offer(changed, forced=request.rehash, found_by=request)
            if time.monotonic() - self._told_at >= PROGRESS_SECONDS:
                self._told_at = time.monotonic()
                self._broadcast.tell("progress", phase="sweep", done=tally.files, total=None)

    def _must_stop(self) -> bool:
        self.heart.beat()
        return self._stop.is_set()

    def _known(self, directories: Sequence[bytes]) -> Mapping[bytes, Mapping[bytes, Stamp]]:
        with self._catalogue.read() as snapshot:
            return snapshot.stamps(directories)

    def _files_in(self, directories: Sequence[bytes]) -> list[bytes]:
        return [
            directory.rstrip(b"/") + b"/" + name
            for directory, names in self._known(directories).items()
            for name in names
        ]

    def _doubt(self, standing: Standing, present: RootIdentity, request: Request, tally: Tally) -> str | None:
        """Why what was found cannot be believed; folders below a root are, while the root stands."""
        if standing.accepts_loss or request.start != request.root:
            return None
        with self._catalogue.read() as snapshot:
            rows = snapshot.count_under(request.root)
        enrolled = identity_of(standing.root)
        return guard(enrolled, present, rows=rows, files=tally.files, missing=len(tally.missing))


def _log_sweep(request: Request, tally: Tally, seconds: float) -> None:
    said = {"files": tally.files, "changed": tally.changed, "missing": len(tally.missing)}
    log.info(
        "swept %s (%s): %d files, %d new or changed, %d missing, %.3f s",
        display_path(request.start),
        request.reason,
        *said.values(),
        seconds,
        extra={"path": request.start, "reason": request.reason, "seconds": round(seconds, 3), **said},
    )


def _covers(waiting: Request, request: Request) -> bool:
    """Whether a sweep that has not begun yet will see all that another one would."""
    inside = request.start == waiting.start or request.start.startswith(waiting.start.rstrip(b"/") + b"/")
    return inside and (waiting.rehash or not request.rehash)


def _nothing(_directories: Sequence[bytes]) -> Mapping[bytes, Mapping[bytes, Stamp]]:
    """What is known when everything has to be read again."""
    return {}
