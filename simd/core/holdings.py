"""Many files and their images as columns, to rank the images and add up what they take.

The rules are those of :mod:`simd.core.keeping`, for a hundred thousand images at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Holdings:
    """Files, as parallel columns.

    Attributes:
        images: the image that each file holds; an image has one file or more.
        pixels, lossless, contents: of the image: width times height, whether its format keeps
            what it was given, bytes.
        mtimes, paths, sizes: of the file: nanoseconds, the whole path, bytes.
        inodes, devices: files with equal ones are hard links of each other.
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

    @cached_property
    def best_rows(self) -> NDArray[np.int64]:
        """The row of the file that stands for each image, in the order of what is worth keeping.

        The best image comes first, as :func:`~simd.core.keeping.keep_key` ranks them; among the
        files of an image, :func:`~simd.core.keeping.copy_key` decides.
        """
        lengths = np.fromiter(map(len, self.paths), np.int64, len(self.paths))
        copies = (self._alphabetical(lengths), lengths, self.mtimes)
        grouped = np.lexsort((*copies, self.images))
        first = np.flatnonzero(np.diff(self.images[grouped], prepend=-1))
        best = grouped[first]
        chosen = (column[best] for column in copies)
        worth = (-self.contents[best], ~self.lossless[best], -self.pixels[best])
        ranked: NDArray[np.int64] = best[np.lexsort((*chosen, *worth))]
        return ranked

    def _alphabetical(self, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """The order of the paths, among files that age and length of path do not tell apart."""
        order = np.lexsort((lengths, self.mtimes))
        same = (np.diff(self.mtimes[order]) == 0) & (np.diff(lengths[order]) == 0)
        # Few have an equal, and sorting paths takes longer than all the rest.
        tied = (
            order[np.concatenate((same, [False])) | np.concatenate(([False], same))] if len(order) else order
        )
        by_path = sorted(tied.tolist(), key=self.paths.__getitem__)
        places = np.zeros(len(lengths), np.int64)
        places[by_path] = np.arange(len(by_path))
        return places

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
