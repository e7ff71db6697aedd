"""Connected components of many pairs: what can be clustered apart from the rest."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

SPARSE = 64
"""Ids up to so many times their number are looked up in a table with a place for each; beyond, by search."""


def by_component(edges: NDArray[np.int64], most: int) -> Iterator[NDArray[np.int64]]:
    """Cut pairs into parts that share no image.

    Args:
        edges: shape ``(n, 3)``, two image ids and anything else.
        most: pairs of a part; only a component that is larger makes a larger one.

    Returns:
        The parts; every pair is in one of them.
    """
    if not len(edges):
        return
    images = distinct_ids(edges[:, :2])
    one, other = places_in(images, edges[:, :2].T)
    labels = component_labels(one, other, len(images))[one]
    order = np.argsort(labels)
    ordered = edges[order]
    bounds = [0, *(np.flatnonzero(np.diff(labels[order])) + 1).tolist(), len(edges)]
    start = 0
    for last, bound in pairwise(bounds):
        if bound - start > most and last > start:
            yield ordered[start:last]
            start = last
    yield ordered[start:]


def places_in(images: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each of the wanted ids stands among distinct ones, in an array of the shape of ``wanted``.

    Ids are given in order, so that a table of all up to the last is small; a search takes several
    times as long. Ids are not negative, and ``images`` is not empty.

    Raises:
        ValueError: an id is not among ``images``.
    """
    last = int(images.max())
    if not len(wanted):
        places = np.empty(wanted.shape, np.int64)
    elif int(wanted.max()) > last:
        raise ValueError("an image of a pair is not among the images")
    elif last < SPARSE * wanted.size:
        table = np.full(last + 1, -1)
        table[images] = np.arange(len(images))
        places = table[wanted]
    else:
        by_id = np.argsort(images)
        places = by_id[np.searchsorted(images, wanted, sorter=by_id)]
        places[images[places] != wanted] = -1
    if places.min(initial=0) < 0:
        raise ValueError("an image of a pair is not among the images")
    return places


def distinct_ids(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The distinct ids, ascending; what :func:`numpy.unique` does, many times faster."""
    last = int(ids.max(initial=0))
    if last < SPARSE * ids.size:
        present = np.zeros(last + 1, dtype=np.bool_)
        present[ids.ravel()] = True
        return np.flatnonzero(present)
    ascending = np.sort(ids, axis=None)
    distinct: NDArray[np.int64] = ascending[np.diff(ascending, prepend=-1) != 0]
    return distinct


def component_labels(one: NDArray[np.int64], other: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The smallest node that each of the nodes 0 to ``count - 1`` is connected to, itself included.

    Every node points at the smallest that its neighbours point at, and then at whatever
    that one points at, until nothing changes: the number of rounds grows with the
    logarithm of a component's size (Shiloach and Vishkin, "An O(log n) Parallel
    Connectivity Algorithm", 1982).

    Args:
        one: one end of each edge.
        other: the other end.
        count: number of nodes.
    """
    label = np.arange(count)
    while True:
        a, b = label[one], label[other]
        if np.array_equal(a, b):
            return label
        low = np.minimum(a, b)
        np.minimum.at(label, a, low)
        np.minimum.at(label, b, low)
        while not np.array_equal(shorter := label[label], label):
            label = shorter
