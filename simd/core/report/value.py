"""A report as a value: all that its pages say, before it has a form."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from simd.core.answers import Group, GroupTotals, Note
from simd.core.answers.reports import Category, CategoryTotals, Change, ReportHead


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A group as it is shown.

    Attributes:
        group: with as many members as are shown, the keeper first.
        change: ``appeared`` or ``grew`` since the report before; None when it is known.
        differences: for each member, how it differs from the keeper, in words; none for the keeper.
        doubts: for each member, whether it should be looked at before it is believed.
        hidden_members: files beyond those that are shown.
    """

    group: Group
    category: Category
    change: Change | None
    differences: Sequence[Sequence[str]]
    doubts: Sequence[bool]
    hidden_members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Cards of one category, the largest savings first; those that are news stand among the news.

    Attributes:
        totals: of all groups of the category, shown or not.
        hidden_groups: those that are shown nowhere on the page.
    """

    totals: CategoryTotals
    cards: Sequence[Card]
    hidden_groups: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A group of the report before that is gone, or has lost copies."""

    change: Change
    path: str
    files_before: int
    files_after: int
    freed_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One report in the course of time. ``made_at`` is ISO 8601."""

    made_at: str
    reclaimable_bytes: int
    groups: int
    library_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderPair:
    """Two folders that hold the same pictures; one and the same folder for copies within it.

    Attributes:
        keeper: the folder of files that would be kept, named from its root on.
        other: the folder of their duplicates.
        pairs: duplicates in ``other`` of files in ``keeper``.
    """

    keeper: str
    other: str
    pairs: int
    reclaimable_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class YearTotals:
    """Duplicates by the year in which the kept picture was taken, or else changed."""

    year: int
    groups: int
    reclaimable_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Files that could not be read, by their reason. ``paths`` are the first of them."""

    code: str
    reason: str
    remedy: str
    files: int
    paths: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that one report says.

    Attributes:
        trend: earlier reports and this one, the oldest first.
        news: groups that appeared or grew, the largest savings first.
        hidden_news: news that are not shown.
        resolved: groups that are gone or smaller, the most freed first.
        hidden_resolved: such groups that are not shown.
        savings: the groups that would free the most, wherever their cards are.
        sections: the identical, the near, the doubtful.
        folder_pairs: those with the most pairs first.
        hidden_folder_pairs: pairs of folders that are not shown.
        years: the latest first.
        notes: what is wrong with the daemon: roots that are away, watches that failed.
    """

    head: ReportHead
    trend: Sequence[TrendPoint]
    news: Sequence[Card]
    hidden_news: int
    resolved: Sequence[Resolved]
    hidden_resolved: int
    savings: Sequence[Card]
    sections: Sequence[Section]
    folder_pairs: Sequence[FolderPair]
    hidden_folder_pairs: int
    years: Sequence[YearTotals]
    troubles: Sequence[Trouble]
    notes: Sequence[Note]

    @property
    def quiet(self) -> bool:
        """Whether nothing changed since the report before; the first report is never quiet."""
        return self.head.since is not None and not (self.news or self.resolved)

    @property
    def first(self) -> bool:
        """Whether there was none before."""
        return self.head.since is None

    @property
    def cards(self) -> Sequence[Card]:
        """Every card of the page, in its order."""
        return [*self.news, *(card for section in self.sections for card in section.cards)]


class PreviewKind(StrEnum):
    """Where a preview comes from: the picture itself, or the small thumbnails of its signature."""

    PICTURE = "picture"
    SKETCH = "sketch"


@dataclass(frozen=True, slots=True)
class Preview:
    """A small picture to be embedded: WebP, upright, with its size in pixels."""

    data: bytes
    width: int
    height: int
    kind: PreviewKind


def sum_totals(parts: Sequence[GroupTotals]) -> GroupTotals:
    """The totals of several disjoint sets of groups."""
    return GroupTotals(
        groups=sum(part.groups for part in parts),
        images=sum(part.images for part in parts),
        files=sum(part.files for part in parts),
        reclaimable_bytes=sum(part.reclaimable_bytes for part in parts),
    )
