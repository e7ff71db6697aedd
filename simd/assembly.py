"""Making the parts of a daemon and joining them; ``daemon`` starts and stops them."""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event

from simd.catalogue import Catalogue, ProtectedTable, VerdictTable
from simd.config import Settings
from simd.core.answers import Note, Reloaded
from simd.core.errors import Failed
from simd.core.hints import Cookie, Hint
from simd.core.protection import Protection
from simd.core.settling import Settling
from simd.core.skipping import SkipRules
from simd.core.verdicts import GivenVerdict
from simd.imaging import RECIPE, SUPPORTED_EXTENSIONS, DecodePool, Limits
from simd.index import HashIndex
from simd.parts import Parts
from simd.plans import cores_allowed, report_plan, sparing_rules, workers_wanted
from simd.ports import Clock
from simd.runtime.broadcast import Broadcast
from simd.runtime.mailbox import Mailbox
from simd.runtime.threads import NamedThread
from simd.system.disks import SpinningDisks
from simd.system.mounts import filesystem_of, is_network
from simd.system.notify import ServiceNotices
from simd.system.power import on_battery
from simd.watching.observe import Watcher
from simd.work.actions.actions import Actions
from simd.work.actions.checking import Checking
from simd.work.actions.looking import Looking
from simd.work.actions.planning import Planning
from simd.work.actions.telling import Telling
from simd.work.arrivals import Arrivals
from simd.work.barrier import Barrier
from simd.work.canary import Canary
from simd.work.catchup import CatchUp
from simd.work.compare import Compare
from simd.work.examine import Examiner
from simd.work.groups import Groups
from simd.work.guard import Guard
from simd.work.ingest import Ingest, Requests
from simd.work.keeporders import KeepOrders
from simd.work.loading import Foundation
from simd.work.mishaps import Mishaps
from simd.work.overview import Overview
from simd.work.partition import Partitioning
from simd.work.pausing import Pausing
from simd.work.portrait import Portraits
from simd.work.protecting import Protecting
from simd.work.rematch.rematch import Rematch
from simd.work.report.previews import Previews
from simd.work.report.reports import Reports
from simd.work.rootkeeping import RootKeeper
from simd.work.roots import Roots
from simd.work.search import Search
from simd.work.sparing import Sparing
from simd.work.subjects import Subjects
from simd.work.sweeping import Sweeper
from simd.work.units import Units
from simd.work.upkeep import Upkeep
from simd.work.uploads import UploadFolder
from simd.work.verdicts import Verdicts

MAILBOX_CAPACITY = 20_000
CANARY_FOLDER = "canary"
UPLOADS_FOLDER = "uploads"
BACKUPS_FOLDER = "backups"


@dataclass(frozen=True, slots=True)
class Ground:
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
class Road:
    """What brings files into the catalogue."""

    ingest: Ingest
    sweeper: Sweeper
    barrier: Barrier
    mishaps: Mishaps


class Assembly:
    """Makes the parts of one daemon, in the order in which they need each other."""

    def __init__(
        self,
        settings: Settings,
        foundation: Foundation,
        clock: Clock,
        notices: ServiceNotices,
        started: float,
        next_report: Callable[[], datetime | None],
        reload: Callable[[], Reloaded],
    ) -> None:
        """``started`` is on the monotonic clock; ``next_report`` tells when the next report is due."""
        self._reload = reload
        self._notices = notices
        self._settings = settings
        self._foundation = foundation
        self._clock = clock
        self._started = started
        self._next_report = next_report

    def lay_ground(self, running: ExitStack) -> Ground:
        """What everything else stands on; the watcher is begun.

        Args:
            running: gets what must be done at the end, in order.

        Raises:
            Unavailable: the system gives no way to watch folders.
        """
        state, catalogue = self._settings.state_dir, self._foundation.catalogue
        mailbox: Mailbox[Hint] = Mailbox(MAILBOX_CAPACITY)
        skip = SkipRules(frozenset({os.fsencode(state)}), self._settings.watch.skip)
        watcher = Watcher(partial(_deliver, mailbox), skip, _private(state / CANARY_FOLDER))
        watcher.start()
        running.callback(watcher.stop)
        roots = Roots()
        keeper = RootKeeper(catalogue, roots, watcher, lambda path: is_network(filesystem_of(path)))
        self._enrol(keeper)
        pool = self._pool()
        running.callback(pool.close)
        return Ground(
            catalogue, pool, self._foundation.index, Broadcast(), mailbox, skip, roots, watcher, keeper
        )

    def build_road(self, ground: Ground) -> Road:
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
        mishaps = Mishaps(self._clock)
        sweeper = Sweeper(
            catalogue,
            roots,
            ground.keeper,
            ingest,
            ground.skip,
            SUPPORTED_EXTENSIONS,
            ground.broadcast,
            mishaps,
        )
        barrier = Barrier(ground.watcher.ring, ingest.pending, sweeper.request_unwatched)
        ingest.connect(
            Requests(
                sweep=sweeper.notice,
                sweep_all=lambda reason: _ignoring_scan(sweeper.request_all(reason)),
                degrade=sweeper.degrade,
                check=sweeper.check,
                is_root=roots.__contains__,
                cookie=barrier.note,
            )
        )
        return Road(ingest, sweeper, barrier, mishaps)

    def join(self, ground: Ground, road: Road) -> Parts:
        """The parts that answer questions, joined with those that gather the answers."""
        settings, catalogue, index, pool = self._settings, ground.catalogue, ground.index, ground.pool
        state, preset = settings.state_dir, settings.match.preset
        upkeep = self._upkeep(ground, road)
        canary = Canary(ground.watcher, road.sweeper.rebuild_watcher)
        overview = self._overview(ground, road, upkeep, canary)
        sparing = Sparing(
            sparing_rules(settings),
            road.ingest.holding,
            self._clock,
            on_battery,
            lambda: _ignoring_scan(road.sweeper.request_all("timed, put off until now")),
        )
        guard = Guard(canary, road.mishaps, ground.roots, self._notices, overview.activity)
        uploads = UploadFolder(state / UPLOADS_FOLDER)
        subjects = Subjects(catalogue, pool, RECIPE, uploads)
        verdicts = Verdicts(
            VerdictTable(self._foundation.decisions), catalogue, self._clock, ground.broadcast
        )
        protecting = self._protecting(ground)
        keep = settings.keep
        keep_orders = KeepOrders(keep.rules, keep.copy_names, lambda: protecting.protection)
        groups = Groups(catalogue, preset, verdicts.marks, keep_orders.order_for)
        units = _units(ground)
        return Parts(
            catalogue=catalogue,
            roots=ground.roots,
            ingest=road.ingest,
            pausing=Pausing(self._foundation.decisions, road.ingest.holding),
            sweeper=road.sweeper,
            sparing=sparing,
            barrier=road.barrier,
            broadcast=ground.broadcast,
            search=Search(index, subjects, preset),
            groups=groups,
            verdicts=verdicts,
            protecting=protecting,
            keep_orders=keep_orders,
            actions=self._actions(ground, groups, lambda: protecting.protection, verdicts.all, units),
            portraits=Portraits(catalogue, units),
            compare=Compare(catalogue, subjects, pool),
            partitioning=_partitioning(ground, uploads),
            upkeep=upkeep,
            overview=overview,
            reports=self._reports(ground, verdicts, keep_orders, lambda: [*overview.notes(), *guard.notes()]),
            rematch=Rematch(catalogue, ground.broadcast, self._clock, RECIPE, lambda: road.ingest.paused),
            catch_up=CatchUp(road.barrier, lambda: not road.ingest.paused and canary.fault is None),
            guard=guard,
            reload=self._reload,
            state_dir=state,
            socket=settings.socket,
        )

    def _pool(self) -> DecodePool:
        imaging = self._settings.imaging
        limits = Limits(deadline_seconds=imaging.deadline_seconds, memory_bytes=imaging.memory_limit)
        workers, cores = workers_wanted(self._settings), cores_allowed(self._settings)
        return DecodePool(workers, limits, cores=cores, disks_under=SpinningDisks().under)

    def _upkeep(self, ground: Ground, road: Road) -> Upkeep:
        catalogue = self._settings.catalogue
        return Upkeep(
            ground.catalogue,
            (self._foundation.decisions, self._foundation.journal),
            ground.index,
            road.ingest,
            self._clock,
            RECIPE,
            self._settings.state_dir / BACKUPS_FOLDER,
            catalogue.backups_kept,
            timedelta(seconds=catalogue.forget_missing_after),
        )

    def _overview(self, ground: Ground, road: Road, upkeep: Upkeep, canary: Canary) -> Overview:
        return Overview(
            ground.catalogue,
            ground.index,
            ground.pool,
            ground.roots,
            road.ingest,
            upkeep,
            lambda: ground.watcher.alive() and canary.fault is None,
            self._next_report,
            self._started,
        )

    def _protecting(self, ground: Ground) -> Protecting:
        return Protecting(
            ProtectedTable(self._foundation.decisions),
            ground.catalogue,
            lambda: [standing.root.path for standing in ground.roots.all()],
            self._clock,
            ground.broadcast,
            self._settings.keep.protected,
        )

    def _actions(
        self,
        ground: Ground,
        groups: Groups,
        protection: Callable[[], Protection],
        verdicts: Callable[[], Sequence[GivenVerdict]],
        units: Units,
    ) -> Actions:
        catalogue = ground.catalogue
        return Actions(
            self._foundation.journal,
            catalogue,
            Planning(groups, units.companions_of, units.beside),
            Checking(Looking(catalogue, ground.pool), protection, verdicts),
            self._clock,
            ground.broadcast,
            Telling(catalogue, ground.mailbox).tell,
            ground.keeper.is_there,
        )

    def _reports(
        self,
        ground: Ground,
        verdicts: Verdicts,
        keep_orders: KeepOrders,
        notes: Callable[[], Sequence[Note]],
    ) -> Reports:
        return Reports(
            report_plan(self._settings),
            ground.catalogue,
            Previews(ground.catalogue, ground.pool, ground.roots.is_online),
            self._clock,
            ground.broadcast,
            notes,
            self._next_report,
            verdicts.all,
            keep_orders.order_for,
            self._foundation.journal.summary,
        )

    def _enrol(self, keeper: RootKeeper) -> None:
        paths = [os.fsencode(root) for root in self._settings.roots]
        for path in paths:
            keeper.enrol(path, filesystem_of(path))
        keeper.retire(paths)


def _deliver(mailbox: Mailbox[Hint], hint: Hint) -> None:
    """Leave a hint. A cookie is never dropped: what was is made up for by a sweep, for which it waits."""
    mailbox.put(hint, always=isinstance(hint, Cookie))


def _units(ground: Ground) -> Units:
    return Units(
        ground.skip,
        SUPPORTED_EXTENSIONS,
        lambda: [standing.root.path for standing in ground.roots.all()],
    )


def _partitioning(ground: Ground, uploads: UploadFolder) -> Partitioning:
    return Partitioning(
        ground.catalogue, ground.pool, ground.skip, SUPPORTED_EXTENSIONS, uploads, ground.broadcast
    )


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def begin_pool(pool: DecodePool, running: ExitStack, died: Callable[[str], None]) -> None:
    """Have the workers started.

    Args:
        pool: theirs.
        running: gets what must be done at the end.
        died: told when they do not start.
    """
    pool.begin()
    warmth = NamedThread("workers", partial(_await_warm, pool), pool.close, died)
    warmth.start()
    running.callback(warmth.stop)


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
