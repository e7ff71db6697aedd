"""The frozen tier: exact radius search over many hashes, in sorted arrays that never change.

Distinct hashes stand in one ascending array. For every band of :mod:`simd.index.bands`,
one array lists the hashes by the value of that band, and a directory says where each
value begins. A search opens the buckets near its own bands, all bands in one step, and
checks by popcount what it finds there. Where a plain scan is cheaper (few hashes, or a
wide radius) it scans.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simd.index.bands import HASH_BITS, Bands, probes

SCAN_CHUNK = 1 << 16
"""Hashes that a scan takes at once, so that its temporary arrays stay in the cache."""

FEWER_BANDS_ABOVE = 2_000_000
"""Beyond so many hashes, three wide bands need less checking than four narrow ones."""

# What a search costs, in units of one scanned hash, as measured by bench/index_query.py.
SEARCH_COST = 30_000
PROBE_COST = 20
CANDIDATE_COST = 11

Positions = NDArray[np.signedinteger[Any]]
"""Places in an array; 32 bits wide where they are stored."""


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of a search: parallel arrays, in ascending order of the slots.

    Attributes:
        distances: Hamming distance of each find.
        slots: its place in :attr:`FrozenIndex.ids`.
    """

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
        order = np.lexsort((ids, hashes))
        hashes, ids = hashes[order], ids[order]
        new_hash = _changes(hashes)
        new_pair = new_hash | _changes(ids)
        self.hashes: NDArray[np.uint64] = hashes[new_hash]
        self.ids: NDArray[np.int64] = ids[new_pair]
        self._offsets = np.append(np.flatnonzero(new_hash[new_pair]), len(self.ids)).astype(np.int32)
        self._bands = _bands_for(len(self.hashes))
        self._order, self._directory = _lay_out(self.hashes, self._bands)
        self._scanned = tuple(self._scan_is_cheaper(radius) for radius in range(HASH_BITS + 1))
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
            position = self._position(hash_)
            positions = np.array([] if position is None else [position], dtype=np.int64)
        elif self._scanned[radius]:
            positions = self._scan(hash_, radius)
        else:
            positions = self._search(hash_, radius)
        distances = np.bitwise_count(self.hashes.take(positions) ^ np.uint64(hash_))
        starts, ends = self._offsets.take(positions), self._offsets.take(positions + 1)
        lengths = ends - starts
        if lengths.max(initial=1) == 1:
            return Found(distances, starts)
        return Found(np.repeat(distances, lengths), _ranges(ends, lengths, lengths.cumsum()))

    def slot(self, hash_: int, image_id: int) -> int | None:
        """The place of a pair in :attr:`ids`, or None when it is not here."""
        position = self._position(hash_)
        if position is None:
            return None
        start, end = self._offsets[position : position + 2].tolist()
        slot = start + int(np.searchsorted(self.ids[start:end], image_id))
        return slot if slot < end and self.ids[slot] == image_id else None

    def hashes_of_ids(self) -> NDArray[np.uint64]:
        """The hash of every id, parallel to :attr:`ids`."""
        return np.repeat(self.hashes, np.diff(self._offsets))

    def distinct_among(self, kept: NDArray[np.bool_]) -> NDArray[np.uint64]:
        """The hashes, ascending, that have an id where ``kept`` (parallel to :attr:`ids`) is true."""
        if kept.all():
            return self.hashes
        return self.hashes[np.logical_or.reduceat(kept, self._offsets[:-1])]

    def _position(self, hash_: int) -> int | None:
        wanted = np.uint64(hash_)
        position = int(np.searchsorted(self.hashes, wanted))
        return position if position < len(self.hashes) and self.hashes[position] == wanted else None

    def _scan_is_cheaper(self, radius: int) -> bool:
        buckets = self._bands.probes(radius)
        candidates = buckets * len(self.hashes) / self._bands.buckets
        return len(self.hashes) < SEARCH_COST + PROBE_COST * buckets + CANDIDATE_COST * candidates

    def _search(self, hash_: int, radius: int) -> Positions:
        """Positions within the radius, ascending, by way of the buckets."""
        buckets = probes(self._bands, radius).buckets(hash_)
        ends = self._directory.take(buckets + 1)
        lengths = ends - self._directory.take(buckets)
        filled = lengths.cumsum()
        # Real hashes crowd some buckets; the promise is never to cost much more than a scan.
        if CANDIDATE_COST * int(filled[-1]) > len(self.hashes):
            return self._scan(hash_, radius)
        positions = self._order.take(_ranges(ends, lengths, filled))
        distances = np.bitwise_count(self.hashes.take(positions) ^ np.uint64(hash_))
        return _distinct(positions[distances <= radius])

    def _scan(self, hash_: int, radius: int) -> Positions:
        """Positions within the radius, ascending, by looking at every hash."""
        wanted = np.uint64(hash_)
        found = [np.empty(0, dtype=np.int64)]
        for start in range(0, len(self.hashes), SCAN_CHUNK):
            distances = np.bitwise_count(self.hashes[start : start + SCAN_CHUNK] ^ wanted)
            found.append(np.flatnonzero(distances <= radius) + start)
        return np.concatenate(found)


def _bands_for(hashes: int) -> Bands:
    """The cut that suits so many hashes: about one hash in every bucket, as far as bits allow."""
    count, widest = (3, 21) if hashes > FEWER_BANDS_ABOVE else (4, 16)
    return Bands(count, max(1, min(hashes.bit_length() - 1, widest)))


def _lay_out(hashes: NDArray[np.uint64], bands: Bands) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Positions in order of each band, one band after the other, and where each value begins."""
    count = len(hashes)
    order = np.empty(bands.count * count, dtype=np.int32)
    directory = np.zeros(bands.count * bands.buckets + 1, dtype=np.int32)
    for band in range(bands.count):
        values = bands.of_hashes(hashes, band)
        order[band * count : (band + 1) * count] = np.argsort(values, kind="stable")
        ends = np.cumsum(np.bincount(values, minlength=bands.buckets)) + band * count
        directory[band * bands.buckets + 1 : (band + 1) * bands.buckets + 1] = ends
    return order, directory


def _ranges(ends: Positions, lengths: Positions, filled: Positions) -> Positions:
    """The numbers of every range, one range after the other.

    A range is the ``lengths[i]`` numbers before ``ends[i]``; ``filled`` is the running sum of
    the lengths.
    """
    return (ends - filled).repeat(lengths) + np.arange(filled[-1])


def _distinct(numbers: Positions) -> Positions:
    """The distinct numbers, ascending; for the few that a search finds, a set is the quickest."""
    return np.array(sorted(set(numbers.tolist())), dtype=np.int64)


def _changes(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a value differs from the one before it; the first always does."""
    changes = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return changes
