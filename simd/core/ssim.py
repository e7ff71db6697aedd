"""Structural similarity of grey pictures (Wang, Bovik, Sheikh and Simoncelli, 2004).

With the constants that its authors recommend, a uniform window of 7x7 pixels, sample covariances, and
without windows that reach over the border: the mean that scikit-image gives by default. Sums over
windows are whole numbers and exact; only the last quotient is a float of 32 bits.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
Sums = npt.NDArray[Any]

WINDOW = 7
"""Side of a window, in pixels; a picture must not be smaller."""

_PIXELS = WINDOW * WINDOW
_WHITE = 255.0
_LUMINANCE_TERM = (0.01 * _WHITE) ** 2
_CONTRAST_TERM = (0.03 * _WHITE) ** 2
# The quotient is taken of sums instead of means and sample covariances, so the terms grow as these do.
_OF_SUMS = np.float32(_LUMINANCE_TERM * _PIXELS**2)
_OF_COVARIANCES = np.float32(_CONTRAST_TERM * _PIXELS * (_PIXELS - 1))

_STRIP = 64
"""Rows of windows at a time, so that the sums of a picture of 1,024 pixels stay within the cache."""


def structural_similarity(a: Grey, b: Grey) -> float:
    """The mean SSIM of two pictures of one size: 1 for equal ones, about 0 for unrelated ones, -1 at least.

    Args:
        a: grey levels 0 to 255, (rows, columns), at least 7x7.
        b: the same of the other picture.
    """
    rows, columns = a.shape[0] - WINDOW + 1, a.shape[1] - WINDOW + 1
    strips = ((top, top + _STRIP + WINDOW - 1) for top in range(0, rows, _STRIP))
    sums = [float(window_similarities(a[top:end], b[top:end]).sum(dtype=np.float64)) for top, end in strips]
    mean = math.fsum(sums) / float(rows * columns)
    # Quotients of 32 bits may add up to a hair more than there are.
    return min(1.0, mean)


def window_similarities(a: Grey, b: Grey) -> npt.NDArray[np.float32]:
    """The SSIM of every window that lies within the pictures.

    Args:
        a: grey levels, (..., rows, columns), at least 7x7.
        b: the same, of one shape with ``a`` or broadcast against it.

    Returns:
        An array with six rows and six columns less.
    """
    one, other = a.astype(np.int16), b.astype(np.int16)
    sum_a, sum_b = (_window_sums(levels).astype(np.int32) for levels in (one, other))
    one, other = one.astype(np.int32), other.astype(np.int32)
    covariances = _window_sums(one * other)
    one *= one
    other *= other
    variances = _window_sums(one + other)
    products = sum_a * sum_b
    sum_a *= sum_a
    sum_b *= sum_b
    squares = sum_a + sum_b
    covariances *= _PIXELS
    covariances -= products
    variances *= _PIXELS
    variances -= squares
    found = _scaled(products, 2, _OF_SUMS)
    found *= _scaled(covariances, 2, _OF_COVARIANCES)
    found /= _scaled(squares, 1, _OF_SUMS)
    found /= _scaled(variances, 1, _OF_COVARIANCES)
    return found


def _scaled(sums: Sums, factor: int, term: np.float32) -> npt.NDArray[np.float32]:
    found = sums.astype(np.float32)
    if factor != 1:
        found *= np.float32(factor)
    found += term
    return found


def _window_sums(levels: Sums) -> Sums:
    """The sum of every window: along each axis two sums of four that share their middle, less that once."""
    high = levels.shape[-2] - WINDOW + 1
    pairs = levels[..., :-1, :] + levels[..., 1:, :]
    fours = pairs[..., :-2, :] + pairs[..., 2:, :]
    tall = fours[..., :high, :] + fours[..., 3:, :]
    tall -= levels[..., 3 : 3 + high, :]
    wide = levels.shape[-1] - WINDOW + 1
    pairs = tall[..., :-1] + tall[..., 1:]
    fours = pairs[..., :-2] + pairs[..., 2:]
    sums: Sums = fours[..., :wide] + fours[..., 3:]
    sums -= tall[..., 3 : 3 + wide]
    return sums
