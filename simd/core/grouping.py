"""Clusters of images, from the pairs that were found to be near-duplicates.

Chains are the danger: a hundred frames of a slow pan, each near the next, have first and
last frames that share nothing. A *star* therefore joins images to one keeper and never
further; a *complete* cluster asks that all its images are pairwise neighbours; a
*transitive* cluster follows the chains, for whoever wants to see them.

Two images that a person has marked apart are never in one cluster, under none of the three.
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

NOBODY: NDArray[np.int64] = np.empty((0, 2), np.int64)
"""No pairs that are marked apart."""


def cluster(
    edges: Edges,
    rank: Mapping[int, SupportsLessThan],
    grouping: Grouping,
    apart: NDArray[np.int64] = NOBODY,
) -> list[Cluster]:
    """Cluster images by their verified pairs.

    The result depends on the set of edges alone, not on their order or direction. Where a
    pair comes twice, its smaller distance counts; pairs of an image with itself are
    ignored. Each image is in one cluster at most, and every cluster has two images or more.

    Star: the best image without a cluster becomes keeper, and its neighbours without a
    cluster become members. Complete: the same, but a neighbour joins only when it is a
    neighbour of every member so far; the nearest to the keeper are asked first.
    Transitive: connected components, each kept by its best image.

    A pair that is marked apart counts as none. Besides, a star asks the neighbours of its keeper
    in that same order, and takes none that is marked apart from one that it has taken; and a
    transitive cluster grows along its pairs, the nearest first (among equals the one whose
    better image ranks first, then the other), past those that would bring together two who are
    marked apart. Where no such two are in one component, nothing is otherwise.

    Args:
        edges: the pairs; distances are not negative and below 65,536.
        rank: the rank of every image that occurs in ``edges``; the smallest is the best, and
            equal ranks are settled by the smaller id.
        grouping: which of the three.
        apart: pairs that are marked apart, shape ``(m, 2)``, in any order; of any images.

    Returns:
        The clusters, in order of their keepers' ranks.

    Raises:
        KeyError: an image of ``edges`` has no rank.
    """
    table = _as_table(edges)
    # Sorting is stable, so equal ranks stay in order of their ids.
    images = sorted(distinct_ids(table[:, :2]).tolist(), key=rank.__getitem__)
    ranked = np.array(images, dtype=np.int64)
    clusters = cluster_ranked(table, ranked, grouping, apart)
    return [Cluster(keeper, tuple(members)) for keeper, *members in clusters]


def cluster_ranked(
    edges: Edges, images: NDArray[np.int64], grouping: Grouping, apart: NDArray[np.int64] = NOBODY
) -> list[tuple[int, ...]]:
    """The same, for images whose order is known.

    Args:
        edges: the pairs.
        images: the best first; all that occur in ``edges``, and any others.
        grouping: which of the three.
        apart: pairs that are marked apart, as above.

    Returns:
        For each cluster its keeper, then its members.

    Raises:
        ValueError: an image of ``edges`` is not among ``images``.
    """
    table = _as_table(edges)
    if not len(table):
        return []
    keepers = _assigned(_Pairs.of(table, images), len(images), grouping, _places_apart(apart, images))
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

    def where(self, chosen: NDArray[np.bool_]) -> "_Pairs":
        """Some of the pairs."""
        return _Pairs(self.low[chosen], self.high[chosen], self.distances[chosen])


Assignment = Sequence[int] | NDArray[np.int64]
"""The place of the keeper that each place belongs to; -1 for keepers and for those alone."""

Foes = Mapping[int, set[int]]
"""Whom a place is marked apart from; places without anybody are left out."""


def _places_apart(apart: NDArray[np.int64], images: NDArray[np.int64]) -> NDArray[np.int64]:
    """The places of those pairs of which both images are there, shape ``(m, 2)``, the smaller first."""
    here = apart[np.isin(apart, images).all(axis=1)]
    return np.sort(places_in(images, here), axis=1) if len(here) else NOBODY


def _assigned(pairs: _Pairs, count: int, grouping: Grouping, apart: NDArray[np.int64]) -> NDArray[np.int64]:
    if not len(apart):
        return np.asarray(_ASSIGNERS[grouping](pairs, count), dtype=np.int64)
    joining = pairs.where(~np.isin(pairs.low * count + pairs.high, apart[:, 0] * count + apart[:, 1]))
    labels = component_labels(joining.low, joining.high, count)
    inside = apart[labels[apart[:, 0]] == labels[apart[:, 1]]]
    # Few components have such a pair. The others go the quick way, which knows of none.
    concerned = np.isin(labels[joining.low], labels[inside[:, 0]])
    quickly = _ASSIGNERS[grouping](joining.where(~concerned), count)
    heeding = _HEEDING[grouping](joining.where(concerned), count, _foes(inside))
    return np.maximum(np.asarray(quickly, dtype=np.int64), np.asarray(heeding, dtype=np.int64))


def _foes(apart: NDArray[np.int64]) -> Foes:
    foes: dict[int, set[int]] = {}
    for one, other in apart.tolist():
        foes.setdefault(one, set()).add(other)
        foes.setdefault(other, set()).add(one)
    return foes


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


def _heeding_star(pairs: _Pairs, count: int, foes: Foes) -> Assignment:
    return _one_by_one(pairs, count, lambda allowed, place, _: allowed.difference_update(foes.get(place, ())))


def _complete(pairs: _Pairs, count: int) -> Assignment:
    def only_neighbours(allowed: set[int], place: int, around: "_Neighbours") -> None:
        allowed.intersection_update(around.of_place(place))

    return _one_by_one(pairs, count, only_neighbours)


def _heeding_complete(pairs: _Pairs, count: int, _foes: Foes) -> Assignment:
    # Two who are marked apart are no neighbours any more, and no others come together.
    return _complete(pairs, count)


def _one_by_one(
    pairs: _Pairs, count: int, narrow: Callable[[set[int], int, "_Neighbours"], None]
) -> Assignment:
    """Each keeper asks its neighbours, the nearest first.

    Args:
        pairs: who are neighbours.
        count: number of places.
        narrow: takes out of the places that may still join those that one that has joined excludes.
    """
    around = _Neighbours.of(pairs, count)
    keepers = [-1] * count
    taken = [False] * count
    # Nobody else has a neighbour that ranks behind.
    for keeper in distinct_ids(pairs.low).tolist():
        if taken[keeper]:
            continue
        nearest_first = [place for place in around.of_place(keeper) if place > keeper and not taken[place]]
        allowed = set(nearest_first)
        for place in nearest_first:
            if place in allowed:
                keepers[place] = keeper
                taken[place] = True
                narrow(allowed, place, around)
    return keepers


def _transitive(pairs: _Pairs, count: int) -> Assignment:
    keepers = np.full(count, -1)
    # The label of a component is its best place.
    labels = component_labels(pairs.low, pairs.high, count)
    joined = np.flatnonzero(labels < np.arange(count))
    keepers[joined] = labels[joined]
    return keepers


def _heeding_transitive(pairs: _Pairs, count: int, foes: Foes) -> Assignment:
    """Kruskal's forest ("On the shortest spanning subtree of a graph", 1956), without forbidden unions."""
    roots = list(range(count))
    apart = {place: set(others) for place, others in foes.items()}

    def root_of(place: int) -> int:
        while roots[place] != place:
            roots[place] = place = roots[roots[place]]
        return place

    nearest_first = np.lexsort((pairs.high, pairs.low, pairs.distances))
    for one, other in zip(pairs.low[nearest_first].tolist(), pairs.high[nearest_first].tolist(), strict=True):
        best, worse = sorted((root_of(one), root_of(other)))
        if best == worse or worse in apart.get(best, ()):
            continue
        roots[worse] = best
        for foe in apart.pop(worse, ()):
            apart[foe].remove(worse)
            apart[foe].add(best)
            apart.setdefault(best, set()).add(foe)
    keepers = [-1] * count
    for place in distinct_ids(np.concatenate((pairs.low, pairs.high))).tolist():
        root = root_of(place)
        keepers[place] = -1 if root == place else root
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
        spread = int(pairs.distances.max(initial=0)) + 1
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

_HEEDING: dict[Grouping, Callable[[_Pairs, int, Foes], Assignment]] = {
    Grouping.STAR: _heeding_star,
    Grouping.COMPLETE: _heeding_complete,
    Grouping.TRANSITIVE: _heeding_transitive,
}
"""The same, heeding who is marked apart."""
