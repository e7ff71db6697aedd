"""The perceptual hash as a matrix product: low frequencies of a picture against their median.

The hash is that of :func:`imagehash.phash`: a two-dimensional DCT-II of a square picture four
times as wide as the hash, its lowest frequencies, one bit for each that lies above their median.
A product with constant matrices takes a fraction of the time of two general transforms.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]

OVERSAMPLING = 4
"""Pixels of the picture for each bit of the hash, along one side."""

SURE_GAP = 1e-6
"""Two coefficients this far apart compare alike in every correct DCT.

A coefficient is a sum of N times N levels, each multiplied twice by at most 2: at most 4.2e6 for N = 64. Two
sums of N rounded products err by less than 2N times 2**-53 of that, which is 6e-8 (Higham, Accuracy and
Stability of Numerical Algorithms, 3.1); on photographs it is 1e-9. Four such errors, of two coefficients
computed in two ways, stay below this gap.
"""


@cache
def _cosines(side: int, count: int) -> Matrix:
    """Row k of the DCT-II, unnormalised as scipy has it: 2 cos(pi k (2n + 1) / 2N)."""
    frequencies = np.arange(count)[:, None]
    places = 2 * np.arange(side)[None, :] + 1
    cosines: Matrix = 2.0 * np.cos(np.pi * frequencies * places / (2 * side))
    return cosines


def low_frequencies(pixels: Matrix, count: int | None = None) -> Matrix:
    """The lowest frequencies of square pictures.

    Args:
        pixels: an array (..., N, N).
        count: how many frequencies of each direction; a quarter of N when it is None.

    Returns:
        An array (..., count, count).
    """
    side = pixels.shape[-1]
    cosines = _cosines(side, count or side // OVERSAMPLING)
    found: Matrix = cosines @ pixels @ cosines.T
    return found


def hash_bits(coefficients: Matrix) -> tuple[npt.NDArray[np.bool_], bool]:
    """Which coefficients of one picture lie above their median.

    Returns:
        The bits, in the shape of the coefficients, and whether they are beyond doubt: with a
        gap of less than :data:`SURE_GAP` around the median, another way of computing the same
        transform may give other bits (flat and perfectly symmetrical pictures).
    """
    flat = coefficients.ravel()
    middle = flat.size // 2
    ordered = np.partition(flat, (middle - 1, middle))
    below, above = float(ordered[middle - 1]), float(ordered[middle])
    return coefficients > (below + above) / 2, above - below > SURE_GAP
