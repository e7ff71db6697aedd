"""What one daemon is made of, as its façade and its start need it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from simd.catalogue import Catalogue
from simd.core.answers import Reloaded
from simd.runtime.broadcast import Broadcast
from simd.work.actions.actions import Actions
from simd.work.barrier import Barrier
from simd.work.catchup import CatchUp
from simd.work.compare import Compare
from simd.work.groups import Groups
from simd.work.guard import Guard
from simd.work.ingest import Ingest
from simd.work.keeporders import KeepOrders
from simd.work.overview import Overview
from simd.work.partition import Partitioning
from simd.work.pausing import Pausing
from simd.work.portrait import Portraits
from simd.work.protecting import Protecting
from simd.work.rematch.rematch import Rematch
from simd.work.report.reports import Reports
from simd.work.roots import Roots
from simd.work.search import Search
from simd.work.sparing import Sparing
from simd.work.sweeping import Sweeper
from simd.work.upkeep import Upkeep
from simd.work.verdicts import Verdicts


@dataclass(frozen=True, slots=True)
class Parts:
    """What the service is made of; ``daemon`` puts it together."""

    catalogue: Catalogue
    roots: Roots
    ingest: Ingest
    pausing: Pausing
    sweeper: Sweeper
    sparing: Sparing
    barrier: Barrier
    broadcast: Broadcast
    search: Search
    groups: Groups
    verdicts: Verdicts
    protecting: Protecting
    keep_orders: KeepOrders
    actions: Actions
    portraits: Portraits
    compare: Compare
    partitioning: Partitioning
    upkeep: Upkeep
    overview: Overview
    reports: Reports
    rematch: Rematch
    catch_up: CatchUp
    guard: Guard
    reload: Callable[[], Reloaded]
    state_dir: Path
    socket: Path
