"""All pairs of near hashes in a library, beside one query for each image.

The hashes are those of a library with families of edits, as they come from the catalogue: equal ones
are told apart first, which counts. The peers answer a sample of its hashes, and what that takes is
extrapolated to all of them; what it takes to build them does not count, nor that they find every pair
twice. All work in one thread, and what is told is processor time.

What the join finds is compared with what the sample finds. The join works without the optional extra;
rows of their own show what the extra makes of it, without the seconds that it compiles, at radius 8 and at
12, within which pairs are stored.
"""

import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from time import thread_time

import numpy as np
from numpy.typing import NDArray

from bench.hashes import Hashes, blob, clustered
from bench.peers import FaissFlat, FaissMultiHash, Searcher, Tree, faiss_missing, seconds
from bench.table import Growth, Options, Outcome, Row, Skipped
from simd.core.presets import STORED_RADIUS
from simd.index.array_kernel import ArrayKernel
from simd.index.buckets import Kernel
from simd.index.join import COMPILED_FROM, SelfJoin, kernel_for

HASHES_ALONE = True
SIZES = (10_000, 100_000, 1_000_000)
RADII = (4, 8)
TREE_QUERIES = 10
FAISS_QUERIES = 1_000
MILLION = 1_000_000
BAR = 1 / 10_000
BARRED_RADIUS = 8
PLOT = "join"


def run(options: Options) -> Iterator[Outcome]:
    """Join libraries of 10,000 to 1,000,000 hashes, unless told otherwise."""
    rng = np.random.default_rng(20)
    for size in options.sizes or SIZES:
        yield from _measure(size, rng)
    yield from faiss_missing()


@dataclass(frozen=True, slots=True)
class _Joined:
    """What a join took and found.

    Attributes:
        seconds: processor time, from hashes that may be equal to the pairs of distinct ones.
        distinct: the distinct hashes, ascending.
        partners: how many near hashes each of these has, itself included.
    """

    seconds: float
    distinct: Hashes
    partners: NDArray[np.int64]

    @property
    def pairs(self) -> int:
        """How many pairs there are."""
        return int((self.partners - 1).sum()) // 2


def join(hashes: Hashes, radius: int, kernel: Kernel) -> _Joined:
    """Join hashes step by step, as the daemon does."""
    begun = thread_time()
    distinct = np.unique(hashes)
    seconds = thread_time() - begun
    partners = np.ones(len(distinct), dtype=np.int64)
    parts = chain.from_iterable(SelfJoin(distinct, radius, kernel=kernel).run())
    while True:
        begun = thread_time()
        found = next(parts, None)
        seconds += thread_time() - begun
        if found is None:
            return _Joined(seconds, distinct, partners)
        np.add.at(partners, found.a, 1)
        np.add.at(partners, found.b, 1)


def _measure(size: int, rng: np.random.Generator) -> Iterator[Outcome]:
    hashes = clustered(size, rng)
    distinct = np.unique(hashes)
    sample = rng.choice(distinct, FAISS_QUERIES)
    tree = Tree(distinct) if size <= MILLION else None
    for radius in RADII:
        ours = join(hashes, radius, ArrayKernel())
        if tree is not None:
            few = sample[:TREE_QUERIES]
            bar = BAR if (size, radius) == (MILLION, BARRED_RADIUS) else None
            yield _row(ours, radius, size, "pybktree", _per_query(tree, ours, few, radius), bar)
        if not faiss_missing():
            flat = _per_query(FaissFlat(distinct), ours, sample, radius)
            yield _row(ours, radius, size, "faiss flat", flat)
            multi = FaissMultiHash.best(distinct, sample, radius)
            yield _row(ours, radius, size, "faiss multi-hash", _per_query(multi, ours, sample, radius))
    yield _with_blob(size, ours, rng)
    yield _memory(size, distinct)
    yield from _with_extra(size, hashes, ours)


def _with_extra(size: int, hashes: Hashes, ours: _Joined) -> Iterator[Outcome]:
    """The join by compiled code beside the one by NumPy.

    Raises:
        RuntimeError: they have found different pairs.
    """
    if size < COMPILED_FROM:
        return
    kernel = kernel_for(size)
    if isinstance(kernel, ArrayKernel):
        yield Skipped("simd[fast]", "numba is not installed: pip install 'simd[fast]'")
        return
    join(hashes[:1_000], BARRED_RADIUS, kernel)  # compiles
    for radius, plain in ((BARRED_RADIUS, ours), (STORED_RADIUS, None)):
        beside = plain or join(hashes, radius, ArrayKernel())
        fast = join(hashes, radius, kernel)
        if not np.array_equal(fast.partners, beside.partners):
            raise RuntimeError(f"compiled code found other pairs than NumPy at radius {radius}")
        name = f"join of {size:,} hashes, radius {radius}, with simd[fast]"
        yield Row(name, fast.seconds, "s", "without it", beside.seconds)


def _per_query(peer: Searcher, ours: _Joined, sample: Hashes, radius: int) -> float:
    """Seconds that a peer takes for one query.

    Raises:
        RuntimeError: the join has found something else than the peer, so that one of them is wrong.
    """
    found = peer.find(sample, radius)
    joined = int(ours.partners[np.searchsorted(ours.distinct, sample)].sum())
    if found != joined:
        raise RuntimeError(f"the join found {joined} near hashes of a sample, {type(peer).__name__} {found}")
    return seconds(peer, sample, radius)


def _row(ours: _Joined, radius: int, size: int, peer: str, per_query: float, bar: float | None = None) -> Row:
    name = f"join of {size:,} hashes, radius {radius}"
    note = f"{ours.pairs:,} pairs"
    growth = Growth(PLOT, size) if radius == BARRED_RADIUS else None
    yardstick = f"{peer}, extrapolated"
    return Row(name, ours.seconds, "s", yardstick, per_query * len(ours.distinct), bar, note, growth)


def _with_blob(size: int, ours: _Joined, rng: np.random.Generator) -> Row:
    """The join of a library in which one hash in twenty is the same, beside the one without."""
    name = f"join of {size:,} hashes, one in twenty equal, radius {RADII[-1]}"
    blobbed = join(blob(size, rng), RADII[-1], ArrayKernel())
    return Row(name, blobbed.seconds, "s", "none equal", ours.seconds)


def _memory(size: int, hashes: Hashes) -> Row:
    """The greatest memory of a join beyond its hashes, with one part's pairs at a time."""
    tracemalloc.start()
    for _found in chain.from_iterable(SelfJoin(hashes, RADII[0], kernel=ArrayKernel()).run()):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    name = f"join of {size:,} hashes, radius {RADII[0]}, memory"
    return Row(name, float(peak), "B", "the hashes", float(hashes.nbytes), note="beyond the hashes")
