"""Clusters of images, from the pairs that were found to be near-duplicates.

Chains are the danger: a hundred frames of a slow pan, each near the next, have first and
last frames that share nothing. A *star* therefore joins images to one keeper and never
further; a *complete* cluster asks that all its images are pairwise neighbours; a
*transitive* cluster follows the chains, for whoever wants to see them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class SupportsLessThan(Protocol):
    """A rank: anything that sorts."""

    def __lt__(self, other: Any, /) -> bool:
        """Whether this rank is the better one."""
        ...


class Grouping(StrEnum):
    """How near-duplicates become groups."""

    STAR = "star"
    COMPLETE = "complete"
    TRANSITIVE = "transitive"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A keeper and at least one duplicate of it.

    Attributes:
        keeper: the best-ranked image of the cluster.
        members: the others, best rank first; the keeper is not among them.
    """

    keeper: int
    members: tuple[int, ...]


Edges = Iterable[tuple[int, int, int]] | NDArray[np.int64]
"""Pairs ``(a, b, distance)`` in any order and direction, or an array of shape ``(n, 3)``."""


def cluster(edges: Edges, rank: Mapping[int, SupportsLessThan], grouping: Grouping) -> list[Cluster]:
    """Cluster images by their verified pairs.

    The result depends on the set of edges alone, not on their order or direction. Where a
    pair comes twice, its smaller distance counts; pairs of an image with itself are
    ignored. Each image is in one cluster at most, and every cluster has two images or more.

    Star: the best image without a cluster becomes keeper, and its neighbours without a
    cluster become members. Complete: the same, but a neighbour joins only when it is a
    neighbour of every member so far; the nearest to the keeper are asked first.
    Transitive: connected components, each kept by its best image.

    Args:
        edges: the pairs; distances are not negative and below 65,536.
        rank: the rank of every image that occurs in ``edges``; the smallest is the best, and
            equal ranks are settled by the smaller id.
        grouping: which of the three.

    Returns:
        The clusters, in order of their keepers' ranks.

    Raises:
        KeyError: an image of ``edges`` has no rank.
    """
    table = _as_table(edges)
    if not len(table):
        return []
    # Sorting is stable, so equal ranks stay in order of their ids.
    images = sorted(_distinct(table[:, :2]).tolist(), key=rank.__getitem__)
    graph = _Graph.build(table, images)
    free = [True] * len(images)
    clusters = []
    for keeper in range(len(images)):
        if not free[keeper]:
            continue
        members = _CHOOSERS[grouping](graph, keeper, free)
        if not members:
            continue
        for place in (keeper, *members):
            free[place] = False
        clusters.append(Cluster(images[keeper], tuple(images[place] for place in sorted(members))))
    return clusters


def _as_table(edges: Edges) -> NDArray[np.int64]:
    """The pairs as an array of shape ``(n, 3)``, without pairs of an image with itself."""
    if isinstance(edges, np.ndarray):
        flat = edges.astype(np.int64, copy=False)
    else:
        flat = np.fromiter(chain.from_iterable(edges), dtype=np.int64)
    table: NDArray[np.int64] = flat.reshape(-1, 3)
    distinct: NDArray[np.int64] = table[table[:, 0] != table[:, 1]]
    return distinct


def _distinct(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The distinct numbers, ascending: what np.unique does, many times faster."""
    ascending = np.sort(numbers, axis=None)
    return ascending[np.concatenate(([True], ascending[1:] != ascending[:-1]))]


@dataclass(frozen=True, slots=True)
class _Graph:
    """Neighbours by place, place 0 being the best-ranked image.

    The neighbours of ``place`` are ``neighbours[starts[place]:starts[place + 1]]``, the
    nearest first and the better-ranked first among equals.
    """

    starts: list[int]
    neighbours: list[int]

    @classmethod
    def build(cls, table: NDArray[np.int64], images: list[int]) -> "_Graph":
        """Lay out the pairs of ``table`` by the order of ``images``."""
        count, spread = len(images), int(table[:, 2].max()) + 1
        by_rank = np.array(images, dtype=np.int64)
        by_id = np.argsort(by_rank)
        places = by_id[np.searchsorted(by_rank[by_id], table[:, :2])]
        pairs = places.min(axis=1) * count + places.max(axis=1)
        # One integer that sorts by pair, then distance, is many times faster than a sort by columns.
        pairs, distances = np.divmod(np.sort(pairs * spread + table[:, 2]), spread)
        nearest = np.diff(pairs, prepend=-1) != 0
        low, high = np.divmod(pairs[nearest], count)
        sources, targets = np.concatenate((low, high)), np.concatenate((high, low))
        rows = np.sort((sources * spread + np.tile(distances[nearest], 2)) * count + targets)
        starts = np.searchsorted(rows, np.arange(count + 1) * spread * count)
        return cls(starts.tolist(), (rows % count).tolist())

    def around(self, place: int) -> list[int]:
        """The neighbours of one place, the nearest first."""
        return self.neighbours[self.starts[place] : self.starts[place + 1]]


def _star(graph: _Graph, keeper: int, free: list[bool]) -> list[int]:
    return [place for place in graph.around(keeper) if free[place]]


def _complete(graph: _Graph, keeper: int, free: list[bool]) -> list[int]:
    nearest_first = _star(graph, keeper, free)
    allowed = set(nearest_first)
    members = []
    for place in nearest_first:
        if place in allowed:
            members.append(place)
            allowed.intersection_update(graph.around(place))
    return members


def _transitive(graph: _Graph, keeper: int, free: list[bool]) -> list[int]:
    seen = {keeper}
    reached = [keeper]
    for place in reached:
        fresh = [near for near in graph.around(place) if free[near] and near not in seen]
        seen.update(fresh)
        reached.extend(fresh)
    return reached[1:]


_CHOOSERS: dict[Grouping, Callable[[_Graph, int, list[bool]], list[int]]] = {
    Grouping.STAR: _star,
    Grouping.COMPLETE: _complete,
    Grouping.TRANSITIVE: _transitive,
}
