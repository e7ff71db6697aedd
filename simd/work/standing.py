"""All groups under one preset, kept in step with the catalogue instead of being worked out for each question.

A cluster depends on nothing outside its connected component. When commits touch some
images, only the components around these are worked out again; every other group stands.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from simd.catalogue import Snapshot
from simd.core.answers import GroupTotals, MatchKind
from simd.core.grouping import Grouping
from simd.core.keeprules import USUAL_ORDER, KeepOrder
from simd.core.marks import NO_MARKS, Marks
from simd.core.presets import Preset
from simd.work.outlines import Outline, outline, total

WORTH_STARTING_OVER = 2_000
"""More touched images than this, and than are in groups at all, are dealt with by working everything out."""

SORT_SHARE = 1 / 32
"""When more than this share of the groups changes, sorting all is quicker than finding each one's place."""

_position = attrgetter("position")


def _always() -> None:
    """Go on."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Some of the groups, and the sums over all that were meant.

    Attributes:
        shown: in order of their positions.
        more: whether others follow.
    """

    shown: Sequence[Outline]
    more: bool
    totals: GroupTotals


class StandingGroups:
    """The groups of one preset and grouping, as of the last snapshot seen. One thread at a time."""

    def __init__(self, preset: Preset, grouping: Grouping) -> None:
        self.preset = preset
        self.grouping = grouping
        self.generation: int | None = None
        self._ordered: list[Outline] = []
        self._of_image: dict[int, Outline] = {}
        self._sums: Mapping[MatchKind, NDArray[np.int64]] = {}
        self._marks = NO_MARKS
        self._order = USUAL_ORDER
        self._forget()

    def follow(
        self,
        snapshot: Snapshot,
        touched: frozenset[int] | None,
        go_on: Callable[[], None] = _always,
        marks: Marks = NO_MARKS,
        order: KeepOrder = USUAL_ORDER,
    ) -> None:
        """Be as the catalogue is in ``snapshot``, and as the marks and the order say.

        Args:
            snapshot: not older than the last one.
            touched: all images that changed since the last one; None when that is not known.
            go_on: asked again and again while everything is worked out, and raises to give up.
            marks: what a person has decided about images; those of whom something else was decided the
                last time count as touched.
            order: how files are ranked; those whose protection is another than the last time count as
                touched, and all do where the rules are others.
        """
        if touched is not None and marks is not self._marks:
            touched |= marks.differing(self._marks)
        if touched is not None and order is not self._order:
            touched = _reordered(self._order, order, touched, snapshot)
        many = max(WORTH_STARTING_OVER, len(self._of_image))
        if self.generation is None or touched is None or len(touched) > many:
            self._forget()
            found = []
            edges, copies = snapshot.edges(self.preset), snapshot.copies()
            for group in outline(edges, copies, self.grouping, snapshot, marks, order):
                go_on()
                found.append(group)
            self._replace([], found)
        elif touched:
            around = snapshot.connected(self.preset, touched)
            edges = snapshot.edges_from(self.preset, around)
            gone = dict.fromkeys(self._of_image[image] for image in around if image in self._of_image)
            self._replace(list(gone), list(outline(edges, around, self.grouping, snapshot, marks, order)))
        self._marks, self._order = marks, order
        self.generation = snapshot.generation

    def select(
        self, kind: MatchKind | None, images: Iterable[int] | None, after: tuple[int, int] | None, limit: int
    ) -> Selection:
        """Up to ``limit`` groups behind the position ``after``.

        Args:
            kind: of these only.
            images: of groups that hold one of these only.
            after: the position of the last group seen, None to begin.
            limit: how many.
        """
        if images is None:
            meant, totals = self._ordered, self._total(kind)
        else:
            meant = self.around(images)
            totals = total(list(_of_kind(meant, kind)))
        start = 0 if after is None else bisect_right(meant, after, key=_position)
        page = list(islice(_of_kind(islice(meant, start, None), kind), limit + 1))
        return Selection(page[:limit], len(page) > limit, totals)

    def around(self, images: Iterable[int]) -> list[Outline]:
        """The groups that hold one of these images, in order of their positions."""
        found = {self._of_image[image] for image in images if image in self._of_image}
        return sorted(found, key=_position)

    def _forget(self) -> None:
        self.generation = None
        self._ordered, self._of_image = [], {}
        self._sums = {kind: _nothing() for kind in MatchKind}

    def _total(self, kind: MatchKind | None) -> GroupTotals:
        counted = self._sums.values() if kind is None else [self._sums[kind]]
        groups, images, files, reclaimable = sum(counted, _nothing()).tolist()
        return GroupTotals(groups=groups, images=images, files=files, reclaimable_bytes=reclaimable)

    def _replace(self, gone: Sequence[Outline], come: Sequence[Outline]) -> None:
        for old in gone:
            self._sums[old.kind][:] -= _count(old)
            for image in old.images:
                del self._of_image[image]
        for new in come:
            self._sums[new.kind][:] += _count(new)
            self._of_image.update(dict.fromkeys(new.images, new))
        if len(gone) + len(come) > SORT_SHARE * len(self._ordered):
            dropped = set(gone)
            self._ordered = sorted((*(it for it in self._ordered if it not in dropped), *come), key=_position)
            return
        for old in gone:
            del self._ordered[bisect_left(self._ordered, old.position, key=_position)]
        for new in come:
            insort(self._ordered, new, key=_position)


def _reordered(
    before: KeepOrder, now: KeepOrder, touched: frozenset[int], snapshot: Snapshot
) -> frozenset[int] | None:
    """The touched images, and those whose protection is another one; None where the rules are others."""
    if (before.rules, before.copy_names) != (now.rules, now.copy_names):
        return None
    paths = before.protection.paths ^ now.protection.paths
    return touched.union(*map(snapshot.images_at, paths))


def _of_kind(groups: Iterable[Outline], kind: MatchKind | None) -> Iterator[Outline]:
    return (group for group in groups if kind is None or group.kind is kind)


def _nothing() -> NDArray[np.int64]:
    return np.zeros(4, dtype=np.int64)


def _count(group: Outline) -> NDArray[np.int64]:
    return np.array((1, len(group.images), group.files, group.reclaimable), dtype=np.int64)
