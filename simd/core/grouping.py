"""Clusters of images, from the pairs that were found to be near-duplicates.

Chains are the danger: a hundred frames of a slow pan, each near the next, have first and
last frames that share nothing. A *star* therefore joins images to one keeper and never
further; a *complete* cluster asks that all its images are pairwise neighbours; a
*transitive* cluster follows the chains, for whoever wants to see them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, pairwise
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from simd.core.components import component_labels, distinct_ids, places_in


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


class Cluster(NamedTuple):
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
    # Sorting is stable, so equal ranks stay in order of their ids.
    images = sorted(distinct_ids(table[:, :2]).tolist(), key=rank.__getitem__)
    ranked = np.array(images, dtype=np.int64)
    return [Cluster(keeper, tuple(members)) for keeper, *members in cluster_ranked(table, ranked, grouping)]


def cluster_ranked(edges: Edges, images: NDArray[np.int64], grouping: Grouping) -> list[tuple[int, ...]]:
    """The same, for images whose order is known.

    Args:
        edges: the pairs.
        images: the best first; all that occur in ``edges``, and any others.
        grouping: which of the three.

    Returns:
        For each cluster its keeper, then its members.

    Raises:
        ValueError: an image of ``edges`` is not among ``images``.
    """
    table = _as_table(edges)
    if not len(table):
        return []
    keepers = np.array(_ASSIGNERS[grouping](_Pairs.of(table, images), len(images)), dtype=np.int64)
    members = np.flatnonzero(keepers >= 0)
    members = members[np.argsort(keepers[members], kind="stable")]
    starts = np.flatnonzero(np.diff(keepers[members], prepend=-1))
    names = images[np.insert(members, starts, keepers[members[starts]])].tolist()
    bounds = [*(starts + np.arange(len(starts))).tolist(), len(names)]
    return [tuple(names[start:end]) for start, end in pairwise(bounds)]


def _as_table(edges: Edges) -> NDArray[np.int64]:
    """The pairs as an array of shape ``(n, 3)``, without pairs of an image with itself."""
    if isinstance(edges, np.ndarray):
        flat = edges.astype(np.int64, copy=False)
    else:
        flat = np.fromiter(chain.from_iterable(edges), dtype=np.int64)
    table: NDArray[np.int64] = flat.reshape(-1, 3)
    distinct: NDArray[np.int64] = table[table[:, 0] != table[:, 1]]
    return distinct


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of places, place 0 being the best image: parallel arrays, each pair once.

    Attributes:
        low, high: the two places; ordered by ``low``, then ``high``.
        distances: of each pair, the smallest that was given.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    distances: NDArray[np.int64]

    @classmethod
    def of(cls, table: NDArray[np.int64], images: NDArray[np.int64]) -> "_Pairs":
        """The pairs of ``table`` by the places of ``images``."""
        count, spread = len(images), int(table[:, 2].max()) + 1
        one, other = places_in(images, table[:, :2].T)
        pairs = np.minimum(one, other) * count + np.maximum(one, other)
        # One integer that sorts by pair, then distance, is many times faster than a sort by columns.
        pairs, distances = np.divmod(np.sort(pairs * spread + table[:, 2]), spread)
        nearest = np.diff(pairs, prepend=-1) != 0
        low, high = np.divmod(pairs[nearest], count)
        return cls(low, high, distances[nearest])


Assignment = Sequence[int] | NDArray[np.int64]
"""The place of the keeper that each place belongs to; -1 for keepers and for those alone."""


def _star(pairs: _Pairs, count: int) -> Assignment:
    low, high = pairs.low, pairs.high
    taken = _has_better_keeper(low, high, count)
    keeps = ~taken[low]
    keepers = np.full(count, -1)
    # The last assignment to a place holds, so the pairs go backwards: the best keeper comes last.
    keepers[high[keeps][::-1]] = low[keeps][::-1]
    return keepers


def _has_better_keeper(low: NDArray[np.int64], high: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """Which places are near a better one that keeps: all others are keepers, or alone."""
    led = np.zeros(count, dtype=np.bool_)
    led[high] = True
    taken = np.zeros(count, dtype=np.bool_)
    # Who has no better neighbour keeps for certain, which decides most pairs at once.
    taken[high[~led[low]]] = True
    open_ = led[low] & ~taken[low] & ~taken[high]
    # When the first pair of a place comes, all that are better have had their turn.
    flags = bytearray(taken.tobytes())
    for better, worse in zip(low[open_].tolist(), high[open_].tolist(), strict=True):
        if not flags[better]:
            flags[worse] = True
    return np.frombuffer(flags, dtype=np.bool_)


def _complete(pairs: _Pairs, count: int) -> Assignment:
    around = _Neighbours.of(pairs, count)
    keepers = [-1] * count
    taken = [False] * count
    for keeper in range(count):
        if taken[keeper]:
            continue
        nearest_first = [place for place in around.of_place(keeper) if place > keeper and not taken[place]]
        allowed = set(nearest_first)
        for place in nearest_first:
            if place in allowed:
                keepers[place] = keeper
                taken[place] = True
                allowed.intersection_update(around.of_place(place))
    return keepers


def _transitive(pairs: _Pairs, count: int) -> Assignment:
    keepers = np.full(count, -1)
    # The label of a component is its best place.
    labels = component_labels(pairs.low, pairs.high, count)
    joined = np.flatnonzero(labels < np.arange(count))
    keepers[joined] = labels[joined]
    return keepers


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """Whom each place is paired with, the nearest first and the better first among equals.

    Those of ``place`` are ``places[starts[place]:starts[place + 1]]``.
    """

    starts: list[int]
    places: list[int]

    @classmethod
    def of(cls, pairs: _Pairs, count: int) -> "_Neighbours":
        """Lay out the pairs from both sides."""
        spread = int(pairs.distances.max()) + 1
        sources = np.concatenate((pairs.low, pairs.high))
        targets = np.concatenate((pairs.high, pairs.low))
        rows = np.sort((sources * spread + np.tile(pairs.distances, 2)) * count + targets)
        starts = np.searchsorted(rows, np.arange(count + 1) * spread * count)
        return cls(starts.tolist(), (rows % count).tolist())

    def of_place(self, place: int) -> list[int]:
        """The neighbours of one place."""
        return self.places[self.starts[place] : self.starts[place + 1]]


_ASSIGNERS: dict[Grouping, Callable[[_Pairs, int], Assignment]] = {
    Grouping.STAR: _star,
    Grouping.COMPLETE: _complete,
    Grouping.TRANSITIVE: _transitive,
}
