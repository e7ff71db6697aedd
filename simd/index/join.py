"""Every pair of near hashes in a library, found by joining buckets instead of asking n times.

The bands of :mod:`simd.index.bands` say where two near hashes must meet: some band of theirs
differs in no more bits than that band's reach. One *step* of the join takes one band and one
pattern of flipped bits, and joins every bucket of the band with the bucket that the pattern
leads to; all steps together find all pairs. A pair that several steps meet belongs to the
first band that reaches it, so that no memory of pairs is needed to name each once.

Steps are the same for every library of one size class, which makes a join resumable: whoever
noted how many steps are done goes on behind them, even when hashes have left meanwhile.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simd.index.bands import HASH_BITS, Bands, flip_masks

CHUNK = 1 << 18
"""Candidate pairs that are looked at, and pairs that are told, in one go: the arrays stay small."""

ELEMENT_COST = 15.0
CANDIDATE_COST = 18.0
"""What one hash of a step, and one candidate pair, cost in nanoseconds: to choose the bands by."""

ROUNDS = 12
"""Beyond so many in a bucket, pairs are formed by repetition rather than by rounds."""

NARROWEST_BAND = 4
WIDEST_BAND = 21
MOST_BANDS = 6

Places = NDArray[np.int32]
"""Positions, narrow because a join moves little else: two thousand million hashes are enough."""


@dataclass(frozen=True, slots=True)
class NearPairs:
    """Some of what a step found: parallel arrays, each pair once in a whole join.

    Attributes:
        a, b: positions in the joined hashes, ``a < b``.
        distances: the Hamming distances, 1 to the radius.
    """

    a: Places
    b: Places
    distances: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.a)


def bands_for_join(count: int, radius: int) -> Bands:
    """The cut that finds all pairs among ``count`` hashes with the least work, by an estimate."""
    widest = max(NARROWEST_BAND, min(count.bit_length(), WIDEST_BAND))
    cuts = [
        Bands(bands, width)
        for bands in range(1, MOST_BANDS + 1)
        for width in range(NARROWEST_BAND, min(widest, HASH_BITS // bands) + 1)
        if radius // bands <= width
    ]
    return min(cuts, key=lambda cut: _cost(cut, count, radius))


def _cost(bands: Bands, count: int, radius: int) -> float:
    """Nanoseconds that a join takes, if the hashes are spread evenly."""
    candidates = count * count / bands.buckets
    return bands.probes(radius) * (ELEMENT_COST * count + CANDIDATE_COST * candidates) / 2


class SelfJoin:
    """All pairs of distinct hashes within a radius of each other, step by step."""

    def __init__(self, hashes: NDArray[np.uint64], radius: int, bands: Bands | None = None) -> None:
        """Prepare a join.

        Args:
            hashes: distinct, in any order.
            radius: greatest distance of a pair, 0 to 16 or so; the work grows steeply with it.
            bands: how the hashes are cut; a join can only be resumed with the same ones.
        """
        self.hashes = hashes
        self.radius = radius
        self.bands = bands or bands_for_join(len(hashes), radius)
        # In ascending order, patterns with the same highest bit follow each other, see `_Side`.
        self._steps = [
            (band, mask)
            for band, reach in enumerate(self.bands.reaches(radius))
            for mask in sorted(flip_masks(self.bands.width, reach).tolist())
        ]

    def __len__(self) -> int:
        """Number of steps."""
        return len(self._steps)

    def run(self, done: int = 0) -> Iterator[Iterator[NearPairs]]:
        """What each step finds, in order, beginning behind the first ``done`` ones.

        A step gives its pairs in parts, as they are found, and may give none. Memory stays within
        a few arrays of the length of ``hashes``, however crowded they are.
        """
        buckets: _Buckets | None = None
        side: _Side | None = None
        for band, mask in self._steps[done:]:
            if buckets is None or buckets.band != band:
                buckets, side = _Buckets.of(self.hashes, self.bands, band), None
            if side is None or side.height != mask.bit_length():
                side = _Side.of(buckets, mask.bit_length())
            yield self._step(buckets, side, mask)

    def _step(self, buckets: "_Buckets", side: "_Side", mask: int) -> Iterator[NearPairs]:
        found: list[_Near] = []
        for met in side.meetings(buckets, mask):
            found.append(self._check(buckets, *met))
            if sum(len(near.left) for near in found) >= CHUNK:
                yield _as_pairs(buckets, found)
                found = []
        if any(len(near.left) for near in found):
            yield _as_pairs(buckets, found)

    def _check(self, buckets: "_Buckets", left: Places, hashes: NDArray[np.uint64], right: Places) -> "_Near":
        """Those that met and are near, unless an earlier band reaches them."""
        differing = buckets.hashes.take(right)
        differing ^= hashes
        distances = np.bitwise_count(differing)
        near = np.flatnonzero(distances <= self.radius)
        differing = differing.take(near)
        for earlier, reach in enumerate(self.bands.reaches(self.radius)[: buckets.band]):
            kept = np.bitwise_count(self.bands.of_hashes(differing, earlier)) > reach
            near, differing = near[kept], differing[kept]
        return _Near(left.take(near), right.take(near), distances.take(near))


class _Near(NamedTuple):
    """Places of pairs in the order of a band, and their distances."""

    left: Places
    right: Places
    distances: NDArray[np.uint8]


def _as_pairs(buckets: "_Buckets", found: Sequence[_Near]) -> NearPairs:
    left, right, distances = (np.concatenate(parts) for parts in zip(*found, strict=True))
    a, b = buckets.order.take(left), buckets.order.take(right)
    return NearPairs(np.minimum(a, b), np.maximum(a, b), distances)


@dataclass(frozen=True, slots=True)
class _Buckets:
    """The hashes in order of one band.

    Attributes:
        order: positions in the joined hashes.
        hashes, values: the hashes, and their values of the band, in this order.
        starts: where the hashes with each value of the band begin; one more entry for the end.
    """

    band: int
    order: Places
    hashes: NDArray[np.uint64]
    values: NDArray[np.uint32]
    starts: Places

    @classmethod
    def of(cls, hashes: NDArray[np.uint64], bands: Bands, band: int) -> "_Buckets":
        """Sort the hashes by a band."""
        values = bands.of_hashes(hashes, band)
        order = np.argsort(values, kind="stable").astype(np.int32)
        starts = np.zeros(bands.buckets + 1, dtype=np.int32)
        np.cumsum(np.bincount(values, minlength=bands.buckets), out=starts[1:])
        return cls(band, order, hashes.take(order), values.take(order), starts)


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
    def of(cls, buckets: _Buckets, height: int) -> "_Side":
        """The side of all patterns of so many bits."""
        highest = np.uint32(1 << height >> 1)
        places = np.flatnonzero((buckets.values & highest) == 0).astype(np.int32)
        return cls(height, places, buckets.hashes.take(places), buckets.values.take(places))

    def meetings(self, buckets: _Buckets, mask: int) -> Iterator[tuple[Places, NDArray[np.uint64], Places]]:
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
