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
    labels = _labels(edges[:, :2])
    order = np.argsort(labels, kind="stable")
    ordered = edges[order]
    bounds = [0, *(np.flatnonzero(np.diff(labels[order])) + 1).tolist(), len(edges)]
    start = 0
    for last, bound in pairwise(bounds):
        if bound - start > most and last > start:
            yield ordered[start:last]
            start = last
    yield ordered[start:]


def _labels(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number for each pair, equal for the pairs of one component.

    Every image points at the smallest that its neighbours point at, and then at whatever
    that one points at, until nothing changes: the number of rounds grows with the
    logarithm of a component's size (Shiloach and Vishkin, "An O(log n) Parallel
    Connectivity Algorithm", 1982).
    """
    images, flat = np.unique(pairs, return_inverse=True)
    one, other = flat.reshape(pairs.shape).T
    label = np.arange(len(images))
    while True:
        a, b = label[one], label[other]
        if np.array_equal(a, b):
            return a
        low = np.minimum(a, b)
        np.minimum.at(label, a, low)
        np.minimum.at(label, b, low)
        while not np.array_equal(shorter := label[label], label):
            label = shorter
