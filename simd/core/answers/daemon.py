"""How the daemon and the machine under it are doing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from simd.core.answers.holds import HoldView
from simd.core.answers.likeness import GroupTotals
from simd.core.answers.reports import ReportHead
from simd.core.model import RootState


class DaemonState(StrEnum):
    """What the daemon is doing as a whole.

    ``degraded`` means that something needs a person; the notes of the status say what.
    """

    LOADING = "loading"
    SCANNING = "scanning"
    READY = "ready"
    PAUSED = "paused"
    DEGRADED = "degraded"
    STOPPING = "stopping"


class LoadingPhase(StrEnum):
    """What a daemon is doing that is not ready yet, in this order; the ``phase`` of its progress.

    ``check`` comes after an unclean end, ``upgrade`` after a new version.
    """

    START = "start"
    OPEN = "open"
    CHECK = "check"
    UPGRADE = "upgrade"
    INDEX = "index"


class MetricKind(StrEnum):
    """How a metric moves: a counter only grows, a gauge goes both ways, a histogram counts by size."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that a person should know, and what to do about it."""

    message: str
    hint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RootStatus:
    """A watched folder. ``reason`` says why it is not simply watched."""

    path: str
    path_b64: str | None = None
    state: RootState
    reason: str | None
    files: int
    network: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCounts:
    """Catalogued files by state."""

    present: int
    missing: int
    offline: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """Files on their way: settling until quiet, waiting for a worker, being decoded."""

    settling: int
    waiting: int
    decoding: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Long work under way. ``total`` is None while it is not known."""

    phase: str
    done: int
    total: int | None
    per_second: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexStatus:
    """The search index: images, distinct hashes, and the hashes in each of its two tiers."""

    images: int
    distinct: int
    live: int
    frozen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemSummary:
    """How many files could not be read, and what else needs a person."""

    count: int
    notes: Sequence[Note]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueStatus:
    """The catalogue's file. ``recovery`` tells of a corrupt one that was set aside."""

    path: str
    bytes: int
    sqlite: str
    recovery: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The daemon at a glance.

    Attributes:
        duplicates: sums over the groups of the usual preset; None until they have been worked out, some
            seconds after the library has come to rest.
    """

    version: str
    uptime_seconds: float
    pid: int
    state: DaemonState
    paused: bool
    holds: Sequence[HoldView] = ()
    roots: Sequence[RootStatus]
    files: FileCounts
    images: int
    pairs: int
    queue: QueueStatus
    progress: Progress | None
    index: IndexStatus
    next_report: str | None
    problems: ProblemSummary
    catalogue: CatalogueStatus
    duplicates: GroupTotals | None = None
    last_report: ReportHead | None = None
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """Every change made before the call is committed and searchable. ``waited_ms`` is milliseconds."""

    synced: bool = True
    waited_ms: float
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanStarted:
    """A sweep has begun; the ``scanned`` event with the same id tells its end."""

    scan: int
    roots: Sequence[str]
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """Whether hashing stands still, and every reason for it."""

    paused: bool
    holds: Sequence[HoldView] = ()
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at on the machine.

    ``checked`` is False where it could not be looked at: ``ok`` says nothing then, and is True.
    """

    name: str
    ok: bool
    checked: bool = True
    message: str
    hint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorAnswer:
    """The machine's health. ``ok`` is whether every check is."""

    ok: bool
    checks: Sequence[Check]
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One sample for Prometheus. Samples of one name share kind and help.

    ``suffix`` is what the name of the sample has beyond that of its metric: ``_bucket``, ``_sum`` or
    ``_count`` in a histogram.
    """

    name: str
    kind: MetricKind
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""
