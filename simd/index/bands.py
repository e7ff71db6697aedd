"""Which buckets a radius search must open: bands of a hash, and the flips within them.

Multi-index hashing (Norouzi, Punjani and Fleet, "Fast Search in Hamming Space with
Multi-Index Hashing", 2012) cuts hashes into ``m`` disjoint bands. If two hashes differ in
at most ``r = m*a + rest`` bits, ``rest < m``, then either one of the first ``rest + 1``
bands differs in at most ``a`` bits, or one of the others in at most ``a - 1``: else the
bands alone would add up to ``(rest + 1)*(a + 1) + (m - rest - 1)*a = r + 1``. The argument
does not ask that the bands cover the hash, so their width may follow the number of hashes.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

HASH_BITS = 64
"""Width of a perceptual hash."""


@dataclass(frozen=True, slots=True)
class Bands:
    """A cut of hashes into bands of equal width, from the most significant bit down."""

    count: int
    width: int

    @property
    def buckets(self) -> int:
        """Number of values that one band can take."""
        return 1 << self.width

    def value(self, hash_: int, band: int) -> int:
        """The bits of one band of a hash."""
        return (hash_ >> (HASH_BITS - (band + 1) * self.width)) & (self.buckets - 1)

    def values(self, hashes: NDArray[np.uint64], band: int) -> NDArray[np.uint32]:
        """The bits of one band of many hashes."""
        shift = np.uint64(HASH_BITS - (band + 1) * self.width)
        return ((hashes >> shift) & np.uint64(self.buckets - 1)).astype(np.uint32)

    def reaches(self, radius: int) -> tuple[int, ...]:
        """How many bits each band may differ in; -1 for a band that need not be looked at."""
        each, rest = divmod(radius, self.count)
        return tuple(each if band <= rest else each - 1 for band in range(self.count))

    def probes(self, radius: int) -> int:
        """Number of buckets that a search opens."""
        return sum(comb(self.width, flips) for reach in self.reaches(radius) for flips in range(reach + 1))


@dataclass(frozen=True, slots=True)
class Probes:
    """The buckets that a search opens, relative to the bands of the hash that is sought.

    Attributes:
        flips: one number for each bucket: ``band << width``, with the bits to flip set.
        counts: how many of them belong to each band, in order of the bands.
    """

    flips: NDArray[np.int64]
    counts: NDArray[np.int64]


@lru_cache(maxsize=128)
def probes(bands: Bands, radius: int) -> Probes:
    """The buckets to open for a radius; kept, because every search with it uses the same."""
    masks = [_masks(bands.width, reach) for reach in bands.reaches(radius)]
    flips = np.concatenate([mask + (band << bands.width) for band, mask in enumerate(masks)])
    flips.setflags(write=False)
    return Probes(flips, np.array([len(mask) for mask in masks]))


def _masks(width: int, reach: int) -> NDArray[np.int64]:
    """Every number of ``width`` bits with at most ``reach`` of them set."""
    places = [
        sum(1 << bit for bit in bits)
        for flips in range(reach + 1)
        for bits in combinations(range(width), flips)
    ]
    return np.array(places, dtype=np.int64)
