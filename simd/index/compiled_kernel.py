"""The join's work compiled by numba, which comes with the optional extra ``simd[fast]``.

Only :func:`simd.index.join.kernel_for` imports this, when a large join begins: numba takes a second
to load and three to compile. It keeps no files.
"""

from collections.abc import Iterator

import numba
import numpy as np
from numpy.typing import NDArray

from simd.index.buckets import CHUNK, Buckets, Near

LOOKED_AT = 1 << 24
"""Candidates between two returns to Python, some 20 ms: a daemon that stops need not wait for more."""


class CompiledKernel:
    """Joins buckets in compiled loops; see :class:`simd.index.buckets.Kernel`."""

    element_cost = 18.0
    candidate_cost = 1.2

    def __init__(self, most: int = CHUNK, looked_at: int = LOOKED_AT) -> None:
        """Tell at most ``most`` pairs and look at some ``looked_at`` candidates in one part."""
        self._found = Near(
            np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32), np.empty(most, dtype=np.uint8)
        )
        self._looked_at = looked_at
        self._buckets: Buckets | None = None
        self._filled: NDArray[np.uint32] = np.empty(0, dtype=np.uint32)

    def step(self, buckets: Buckets, mask: int) -> Iterator[Near]:
        """The near pairs of one step, each two once."""
        if buckets is not self._buckets:
            self._buckets, self._filled = buckets, np.unique(buckets.values)
        bands = buckets.bands
        shifts = np.array(bands.shifts[: buckets.band], dtype=np.uint64)
        reaches = np.array(bands.reaches(buckets.radius)[: buckets.band], dtype=np.int64)
        ones = np.uint64(bands.buckets - 1)
        cursor: NDArray[np.int64] = np.array([0, -1, -1], dtype=np.int64)
        while cursor[0] < len(self._filled):
            found = _fill(
                buckets.hashes, buckets.starts, self._filled, mask, buckets.radius, shifts, ones, reaches,
                self._looked_at, cursor, *self._found,
            )  # fmt: skip
            left, right, distances = self._found
            yield Near(left[:found].copy(), right[:found].copy(), distances[:found].copy())


@numba.njit
def _bits(number: np.uint64) -> np.int64:
    """How many bits are set, in the way that compilers know and make one instruction of."""
    number -= (number >> np.uint64(1)) & np.uint64(0x5555555555555555)
    number = (number & np.uint64(0x3333333333333333)) + (
        (number >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    number = (number + (number >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((number * np.uint64(0x0101010101010101)) >> np.uint64(56))


@numba.njit
def _is_reached(
    differing: np.uint64, shifts: NDArray[np.uint64], ones: np.uint64, reaches: NDArray[np.int64]
) -> bool:
    """Whether an earlier band reaches a pair that differs in these bits."""
    for band in range(len(shifts)):  # noqa: SIM110 - numba compiles no generators of this kind
        if _bits((differing >> shifts[band]) & ones) <= reaches[band]:
            return True
    return False


@numba.njit(nogil=True)
def _fill(
    hashes: NDArray[np.uint64],
    starts: NDArray[np.int32],
    filled: NDArray[np.uint32],
    mask: int,
    radius: int,
    shifts: NDArray[np.uint64],
    ones: np.uint64,
    reaches: NDArray[np.int64],
    most: int,
    cursor: NDArray[np.int64],
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    distances: NDArray[np.uint8],
) -> int:
    """Fill the last three arrays with near pairs, and move the cursor behind what was looked at.

    The cursor tells how many of the filled buckets are done, and where to go on in the next: the places of
    two hashes, -1 at its beginning.

    Returns:
        How many pairs there are.
    """
    found, looked = 0, 0
    for place in range(cursor[0], len(filled)):
        value = np.int64(filled[place])
        other = value ^ mask
        first, last = starts[other], starts[other + 1]
        if other < value or first == last:
            continue
        for i in range(max(starts[value], cursor[1]), starts[value + 1]):
            begin = max(first if mask else i + 1, cursor[2])
            if looked >= most:
                cursor[:] = (place, i, begin)
                return found
            cursor[2] = -1
            looked += last - begin
            for j in range(begin, last):
                differing = hashes[i] ^ hashes[j]
                distance = _bits(differing)
                if distance > radius or _is_reached(differing, shifts, ones, reaches):
                    continue
                if found == len(left):
                    cursor[:] = (place, i, j)
                    return found
                left[found], right[found], distances[found] = i, j, distance
                found += 1
        cursor[1] = -1
    cursor[0] = len(filled)
    return found
