"""Finds as people are told them: how far and which image, the nearest first and not too many."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simd.index.scan import Positions

Image = tuple[int, int]
"""``(distance, image id)`` of a find."""


def nearest(distances: NDArray[np.uint8], ids: NDArray[np.int64], most: int | None) -> list[Image]:
    """The finds of one query, or the nearest of them when there are more than ``most``.

    Of equally near ones those with the lower ids stay. The order of the finds is not promised.
    """
    if most is not None and len(ids) > most:
        order = np.lexsort((ids, distances))[:most]
        distances, ids = distances.take(order), ids.take(order)
    return list(zip(distances.tolist(), ids.tolist(), strict=True))


def nearest_of_each(
    queries: Positions, distances: NDArray[np.uint8], ids: NDArray[np.int64], most: int | None
) -> Iterator[tuple[int, Image]]:
    """Each find of many queries with its query, but of each query the nearest ``most`` only.

    Args:
        queries: which query each find answers; parallel to the other two.
        distances: how far each find is.
        ids: which image it is.
        most: how many of each query to keep; None for all.
    """
    if most is not None and len(ids) > most:
        order = np.lexsort((ids, distances, queries))
        queries = queries.take(order)
        rank = np.arange(len(queries)) - queries.searchsorted(queries)
        order, queries = order[rank < most], queries[rank < most]
        distances, ids = distances.take(order), ids.take(order)
    images = zip(distances.tolist(), ids.tolist(), strict=True)
    yield from zip(queries.tolist(), images, strict=True)
