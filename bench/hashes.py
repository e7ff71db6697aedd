"""Hashes as libraries have them: strangers only, families of edits, and a blob of equal ones."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

FAMILY = 8
"""Members of a family: a picture and the edits of it."""

TURNS = 4
"""Bits that are turned between a head and a member: two members are up to eight bits apart."""

BLOB_SHARE = 20
"""One hash in so many is that of a blank page."""


def uniform(count: int, rng: np.random.Generator) -> Hashes:
    """So many hashes that have nothing to do with each other."""
    return rng.integers(0, 2**64, count, dtype=np.uint64)


def clustered(count: int, rng: np.random.Generator) -> Hashes:
    """So many hashes, half of them alone and half in families up to eight bits wide."""
    hashes = uniform(count, rng)
    members = np.arange(count // 2)
    heads = hashes[members - members % FAMILY]
    turned = np.zeros(len(members), dtype=np.uint64)
    for _ in range(TURNS):
        turned ^= np.uint64(1) << rng.integers(0, 64, len(members), dtype=np.uint64)
    hashes[members] = np.where(members % FAMILY == 0, heads, heads ^ turned)
    return hashes


def blob(count: int, rng: np.random.Generator) -> Hashes:
    """So many hashes as :func:`clustered` has them, but one in twenty is the same: blank scans."""
    hashes = clustered(count, rng)
    hashes[rng.permutation(count)[: count // BLOB_SHARE]] = hashes[0]
    return hashes


KINDS: Mapping[str, Callable[[int, np.random.Generator], Hashes]] = {
    "uniform": uniform,
    "clustered": clustered,
    "blob": blob,
}
