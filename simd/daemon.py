"""The daemon put together: the one file that knows every part.

Parts start in the order in which they need each other and stop in reverse. Watches come before
the first sweep, so that nothing falls between the two; the server comes last, in the place of
the porch that answered before it.
"""

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event

from simd.api import ApiServer, create_app
from simd.catalogue import Catalogue
from simd.config import Settings
from simd.core.errors import Failed
from simd.core.hints import Hint
from simd.core.settling import Settling
from simd.core.skipping import SkipRules
from simd.delivery import abandon
from simd.imaging import RECIPE, SUPPORTED_EXTENSIONS, DecodePool, Limits
from simd.index import HashIndex
from simd.ports import Clock
from simd.premises import Premises
from simd.runtime.broadcast import Broadcast
from simd.runtime.mailbox import Mailbox
from simd.runtime.threads import NamedThread
from simd.schedule import Daily, Every, Job, Schedule, Weekly
from simd.service import Parts, Service
from simd.system.mounts import filesystem_of, is_network
from simd.watching.observe import Watcher
from simd.work.arrivals import Arrivals
from simd.work.barrier import Barrier
from simd.work.catchup import CatchUp
from simd.work.compare import Compare
from simd.work.examine import Examiner
from simd.work.groups import Groups
from simd.work.ingest import Ingest, Requests
from simd.work.loading import Foundation
from simd.work.overview import Overview
from simd.work.portrait import Portraits
from simd.work.rematch.rematch import Rematch
from simd.work.report.previews import Previews
from simd.work.report.reports import DeliveryPlan, ReportPlan, Reports
from simd.work.rootkeeping import RootKeeper
from simd.work.roots import Roots
from simd.work.search import Search
from simd.work.subjects import Subjects
from simd.work.sweeping import Sweeper
from simd.work.upkeep import Upkeep

log = logging.getLogger(__name__)

MAILBOX_CAPACITY = 20_000
CANARY_FOLDER = "canary"
UPLOADS_FOLDER = "uploads"
BACKUPS_FOLDER = "backups"
REPORTS_FOLDER = "reports"
REPORT_JOB = "report"


@dataclass(frozen=True, slots=True)
class _Ground:
    """What everything else stands on."""

    catalogue: Catalogue
    pool: DecodePool
    index: HashIndex
    broadcast: Broadcast
    mailbox: Mailbox[Hint]
    skip: SkipRules
    roots: Roots
    watcher: Watcher
    keeper: RootKeeper


@dataclass(frozen=True, slots=True)
class _Road:
    """What brings files into the catalogue."""

    ingest: Ingest
    sweeper: Sweeper
    barrier: Barrier


class Daemon:
    """Everything of one daemon, on its premises and its foundation."""

    def __init__(self, settings: Settings, premises: Premises, foundation: Foundation, clock: Clock) -> None:
        self._settings = settings
        self._premises = premises
        self._foundation = foundation
        self._clock = clock
        self._running = ExitStack()
        self._stopped = Event()
        self._dead_thread: str | None = None
        self._schedule: Schedule | None = None
        self._server: ApiServer | None = None

    def start(self) -> Service:
        """Start every part; until :meth:`serve` the porch answers on the socket.

        Raises:
            SimdError: a part cannot work; the message says why.
        """
        with ExitStack() as running:
            service = self._start(running)
            self._running = running.pop_all()
        return service

    def serve(self) -> None:
        """Answer on the socket until :meth:`stop` is called, then stop every part.

        Raises:
            Failed: a thread that the daemon cannot do without has died; a service manager
                should start it again.
        """
        if self._server is None:
            raise RuntimeError("start() comes before serve()")
        with self._running:
            try:
                if not self._stopped.is_set():
                    self._premises.porch.close()
                    self._premises.notices.ready()
                    self._premises.notices.status(f"answers on {self._settings.socket}")
                    self._server.serve()
            finally:
                self._premises.notices.stopping()
        if self._dead_thread is not None:
            raise Failed(
                f"The {self._dead_thread} thread ended by an error, so the daemon cannot go on.",
                hint="The log has the details. Starting simd again sweeps every folder.",
            )

    def stop(self) -> None:
        """Let :meth:`serve` end; may be called from a signal handler or any thread."""
        self._stopped.set()
        if self._server is not None:
            self._server.stop()

    def _thread_died(self, name: str) -> None:
        self._dead_thread = name
        self.stop()

    def _start(self, running: ExitStack) -> Service:
        settings = self._settings
        ground = self._lay_ground(running)
        road = self._build_road(ground)
        running.callback(road.ingest.pending.close)
        # Listeners learn that it is over before those who wait for work to be done are let go.
        running.callback(ground.broadcast.close)
        parts = self._assemble(ground, road)
        service = Service(parts)
        service.record_job_success("sweep", self._clock.now())
        # Before the threads, which would hold it up; the first status finds the catalogue counted.
        with ThreadPoolExecutor(1, "counting") as beside:
            counted = beside.submit(service.status)
            self._server = ApiServer(create_app(service), self._premises.listening)
            counted.result()
        for thread in self._threads(parts):
            thread.start()
            running.callback(thread.stop)
        service.sweep_all("start")
        self._start_schedule(service, running)
        # The schedule waits for its jobs to end, so a report under way is given up before it is stopped.
        running.callback(abandon)
        running.callback(parts.reports.close)
        running.callback(parts.catch_up.close)
        log.info("simd answers on %s", settings.socket)
        return service

    def _lay_ground(self, running: ExitStack) -> _Ground:
        """What everything else stands on."""
        state, catalogue = self._settings.state_dir, self._foundation.catalogue
        mailbox: Mailbox[Hint] = Mailbox(MAILBOX_CAPACITY)
        skip = SkipRules(frozenset({os.fsencode(state)}), self._settings.watch.skip)
        watcher = Watcher(mailbox.put, skip, _private(state / CANARY_FOLDER))
        watcher.start()
        running.callback(watcher.stop)
        roots = Roots()
        keeper = RootKeeper(catalogue, roots, watcher, lambda path: is_network(filesystem_of(path)))
        self._enrol(keeper)
        index = self._foundation.index.result()
        # Not before: the processors have enough to do until the index is built.
        pool = self._begin_pool(running)
        return _Ground(catalogue, pool, index, Broadcast(), mailbox, skip, roots, watcher, keeper)

    def _begin_pool(self, running: ExitStack) -> DecodePool:
        imaging = self._settings.imaging
        limits = Limits(deadline_seconds=imaging.deadline_seconds, memory_bytes=imaging.memory_limit)
        pool = DecodePool(imaging.workers or os.cpu_count() or 1, limits)
        pool.begin()
        running.callback(pool.close)
        warmth = NamedThread("workers", partial(_await_warm, pool), pool.close, self._thread_died)
        warmth.start()
        running.callback(warmth.stop)
        return pool

    def _build_road(self, ground: _Ground) -> _Road:
        """The way of a file into the catalogue: the loop, the sweeper, and what joins them."""
        watch, catalogue, roots = self._settings.watch, ground.catalogue, ground.roots
        ingest = Ingest(
            catalogue,
            ground.pool,
            Arrivals(catalogue, ground.index, ground.broadcast, RECIPE),
            Examiner(catalogue, roots, ground.skip, SUPPORTED_EXTENSIONS, RECIPE),
            Settling(watch.settle_seconds, watch.settle_cap_seconds),
            self._clock,
            ground.broadcast,
            ground.mailbox,
        )
        sweeper = Sweeper(
            catalogue, roots, ground.keeper, ingest, ground.skip, SUPPORTED_EXTENSIONS, ground.broadcast
        )
        barrier = Barrier(ground.watcher.ring, ingest.pending, sweeper.request_unwatched)
        ingest.connect(
            Requests(
                sweep=lambda path, reason: _ignoring_scan(sweeper.request([path], reason)),
                sweep_all=lambda reason: _ignoring_scan(sweeper.request_all(reason)),
                degrade=sweeper.degrade,
                check=sweeper.check,
                is_root=roots.__contains__,
                cookie=barrier.note,
            )
        )
        return _Road(ingest, sweeper, barrier)

    def _assemble(self, ground: _Ground, road: _Road) -> Parts:
        """The parts that answer questions, joined with those that gather the answers."""
        settings, catalogue, index, pool = self._settings, ground.catalogue, ground.index, ground.pool
        state, preset = settings.state_dir, settings.match.preset
        upkeep = Upkeep(
            catalogue,
            index,
            road.ingest,
            self._clock,
            RECIPE,
            state / BACKUPS_FOLDER,
            settings.catalogue.backups_kept,
            timedelta(seconds=settings.catalogue.forget_missing_after),
        )
        overview = Overview(
            catalogue,
            index,
            pool,
            ground.roots,
            road.ingest,
            upkeep,
            ground.watcher.alive,
            self._next_report,
            self._premises.started,
        )
        subjects = Subjects(catalogue, pool, RECIPE, _private(state / UPLOADS_FOLDER))
        return Parts(
            catalogue=catalogue,
            roots=ground.roots,
            ingest=road.ingest,
            sweeper=road.sweeper,
            barrier=road.barrier,
            broadcast=ground.broadcast,
            search=Search(index, subjects, preset),
            groups=Groups(catalogue, preset),
            portraits=Portraits(catalogue),
            compare=Compare(catalogue, subjects, pool),
            upkeep=upkeep,
            overview=overview,
            reports=self._reports(ground, overview),
            rematch=Rematch(catalogue, ground.broadcast, self._clock, RECIPE, lambda: road.ingest.paused),
            catch_up=CatchUp(road.barrier, lambda: not road.ingest.paused and ground.watcher.alive()),
            state_dir=state,
            socket=settings.socket,
        )

    def _reports(self, ground: _Ground, overview: Overview) -> Reports:
        def is_online(path: bytes) -> bool:
            root = ground.roots.holding(path)
            return root is not None and ground.roots[root].root.online

        return Reports(
            report_plan(self._settings),
            ground.catalogue,
            Previews(ground.catalogue, ground.pool, is_online),
            self._clock,
            ground.broadcast,
            overview.notes,
            self._next_report,
        )

    def _next_report(self) -> datetime | None:
        """When the next nightly report is due; the schedule is made after those who ask this."""
        return None if self._schedule is None else self._schedule.next_run(REPORT_JOB)

    def _threads(self, parts: Parts) -> list[NamedThread]:
        ingest, sweeper = parts.ingest, parts.sweeper
        return [
            NamedThread("ingest", ingest.loop, ingest.mailbox.wake, self._thread_died),
            NamedThread("sweeper", sweeper.loop, sweeper.wake, self._thread_died),
            NamedThread("upkeep", parts.upkeep.loop, None, self._thread_died),
            NamedThread("rematch", parts.rematch.loop, parts.rematch.wake),
            NamedThread("groups", parts.groups.prepare, parts.groups.close),
        ]

    def _enrol(self, keeper: RootKeeper) -> None:
        paths = [os.fsencode(root) for root in self._settings.roots]
        for path in paths:
            keeper.enrol(path, filesystem_of(path))
        keeper.retire(paths)

    def _start_schedule(self, service: Service, running: ExitStack) -> None:
        schedule = self._schedule = Schedule(
            timed_jobs(self._settings, service),
            self._clock,
            service.job_success,
            service.record_job_success,
            on_resume=lambda: service.sweep_all("resumed from sleep"),
        )
        schedule.start()
        running.callback(schedule.stop)


def timed_jobs(settings: Settings, service: Service) -> list[Job]:
    """What the clock asks of the service."""
    watch, schedule = settings.watch, settings.schedule
    jobs = [
        Job("sweep", Every(watch.sweep_every, jitter=0.25), lambda: service.sweep_all("timed")),
        Job("sweep-unwatched", Every(watch.sweep_network_every, jitter=0.25), service.sweep_unwatched),
        Job("backup", Daily(schedule.backup_at), service.back_up),
        Job("forget", Daily(schedule.backup_at), service.forget),
    ]
    if schedule.integrity == "weekly":
        jobs.append(Job("integrity", Weekly(6, schedule.integrity_at), service.check_catalogue))
    elif schedule.integrity == "daily":
        jobs.append(Job("integrity", Daily(schedule.integrity_at), service.check_catalogue))
    if settings.report.at is not None:
        jobs.append(Job(REPORT_JOB, Daily(settings.report.at), service.report_nightly))
    return jobs


def report_plan(settings: Settings) -> ReportPlan:
    """How the settings want reports to be made, kept and delivered."""
    report, notify = settings.report, settings.notify
    return ReportPlan(
        state_dir=settings.state_dir,
        folder=report.folder or settings.state_dir / REPORTS_FOLDER,
        preset=settings.match.preset,
        keep_nightly=report.keep_nightly,
        keep_monthly=report.keep_monthly,
        groups_shown=report.groups_shown,
        delivery=DeliveryPlan(targets=notify.targets, only_when_new_bytes=notify.only_when_new)
        if notify.targets
        else None,
    )


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _await_warm(pool: DecodePool, stopping: Event) -> None:
    """See that the workers start; what is asked of them waits until they have.

    Raises:
        Failed: they do not start, and the daemon is not stopping.
    """
    try:
        pool.await_warm()
    except Failed:
        if not stopping.is_set():
            raise


def _ignoring_scan(_number: int) -> None:
    """The ingest loop waits for no scan."""
