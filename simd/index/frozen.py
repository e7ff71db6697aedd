"""The frozen tier: exact radius search over many hashes, in sorted arrays that never change.

Distinct hashes stand in one ascending array. For every band of :mod:`simd.index.bands`,
one array lists the hashes by the value of that band, and a directory says where each
value begins. A search opens the buckets near its own bands, all bands in one step, and
checks by popcount what it finds there. Where a plain scan is cheaper (few hashes, or a
wide radius) it scans.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simd.index.bands import HASH_BITS, Bands, probes
from simd.index.layout import Pairs, changes, in_bands, in_order, merged
from simd.index.scan import Near, Positions, scan, scan_many

AT_ONCE = 1 << 16
"""Buckets, candidates or finds that a search for many holds at a time, so that its memory is bounded."""

FEWER_BANDS_ABOVE = 2_000_000
"""Beyond so many hashes, three wide bands need less checking than four narrow ones."""

# What a search costs, in units of one scanned hash, as measured by bench/index_query.py.
SEARCH_COST = 30_000
PROBE_COST = 20
CANDIDATE_COST = 11


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of a search: parallel arrays, in ascending order of the slots.

    Attributes:
        distances: Hamming distance of each find.
        slots: its place in :attr:`FrozenIndex.ids`.
    """

    distances: NDArray[np.uint8]
    slots: Positions


@dataclass(frozen=True, slots=True)
class FoundMany:
    """A part of the answer of a search for many: parallel arrays, in order of query and slot.

    Attributes:
        queries: the place of the hash that was sought.
        distances: Hamming distance of each find.
        slots: its place in :attr:`FrozenIndex.ids`.
    """

    queries: Positions
    distances: NDArray[np.uint8]
    slots: Positions


class FrozenIndex:
    """Hashes and their image ids, laid out once; safe to search from any thread.

    Attributes:
        hashes: the distinct hashes, ascending.
        ids: the image ids, in order of their hashes and ascending under one hash.
    """

    def __init__(self, hashes: NDArray[np.uint64], ids: NDArray[np.int64]) -> None:
        """Lay out parallel arrays of hashes and ids, in any order; a repeated pair counts once."""
        hashes, ids = in_order(Pairs(hashes, ids))
        new_hash = changes(hashes)
        new_pair = new_hash | changes(ids)
        self.hashes: NDArray[np.uint64] = hashes[new_hash]
        self.ids: NDArray[np.int64] = ids[new_pair]
        self._offsets = np.append(np.flatnonzero(new_hash[new_pair]), len(self.ids)).astype(np.int32)
        self._bands = _bands_for(len(self.hashes))
        self._order, self._directory = in_bands(self.hashes, self._bands)
        self._scanned = tuple(self._scan_is_cheaper(radius, SEARCH_COST) for radius in range(HASH_BITS + 1))
        self._scanned_for_many = tuple(self._scan_is_cheaper(radius, 0) for radius in range(HASH_BITS + 1))
        for array in (self.hashes, self.ids, self._offsets, self._order, self._directory):
            array.setflags(write=False)

    def __len__(self) -> int:
        """Number of pairs of a hash and an image id."""
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        """Memory that the arrays take, in bytes."""
        arrays = (self.hashes, self.ids, self._offsets, self._order, self._directory)
        return sum(array.nbytes for array in arrays)

    def find(self, hash_: int, radius: int) -> Found:
        """Everything within ``radius`` bits of ``hash_``; the radius is 0 to 64."""
        if radius == 0:
            slots = np.arange(*self._slots(hash_))
            return Found(np.zeros(len(slots), dtype=np.uint8), slots)
        positions = scan(self.hashes, hash_, radius) if self._scanned[radius] else self._search(hash_, radius)
        distances = np.bitwise_count(self.hashes.take(positions) ^ np.uint64(hash_))
        starts, ends = self._offsets.take(positions), self._offsets.take(positions + 1)
        lengths = ends - starts
        filled = lengths.cumsum()
        if not len(filled) or filled[-1] == len(filled):
            return Found(distances, starts)
        return Found(distances.repeat(lengths), _ranges(ends, lengths, filled))

    def find_many(self, wanted: NDArray[np.uint64], radius: int) -> Iterator[FoundMany]:
        """Everything within ``radius`` bits of each of many hashes, in parts of bounded size.

        What one query finds is never torn apart, but parts follow in any order of the queries.
        """
        scanned = self._scanned_for_many[radius]
        steps = 1 if radius == 0 else len(self.hashes) if scanned else self._bands.probes(radius)
        at_once = max(1, AT_ONCE // max(1, steps))
        for start in range(0, len(wanted), at_once):
            some = wanted[start : start + at_once]
            if radius == 0:
                parts: Iterable[Near] = [self._same_many(some)]
            elif scanned:
                parts = [scan_many(self.hashes, some, radius)]
            else:
                parts = self._search_many(some, radius)
            for near in parts:
                yield from self._with_images(some, near, start)

    def slot(self, hash_: int, image_id: int) -> int | None:
        """The place of a pair in :attr:`ids`, or None when it is not here."""
        start, end = self._slots(hash_)
        slot = start + int(self.ids[start:end].searchsorted(image_id))
        return slot if slot < end and self.ids[slot] == image_id else None

    def pairs(self) -> Pairs:
        """The hash of every id, and the ids."""
        if len(self.hashes) == len(self.ids):
            return Pairs(self.hashes, self.ids)
        steps = np.zeros(len(self.ids), dtype=np.int32)
        steps[self._offsets[1:-1]] = 1
        return Pairs(self.hashes.take(steps.cumsum(dtype=np.int32, out=steps)), self.ids)

    def with_changes(self, kept: NDArray[np.bool_], fresh: Pairs) -> "FrozenIndex":
        """A new tier without the ids that are not ``kept``, and with fresh pairs."""
        pairs = self.pairs()
        if not kept.all():
            pairs = Pairs(pairs.hashes[kept], pairs.ids[kept])
        return FrozenIndex(*merged(pairs, fresh))

    def distinct_among(self, kept: NDArray[np.bool_]) -> NDArray[np.uint64]:
        """The hashes, ascending, that have an id where ``kept`` (parallel to :attr:`ids`) is true."""
        if kept.all():
            return self.hashes
        return self.hashes[np.logical_or.reduceat(kept, self._offsets[:-1])]

    def _slots(self, hash_: int) -> tuple[int, int]:
        """Where the images of a hash begin and end."""
        wanted = np.uint64(hash_)
        position = int(self.hashes.searchsorted(wanted))
        if position == len(self.hashes) or self.hashes[position] != wanted:
            return 0, 0
        return int(self._offsets[position]), int(self._offsets[position + 1])

    def _scan_is_cheaper(self, radius: int, search_cost: float) -> bool:
        buckets = self._bands.probes(radius)
        candidates = buckets * len(self.hashes) / self._bands.buckets
        return len(self.hashes) < search_cost + PROBE_COST * buckets + CANDIDATE_COST * candidates

    def _search(self, hash_: int, radius: int) -> Positions:
        """Positions within the radius, ascending, by way of the buckets."""
        buckets = probes(self._bands, radius).buckets(hash_)
        ends = self._directory.take(buckets + 1)
        lengths = ends - self._directory.take(buckets)
        filled = lengths.cumsum()
        # Real hashes crowd some buckets; the promise is never to cost much more than a scan.
        if CANDIDATE_COST * int(filled[-1]) > len(self.hashes):
            return scan(self.hashes, hash_, radius)
        positions = self._order.take(_ranges(ends, lengths, filled))
        distances = np.bitwise_count(self.hashes.take(positions) ^ np.uint64(hash_))
        return _distinct(positions[distances <= radius])

    def _same_many(self, wanted: NDArray[np.uint64]) -> Near:
        positions = self.hashes.searchsorted(wanted)
        inside = np.flatnonzero(positions < len(self.hashes))
        queries = inside[self.hashes.take(positions.take(inside)) == wanted.take(inside)]
        return Near(queries, positions.take(queries))

    def _search_many(self, wanted: NDArray[np.uint64], radius: int) -> Iterator[Near]:
        """What :meth:`_search` finds for each, in parts; the buckets of all are opened in one step."""
        buckets = probes(self._bands, radius).buckets_of_many(wanted)
        ends = self._directory.take(buckets + 1)
        lengths = ends - self._directory.take(buckets)
        filled = lengths.sum(axis=1, dtype=np.int64)
        crowded = CANDIDATE_COST * filled > len(self.hashes)
        for query in np.flatnonzero(crowded):
            positions = scan(self.hashes, int(wanted[query]), radius)
            yield Near(np.full(len(positions), query), positions)
        filled[crowded] = lengths[crowded] = 0
        for start, stop in _runs(filled):
            near = self._check(wanted[start:stop], ends[start:stop], lengths[start:stop], radius)
            yield Near(near.queries + start, near.positions)

    def _check(self, wanted: NDArray[np.uint64], ends: Positions, lengths: Positions, radius: int) -> Near:
        """What is near in opened buckets: one row of buckets for each query."""
        flat = lengths.ravel()
        filled = flat.cumsum()
        positions = self._order.take(_ranges(ends.ravel(), flat, filled))
        ends_of_queries = filled[lengths.shape[1] - 1 :: lengths.shape[1]]
        differing = self.hashes.take(positions)
        differing ^= wanted.repeat(np.diff(ends_of_queries, prepend=0))
        near = np.flatnonzero(np.bitwise_count(differing) <= radius)
        queries = ends_of_queries.searchsorted(near, side="right")
        return _in_order(queries, positions.take(near))

    def _with_images(self, wanted: NDArray[np.uint64], near: Near, first: int) -> Iterator[FoundMany]:
        """The images of found hashes, in parts that end where a query ends."""
        distances = np.bitwise_count(self.hashes.take(near.positions) ^ wanted.take(near.queries))
        ends = self._offsets.take(near.positions + 1)
        lengths = ends - self._offsets.take(near.positions)
        borders = near.queries.searchsorted(np.arange(len(wanted) + 1))
        images = np.diff(np.append(0, lengths.cumsum(dtype=np.int64)).take(borders))
        for start, stop in _runs(images):
            part = slice(borders[start], borders[stop])
            repeats = lengths[part]
            yield FoundMany(
                (near.queries[part] + first).repeat(repeats),
                distances[part].repeat(repeats),
                _ranges(ends[part], repeats, repeats.cumsum()),
            )


def _bands_for(hashes: int) -> Bands:
    """The cut that suits so many hashes: about one hash in every bucket, as far as bits allow."""
    count, widest = (3, 21) if hashes > FEWER_BANDS_ABOVE else (4, 16)
    return Bands(count, max(1, min(hashes.bit_length() - 1, widest)))


def _runs(sizes: Positions) -> Iterator[tuple[int, int]]:
    """Where to cut so that the sizes of each run add up to at most :data:`AT_ONCE`, or it has one part.

    Runs in which every size is 0 are left out.
    """
    filled = sizes.cumsum()
    start, taken = 0, 0
    while start < len(sizes) and taken < filled[-1]:
        stop = max(start + 1, int(filled.searchsorted(taken + AT_ONCE, side="right")))
        if filled[stop - 1] > taken:
            yield start, stop
        start, taken = stop, int(filled[stop - 1])


def _ranges(ends: Positions, lengths: Positions, filled: Positions) -> Positions:
    """The numbers of every range, one range after the other.

    A range is the ``lengths[i]`` numbers before ``ends[i]``; ``filled`` is the running sum of
    the lengths.
    """
    return (ends - filled).repeat(lengths) + np.arange(filled[-1])


def _distinct(numbers: Positions) -> Positions:
    """The distinct numbers, ascending; for the few that a search finds, a set is the quickest."""
    return np.array(sorted(set(numbers.tolist())), dtype=np.int64)


def _in_order(queries: Positions, positions: Positions) -> Near:
    """Each find once, in order of query and position; several bands may have led to it."""
    finds = np.unique(queries.astype(np.int64) << np.int64(32) | positions)
    return Near(finds >> np.int64(32), finds & np.int64(0xFFFF_FFFF))
