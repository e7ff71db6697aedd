"""How far two pictures are apart, told from their thumbnails alone.

One picture is measured against many in a few array operations; no file is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import isnan

import numpy as np
import numpy.typing as npt

from simd.core.model import GREY_SIDE, RGB_SIDE, Measures, Thumbs
from simd.core.presets import STORED_CORRELATION, STORED_RADIUS

FLAT_GREY_DIFFERENCE = 2
"""Greatest difference of a grey cell at which two low-detail pictures are the same.

A hash and a correlation of nearly nothing say nothing, so only pixels count. Saving a plain or
noisy picture again (JPEG down to quality 30, WebP, GIF, half size) moved no cell by more than 2.
"""

FLAT_RGB_DIFFERENCE = 6
"""The same for the levels of the RGB thumbnail, which JPEG keeps more coarsely: none moved by more."""

GREYISH_CHROMA = 4.0
"""Below this RMS of its chroma a picture counts as grey, and its colour is not compared."""

_STABILISER = 1e-3
_LEAST_DEVIATION = 1.0
_CHUNK = 1_024
"""Pictures measured at a time, so that the working arrays stay within some 30 MB."""

Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class _Stack:
    """The thumbnails of several pictures as arrays: (n, 32, 32) grey, (n, 16, 16, 3) colour."""

    phash: npt.NDArray[np.uint64]
    phash256: npt.NDArray[np.uint64]
    grey: Levels
    rgb: Levels
    low_detail: npt.NDArray[np.bool_]
    size: npt.NDArray[np.int64]


def measure(one: Thumbs, others: Sequence[Thumbs]) -> list[Measures]:
    """Measure one picture against each of the others.

    Returns:
        The measures, in the order of ``others``. ``flat`` is true only where both pictures are
        low-detail, of equal size, and the same in grey and colour within :data:`FLAT_GREY_DIFFERENCE` and
        :data:`FLAT_RGB_DIFFERENCE`.
    """
    subject = _stack([one])
    remaining = iter(others)
    found: list[Measures] = []
    while chunk := list(islice(remaining, _CHUNK)):
        found.extend(_measure_chunk(subject, _stack(chunk)))
    return found


def verified(one: Thumbs, other_ids: Sequence[int], others: Sequence[Thumbs]) -> list[tuple[int, Measures]]:
    """The candidates that are worth storing as pairs with ``one``.

    Two pictures with detail qualify by hash distance and correlation, two without by being flat
    alike. A picture with detail and one without never qualify.

    Args:
        one: the new picture.
        other_ids: ids of the candidates.
        others: their thumbnails, in the same order.
    """
    return [
        (other_id, measures)
        for other_id, other, measures in zip(other_ids, others, measure(one, others), strict=True)
        if _worth_storing(one, other, measures)
    ]


def _worth_storing(one: Thumbs, other: Thumbs, measures: Measures) -> bool:
    if one.low_detail or other.low_detail:
        return measures.flat
    return measures.distance <= STORED_RADIUS and measures.correlation >= STORED_CORRELATION


def _stack(pictures: Sequence[Thumbs]) -> _Stack:
    count = len(pictures)
    grey = np.frombuffer(b"".join(each.grey for each in pictures), dtype=np.uint8)
    rgb = np.frombuffer(b"".join(each.rgb for each in pictures), dtype=np.uint8)
    phash256 = np.frombuffer(b"".join(each.phash256 for each in pictures), dtype=np.uint64)
    return _Stack(
        phash=np.array([each.phash for each in pictures], dtype=np.uint64),
        phash256=phash256.reshape(count, -1),
        grey=grey.reshape(count, GREY_SIDE, GREY_SIDE).astype(np.int16),
        rgb=rgb.reshape(count, RGB_SIDE, RGB_SIDE, 3).astype(np.int16),
        low_detail=np.array([each.low_detail for each in pictures], dtype=np.bool_),
        size=np.array([(each.width, each.height) for each in pictures], dtype=np.int64).reshape(count, 2),
    )


def _measure_chunk(one: _Stack, others: _Stack) -> list[Measures]:
    distances = np.bitwise_count(others.phash ^ one.phash)
    distances256 = np.bitwise_count(others.phash256 ^ one.phash256).sum(axis=1, dtype=np.int64)
    correlations = _gradient_correlations(one.grey, others.grey)
    colours = _colour_cosines(one.rgb, others.rgb)
    cells = np.abs(_standardised(others.grey) - _standardised(one.grey)).max(axis=1)
    flat = _alike(one, others)
    columns = (distances, distances256, correlations, colours, cells, flat)
    return [
        Measures(near, fine, correlation, None if isnan(colour) else colour, cell, alike)
        for near, fine, correlation, colour, cell, alike in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def _gradient_correlations(one: Levels, others: Levels) -> Floats:
    """Correlation of the horizontal and vertical first differences, 0 for a flat picture."""
    mine, theirs = _gradients(one), _gradients(others)
    products = theirs @ mine[0]
    scale = np.sqrt((mine[0] @ mine[0]) * np.einsum("ij,ij->i", theirs, theirs) + _STABILISER)
    found: Floats = products / scale
    return found


def _gradients(grey: Levels) -> Floats:
    across = grey[:, :, 1:] - grey[:, :, :-1]
    down = grey[:, 1:] - grey[:, :-1]
    flat = [each.reshape(len(grey), -1) for each in (across, down)]
    return np.concatenate(flat, axis=1, dtype=np.float64)


def _standardised(grey: Levels) -> Floats:
    levels = grey.reshape(len(grey), -1).astype(np.float64)
    levels -= levels.mean(axis=1, keepdims=True)
    deviation = np.sqrt(np.einsum("ij,ij->i", levels, levels) / levels.shape[1])
    levels /= np.maximum(deviation, _LEAST_DEVIATION)[:, None]
    return levels


def _colour_cosines(one: Levels, others: Levels) -> Floats:
    """Cosine of the chroma vectors; NaN where either picture is as good as grey."""
    mine, theirs = _chroma(one), _chroma(others)
    my_length = np.linalg.norm(mine[0])
    lengths = np.linalg.norm(theirs, axis=1)
    greyish = np.sqrt(mine.shape[1]) * GREYISH_CHROMA
    comparable = (lengths >= greyish) & (my_length >= greyish)
    cosines = np.full(len(theirs), np.nan)
    np.divide(theirs @ mine[0], lengths * my_length, out=cosines, where=comparable)
    return cosines


def _chroma(rgb: Levels) -> Floats:
    """Two opponent colours, R - G and (R + G)/2 - B, of 8x8 cells, as one vector a picture."""
    rows = rgb[:, ::2] + rgb[:, 1::2]
    cells = (rows[:, :, ::2] + rows[:, :, 1::2]) / 4.0
    red, green, blue = cells[..., 0], cells[..., 1], cells[..., 2]
    opponents = np.stack((red - green, (red + green) / 2 - blue), axis=-1)
    found: Floats = opponents.reshape(len(rgb), -1)
    return found


def _alike(one: _Stack, others: _Stack) -> npt.NDArray[np.bool_]:
    """Which of the others are low-detail, as ``one`` is, of its size, and the same in grey and colour.

    Two plain pictures of different sizes have nothing in common that a person would call a duplicate.
    """
    alike: npt.NDArray[np.bool_] = others.low_detail & one.low_detail
    alike &= (others.size == one.size).all(axis=1)
    if alike.any():
        count = len(alike)
        grey = np.abs(others.grey - one.grey).reshape(count, -1).max(axis=1)
        rgb = np.abs(others.rgb - one.rgb).reshape(count, -1).max(axis=1)
        alike &= (grey <= FLAT_GREY_DIFFERENCE) & (rgb <= FLAT_RGB_DIFFERENCE)
    return alike
