"""Whom each image is compared with, when a whole library is compared with itself.

Images with one key, such as one hash, are a *family*; families are *near* when their keys are.
Thousands of scans with one hash would make millions of pairs, so no image looks at more than so
many others: the nearest first, and among equally near ones the best first. Two images are
candidates when either looks at the other. So k images make k times that many candidates at most,
all of them reach the best ones, which groups are kept by, and the outcome depends on the images
alone: not on the order in which they came.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 1 << 16
"""Candidates that are worked out in one go."""

EVERYTHING = np.iinfo(np.int64).max
"""A limit that no neighbour reaches."""

_RANK_BITS = 32
_RANKS = (1 << _RANK_BITS) - 1

Integers = NDArray[np.int64]
Candidates = tuple[Integers, Integers]
"""Image ids, parallel: each pair once, either way round."""


class Near(NamedTuple):
    """Pairs of different families that are near, parallel arrays: their places and distances."""

    a: Integers
    b: Integers
    distances: Integers


@dataclass(frozen=True, slots=True)
class Families:
    """Images by their keys, the best first within a family.

    Attributes:
        keys: distinct, ascending; a family is known by its place among them.
        starts: where each family's images begin; one more entry for the end.
        sizes: images of each family.
        ids: the images.
        order: of each image, the place of its family and its rank, as one ascending number.
    """

    keys: NDArray[np.uint64]
    starts: Integers
    sizes: Integers
    ids: Integers
    order: Integers

    @classmethod
    def of(cls, keys: NDArray[np.uint64], ids: Integers, ranks: Integers) -> "Families":
        """Put images together.

        Args:
            keys: of each image.
            ids: of each image.
            ranks: distinct, 0 to 2**32 - 1, the best lowest.
        """
        distinct, family = np.unique(keys, return_inverse=True)
        order = (family.astype(np.int64) << _RANK_BITS) | ranks
        sorting = np.argsort(order)
        sizes = np.bincount(family, minlength=len(distinct))
        starts = np.concatenate(([0], np.cumsum(sizes)))
        return cls(distinct, starts, sizes, ids[sorting], order[sorting])

    def family_of(self, positions: Integers) -> Integers:
        """The families of images, which are named by their positions in ``ids``."""
        return self.order[positions] >> _RANK_BITS

    def ranks_of(self, places: Integers) -> tuple[Integers, Integers]:
        """The ranks of all images of these families, and which of ``places`` each belongs to."""
        lengths = self.sizes[places]
        whose = np.repeat(np.arange(len(places)), lengths)
        within = np.arange(len(whose)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return self.order[self.starts[places][whose] + within] & _RANKS, whose


class Limits:
    """How far each family looks: to a distance, and at that distance to a rank."""

    def __init__(self, families: Families) -> None:
        """Everybody looks at everybody near."""
        self._families = families
        self._distances = np.full(len(families.keys), EVERYTHING)
        self._ranks = np.full(len(families.keys), _RANKS, dtype=np.int64)

    def narrow(self, place: int, places: Integers, distances: Integers, most: int) -> None:
        """Let the images of one family look at ``most`` others at most.

        Args:
            place: the family.
            places: all families that are near it, itself among them.
            distances: of these.
            most: images, more than 0.
        """
        ranks, whose = self._families.ranks_of(places)
        if len(ranks) - 1 <= most:
            return
        last = np.partition((distances[whose] << _RANK_BITS) | ranks, most - 1)[most - 1]
        self._distances[place], self._ranks[place] = last >> _RANK_BITS, last & _RANKS

    def seen(self, families: Integers, viewers: Integers, distances: Integers) -> Integers:
        """How many images of each family, the best ones, those of the viewing family look at."""
        limits = self._distances[viewers]
        found = np.where(distances < limits, self._families.sizes[families], 0)
        edge = np.flatnonzero(distances == limits)
        last = (families[edge] << _RANK_BITS) | self._ranks[viewers[edge]]
        found[edge] = np.searchsorted(self._families.order, last, side="right")
        found[edge] -= self._families.starts[families[edge]]
        return found

    def allow(self, ones: Integers, others: Integers, distances: Integers) -> NDArray[np.bool_]:
        """Whether near images, named by their positions in ``families.ids``, are candidates."""
        order = self._families.order
        return self._sees(order[ones], order[others], distances) | self._sees(
            order[others], order[ones], distances
        )

    def crowds(self) -> Integers:
        """Who looks at some others only, and how far, by image ids: the same while that does not change.

        Returns:
            A row for each family with a limit, in ascending order: the least of its ids, a
            distance, and the id of the last image that is looked at.
        """
        families = self._families
        narrowed = np.flatnonzero(self._distances != EVERYTHING)
        if not len(narrowed):
            return np.empty((0, 3), dtype=np.int64)
        firsts = np.minimum.reduceat(families.ids, families.starts[:-1])[narrowed]
        ranks = families.order & _RANKS
        by_rank = np.argsort(ranks)
        last = by_rank[np.searchsorted(ranks, self._ranks[narrowed], sorter=by_rank)]
        rows = np.stack((firsts, self._distances[narrowed], families.ids[last]), axis=1)
        return rows[np.argsort(firsts)]

    def _sees(self, viewers: Integers, seen: Integers, distances: Integers) -> NDArray[np.bool_]:
        families = viewers >> _RANK_BITS
        limits = self._distances[families]
        within = (distances == limits) & ((seen & _RANKS) <= self._ranks[families])
        looks: NDArray[np.bool_] = (distances < limits) | within
        return looks


def fingerprint(limits: Sequence[Limits]) -> int:
    """A number of 56 bits for the crowds of several kinds of images; 0 when there are none."""
    crowds = [it.crowds() for it in limits]
    if not any(map(len, crowds)):
        return 0
    digest = blake2b(digest_size=7)
    for rows in crowds:
        digest.update(len(rows).to_bytes(8, "little") + rows.astype("<i8").tobytes())
    return int.from_bytes(digest.digest(), "little")


def count_neighbours(counts: Integers, sizes: Integers, near: Near) -> None:
    """Add to ``counts`` how many images near each family there are."""
    np.add.at(counts, near.a, sizes[near.b])
    np.add.at(counts, near.b, sizes[near.a])


def candidates_between(families: Families, limits: Limits, near: Near) -> Iterator[Candidates]:
    """The candidates of near families."""
    a, b, distances = near
    seen_a, seen_b = limits.seen(a, b, distances), limits.seen(b, a, distances)
    # Everybody of b with the best of a, and the others of a with the best of b.
    starts, lengths = (
        (families.starts[b], families.starts[a] + seen_a),
        (families.sizes[b], families.sizes[a] - seen_a),
    )
    best_starts, best_lengths = (families.starts[a], families.starts[b]), (seen_a, seen_b)
    for one, other in _rectangles(*map(np.concatenate, (starts, lengths, best_starts, best_lengths))):
        yield families.ids[one], families.ids[other]


def candidates_within(families: Families, limits: Limits, places: Integers) -> Iterator[Candidates]:
    """The candidates that share a family, of these families."""
    places = places[families.sizes[places] > 1]
    if not len(places):
        return
    starts, sizes = families.starts[places], families.sizes[places]
    seen = limits.seen(places, places, np.zeros_like(places))
    for one, other in _rectangles(starts, sizes, starts, seen):
        kept = one > other
        yield families.ids[one[kept]], families.ids[other[kept]]


def _rectangles(
    starts: Integers, lengths: Integers, best_starts: Integers, best_lengths: Integers
) -> Iterator[Candidates]:
    """Each of one range with each of another, for many pairs of ranges: positions, in chunks."""
    filled = np.flatnonzero(lengths * best_lengths)
    starts, best_starts, widths = starts[filled], best_starts[filled], best_lengths[filled]
    areas = lengths[filled] * widths
    ends = np.cumsum(areas)
    for low in range(0, int(ends[-1]) if len(ends) else 0, AT_ONCE):
        flat = np.arange(low, min(low + AT_ONCE, int(ends[-1])))
        which = np.searchsorted(ends, flat, side="right")
        row, column = np.divmod(flat - (ends - areas)[which], widths[which])
        yield starts[which] + row, best_starts[which] + column
