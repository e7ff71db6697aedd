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

    @property
    def shifts(self) -> range:
        """How far each band stands above the lowest bit of a hash."""
        return range(HASH_BITS - self.width, HASH_BITS - (self.count + 1) * self.width, -self.width)

    def of_hashes(self, hashes: NDArray[np.uint64], band: int) -> NDArray[np.uint32]:
        """The value of one band of many hashes."""
        return ((hashes >> np.uint64(self.shifts[band])) & np.uint64(self.buckets - 1)).astype(np.uint32)

    def reaches(self, radius: int) -> tuple[int, ...]:
        """How many bits each band may differ in; -1 for a band that need not be looked at."""
        each, rest = divmod(radius, self.count)
        return tuple(each if band <= rest else each - 1 for band in range(self.count))

    def probes(self, radius: int) -> int:
        """Number of buckets that a search opens."""
        return sum(comb(self.width, flips) for reach in self.reaches(radius) for flips in range(reach + 1))


@dataclass(frozen=True, slots=True)
class Probes:
    """The buckets that a search opens, relative to the hash that is sought.

    Buckets are numbered through all bands: value ``v`` of band ``b`` is ``(b << width) + v``.

    Attributes:
        flips: for each bucket to open, ``b << width`` with the bits to flip set.
        bands: the band of each bucket.
        shifts: how far each band stands above the lowest bit of a hash.
        mask: as many ones as a band is wide.
    """

    flips: NDArray[np.int64]
    bands: NDArray[np.int64]
    shifts: tuple[int, ...]
    mask: int

    def buckets(self, hash_: int) -> NDArray[np.int64]:
        """The numbers of the buckets to open for a hash."""
        own: NDArray[np.int64] = np.array([(hash_ >> shift) & self.mask for shift in self.shifts])
        return self.flips ^ own.take(self.bands)

    def buckets_of_many(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The numbers of the buckets to open, one row for each hash."""
        own = (hashes[:, None] >> np.array(self.shifts, dtype=np.uint64)) & np.uint64(self.mask)
        return self.flips ^ own.astype(np.int64).take(self.bands, axis=1)


@lru_cache(maxsize=128)
def probes(bands: Bands, radius: int) -> Probes:
    """The buckets to open for a radius; kept, because every search with it uses the same."""
    masks = [flip_masks(bands.width, reach) for reach in bands.reaches(radius)]
    return Probes(
        flips=np.concatenate([mask + (band << bands.width) for band, mask in enumerate(masks)]),
        bands=np.repeat(np.arange(bands.count), [len(mask) for mask in masks]),
        shifts=tuple(bands.shifts),
        mask=bands.buckets - 1,
    )


def flip_masks(width: int, reach: int) -> NDArray[np.int64]:
    """Every number of ``width`` bits with at most ``reach`` of them set."""
    numbers = [
        sum(1 << bit for bit in bits)
        for flips in range(reach + 1)
        for bits in combinations(range(width), flips)
    ]
    return np.array(numbers, dtype=np.int64)
