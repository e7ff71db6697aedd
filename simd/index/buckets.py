"""The hashes of a join in order of one band, and what a kernel of the join is asked about them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from simd.index.bands import Bands

CHUNK = 1 << 18
"""Candidate pairs that are looked at, and pairs that are told, in one go: the arrays stay small."""

Places = NDArray[np.int32]
"""Positions, narrow because a join moves little else: two thousand million hashes are enough."""


class Near(NamedTuple):
    """Places of pairs in the order of a band, and their distances: parallel arrays."""

    left: Places
    right: Places
    distances: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Buckets:
    """The hashes in order of one band.

    Attributes:
        bands: how the hashes are cut.
        band: the one by which they are ordered.
        radius: greatest distance of a pair.
        order: positions in the joined hashes.
        hashes, values: the hashes, and their values of the band, in this order.
        starts: where the hashes with each value of the band begin; one more entry for the end.
    """

    bands: Bands
    band: int
    radius: int
    order: Places
    hashes: NDArray[np.uint64]
    values: NDArray[np.uint32]
    starts: Places

    @classmethod
    def of(cls, hashes: NDArray[np.uint64], bands: Bands, band: int, radius: int) -> "Buckets":
        """Sort the hashes by a band."""
        values = bands.of_hashes(hashes, band)
        order = np.argsort(values, kind="stable").astype(np.int32)
        starts = np.zeros(bands.buckets + 1, dtype=np.int32)
        np.cumsum(np.bincount(values, minlength=bands.buckets), out=starts[1:])
        return cls(bands, band, radius, order, hashes.take(order), values.take(order), starts)


class Kernel(Protocol):
    """What does the work of a join: joins each bucket with the one that a pattern leads to.

    Attributes:
        element_cost, candidate_cost: nanoseconds that one hash of a step, and one candidate pair, take.
    """

    @property
    def element_cost(self) -> float: ...  # noqa: D102
    @property
    def candidate_cost(self) -> float: ...  # noqa: D102

    def step(self, buckets: Buckets, mask: int) -> Iterator[Near]:
        """The near pairs of one step, each two once, in parts that may be empty.

        Pairs that an earlier band reaches are left out: they belong to its steps.
        """
        ...
