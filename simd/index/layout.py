"""How hashes and ids are laid out for searching: sorted, merged, and in order of every band.

Every step here is one that lets other threads run: NumPy keeps the interpreter to itself in
``repeat``, ``bincount``, and sums over booleans, so these do not appear. Bands are ordered by
sorting a 64-bit number that holds the value of the band above the position, which is several
times as fast as a stable ``argsort`` of the values.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simd.index.bands import Bands

POSITION_BITS = 32
"""Bits of a sorted number that hold a position; the value of the band stands above them."""


class Pairs(NamedTuple):
    """Parallel arrays of hashes and image ids."""

    hashes: NDArray[np.uint64]
    ids: NDArray[np.int64]


def in_order(pairs: Pairs) -> Pairs:
    """The pairs in ascending order of the hashes, and of the ids under one hash."""
    hashes, ids = pairs
    if not bool((hashes[1:] >= hashes[:-1]).all()):
        order = hashes.argsort()
        hashes, ids = hashes.take(order), ids.take(order)
    same = hashes[1:] == hashes[:-1]
    shared = np.zeros(len(hashes), dtype=np.bool_)
    shared[1:] |= same
    shared[:-1] |= same
    places = np.flatnonzero(shared)
    if len(places):
        order = np.lexsort((ids.take(places), hashes.take(places)))
        ids = ids.copy()
        ids[places] = ids.take(places.take(order))
    return Pairs(hashes, ids)


def merged(pairs: Pairs, fresh: Pairs) -> Pairs:
    """Fresh pairs, in any order, put among pairs whose hashes ascend."""
    order = fresh.hashes.argsort()
    hashes, ids = fresh.hashes.take(order), fresh.ids.take(order)
    places = np.searchsorted(pairs.hashes, hashes)
    return Pairs(np.insert(pairs.hashes, places, hashes), np.insert(pairs.ids, places, ids))


def in_bands(hashes: NDArray[np.uint64], bands: Bands) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Positions in order of each band, one band after the other, and where each value begins.

    Args:
        hashes: at most 2**31 divided by the number of bands, because places take 32 bits.
        bands: how they are cut.

    Returns:
        The positions, ``bands.count * len(hashes)`` of them, and the beginnings, one for every
        value of every band and one more for the end.
    """
    count = len(hashes)
    order = np.empty(bands.count * count, dtype=np.int32)
    directory = np.empty(bands.count * bands.buckets + 1, dtype=np.int32)
    directory[-1] = len(order)
    first_keys = np.arange(bands.buckets, dtype=np.uint64) << np.uint64(POSITION_BITS)
    for band, shift in enumerate(bands.shifts):
        keys = hashes >> np.uint64(shift)
        keys &= np.uint64(bands.buckets - 1)
        keys <<= np.uint64(POSITION_BITS)
        keys |= np.arange(count, dtype=np.uint64)
        keys.sort()
        starts = keys.searchsorted(first_keys)
        directory[band * bands.buckets : (band + 1) * bands.buckets] = starts + band * count
        keys &= np.uint64((1 << POSITION_BITS) - 1)
        order[band * count : (band + 1) * count] = keys
    return order, directory


def changes(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a value differs from the one before it; the first always does."""
    differs = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=differs[1:])
    return differs
