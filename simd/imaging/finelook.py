"""A closer look at two files, for the few pairs of which a person asks or that are to be acted on.

Both files are read once. Each picture is upright and has at most 1,024 pixels on the longer side; then both
are scaled to one frame: the smaller of both widths and the smaller of both heights, so that nothing is
enlarged but what has fewer than 16 pixels.
"""

import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from simd.core.alterations import MAP_SIDE, Map, best_fit, changed_blocks
from simd.core.colours import colour_gap
from simd.core.judgement import FineLook, asks_for_fit
from simd.core.model import ProblemCode
from simd.core.ssim import Grey, structural_similarity
from simd.imaging.decode import load, luminance
from simd.imaging.outcome import Refusal, Refused, Vanished
from simd.imaging.source import Source

LONGEST_SIDE = 1024
"""Pixels of the longer side, at most."""

DECODED_SIDE = 683
"""Pixels that the decoder leaves on the shorter side: two thirds of the longer, as most photographs have."""

COLOUR_SIDE = 64
"""Side of the frames whose colours are compared: smaller than the grain of a camera and of a JPEG."""

COARSE_SIDE = 32
"""Side of the frames that tell whether anything large differs."""

HASHED_SIDE = 128
"""Most pixels of the longer side of what imagehash is given; what it does first is to make it smaller."""

_SHORTEST_SIDE = 16
_BLOCKS = 16


def look(a: bytes, b: bytes) -> FineLook | Refused:
    """Compare two files; the first that cannot be read is refused, with its name in the reason."""
    pictures = []
    for path in (a, b):
        picture = _read(path)
        if isinstance(picture, Refused):
            return picture
        pictures.append(picture)
    return compare(*pictures)


def compare(a: Image.Image, b: Image.Image) -> FineLook:
    """Compare two loaded pictures in mode ``L``, ``RGB`` or ``YCbCr``."""
    frame = _frame(a, b)
    one, other = _fit(a, frame), _fit(b, frame)
    grey, other_grey = luminance(one), luminance(other)
    levels, other_levels = np.asarray(grey), np.asarray(other_grey)
    map_, other_map = _map(grey), _map(other_grey)
    rgb, other_rgb = one.convert("RGB"), other.convert("RGB")
    mean, worst = _differences(np.asarray(ImageChops.difference(rgb, other_rgb)))
    colours = colour_gap(_colours(rgb), _colours(other_rgb))
    changed = changed_blocks(map_, other_map)
    coarse = structural_similarity(_coarse(grey), _coarse(other_grey))
    hashed, other_hashed = _small(a), _small(b)
    return FineLook(
        ssim=structural_similarity(levels, other_levels),
        coarse_ssim=coarse,
        mean_difference=mean,
        worst_block=worst,
        colour_difference=colours.total,
        tint_difference=colours.tint,
        lightness_difference=colours.lightness,
        contrast_difference=colours.contrast,
        sharpness_a=_sharpness(levels),
        sharpness_b=_sharpness(other_levels),
        changed=changed,
        fit=best_fit(map_, other_map) if asks_for_fit(changed, coarse) else None,
        dhash=int(imagehash.dhash(hashed) - imagehash.dhash(other_hashed)),
        ahash=int(imagehash.average_hash(hashed) - imagehash.average_hash(other_hashed)),
        whash=int(imagehash.whash(hashed) - imagehash.whash(other_hashed)),
        colorhash=int(imagehash.colorhash(hashed) - imagehash.colorhash(other_hashed)),
    )


def _read(path: bytes) -> Image.Image | Refused:
    name = path.decode("utf-8", "backslashreplace")
    stamp = None
    try:
        with Source(path) as source:
            stamp = source.stamp
            with source.stream() as stream:
                picture = load(stream, DECODED_SIDE).image
    except Vanished:
        return Refused(ProblemCode.IO, f"{name}: It is no longer there.", stamp)
    except Refusal as refusal:
        return Refused(refusal.problem, f"{name}: {refusal.reason}", stamp)
    return picture


def _frame(a: Image.Image, b: Image.Image) -> tuple[int, int]:
    """The size in which two pictures are compared."""
    sizes = [_fitting(picture) for picture in (a, b)]
    width, height = (min(sides) for sides in zip(*sizes, strict=True))
    return max(_SHORTEST_SIDE, width), max(_SHORTEST_SIDE, height)


def _fitting(picture: Image.Image) -> tuple[int, int]:
    factor = min(1.0, LONGEST_SIDE / max(picture.size))
    return round(picture.width * factor), round(picture.height * factor)


def _fit(picture: Image.Image, frame: tuple[int, int]) -> Image.Image:
    return picture if picture.size == frame else picture.resize(frame, Image.Resampling.LANCZOS)


def _map(grey: Image.Image) -> Map:
    return np.asarray(grey.resize((MAP_SIDE, MAP_SIDE), Image.Resampling.BOX), dtype=np.float32)


def _coarse(grey: Image.Image) -> Grey:
    return np.asarray(grey.resize((COARSE_SIDE, COARSE_SIDE), Image.Resampling.BOX))


def _colours(rgb: Image.Image) -> npt.NDArray[np.uint8]:
    return np.asarray(rgb.resize((COLOUR_SIDE, COLOUR_SIDE), Image.Resampling.BOX))


def _small(picture: Image.Image) -> Image.Image:
    """What is hashed: reduced by a whole factor, in RGB."""
    factor = max(1, max(picture.size) // HASHED_SIDE)
    return picture.reduce(factor).convert("RGB")


def _sharpness(levels: Grey) -> float:
    """The variance of the Laplacian: each level times four less its four neighbours, without the border."""
    wide = levels.astype(np.int16)
    bend = 4 * wide[1:-1, 1:-1]
    for neighbours in (wide[:-2, 1:-1], wide[2:, 1:-1], wide[1:-1, :-2], wide[1:-1, 2:]):
        bend -= neighbours
    return float(bend.var(dtype=np.float32))


def _differences(levels: npt.NDArray[np.uint8]) -> tuple[float, float]:
    """The mean of differences, (rows, columns, 3), and the mean of the block where it is largest."""
    rows, columns, channels = levels.shape
    tops, lefts = (_edges(side) for side in (rows, columns))
    by_row = np.add.reduceat(levels.reshape(rows, -1), tops, axis=0, dtype=np.uint32)
    sums = np.add.reduceat(by_row, lefts * channels, axis=1, dtype=np.int64)
    areas = np.outer(np.diff(tops, append=rows), np.diff(lefts, append=columns)) * channels
    return float(sums.sum() / levels.size), float((sums / areas).max())


def _edges(side: int) -> npt.NDArray[np.int64]:
    """Where each of the blocks begins that a side is parted into."""
    return np.arange(_BLOCKS) * side // _BLOCKS
