"""Where two pictures of one scene differ, and whether one lies within the other.

Both work on grey maps of 128x128 pixels: at that size noise, compression and a little blur have
vanished, while a head that turned has not. Lighter, darker and recoloured pictures are not different here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float32]
Levels = npt.NDArray[np.float64]

MAP_SIDE = 128
"""Side of a map, in pixels."""

BLOCKS = 16
"""Blocks along each side of a map."""

LEAST_UNEXPLAINED = 8.0
"""A block differs only where so many levels, by their deviation, are not those of the other block, scaled."""

LEAST_SHARE = 0.4
"""And where these are at least so much of the variance of the livelier block."""

SCALES = (1.0, 0.97, 0.94, 0.91, 0.88, 0.85, 0.82, 0.79, 0.76, 0.73, 0.70)
"""How much of the one picture's width the other may show."""

_PATCH_SHARE = 0.75
"""The middle of one picture is searched for in the other: an eighth at each edge may have left the frame."""

_AT_HOME = 2.5
"""Pixels of the map by which a patch may be off its place without having moved."""

_LEAST_VARIANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Fit:
    """How well the middle of one picture is found again in the other.

    Attributes:
        correlation: of the grey levels at the best place, -1 to 1.
        scale: the share of the other picture's width that the one shows, at most 1.
        moved: whether the best place, or the best scale, is another than its own.
    """

    correlation: float
    scale: float
    moved: bool


def changed_blocks(a: Map, b: Map) -> float:
    """The share of the 16x16 blocks, 0 to 1, in which two maps show something else.

    Within a block, one map is explained as far as it is the other times a factor plus a constant. What
    is left counts, by :data:`LEAST_UNEXPLAINED` and :data:`LEAST_SHARE`.
    """
    one, other = _blocks(a), _blocks(b)
    variance, other_variance = (one * one).mean(axis=1), (other * other).mean(axis=1)
    covariance = np.maximum((one * other).mean(axis=1), 0)
    explained = covariance**2 / np.maximum(variance * other_variance, _LEAST_VARIANCE)
    unexplained = np.maximum(1 - explained, 0)
    left = np.sqrt(unexplained * np.maximum(variance, other_variance))
    return float(((left > LEAST_UNEXPLAINED) & (unexplained > LEAST_SHARE)).mean())


def best_fit(a: Map, b: Map) -> Fit:
    """Search the middle of each picture in the other, at every scale, and give the best that is found."""
    found = [*_fits(a, b), *_fits(b, a)]
    return max(found, key=lambda fit: fit.correlation)


def _blocks(map_: Map) -> Levels:
    """The pixels of each block, a row for each, less their mean."""
    side = MAP_SIDE // BLOCKS
    tiles = map_.astype(np.float64).reshape(BLOCKS, side, BLOCKS, side).transpose(0, 2, 1, 3)
    rows = tiles.reshape(BLOCKS * BLOCKS, side * side)
    centred: Levels = rows - rows.mean(axis=1, keepdims=True)
    return centred


def _fits(field: Map, patch: Map) -> Iterator[Fit]:
    """The best place of the patch in the field, at every scale.

    Normalised cross-correlation (Lewis, 1995): the products by Fourier transforms, the variance under the
    patch by tables of running sums.
    """
    levels = field.astype(np.float64) - field.mean()
    spectrum = np.fft.rfft2(levels)
    sums, squares = (_running_sums(each) for each in (levels, levels * levels))
    for scale in SCALES:
        middle = _middle(patch, scale)
        side = len(middle)
        products = np.fft.irfft2(spectrum * np.conj(np.fft.rfft2(middle, levels.shape)), levels.shape)
        places = MAP_SIDE - side + 1
        energy = _windows(squares, side) - _windows(sums, side) ** 2 / side**2
        least = _LEAST_VARIANCE * side**2
        scaling = np.sqrt(np.maximum(energy, least) * max(float((middle * middle).sum()), least))
        correlations = products[:places, :places] / scaling
        down, right = divmod(int(correlations.argmax()), places)
        away = max(abs(down - (places - 1) / 2), abs(right - (places - 1) / 2))
        yield Fit(float(correlations[down, right]), scale, scale != 1.0 or away > _AT_HOME)


def _middle(patch: Map, scale: float) -> Levels:
    """The middle of a map that is made smaller, less its mean."""
    weights = _shrinking(round(MAP_SIDE * scale))
    small: Levels = weights @ patch.astype(np.float64) @ weights.T
    side = round(len(small) * _PATCH_SHARE)
    edge = (len(small) - side) // 2
    middle = small[edge : edge + side, edge : edge + side]
    centred: Levels = middle - middle.mean()
    return centred


@cache
def _shrinking(side: int) -> Levels:
    """The matrix that takes means over areas: a row for each pixel of the result, weights that sum to 1."""
    edges = np.linspace(0, MAP_SIDE, side + 1)
    pixels = np.arange(MAP_SIDE)
    reach = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    weights: Levels = np.maximum(reach, 0) * (side / MAP_SIDE)
    return weights


def _running_sums(levels: Levels) -> Levels:
    return np.pad(levels.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))


def _windows(sums: Levels, side: int) -> Levels:
    """The sum of every square of ``side`` pixels."""
    found: Levels = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return found
