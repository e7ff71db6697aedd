"""The outlines of groups under one preset: who belongs together, who is kept, what it frees."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simd.catalogue import PairTable, Snapshot
from simd.core.answers import GroupTotals, MatchKind
from simd.core.components import by_component, distinct_ids
from simd.core.grouping import Grouping, cluster_ranked
from simd.core.holdings import Holdings
from simd.core.keeprules import USUAL_ORDER, KeepOrder
from simd.core.marks import NO_MARKS, Marks
from simd.core.presets import Preset

PAIRS_AT_ONCE = 20_000
"""Groups are worked out for so many pairs at a time: the rows of a large library need little memory then."""

IMAGES_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Outline:
    """A group without its rows, so that many can be kept in memory.

    Attributes:
        images: the keeper first, then the others, best first.
        files: how many files hold them.
        reclaimable: bytes that would be freed by keeping one file; hard links free nothing.
        kept: so many of the images, which come first, are marked to be kept.
    """

    images: tuple[int, ...]
    files: int
    reclaimable: int
    kept: int = 0

    @property
    def kind(self) -> MatchKind:
        """Groups of one image hold equal bytes only."""
        return MatchKind.IDENTICAL if len(self.images) == 1 else MatchKind.NEAR

    @property
    def position(self) -> tuple[int, int]:
        """Where the group stands among all: the largest savings first."""
        return (-self.reclaimable, self.images[0])


@dataclass(frozen=True, slots=True)
class Outlines:
    """Every group of one state of the catalogue, and the pairs that made them.

    Attributes:
        generation: the state of the catalogue.
        groups: in order of their positions.
        pairs: all that the preset accepts.
        order: by which their files were ranked.
    """

    generation: int
    groups: Sequence[Outline]
    pairs: PairTable
    order: KeepOrder = USUAL_ORDER


def outline_all(
    preset: Preset,
    grouping: Grouping,
    snapshot: Snapshot,
    marks: Marks = NO_MARKS,
    order: KeepOrder = USUAL_ORDER,
) -> Outlines:
    """Every group under a preset, in order, with its pairs in full."""
    pairs = snapshot.pairs(preset)
    edges = np.column_stack([pairs.a, pairs.b, pairs.distance.astype(np.int64)])
    found = outline(edges, snapshot.copies(), grouping, snapshot, marks, order)
    groups = sorted(found, key=lambda group: group.position)
    return Outlines(snapshot.generation, groups, pairs, order)


def outline(
    edges: NDArray[np.int64],
    copied: Collection[int],
    grouping: Grouping,
    snapshot: Snapshot,
    marks: Marks = NO_MARKS,
    order: KeepOrder = USUAL_ORDER,
) -> Iterator[Outline]:
    """The groups that these pairs make, and those of copies alone; in no promised order.

    Args:
        edges: pairs as :meth:`Snapshot.edges` gives them; what is clustered depends on whole
            components, so that no pair of an image with one of these may be left out.
        copied: images that are a group by themselves if they have several files and no pair
            puts them into another one; the others do no harm.
        grouping: how clusters form.
        snapshot: where the files stand.
        marks: what a person has decided about images.
        order: how files are ranked.
    """
    paired: set[int] = set()
    for part in by_component(edges, PAIRS_AT_ONCE):
        ids = distinct_ids(part[:, :2]).tolist()
        paired.update(ids)
        yield from _outline_part(part, grouping, snapshot.holdings(ids, order), marks)
    alone = sorted(set(copied) - paired)
    nothing = np.empty((0, 3), dtype=np.int64)
    for start in range(0, len(alone), IMAGES_AT_ONCE):
        held = snapshot.holdings(alone[start : start + IMAGES_AT_ONCE], order)
        yield from _outline_part(nothing, grouping, held, marks)


def total(outlines: Collection[Outline]) -> GroupTotals:
    """The sums over groups."""
    return GroupTotals(
        groups=len(outlines),
        images=sum(len(outline.images) for outline in outlines),
        files=sum(outline.files for outline in outlines),
        reclaimable_bytes=sum(outline.reclaimable for outline in outlines),
    )


def _outline_part(
    edges: NDArray[np.int64], grouping: Grouping, held: Holdings, marks: Marks
) -> Iterator[Outline]:
    groups = cluster_ranked(edges, marks.rank(held.ranked), grouping, marks.pairs)
    grouped = {image for group in groups for image in group}
    groups += [(image,) for image in held.copied if image not in grouped]
    for images, files, reclaimable in zip(groups, *held.sums(groups), strict=True):
        yield Outline(images, files, reclaimable, kept=len(marks.kept.intersection(images)))
