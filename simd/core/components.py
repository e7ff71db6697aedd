"""Connected components of many pairs: what can be clustered apart from the rest."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


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
    images, places = np.unique(edges[:, :2], return_inverse=True)
    one, other = places.reshape(-1, 2).T
    labels = component_labels(one, other, len(images))[one]
    order = np.argsort(labels, kind="stable")
    ordered = edges[order]
    bounds = [0, *(np.flatnonzero(np.diff(labels[order])) + 1).tolist(), len(edges)]
    start = 0
    for last, bound in pairwise(bounds):
        if bound - start > most and last > start:
            yield ordered[start:last]
            start = last
    yield ordered[start:]


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
