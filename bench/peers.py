"""What else finds near hashes: pybktree, a popcount scan, and the binary indexes of faiss.

All of them give every hash within the radius, and all of them work in one thread. faiss is an extra of
development: whoever asks for it is told by :func:`faiss_missing` when it is not there.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from time import thread_time
from typing import Any, Protocol

import numpy as np
from pybktree import BKTree

from bench.hashes import Hashes
from bench.table import Skipped

FAISS_CUTS = ((3, 21), (4, 16))
"""Bands, and bits of each, that are exact up to radius 16 and not too many to build."""

TRIAL = 20
"""Queries that decide between the cuts."""


class Searcher(Protocol):
    """Something that finds near hashes."""

    def find(self, queries: Hashes, radius: int) -> int:
        """How many hashes are within a radius of these, summed up."""
        ...


class Tree:
    """pybktree's BK-tree, with the fastest distance that Python has."""

    def __init__(self, hashes: Hashes) -> None:
        self._tree = BKTree(_distance, hashes.tolist())

    def find(self, queries: Hashes, radius: int) -> int:
        """One query after the other; it knows no other way."""
        return sum(len(self._tree.find(query, radius)) for query in queries.tolist())


class Scan:
    """Every hash looked at: one expression of NumPy."""

    def __init__(self, hashes: Hashes) -> None:
        self._hashes = hashes

    def find(self, queries: Hashes, radius: int) -> int:
        """One query after the other."""
        return sum(int(np.count_nonzero(np.bitwise_count(self._hashes ^ q) <= radius)) for q in queries)


class FaissFlat:
    """faiss ``IndexBinaryFlat``: a scan in compiled code."""

    def __init__(self, hashes: Hashes) -> None:
        self._index = _faiss().IndexBinaryFlat(64)
        self._index.add(_codes(hashes))

    def find(self, queries: Hashes, radius: int) -> int:
        """All queries in one call."""
        return _found(self._index, queries, radius)


class FaissMultiHash:
    """faiss ``IndexBinaryMultiHash``: bands in hash tables, all near buckets looked up."""

    def __init__(self, hashes: Hashes, bands: int, width: int) -> None:
        self._index = _faiss().IndexBinaryMultiHash(64, bands, width)
        self._index.add(_codes(hashes))
        self._bands = bands

    def find(self, queries: Hashes, radius: int) -> int:
        """All queries in one call. With fewer flips than these it would miss some."""
        self._index.nflip = radius // self._bands
        return _found(self._index, queries, radius)

    @classmethod
    def best(cls, hashes: Hashes, queries: Hashes, radius: int) -> "FaissMultiHash":
        """The one that is faster here, of those in :data:`FAISS_CUTS`."""
        built = [cls(hashes, *cut) for cut in FAISS_CUTS]
        return min(built, key=lambda index: seconds(index, queries[:TRIAL], radius))


def faiss_missing() -> Sequence[Skipped]:
    """One word about faiss where it is not installed."""
    return [] if find_spec("faiss") else [Skipped("faiss-cpu", "not installed (extra: bench)")]


def seconds(searcher: Searcher, queries: Hashes, radius: int) -> float:
    """Processor time of one query, on average.

    The first one, which warms up, does not count. All is plain computation in one thread, and
    processor time is the same on a machine that has other work to do.
    """
    searcher.find(queries[:1], radius)
    begun = thread_time()
    searcher.find(queries, radius)
    return (thread_time() - begun) / len(queries)


def _distance(one: int, other: int) -> int:
    return (one ^ other).bit_count()


def _faiss() -> Any:
    import faiss  # noqa: PLC0415  # an extra, which may be absent

    faiss.omp_set_num_threads(1)
    return faiss


def _codes(hashes: Hashes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.ascontiguousarray(hashes).view(np.uint8).reshape(-1, 8)


def _found(index: Any, queries: Hashes, radius: int) -> int:
    # faiss means distances below the radius, not up to it.
    limits, _, _ = index.range_search(_codes(queries), radius + 1)
    return int(limits[-1])
