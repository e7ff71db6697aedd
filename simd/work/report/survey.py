"""One walk over all groups: what is remembered of each, its category, its folders and its year."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from simd.catalogue import PairTable, Snapshot
from simd.core.answers import Category, CategoryTotals, MatchKind
from simd.core.display import display_path, path_b64
from simd.core.presets import EDITED_ABOVE, RECOLOURED_BELOW
from simd.core.report.membership import GroupRecord
from simd.core.report.value import FolderPair, YearTotals
from simd.work.describe import modified_at
from simd.work.groupviews import GroupRows, portions
from simd.work.outlines import Outline, Outlines, total
from simd.work.report.folders import FolderPairs

PREFIX_BYTES = 8
"""Bytes of a digest that stand for an image in the records of reports."""

FOLDER_PAIRS = 20
"""Pairs of folders that a report shows."""

_YEAR = re.compile(r"([12][0-9]{3})-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What is known of all groups, shown or not.

    Attributes:
        records: one for each outline, in the same order.
        categories: likewise.
        folder_pairs: those with the most pairs first, at most :data:`FOLDER_PAIRS`.
        hidden_folder_pairs: the others.
        years: the latest first.
    """

    records: Sequence[GroupRecord]
    categories: Sequence[Category]
    folder_pairs: Sequence[FolderPair]
    hidden_folder_pairs: int
    years: Sequence[YearTotals]


def survey(outlines: Outlines, snapshot: Snapshot) -> Survey:
    """Walk over all groups, a portion at a time."""
    looks = snapshot.looks()
    doubted = doubtful_pairs(outlines.pairs).union(pair for pair in looks if looks[pair].doubtful)
    records, categories = [], []
    folders, years = FolderPairs(snapshot.roots()), _Years()
    for portion in portions(outlines.groups):
        rows = GroupRows.of(portion, snapshot, outlines.order)
        for outline in portion:
            records.append(_record(outline, rows))
            categories.append(categorise(outline, doubted))
            folders.add(outline, rows)
            years.add(outline, rows)
    shown, hidden = folders.first(FOLDER_PAIRS)
    return Survey(
        records=records,
        categories=categories,
        folder_pairs=shown,
        hidden_folder_pairs=hidden,
        years=years.totals(),
    )


def doubtful_pairs(pairs: PairTable) -> frozenset[tuple[int, int]]:
    """The pairs that carry a tag, as ``(a, b)``: what ``presets.tags`` says, of all at once."""
    # A picture without colour has NaN here, which is below nothing.
    tagged = (pairs.rows["colour"] < RECOLOURED_BELOW) | (pairs.rows["worst_cell"] > EDITED_ABOVE)
    return frozenset(zip(pairs.a[tagged].tolist(), pairs.b[tagged].tolist(), strict=True))


def categorise(outline: Outline, doubted: frozenset[tuple[int, int]]) -> Category:
    """How sure a group is, given the pairs that carry a tag, or that a closer look calls doubtful."""
    if outline.kind is MatchKind.IDENTICAL:
        return Category.IDENTICAL
    keeper, *others = outline.images
    if any((min(keeper, other), max(keeper, other)) in doubted for other in others):
        return Category.DOUBTFUL
    return Category.NEAR


def category_totals(outlines: Sequence[Outline], categories: Sequence[Category]) -> list[CategoryTotals]:
    """The sums over each category, in the order of their sureness; none is left out."""
    parts: dict[Category, list[Outline]] = {category: [] for category in Category}
    for outline, category in zip(outlines, categories, strict=True):
        parts[category].append(outline)
    return [CategoryTotals(category=category, totals=total(part)) for category, part in parts.items()]


class _Years:
    """Groups by the year of the picture that is kept."""

    def __init__(self) -> None:
        self._groups: Counter[int] = Counter()
        self._bytes: Counter[int] = Counter()

    def add(self, outline: Outline, rows: GroupRows) -> None:
        """Count a group in the year in which its keeper was taken, or else changed."""
        taken = _YEAR.match(rows.images[outline.images[0]].taken_at or "")
        year = int(taken[1]) if taken else modified_at(rows.keeper_file(outline).stamp).year
        self._groups[year] += 1
        self._bytes[year] += outline.reclaimable

    def totals(self) -> Sequence[YearTotals]:
        """The years that have groups, the latest first."""
        return [
            YearTotals(year=year, groups=self._groups[year], reclaimable_bytes=self._bytes[year])
            for year in sorted(self._groups, reverse=True)
        ]


def _record(outline: Outline, rows: GroupRows) -> GroupRecord:
    kept = rows.keeper_file(outline)
    images = tuple(rows.images[image_id].digest[:PREFIX_BYTES].hex() for image_id in outline.images)
    return GroupRecord(
        keeper=images[0],
        images=images,
        files=outline.files,
        reclaimable_bytes=outline.reclaimable,
        path=display_path(kept.path),
        path_b64=path_b64(kept.path),
    )
