"""Clusters of a large library from its verified pairs, by each of the three ways to group.

A third of the images have near copies: families of two to eight, in which everybody is near everybody, and
pans of a hundred frames, in which each frame is near the next three. The images are numbered at random,
and ranked as the daemon ranks them. scipy's connected components are what compiled code takes for the
transitive clusters, whose keepers it does not know. All is processor time of one thread.
"""

from collections.abc import Iterator
from statistics import median
from time import thread_time

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bench.table import Options, Row
from simd.core.grouping import Cluster, Grouping, cluster
from simd.core.keeping import Candidate, KeepKey, keep_key

HASHES_ALONE = True
MILLION = 1_000_000
FAMILIES = range(2, 9)
"""Sizes of families, of which there are equally many."""

IMAGES_PER_FAMILY = 120
IMAGES_PER_PAN = 2_000
FRAMES = 100
FRAMES_NEAR = 3
FARTHEST = 8
TURNS = 3
LIMIT_SECONDS = 2.0

Edges = NDArray[np.int64]


def run(options: Options) -> Iterator[Row]:
    """Cluster a million images, unless told otherwise; the median of three turns."""
    for count in options.sizes or (MILLION,):
        yield from _measure(count)


def pairs(count: int, rng: np.random.Generator) -> Edges:
    """Pairs ``(a, b, distance)`` among so many images, of shape ``(n, 3)``."""
    ids = rng.permutation(count) + 1
    parts, used = [], 0
    families = max(1, count // IMAGES_PER_FAMILY)
    for size in FAMILIES:
        parts.append(_everywhere(used, families, size, np.stack(np.triu_indices(size, 1))))
        used += families * size
    frames = np.arange(FRAMES)
    steps = [np.stack((frames[:-step], frames[step:])) for step in range(1, FRAMES_NEAR + 1)]
    parts.append(_everywhere(used, count // IMAGES_PER_PAN, FRAMES, np.hstack(steps)))
    both = np.hstack(parts)
    distances = rng.integers(0, FARTHEST + 1, both.shape[1])
    edges: Edges = rng.permutation(np.stack((ids[both[0]], ids[both[1]], distances), axis=1))
    return edges


def _everywhere(first: int, times: int, size: int, pattern: Edges) -> Edges:
    """The pairs of one group, for so many groups that follow each other."""
    starts = first + size * np.arange(times)
    return (pattern[:, None, :] + starts[None, :, None]).reshape(2, -1)


def _measure(count: int) -> Iterator[Row]:
    rng = np.random.default_rng(8)
    edges = pairs(count, rng)
    rank = _ranks(np.unique(edges[:, :2]), rng)
    name = f"groups of {count:,} images, {len(edges):,} pairs"
    took = {}
    for grouping in Grouping:
        took[grouping], clusters = _timed(edges, rank, grouping)
        limited = grouping is Grouping.STAR and count >= MILLION
        bar, note = 1.0 if limited else None, f"{len(clusters):,} groups"
        yield Row(f"{name}, {grouping}", took[grouping], "s", "limit", LIMIT_SECONDS, bar, note)
    ours, note = took[Grouping.TRANSITIVE], f"{_components(edges, count)[1]:,} groups"
    compiled = median(_components(edges, count)[0] for _ in range(TURNS))
    yield Row(f"{name}, components", ours, "s", "scipy's components", compiled, None, note)


def _ranks(ids: NDArray[np.int64], rng: np.random.Generator) -> dict[int, KeepKey]:
    """Ranks of pictures of four sizes, with files of all ages."""
    pixels = (12_000_000 >> rng.integers(0, 4, len(ids))).tolist()
    sizes, times = (rng.integers(10**5, 10**7, len(ids)).tolist() for _ in range(2))
    return {
        image_id: keep_key(
            Candidate(image_id, area, lossless=False, size=size, oldest_mtime_ns=time, path=b"")
        )
        for image_id, area, size, time in zip(ids.tolist(), pixels, sizes, times, strict=True)
    }


def _timed(edges: Edges, rank: dict[int, KeepKey], grouping: Grouping) -> tuple[float, list[Cluster]]:
    times = []
    for _ in range(TURNS):
        begun = thread_time()
        clusters = cluster(edges, rank, grouping)
        times.append(thread_time() - begun)
    return median(times), clusters


def _components(edges: Edges, count: int) -> tuple[float, int]:
    """What scipy takes, and how many components have two images or more."""
    begun = thread_time()
    ones = np.ones(len(edges), dtype=np.int8)
    graph = coo_array((ones, (edges[:, 0], edges[:, 1])), shape=(count + 1, count + 1))
    _, labels = connected_components(graph, directed=False)
    seconds = thread_time() - begun
    return seconds, int((np.bincount(labels) > 1).sum())
