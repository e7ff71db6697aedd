"""Many files and their images as columns, to rank the images and add up what they take.

The rules are those of :mod:`simd.core.keeping`, for a hundred thousand images at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from simd.core.keeping import UNDATED, place_judge, taken_number, taken_worth
from simd.core.keeprules import USUAL_ORDER, Criterion, KeepOrder, KeepRule

T = TypeVar("T")


@dataclass(frozen=True)
class Holdings:
    """Files, as parallel columns.

    Attributes:
        images: the image that each file holds; an image has one file or more.
        pixels, lossless, contents: of the image: width times height, whether its format keeps
            what it was given, bytes.
        mtimes, paths, sizes: of the file: nanoseconds, the whole path, bytes.
        inodes, devices: files with equal ones are hard links of each other.
        taken_at, positioned, rated: of the image: when it was taken, as EXIF says it, whether EXIF says
            where, whether it has a rating; empty where no image has any of it.
        order: the rules by which they are ranked.
    """

    images: NDArray[np.int64]
    pixels: NDArray[np.int64]
    lossless: NDArray[np.bool_]
    contents: NDArray[np.int64]
    mtimes: NDArray[np.int64]
    paths: Sequence[bytes]
    sizes: NDArray[np.int64]
    inodes: NDArray[np.int64]
    devices: NDArray[np.int64]
    taken_at: Sequence[str | None] = ()
    positioned: Sequence[bool | None] = ()
    rated: Sequence[bool | None] = ()
    order: KeepOrder = USUAL_ORDER

    def take(self, rows: NDArray[np.int64]) -> "Holdings":
        """Some of the files."""
        places = rows.tolist()

        def some(values: Sequence[T]) -> Sequence[T]:
            return [values[place] for place in places] if values else ()

        return Holdings(
            images=self.images[rows],
            pixels=self.pixels[rows],
            lossless=self.lossless[rows],
            contents=self.contents[rows],
            mtimes=self.mtimes[rows],
            paths=some(self.paths),
            sizes=self.sizes[rows],
            inodes=self.inodes[rows],
            devices=self.devices[rows],
            taken_at=some(self.taken_at),
            positioned=some(self.positioned),
            rated=some(self.rated),
            order=self.order,
        )

    @cached_property
    def best_rows(self) -> NDArray[np.int64]:
        """The row of the file that stands for each image, in the order of what is worth keeping.

        The best image comes first, as :func:`~simd.core.keeping.keep_key` ranks them; among the
        files of an image, :func:`~simd.core.keeping.copy_key` decides.
        """
        ranking = self._ranking()
        # What is the image's own is equal for all its files, so the first of them is the best.
        _, first = np.unique(self.images[ranking], return_index=True)
        return ranking[np.sort(first)]

    def _ranking(self) -> NDArray[np.int64]:
        """All rows, the best file first."""
        columns = [self.worths(rule) for rule in self.order.rules]
        ranking: NDArray[np.int64] = np.lexsort(columns[::-1])
        alike = np.ones(max(0, len(ranking) - 1), np.bool_)
        for column in columns:
            alike &= np.diff(column[ranking]) == 0
        if alike.any():
            self._part(ranking, alike)
        return ranking

    def _part(self, ranking: NDArray[np.int64], alike: NDArray[np.bool_]) -> None:
        """Put the rows that no rule tells apart into the order of their paths.

        Few have an equal, and sorting paths takes longer than all the rest.

        Args:
            ranking: rows, changed in place.
            alike: for each but the last, whether it equals the next.
        """
        tied = np.flatnonzero(np.append(alike, False) | np.insert(alike, 0, False))
        runs = np.cumsum(np.insert(~alike, 0, True))
        rows = zip(runs[tied].tolist(), ranking[tied].tolist(), strict=True)
        in_order = sorted(rows, key=lambda run_row: (run_row[0], self.paths[run_row[1]]))
        ranking[tied] = [row for _, row in in_order]

    def worths(self, rule: KeepRule) -> NDArray[np.int64]:
        """What each file is worth by a rule: the least is the best."""
        worths = _WORTHS.get(rule.criterion)
        if worths is not None:
            return worths(self, rule)
        if rule.criterion is Criterion.PROTECTED and not self.order.protection:
            return np.zeros(len(self.paths), np.int64)
        judge = place_judge(rule, self.order)
        return (~np.fromiter(map(judge, self.paths), np.bool_, len(self.paths))).astype(np.int64)

    def _taken(self, rule: KeepRule) -> NDArray[np.int64]:
        numbers = map(taken_number, self.taken_at or [None] * len(self.paths))
        each = (taken_worth(number, newest=rule.newest) for number in numbers)
        return np.fromiter(each, np.int64, len(self.paths))

    def _bare(self, _rule: KeepRule) -> NDArray[np.int64]:
        """The more there is of metadata, the less."""
        dated = [taken_number(each) != UNDATED for each in self.taken_at]
        bare = np.zeros(len(self.paths), np.int64)
        for part in (dated, self.positioned, self.rated):
            if part:
                bare -= np.array(part, np.bool_)
        return bare

    @property
    def ranked(self) -> NDArray[np.int64]:
        """The images, the one most worth keeping first."""
        return self.images[self.best_rows]

    @property
    def copied(self) -> list[int]:
        """The images with several files."""
        images, counts = np.unique(self.images, return_counts=True)
        several: list[int] = images[counts > 1].tolist()
        return several

    def sums(self, groups: Sequence[tuple[int, ...]]) -> tuple[list[int], list[int]]:
        """How many files each group of images has, and how many bytes keeping one file would free.

        Args:
            groups: images, the keeper first; no image is in two of them.

        Returns:
            Files and bytes, parallel to ``groups``. Hard links free nothing.
        """
        group_of = self._group_of(groups)
        rows = np.flatnonzero(group_of >= 0)
        rows = rows[np.lexsort((self.inodes[rows], self.devices[rows], group_of[rows]))]
        own = group_of[rows]
        linked = (np.diff(own) == 0) & (np.diff(self.devices[rows]) == 0) & (np.diff(self.inodes[rows]) == 0)
        counted = np.concatenate(([True], ~linked)) if len(rows) else np.empty(0, np.bool_)
        files = np.bincount(own, minlength=len(groups))
        # Exact, where a sum of floats would not be: a library may hold more than 2**53 bytes.
        taken = np.zeros(len(groups), np.int64)
        np.add.at(taken, own[counted], self.sizes[rows][counted])
        return files.tolist(), (taken - self._kept_sizes(groups)).tolist()

    @cached_property
    def _best_of(self) -> dict[int, int]:
        """The row of the file that stands for each image."""
        return dict(zip(self.ranked.tolist(), self.best_rows.tolist(), strict=True))

    def _group_of(self, groups: Sequence[tuple[int, ...]]) -> NDArray[np.int64]:
        """The group of each file; -1 for none."""
        known = np.unique(self.images)
        group_of = np.full(len(known), -1)
        members = np.array([image for group in groups for image in group], np.int64)
        numbers = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
        group_of[np.searchsorted(known, members)] = numbers
        found: NDArray[np.int64] = group_of[np.searchsorted(known, self.images)]
        return found

    def _kept_sizes(self, groups: Sequence[tuple[int, ...]]) -> NDArray[np.int64]:
        rows = np.array([self._best_of[group[0]] for group in groups], np.int64)
        return self.sizes[rows]


_WORTHS: Final[Mapping[Criterion, Callable[[Holdings, KeepRule], NDArray[np.int64]]]] = {
    Criterion.RESOLUTION: lambda its, _: -its.pixels,
    Criterion.LOSSLESS: lambda its, _: (~its.lossless).astype(np.int64),
    Criterion.BYTES: lambda its, _: -its.contents,
    Criterion.METADATA: Holdings._bare,  # noqa: SLF001 - its own
    Criterion.TAKEN: Holdings._taken,  # noqa: SLF001 - its own
    Criterion.MODIFIED: lambda its, rule: ~its.mtimes if rule.newest else its.mtimes,
    Criterion.PATH: lambda its, _: np.fromiter(map(len, its.paths), np.int64, len(its.paths)),
}
"""How many files are judged at once by a rule; by any other one they are judged path by path."""
