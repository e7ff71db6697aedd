"""The two small grey squares that hashes are made of, by Pillow or, where that is faster, as Pillow would."""

import logging
from functools import cache, lru_cache
from itertools import count

import numpy as np
from PIL import Image

from simd.core.dct import Matrix
from simd.core.lanczos import SIDES, Pixels, squares, width_shrinks_first

log = logging.getLogger(__name__)

_LEAST_SIDE = 100
_LONGEST_SIDE = 1024
"""Between these products of matrices take a third to two thirds of Pillow's time.

Below, their overhead eats that up; above, the weights would take much memory for pictures that are rare.
"""

_SIZES_NOTED = 64

_PROOFS = ((150, 100), (100, 136), (333, 217))
"""Sizes at which this Pillow is tried: lying, as tall as can be, and usual."""


def grey_squares(grey: Image.Image) -> tuple[Matrix, Matrix]:
    """A picture in mode ``L`` at 32x32 and at 64x64, as its LANCZOS resize has it; levels from 0 to 255."""
    if _worth_it(*grey.size) and agrees():
        found = squares(_pixels(grey))
        if found is not None:
            return found
    return _by_pillow(grey)


@cache
def agrees() -> bool:
    """Whether the Pillow that is installed resizes as :mod:`simd.core.lanczos` does; tried out once."""
    for width, height in _PROOFS:
        # Waves that grow shorter and shorter, with edges that overshoot at both ends of the scale.
        levels = np.arange(width * height, dtype=np.uint32).reshape(height, width)
        pixels = (levels * levels // 7 % 256).astype(np.uint8)
        ours = squares(pixels)
        theirs = _by_pillow(Image.fromarray(pixels))
        if ours is None or not all(map(np.array_equal, ours, theirs)):
            log.warning("this Pillow resizes otherwise than expected: small pictures take longer")
            return False
    return True


def _worth_it(width: int, height: int) -> bool:
    shorter, longer = min(width, height), max(width, height)
    if shorter < _LEAST_SIDE or longer > _LONGEST_SIDE or not width_shrinks_first(width, height):
        return False
    # To work out the weights for a size takes as long as Pillow takes for a picture.
    return next(_sights((width, height))) > 0


@lru_cache(_SIZES_NOTED)
def _sights(size: tuple[int, int]) -> "count[int]":  # noqa: ARG001  # what is kept is kept by it
    """How many pictures of a size came before, as long as it is among those seen last."""
    return count()


def _by_pillow(grey: Image.Image) -> tuple[Matrix, Matrix]:
    small, large = (_pixels(grey.resize((side, side), Image.Resampling.LANCZOS)) for side in SIDES)
    return small.astype(np.float64), large.astype(np.float64)


def _pixels(grey: Image.Image) -> Pixels:
    # Takes half the time of numpy.asarray.
    return np.frombuffer(grey.tobytes(), dtype=np.uint8).reshape(grey.height, grey.width)
