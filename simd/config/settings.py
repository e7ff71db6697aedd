"""The settings: what a person can choose, as frozen values with their defaults.

Every field is a key of the configuration file; ``simd.example.yaml`` explains each.
"""

from dataclasses import dataclass, field
from datetime import time
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from simd.config.units import (
    AbsolutePath,
    DaySpan,
    Duration,
    Folder,
    Mode,
    Rule,
    Size,
    Target,
    TimeOfDay,
    TimeOrNever,
)
from simd.core.keeprules import COPY_NAMES, USUAL
from simd.system.folders import default_socket, state_folder

Seconds = Annotated[float, Field(strict=True, gt=0, le=86_400, allow_inf_nan=False)]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000)]

_CLOSED = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """How folders are watched.

    Attributes:
        settle_seconds: a file is read once nothing has happened to it for so long.
        settle_cap_seconds: a file that never comes to rest is tried after so long.
        sweep_every: seconds between two sweeps of a watched folder.
        sweep_network_every: seconds between two sweeps of a folder on a network
            filesystem, which cannot be watched.
        skip: patterns of names and of paths below a root that are passed over.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    settle_seconds: Seconds = 2.0
    settle_cap_seconds: Seconds = 60.0
    sweep_every: Duration = 3_600.0
    sweep_network_every: Duration = 900.0
    skip: tuple[Annotated[str, Field(min_length=1)], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagingSettings:
    """How pictures are read.

    Attributes:
        workers: worker processes; 0 stands for as many as there are cores.
        deadline_seconds: a picture that takes longer is given up.
        memory_limit: bytes of memory that one worker may use.
        max_cpu_percent: how much of all processors together the workers may use, on average.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    workers: Annotated[int, Field(strict=True, ge=0, le=256)] = 0
    deadline_seconds: Seconds = 30.0
    memory_limit: Size = 1_500_000_000
    max_cpu_percent: Annotated[int, Field(strict=True, ge=1, le=100)] = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSettings:
    """What counts as a near-duplicate.

    Attributes:
        preset: the name in :data:`simd.core.presets.PRESETS` that is used when none is asked for.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    preset: Literal["strict", "default", "loose"] = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepSettings:
    """Which of several duplicates is kept, and what keeps its place anyway.

    Attributes:
        rules: the first that tells two files apart decides; the usual ones follow.
        copy_names: globs of names, without the extension, by which a copy or an edit is known.
        protected: folders of which no file is ever to be moved or deleted.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    rules: tuple[Rule, ...] = USUAL
    copy_names: tuple[Annotated[str, Field(min_length=1)], ...] = COPY_NAMES
    protected: tuple[Folder, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueSettings:
    """How long the catalogue remembers.

    Attributes:
        forget_missing_after: seconds after which the row of a file that is gone is removed.
        backups_kept: copies of the catalogue that are kept, the newest.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    forget_missing_after: Duration = 2_592_000.0
    backups_kept: Count = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSettings:
    """When the timed work is done, in local time.

    Attributes:
        backup_at: when the catalogue is backed up, daily.
        integrity: how often the catalogue is checked; weekly means on Sundays.
        integrity_at: when it is checked.
        quiet_hours: spans of the day in which no picture is read and no folder swept by the clock.
        pause_on_battery: whether the same holds while the machine runs on its battery.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    backup_at: TimeOfDay = time(4, 0)
    integrity: Literal["daily", "weekly", "never"] = "weekly"
    integrity_at: TimeOfDay = time(4, 30)
    quiet_hours: tuple[DaySpan, ...] = ()
    pause_on_battery: Annotated[bool, Field(strict=True)] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """When reports are made, and what becomes of them.

    Attributes:
        at: local time of the nightly report; None when there is none.
        folder: where reports lie; None for ``reports`` in the state folder.
        keep_nightly: reports that are kept, the newest.
        keep_monthly: months of which the first report is kept beyond that.
        groups_shown: groups on a page; the others are in its JSON and CSV.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    at: TimeOrNever = time(3, 0)
    folder: AbsolutePath | None = None
    keep_nightly: Annotated[int, Field(strict=True, ge=1, le=1_000)] = 30
    keep_monthly: Count = 12
    groups_shown: Annotated[int, Field(strict=True, ge=1, le=2_000)] = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifySettings:
    """Who is told of a nightly report.

    Attributes:
        targets: Apprise's URLs, those of ``targets_file`` included. They hold secrets, so they are
            left out of the representation.
        targets_file: a file of more targets, which nobody else may read.
        only_when_new: bytes that must be reclaimable and new before anybody is told; None to tell always.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    targets: tuple[Target, ...] = field(default=(), repr=False)
    targets_file: AbsolutePath | None = None
    only_when_new: Size | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """What the daemon says on standard error.

    Attributes:
        level: the least grave message that is written.
        format: lines for people, or one JSON object a line.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a person can choose.

    Attributes:
        roots: the watched folders: absolute, symbolic links resolved, none inside another.
        state_dir: the folder of the catalogue and the lock.
        socket: where the daemon listens.
        socket_mode: permission bits of the socket.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    roots: tuple[Folder, ...] = ()
    state_dir: AbsolutePath = field(default_factory=state_folder)
    socket: AbsolutePath = field(default_factory=default_socket)
    socket_mode: Mode = 0o600
    watch: WatchSettings = field(default_factory=WatchSettings)
    imaging: ImagingSettings = field(default_factory=ImagingSettings)
    match: MatchSettings = field(default_factory=MatchSettings)
    keep: KeepSettings = field(default_factory=KeepSettings)
    catalogue: CatalogueSettings = field(default_factory=CatalogueSettings)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    report: ReportSettings = field(default_factory=ReportSettings)
    notify: NotifySettings = field(default_factory=NotifySettings)
    log: LogSettings = field(default_factory=LogSettings)
