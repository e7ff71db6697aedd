"""The join's work done with NumPy alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simd.index.buckets import CHUNK, Buckets, Near, Places

ROUNDS = 12
"""Beyond so many in a bucket, pairs are formed by repetition rather than by rounds."""


class ArrayKernel:
    """Joins buckets in a few operations over long arrays; see :class:`simd.index.buckets.Kernel`."""

    element_cost = 15.0
    candidate_cost = 18.0

    def __init__(self) -> None:
        self._buckets: Buckets | None = None
        self._side: _Side | None = None

    def step(self, buckets: Buckets, mask: int) -> Iterator[Near]:
        """The near pairs of one step, each two once."""
        if buckets is not self._buckets or self._side is None or self._side.height != mask.bit_length():
            self._buckets, self._side = buckets, _Side.of(buckets, mask.bit_length())
        for met in self._side.meetings(buckets, mask):
            yield _check(buckets, *met)


def _check(buckets: Buckets, left: Places, hashes: NDArray[np.uint64], right: Places) -> Near:
    """Those that met and are near, unless an earlier band reaches them."""
    differing = buckets.hashes.take(right)
    differing ^= hashes
    distances = np.bitwise_count(differing)
    near = np.flatnonzero(distances <= buckets.radius)
    differing = differing.take(near)
    for earlier, reach in enumerate(buckets.bands.reaches(buckets.radius)[: buckets.band]):
        kept = np.bitwise_count(buckets.bands.of_hashes(differing, earlier)) > reach
        near, differing = near[kept], differing[kept]
    return Near(left.take(near), right.take(near), distances.take(near))


@dataclass(frozen=True, slots=True)
class _Side:
    """The hashes from which a step looks across.

    Two buckets whose values differ by a pattern are told apart by its highest bit: the step
    looks from the one without it. Steps whose patterns have the same highest bit share a side.

    Attributes:
        height: bits of the pattern; 0 when a bucket is joined with itself.
        places: in the order of the band, ascending.
        hashes, values: of these places.
    """

    height: int
    places: Places
    hashes: NDArray[np.uint64]
    values: NDArray[np.uint32]

    @classmethod
    def of(cls, buckets: Buckets, height: int) -> "_Side":
        """The side of all patterns of so many bits."""
        highest = np.uint32(1 << height >> 1)
        places = np.flatnonzero((buckets.values & highest) == 0).astype(np.int32)
        return cls(height, places, buckets.hashes.take(places), buckets.values.take(places))

    def meetings(self, buckets: Buckets, mask: int) -> Iterator[tuple[Places, NDArray[np.uint64], Places]]:
        """Whom each hash meets, each two once: places, their hashes, the places of those that they meet.

        First everybody meets the first of the other bucket, then the second, and so on: most
        buckets hold one or two, so that this takes a few rounds without any repetition of
        arrays. The few that are crowded are left to :func:`_crowd`.
        """
        partners = self.values ^ np.uint32(mask)
        ends = buckets.starts.take(partners + np.uint32(1))
        met = buckets.starts.take(partners) if mask else self.places + np.int32(1)
        places, hashes = self.places, self.hashes
        for _ in range(ROUNDS):
            going = np.flatnonzero(met < ends)
            if not len(going):
                return
            places, hashes = places.take(going), hashes.take(going)
            met, ends = met.take(going), ends.take(going)
            yield places, hashes, met
            met = met + np.int32(1)
        yield from _crowd(places, hashes, met, ends)


def _crowd(
    places: Places, hashes: NDArray[np.uint64], firsts: Places, ends: Places
) -> Iterator[tuple[Places, NDArray[np.uint64], Places]]:
    """Each place with every place of its own range, in chunks of bounded size."""
    filled = (ends - firsts).cumsum(dtype=np.int64)
    start, taken = 0, 0
    while start < len(places):
        stop = max(start + 1, int(np.searchsorted(filled, taken + CHUNK, side="right")))
        lengths = ends[start:stop] - firsts[start:stop]
        running = lengths.cumsum()
        right = (ends[start:stop] - running).repeat(lengths) + np.arange(running[-1], dtype=np.int32)
        yield places[start:stop].repeat(lengths), hashes[start:stop].repeat(lengths), right
        start, taken = stop, int(filled[stop - 1])
