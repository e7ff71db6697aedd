"""Reports: what was found, what is new since the one before, and where to read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from simd.core.answers.likeness import GroupTotals


class ReportTrigger(StrEnum):
    """Who wanted a report: the clock, or a person."""

    NIGHTLY = "nightly"
    ASKED = "asked"


class Category(StrEnum):
    """How sure a group is: equal bytes, the same picture, or one that was recoloured or edited."""

    IDENTICAL = "identical"
    NEAR = "near"
    DOUBTFUL = "doubtful"


class Change(StrEnum):
    """What became of a group between two reports."""

    APPEARED = "appeared"
    GREW = "grew"
    SHRANK = "shrank"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPaths:
    """The files of one report."""

    html: str
    json: str
    csv: str
    txt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportNews:
    """What a report has that the one before had not; everything, in the first one.

    Attributes:
        groups: those that appeared or grew.
        images: pictures that came into these.
        reclaimable_bytes: what these would free beyond what was known.
        resolved_groups: those of which no two copies are left.
        freed_bytes: what the groups that were resolved or shrank occupied beyond need.
    """

    groups: int
    images: int
    reclaimable_bytes: int
    resolved_groups: int
    freed_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryTotals:
    """All that is watched, duplicates or not. ``bytes`` counts every file that is there."""

    files: int
    images: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryTotals:
    """The sums over one category of groups."""

    category: Category
    totals: GroupTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedTotals:
    """Pictures, and the bytes of their files and of what belongs to them."""

    pictures: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deeds:
    """What was done with pictures between two reports, by what has become of each in the end.

    Attributes:
        quarantined, trashed, linked: taken away, or made to share the bytes of what was kept.
        deleted: for good, by plans that say so.
        purged: deleted for good out of the quarantine.
        undone: put back.
        refused: left alone, whatever was to be done.
        in_quarantine: what lies there now, whenever it came.
    """

    quarantined: DeedTotals = DeedTotals()
    trashed: DeedTotals = DeedTotals()
    linked: DeedTotals = DeedTotals()
    deleted: DeedTotals = DeedTotals()
    purged: DeedTotals = DeedTotals()
    undone: DeedTotals = DeedTotals()
    refused: DeedTotals = DeedTotals()
    in_quarantine: DeedTotals = DeedTotals()


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What happened to the watched files between two reports; since the first scan, in the first one.

    Attributes:
        deeds: what simd did itself.
    """

    added: int
    moved: int
    removed: int
    deeds: Deeds = Deeds()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHead:
    """A report in brief.

    Attributes:
        id: the date of a nightly report; date and time, ``2026-11-21-153012``, of one that was asked for.
        date: local date.
        since: the report that it is compared with; None for the first.
        preset: what counted as a near-duplicate.
        problems: files that could not be read.
    """

    id: str
    date: str
    made_at: str
    trigger: ReportTrigger
    since: str | None
    preset: str
    library: LibraryTotals
    totals: GroupTotals
    categories: Sequence[CategoryTotals]
    new: ReportNews
    activity: Activity
    problems: int
    paths: ReportPaths


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportList:
    """Every report that is kept, the newest first.

    Attributes:
        folder: where they lie.
        next_at: when the next nightly one is due; None when there are none by night.
    """

    reports: Sequence[ReportHead]
    folder: str
    next_at: str | None
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAnswer:
    """One report, and its summary in words."""

    report: ReportHead
    summary: str
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChange:
    """A group in two reports; the numbers are 0 where it is not.

    Attributes:
        path: the file to keep, as the newer of the two reports that have the group names it.
    """

    change: Change
    path: str
    path_b64: str | None = None
    files_before: int
    files_after: int
    reclaimable_before: int
    reclaimable_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDiff:
    """What changed from report ``a`` to report ``b``, the largest change of bytes first."""

    a: str
    b: str
    changes: Sequence[GroupChange]
    reclaimable_before: int
    reclaimable_after: int
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationTest:
    """Whom a trial message reached. ``failed`` names targets without their secrets."""

    sent: int
    failed: Sequence[str]
    generation: int
