"""Clusters of a large library from its verified pairs, by each of the three ways to group.

A third of the images have near copies: families of two to eight, in which everybody is near everybody, and
pans of a hundred frames, in which each frame is near the next three. The images are numbered at random.
They are taken apart, ranked and clustered as the daemon does it, from pairs and files that have been read
from the catalogue. scipy's connected components are what compiled code takes for the
transitive clusters, whose keepers it does not know. All is processor time of one thread.

A person's verdicts are heeded too: a share of the pairs is marked apart, and as many images to be kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from statistics import median
from time import thread_time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bench.table import Options, Row
from simd.core.components import by_component
from simd.core.grouping import Grouping, cluster_ranked
from simd.core.holdings import Holdings
from simd.core.marks import NO_MARKS, Marks
from simd.work.outlines import PAIRS_AT_ONCE

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
PAIRS_PER_VERDICT = 50

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
    edges, library = pairs(count, rng), _library(count, rng)
    # The files of each part are read from the catalogue, which is not what is measured here.
    held = [_held(library, part) for part in by_component(edges, PAIRS_AT_ONCE)]
    name = f"groups of {count:,} images, {len(edges):,} pairs"
    took = {}
    for grouping in Grouping:
        took[grouping], groups = _timed(edges, held, grouping)
        limited = grouping is Grouping.STAR and count >= MILLION
        bar, note = 1.0 if limited else None, f"{groups:,} groups"
        yield Row(f"{name}, {grouping}", took[grouping], "s", "limit", LIMIT_SECONDS, bar, note)
    marks = _marks(edges, rng)
    note = f"{len(marks.apart):,} pairs marked apart, {len(marks.kept):,} images marked to be kept"
    for grouping in Grouping:
        heeding, _ = _timed(edges, held, grouping, marks)
        yield Row(
            f"{name}, {grouping}, verdicts", heeding, "s", "without verdicts", took[grouping], None, note
        )
    ours, note = took[Grouping.TRANSITIVE], f"{_components(edges, count)[1]:,} groups"
    compiled = median(_components(edges, count)[0] for _ in range(TURNS))
    yield Row(f"{name}, components", ours, "s", "scipy's components", compiled, None, note)


def _library(count: int, rng: np.random.Generator) -> Holdings:
    """One file for each image: pictures of four sizes, with files of all ages."""
    contents = rng.integers(10**5, 10**7, count)
    return Holdings(
        images=np.arange(1, count + 1),
        pixels=12_000_000 >> rng.integers(0, 4, count),
        lossless=rng.integers(0, 20, count) == 0,
        contents=contents,
        mtimes=rng.integers(10**18, 2 * 10**18, count),
        paths=[b"/home/photos/folder-%04d/IMG_%06d.jpg" % divmod(n, 200) for n in range(count)],
        sizes=contents,
        inodes=np.arange(count),
        devices=np.zeros(count, dtype=np.int64),
    )


def _held(library: Holdings, edges: Edges) -> Holdings:
    """The files of the images in these pairs."""
    rows = np.unique(edges[:, :2]) - 1
    values = {each.name: getattr(library, each.name) for each in fields(library)}
    columns: dict[str, Any] = {
        name: value[rows] for name, value in values.items() if isinstance(value, np.ndarray)
    }
    return Holdings(paths=[library.paths[row] for row in rows.tolist()], **columns)


def _marks(edges: Edges, rng: np.random.Generator) -> Marks:
    """Verdicts on pairs and images anywhere in the library."""
    some = np.sort(rng.permutation(edges)[: max(1, len(edges) // PAIRS_PER_VERDICT), :2], axis=1)
    return Marks(frozenset(map(tuple, some.tolist())), frozenset(some[:, 0].tolist()))


def _timed(
    edges: Edges, held: Sequence[Holdings], grouping: Grouping, marks: Marks = NO_MARKS
) -> tuple[float, int]:
    """Seconds from pairs to clusters of ranked images, and how many clusters there are."""
    times, groups = [], 0
    for _ in range(TURNS):
        ranking = [replace(each) for each in held]
        begun = thread_time()
        parts = zip(by_component(edges, PAIRS_AT_ONCE), ranking, strict=True)
        groups = sum(
            len(cluster_ranked(part, marks.rank(each.ranked), grouping, marks.pairs)) for part, each in parts
        )
        times.append(thread_time() - begun)
    return median(times), groups


def _components(edges: Edges, count: int) -> tuple[float, int]:
    """What scipy takes, and how many components have two images or more."""
    begun = thread_time()
    ones = np.ones(len(edges), dtype=np.int8)
    graph = coo_array((ones, (edges[:, 0], edges[:, 1])), shape=(count + 1, count + 1))
    _, labels = connected_components(graph, directed=False)
    seconds = thread_time() - begun
    return seconds, int((np.bincount(labels) > 1).sum())
