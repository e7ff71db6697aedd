"""Radius search: the two-tier index beside a popcount scan and a pure BK-tree.

The hashes imitate a photo library: half of them are alone, the others stand in families
of edits, a few bits apart. Queries are hashes of the library with one bit turned. The
index's live tier is half full, as it is on average between two freezes.
"""

from collections.abc import Callable, Sequence
from time import thread_time

import numpy as np
from numpy.typing import NDArray
from pybktree import BKTree

from bench.table import Options, Row
from simd.index.frozen import FrozenIndex
from simd.index.live import hamming
from simd.index.two_tier import FREEZE_AT, HashIndex

SIZES = (10_000, 100_000, 1_000_000)
RADII = (0, 2, 4, 6, 8, 10, 12)
FAMILY = 8
QUERIES = 100
TREE_QUERIES = 5

SCAN_BAR = {(1_000_000, 0): 1 / 20, (1_000_000, 4): 1 / 8, (1_000_000, 8): 1 / 8}
"""Greatest ratio to the scan, by size and radius."""

BYTES_PER_HASH = 40
BUILD_SECONDS = 1.5


def library(count: int, rng: np.random.Generator) -> NDArray[np.uint64]:
    """So many hashes, half of them alone and half in families up to eight bits wide."""
    hashes = rng.integers(0, 2**64, count, dtype=np.uint64)
    members = np.arange(count // 2)
    heads = hashes[members - members % FAMILY]
    turned = np.zeros(len(members), dtype=np.uint64)
    for _ in range(4):
        turned ^= np.uint64(1) << rng.integers(0, 64, len(members), dtype=np.uint64)
    hashes[members] = np.where(members % FAMILY == 0, heads, heads ^ turned)
    return hashes


def seconds(search: Callable[[int], object], queries: Sequence[int]) -> float:
    """Median processor time of one search; the first one, which warms up, does not count.

    All three searches are plain computation in one thread, and processor time is the same
    on a machine that has other work to do.
    """
    search(queries[0])
    times = []
    for query in queries:
        start = thread_time()
        search(query)
        times.append(thread_time() - start)
    return float(np.median(times))


def run(options: Options) -> list[Row]:
    """Measure every size at every radius, then the memory and time that a million hashes take."""
    rng = np.random.default_rng(20)
    rows = []
    for size in options.sizes or SIZES:
        rows += _measure(library(size, rng), rng)
    return rows


def _measure(hashes: NDArray[np.uint64], rng: np.random.Generator) -> list[Row]:
    live = min(FREEZE_AT, len(hashes)) // 2
    start = thread_time()
    index = HashIndex.build(hashes[live:], np.arange(live, len(hashes)))
    build_seconds = thread_time() - start
    for number, hash_ in enumerate(hashes[:live].tolist()):
        index.add(hash_, number)
    tree = BKTree(hamming, hashes.tolist())
    chosen, bits = rng.choice(hashes, QUERIES), rng.integers(0, 64, QUERIES)
    queries = [hash_ ^ (1 << bit) for hash_, bit in zip(chosen.tolist(), bits.tolist(), strict=True)]
    rows = [row for radius in RADII for row in _at_radius(radius, hashes, index, tree, queries)]
    return [*rows, *_footprint(hashes, build_seconds)]


def _at_radius(
    radius: int, hashes: NDArray[np.uint64], index: HashIndex, tree: BKTree, queries: list[int]
) -> list[Row]:
    name = f"{len(hashes):,} hashes, radius {radius}"
    ours = seconds(lambda query: index.find(query, radius), queries)
    scan = seconds(
        lambda query: np.flatnonzero(np.bitwise_count(hashes ^ np.uint64(query)) <= radius), queries
    )
    pure = seconds(lambda query: tree.find(query, radius), queries[:TREE_QUERIES])
    return [
        Row(
            name,
            ours,
            "s",
            "NumPy scan",
            scan,
            SCAN_BAR.get((len(hashes), radius)),
            f"{scan / ours:.1f}x as fast",
        ),
        Row(name, ours, "s", "pybktree", pure, None, f"{pure / ours:,.1f}x as fast"),
    ]


def _footprint(hashes: NDArray[np.uint64], build_seconds: float) -> list[Row]:
    name, per_hash = (
        f"{len(hashes):,} hashes",
        FrozenIndex(hashes, np.arange(len(hashes))).nbytes / len(hashes),
    )
    bars = (1.0, 1.0) if len(hashes) >= SIZES[-1] else (None, None)
    return [
        Row(f"{name}, build", build_seconds, "s", "limit", BUILD_SECONDS, bars[0]),
        Row(f"{name}, memory per hash", per_hash, "B", "limit", BYTES_PER_HASH, bars[1], "ids included"),
    ]
