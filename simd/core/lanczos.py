"""Pillow's LANCZOS resize of an 8-bit grey picture to two small squares, as products of matrices.

Pillow works in fixed point (``Resample.c``). Each pixel of a square is a sum of pixels, weighed by a
windowed sinc whose values are rounded to multiples of 2^-22; the width shrinks first, then the height, and
both sums are rounded to whole levels. Such sums are exact in double precision, in whatever order they
are made: they need 32 bits of the 53. So products of matrices give the very levels that Pillow gives,
in about a third of the time, and both squares share the pixels that were turned into numbers.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from simd.core.dct import Matrix
from simd.core.model import GREY_SIDE

Pixels = npt.NDArray[np.uint8]
_Places = npt.NDArray[np.int64]

SIDES = (GREY_SIDE, 2 * GREY_SIDE)
"""Pixels along the sides of the squares: those of a thumbnail, and those that 256 bits are made of."""

SURE_MARGIN = 1e-7
"""A weight this close to the middle between two multiples of 2^-22 may be rounded otherwise by another sine.

In units of the multiples. A weight has up to 4e6 of them, and is right to within 1e-8.
"""

_SUPPORT = 3.0
_BITS = 22
_BANDS = 4
"""Products for each square and direction: most weights are zero, those of neighbours at the same places."""

_KEPT_LENGTHS = 32
_PARTS = (slice(0, SIDES[0]), slice(SIDES[0], sum(SIDES)))
"""Where the places of each square lie among those of both."""


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    """What pixels along one direction of a picture contribute to those of the squares.

    Attributes:
        weights: (pixels, places), where the places are those of the smaller square and then those of
            the larger; multiples of 2^-22.
        bands: ranges of pixels and of places; outside of them all weights are zero.
        sure: whether the rounding of every weight is beyond doubt.
    """

    weights: Matrix
    bands: tuple[tuple[slice, slice], ...]
    sure: bool


def squares(pixels: Pixels) -> tuple[Matrix, Matrix] | None:
    """The picture squeezed into 32x32 and into 64x64 pixels, as whole levels from 0 to 255.

    Pillow shrinks the height of a very tall picture first, see :func:`width_shrinks_first`; what this
    function gives is then a level off here and there.

    Args:
        pixels: (height, width), both at least 1.

    Returns:
        None where Pillow has to be asked, because at this size its weights may be rounded otherwise:
        at about one length in a thousand.
    """
    height, width = pixels.shape
    across, down = _axis(width), _axis(height)
    if not (across.sure and down.sure):
        return None
    levels = pixels.astype(np.float64)
    narrow = np.empty((height, sum(SIDES)))
    for reach, places in across.bands:
        np.matmul(levels[:, reach], across.weights[reach, places], out=narrow[:, places])
    _round(narrow)
    small, large = (_round(down.weights[:, part].T @ narrow[:, part]) for part in _PARTS)
    return small, large


def width_shrinks_first(width: int, height: int) -> bool:
    """Whether Pillow, old or new, makes both squares of such a picture by shrinking its width first.

    Since Pillow 13 the height goes first where it shrinks by more than twice as many pixels as the
    width. In Pillow 12 it does from a hundred times the width on.
    """
    return all(height - side <= 2 * (width - side) for side in SIDES)


def _round(levels: Matrix) -> Matrix:
    """Round to whole levels in place, halves up."""
    levels += 0.5
    np.floor(levels, out=levels)
    np.clip(levels, 0.0, 255.0, out=levels)
    return levels


@lru_cache(_KEPT_LENGTHS)
def _axis(length: int) -> _Axis:
    columns: list[Matrix] = []
    bands: list[tuple[slice, slice]] = []
    sure = True
    for side, part in zip(SIDES, _PARTS, strict=True):
        first, end = _windows(length, side)
        multiples = _multiples(length, side, first, end)
        whole = np.rint(multiples)
        sure = sure and float(np.abs(multiples - whole).max()) < 0.5 - SURE_MARGIN
        columns.append(_spread(whole, first, length))
        for band in range(_BANDS):
            begin, stop = band * side // _BANDS, (band + 1) * side // _BANDS
            reach = slice(int(first[begin]), int(end[stop - 1]))
            bands.append((reach, slice(part.start + begin, part.start + stop)))
    weights = np.concatenate(columns, axis=1)
    weights *= 2.0**-_BITS
    return _Axis(weights, tuple(bands), sure)


def _windows(length: int, side: int) -> tuple[_Places, _Places]:
    """For each pixel of the square the first pixel that counts, and the one behind the last."""
    centres, spread = _centres(length, side)
    reach = _SUPPORT * spread
    first = np.maximum((centres - reach + 0.5).astype(np.int64), 0)
    end = np.minimum((centres + reach + 0.5).astype(np.int64), length)
    return first, end


def _multiples(length: int, side: int, first: _Places, end: _Places) -> Matrix:
    """(side, widest window): the weights in units of 2^-22, not yet rounded; zeros behind a window's end."""
    centres, spread = _centres(length, side)
    places = first[:, None] + np.arange(int((end - first).max()))
    offsets = (places - centres[:, None] + 0.5) / spread
    weights: Matrix = np.sinc(offsets) * np.sinc(offsets / _SUPPORT)
    weights[places >= end[:, None]] = 0.0
    weights *= 2.0**_BITS / weights.sum(axis=1, keepdims=True)
    return weights


def _centres(length: int, side: int) -> tuple[Matrix, float]:
    """The centre of each pixel of the square, in pixels of the picture, and how far the sinc is spread."""
    scale = length / side
    centres: Matrix = (np.arange(side) + 0.5) * np.float64(scale)
    return centres, max(scale, 1.0)


def _spread(windows: Matrix, first: _Places, length: int) -> Matrix:
    """(length, side): each window as a column, from its first pixel on."""
    side, widest = windows.shape
    # The zeros behind a window's end may lie behind the end of the picture.
    matrix = np.zeros((length + widest, side))
    matrix[first[:, None] + np.arange(widest), np.arange(side)[:, None]] = windows
    return matrix[:length]
