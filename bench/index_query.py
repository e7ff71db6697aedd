"""Radius search: the whole two-tier index beside pybktree, a NumPy scan and faiss's binary indexes.

The hashes are strangers only, families of edits, or families with a blob of equal ones. Queries are
hashes of the library with one bit turned. The index's live tier is half full, as it is on average
between two freezes. What is told of the index is the median of single searches, of the peers the mean;
all of it is processor time of one thread. Above a million hashes pybktree is extrapolated, because a tree
of so many takes minutes and gigabytes, and only families are measured.
"""

import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import thread_time

import numpy as np
from numpy.typing import NDArray

from bench.hashes import KINDS, Hashes
from bench.index_arrivals import beside_arrivals
from bench.peers import FAISS_CUTS, FaissFlat, FaissMultiHash, Scan, Searcher, Tree, faiss_missing, seconds
from bench.table import Growth, Options, Outcome, Row, Skipped
from simd.index.two_tier import FREEZE_AT, HashIndex

HASHES_ALONE = True
SIZES = (10_000, 100_000, 1_000_000)
RADII = (0, 1, 2, 4, 6, 8, 10)
MEANT = "clustered"
"""The kind that is measured at every radius; the others are at :data:`BARRED_RADIUS` only."""

BARRED_RADIUS = 8
MILLION = 1_000_000
SCAN_BAR = 1 / 8
TREE_BAR = 1 / 2_000
TAIL_BAR = 5.0
GROWTH_BAR = 6.0
GROWN = (100_000, 10_000_000)
"""Between these sizes the growth of a search is told."""

QUERIES = 200
TAIL_QUERIES = 4_000
SCAN_QUERIES = 30
FAISS_QUERIES = 100
TREE_QUERIES = 3
BATCH = 256
BATCH_RADII = (4, 8, 12)
EQUAL_IN_TREE = 10_000
"""Equal hashes that pybktree is given at most: it chains them, so building takes quadratic time."""

BYTES_PER_HASH = 40
BUILD_SECONDS = 1.5
PLOT = "query"


@dataclass(frozen=True, slots=True)
class _Library:
    """What is searched, and for what.

    Attributes:
        name: kind and number of the hashes.
        hashes: all of them.
        index: the two-tier index over them.
        queries: what is sought.
    """

    name: str
    hashes: Hashes
    index: HashIndex
    queries: Hashes


def run(options: Options) -> Iterator[Outcome]:
    """Measure every kind at every size, 10,000 to 1,000,000 unless told otherwise."""
    rng = np.random.default_rng(20)
    sizes = set(options.sizes or SIZES)
    if GROWN[1] in sizes:
        sizes.add(GROWN[0])
    medians: dict[int, float] = {}
    for size in sorted(sizes):
        for kind in KINDS if size <= MILLION else (MEANT,):
            library = _library(kind, size, rng)
            yield from _beside_peers(library, kind, medians)
            if kind == MEANT:
                yield from _alone(library)
    if set(GROWN) <= medians.keys():
        yield _growth(medians)
    yield from faiss_missing()


def _library(kind: str, size: int, rng: np.random.Generator) -> _Library:
    hashes = KINDS[kind](size, rng)
    live = min(FREEZE_AT, size) // 2
    index = HashIndex.build(hashes[live:], np.arange(live, size))
    for image_id, hash_ in enumerate(hashes[:live].tolist()):
        index.add(hash_, image_id)
    turned = np.uint64(1) << rng.integers(0, 64, TAIL_QUERIES, dtype=np.uint64)
    return _Library(f"{size:,} {kind}", hashes, index, rng.choice(hashes, TAIL_QUERIES) ^ turned)


def _beside_peers(library: _Library, kind: str, medians: dict[int, float]) -> Iterator[Outcome]:
    size = len(library.hashes)
    peers = _Peers(library)
    yield from peers.skipped
    for radius in RADII if kind == MEANT else (BARRED_RADIUS,):
        ours = float(np.median(_searches(library.index, library.queries[:QUERIES], radius)))
        barred = size == MILLION and radius == BARRED_RADIUS
        drawn = Growth(PLOT, size) if kind == MEANT and radius == BARRED_RADIUS else None
        if drawn:
            medians[size] = ours
        for peer in peers.measured(radius):
            yield Row(
                f"{library.name}, radius {radius}",
                ours,
                "s",
                peer.name,
                peer.seconds,
                peer.bar if barred else None,
                peer.note,
                drawn,
            )


@dataclass(frozen=True, slots=True)
class _Measured:
    """What one search of a peer takes.

    Attributes:
        name: the peer.
        seconds: processor time.
        bar: greatest share of it that a search of ours may take, where the size and radius have bars.
        note: how it was found.
    """

    name: str
    seconds: float
    bar: float | None = None
    note: str = ""


class _Peers:
    """What else can search a library."""

    def __init__(self, library: _Library) -> None:
        self._queries = library.queries
        self._scan = Scan(library.hashes)
        self.skipped: Sequence[Skipped] = ()
        self._trees = self._planted(library)
        absent = faiss_missing()
        self._flat = None if absent else FaissFlat(library.hashes)
        self._multi = [] if absent else [FaissMultiHash(library.hashes, *cut) for cut in FAISS_CUTS]

    def measured(self, radius: int) -> Iterator[_Measured]:
        """One search of each peer."""
        yield _Measured("NumPy scan", seconds(self._scan, self._queries[:SCAN_QUERIES], radius), SCAN_BAR)
        if self._trees:
            yield self._in_trees(radius)
        some = self._queries[:FAISS_QUERIES]
        if self._flat:
            yield _Measured("faiss IndexBinaryFlat", seconds(self._flat, some, radius))
        if self._multi:
            best = min(seconds(each, some, radius) for each in self._multi)
            yield _Measured("faiss IndexBinaryMultiHash", best, note="the faster of two cuts")

    def _planted(self, library: _Library) -> Sequence[Searcher]:
        """A tree of all hashes; of a hundredth and of a tenth of them where all would be too many."""
        equal = int(np.unique(library.hashes, return_counts=True)[1].max())
        if equal > EQUAL_IN_TREE:
            why = f"{equal:,} equal hashes would form a chain, which takes quadratic time to build"
            self.skipped = [Skipped(f"pybktree, {library.name}", why)]
            return ()
        size = len(library.hashes)
        shares = (1,) if size <= MILLION else (100, 10)
        return [Tree(library.hashes[::each]) for each in shares]

    def _in_trees(self, radius: int) -> _Measured:
        times = [seconds(tree, self._queries[:TREE_QUERIES], radius) for tree in self._trees]
        if len(times) == 1:
            return _Measured("pybktree", times[0], TREE_BAR)
        note = "extrapolated: as much more than a tenth takes as that takes more than a hundredth"
        return _Measured("pybktree", times[1] * times[1] / times[0], TREE_BAR, note)


def _searches(index: HashIndex, queries: Hashes, radius: int) -> NDArray[np.float64]:
    """Processor time of single searches; the first one, which warms up, does not count."""
    wanted = queries.tolist()
    index.find(wanted[0], radius)
    times = []
    for query in wanted:
        begun = thread_time()
        index.find(query, radius)
        times.append(thread_time() - begun)
    return np.array(times)


def _alone(library: _Library) -> Iterator[Row]:
    """The spread of searches, searches for many, and what the index costs."""
    barred = len(library.hashes) == MILLION
    times = _searches(library.index, library.queries, BARRED_RADIUS)
    name, median = f"{library.name}, radius {BARRED_RADIUS}", float(np.median(times))
    tail = float(np.percentile(times, 99))
    note = f"of {TAIL_QUERIES:,} searches"
    yield Row(f"{name}: p99", tail, "s", "median", median, TAIL_BAR if barred else None, note)
    for radius in BATCH_RADII:
        yield _batch(library, radius)
    if barred:
        yield from beside_arrivals(library.index, library.hashes, BARRED_RADIUS)
    yield from _footprint(library, barred=barred)


def _batch(library: _Library, radius: int) -> Row:
    wanted = library.queries[:BATCH].tolist()
    library.index.find_many(wanted, radius)
    begun = thread_time()
    library.index.find_many(wanted, radius)
    each = (thread_time() - begun) / BATCH
    alone = float(_searches(library.index, library.queries[:BATCH], radius).mean())
    name = f"{library.name}, radius {radius}: one of {BATCH} at a time"
    return Row(name, each, "s", "one alone", alone)


def _footprint(library: _Library, *, barred: bool) -> Iterator[Row]:
    hashes, ids = library.hashes, np.arange(len(library.hashes))
    begun = thread_time()
    index = HashIndex.build(hashes, ids)
    seconds_ = thread_time() - begun
    bar = 1.0 if barred else None
    yield Row(f"{library.name}: build", seconds_, "s", "limit", BUILD_SECONDS, bar)
    note = "ids and marks included"
    bytes_ = index.nbytes / len(hashes)
    yield Row(f"{library.name}: memory per hash", bytes_, "B", "limit", BYTES_PER_HASH, bar, note)
    for image_id, hash_ in enumerate(hashes[:FREEZE_AT].tolist()):
        index.add(hash_ ^ 1, image_id)
    begun = thread_time()
    index.freeze()
    yield Row(f"{library.name}: freeze", thread_time() - begun, "s", "build", seconds_)
    index.add(int(hashes[0]) ^ 2, 0)
    tracemalloc.start()
    index.freeze()
    peak = tracemalloc.get_traced_memory()[1] / len(hashes)
    tracemalloc.stop()
    note = "the new index and what it takes to make it, beside the old one"
    yield Row(
        f"{library.name}: memory of a freeze, per hash", peak, "B", "memory per hash", bytes_, None, note
    )


def _growth(medians: dict[int, float]) -> Row:
    few, many = (medians[size] for size in GROWN)
    name = f"{GROWN[1]:,} {MEANT}, radius {BARRED_RADIUS}"
    return Row(name, many, "s", f"{GROWN[0]:,}", few, GROWTH_BAR, "growth of the median")
