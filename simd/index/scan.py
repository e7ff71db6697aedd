"""The plain search: every hash is looked at, in pieces whose temporary arrays stay in the cache."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

COMPARED_AT_ONCE = 1 << 16
"""Pairs of hashes that are compared in one step; measured, see decisions/0011."""

Positions = NDArray[np.signedinteger[Any]]
"""Places in an array; 32 bits wide where they are stored."""


class Near(NamedTuple):
    """What a search for many hashes met: parallel arrays.

    Attributes:
        queries: the place of the hash that was sought, ascending.
        positions: the place of the hash that was found, ascending under one query.
    """

    queries: Positions
    positions: Positions


def scan(hashes: NDArray[np.uint64], wanted: int, radius: int) -> Positions:
    """Positions of the hashes within ``radius`` bits of the wanted one, ascending."""
    sought = np.uint64(wanted)
    if len(hashes) <= COMPARED_AT_ONCE:
        # As `flatnonzero`, which would take a tenth of the time of a short search by itself.
        all_at_once: Positions = (np.bitwise_count(hashes ^ sought) <= radius).nonzero()[0]
        return all_at_once
    found = []
    differing = np.empty(COMPARED_AT_ONCE, dtype=np.uint64)
    for start in range(0, len(hashes), COMPARED_AT_ONCE):
        piece = hashes[start : start + COMPARED_AT_ONCE]
        np.bitwise_xor(piece, sought, out=differing[: len(piece)])
        near = np.bitwise_count(differing[: len(piece)]) <= radius
        found.append(np.flatnonzero(near) + start)
    return np.concatenate(found)


def scan_many(hashes: NDArray[np.uint64], wanted: NDArray[np.uint64], radius: int) -> Near:
    """What :func:`scan` finds for each of many; several at a time while there are few hashes."""
    queries, positions = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    at_once = max(1, COMPARED_AT_ONCE // max(1, len(hashes)))
    for start in range(0, len(wanted), at_once):
        some = wanted[start : start + at_once]
        if len(some) == 1:
            found = scan(hashes, int(some[0]), radius)
            rows = np.zeros(len(found), dtype=np.int64)
        else:
            compared = np.bitwise_count(hashes ^ some[:, None]) <= radius
            rows, found = np.divmod(np.flatnonzero(compared.ravel()), len(hashes))
        queries.append(rows + start)
        positions.append(found)
    return Near(np.concatenate(queries), np.concatenate(positions))
