"""How far two pictures are apart, told from their thumbnails alone.

One picture is measured against many, or many pairs at once, in a few array operations; no
file is read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from math import isnan

import numpy as np
import numpy.typing as npt

from simd.core.model import GREY_SIDE, RGB_SIDE, Measures, Pair, Thumbs
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
_CHUNK = 512
"""Pairs measured at a time, so that the working arrays stay within some 50 MB."""

Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class _Traits:
    """What is compared of pictures, a row for each.

    Attributes:
        grey, rgb: the levels, (n, 1024) and (n, 768).
        gradients: horizontal and vertical first differences of the grey.
        standardised: grey of mean 0 and deviation 1.
        chroma: two opponent colours of 8x8 cells, all 0 for a picture that is as good as grey.
    """

    phash: npt.NDArray[np.uint64]
    phash256: npt.NDArray[np.uint64]
    grey: Levels
    rgb: Levels
    gradients: Floats
    standardised: Floats
    chroma: Floats
    low_detail: npt.NDArray[np.bool_]
    size: npt.NDArray[np.int64]

    @classmethod
    def of(cls, pictures: Sequence[Thumbs]) -> "_Traits":
        """The traits of some pictures."""
        count = len(pictures)
        phash256 = np.frombuffer(b"".join(each.phash256 for each in pictures), dtype=np.uint64)
        grey = _levels([each.grey for each in pictures], GREY_SIDE, GREY_SIDE)
        rgb = _levels([each.rgb for each in pictures], RGB_SIDE, RGB_SIDE, 3)
        return cls(
            phash=np.array([each.phash for each in pictures], dtype=np.uint64),
            phash256=phash256.reshape(count, -1),
            grey=grey.reshape(count, -1),
            rgb=rgb.reshape(count, -1),
            gradients=_gradients(grey),
            standardised=_standardised(grey),
            chroma=_chroma(rgb),
            low_detail=np.array([each.low_detail for each in pictures], dtype=np.bool_),
            size=np.array([(each.width, each.height) for each in pictures], dtype=np.int64).reshape(count, 2),
        )

    def take(self, rows: slice) -> "_Traits":
        """The traits of these rows."""
        parts = (getattr(self, part.name) for part in fields(self))
        return _Traits(*(part[rows] for part in parts))


def measure(one: Thumbs, others: Sequence[Thumbs]) -> list[Measures]:
    """Measure one picture against each of the others.

    Returns:
        The measures, in the order of ``others``. ``flat`` is true only where both pictures are
        low-detail, of equal size, and the same in grey and colour within :data:`FLAT_GREY_DIFFERENCE` and
        :data:`FLAT_RGB_DIFFERENCE`.
    """
    remaining = iter(others)
    found: list[Measures] = []
    while chunk := list(islice(remaining, _CHUNK)):
        # All at once: for the few that a query compares, the number of array operations is what costs.
        traits = _Traits.of([one, *chunk])
        found.extend(_compare(traits.take(slice(0, 1)), traits.take(slice(1, None))))
    return found


def verified(pictures: Mapping[int, Thumbs], candidates: Sequence[tuple[int, int]]) -> list[Pair]:
    """The candidates that are worth storing as pairs, in their order.

    Two pictures with detail qualify by hash distance and correlation, two without by being flat
    alike. A picture with detail and one without never qualify.

    Args:
        pictures: the thumbnails of all that are named, by their ids.
        candidates: pairs of different ids, either way round.
    """
    remaining = iter(candidates)
    found: list[Pair] = []
    while chunk := list(islice(remaining, _CHUNK)):
        found.extend(_verified_chunk(pictures, chunk))
    return found


def brightness(thumbs: Thumbs) -> float:
    """Mean of the grey thumbnail, in grey levels."""
    # NumPy sums bytes in a quarter of the time; a sum of whole numbers is exact either way.
    return int(np.frombuffer(thumbs.grey, dtype=np.uint8).sum()) / len(thumbs.grey)


def greyish(pictures: Sequence[Thumbs]) -> list[bool]:
    """Which pictures are as good as grey: their colour is not compared."""
    remaining = iter(pictures)
    found: list[bool] = []
    while chunk := list(islice(remaining, _CHUNK)):
        chroma = _chroma(_levels([each.rgb for each in chunk], RGB_SIDE, RGB_SIDE, 3))
        found += [not vector.any() for vector in chroma]
    return found


def _verified_chunk(pictures: Mapping[int, Thumbs], candidates: Sequence[tuple[int, int]]) -> Iterator[Pair]:
    # A picture that is in many pairs is prepared for each: copying its rows about would cost more.
    ones, others = (_Traits.of([pictures[pair[side]] for pair in candidates]) for side in (0, 1))
    measured = _compare(ones, others)
    for (one, other), measures in zip(candidates, measured, strict=True):
        if _worth_storing(pictures[one], pictures[other], measures):
            yield Pair(min(one, other), max(one, other), measures)


def _worth_storing(one: Thumbs, other: Thumbs, measures: Measures) -> bool:
    if one.low_detail or other.low_detail:
        return measures.flat
    return measures.distance <= STORED_RADIUS and measures.correlation >= STORED_CORRELATION


def _compare(ones: _Traits, others: _Traits) -> list[Measures]:
    """Row against row; a single row on the left is held against every one on the right."""
    distances = np.bitwise_count(others.phash ^ ones.phash)
    distances256 = np.bitwise_count(others.phash256 ^ ones.phash256).sum(axis=1, dtype=np.int64)
    cells = np.abs(others.standardised - ones.standardised).max(axis=1)
    columns = (
        distances,
        distances256,
        _gradient_correlations(ones.gradients, others.gradients),
        _colour_cosines(ones.chroma, others.chroma),
        cells,
        _alike(ones, others),
    )
    return [
        Measures(near, fine, correlation, None if isnan(colour) else colour, cell, alike)
        for near, fine, correlation, colour, cell, alike in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def _levels(thumbnails: Sequence[bytes], *shape: int) -> Levels:
    levels = np.frombuffer(b"".join(thumbnails), dtype=np.uint8)
    return levels.reshape(len(thumbnails), *shape).astype(np.int16)


def _products(ones: Floats, others: Floats) -> Floats:
    """The inner product of each row with its counterpart, or with the only row on the left."""
    found: Floats = np.einsum("ij,ij->i", ones, others)
    return found


def _gradient_correlations(ones: Floats, others: Floats) -> Floats:
    """Correlation of the gradients, 0 for a flat picture."""
    scale = np.sqrt(_products(ones, ones) * _products(others, others) + _STABILISER)
    found: Floats = _products(ones, others) / scale
    return found


def _gradients(grey: Levels) -> Floats:
    across = grey[:, :, 1:] - grey[:, :, :-1]
    down = grey[:, 1:] - grey[:, :-1]
    flat = [each.reshape(len(grey), -1) for each in (across, down)]
    return np.concatenate(flat, axis=1, dtype=np.float64)


def _standardised(grey: Levels) -> Floats:
    levels = grey.reshape(len(grey), -1).astype(np.float64)
    levels -= levels.mean(axis=1, keepdims=True)
    deviation = np.sqrt(_products(levels, levels) / levels.shape[1])
    levels /= np.maximum(deviation, _LEAST_DEVIATION)[:, None]
    return levels


def _colour_cosines(ones: Floats, others: Floats) -> Floats:
    """Cosine of the chroma vectors; NaN where either picture is as good as grey."""
    lengths = np.sqrt(_products(ones, ones) * _products(others, others))
    cosines = np.full(len(others), np.nan)
    np.divide(_products(ones, others), lengths, out=cosines, where=lengths > 0)
    return cosines


def _chroma(rgb: Levels) -> Floats:
    """Two opponent colours, R - G and (R + G)/2 - B, of 8x8 cells, as one vector a picture."""
    rows = rgb[:, ::2] + rgb[:, 1::2]
    cells = (rows[:, :, ::2] + rows[:, :, 1::2]) / 4.0
    red, green, blue = cells[..., 0], cells[..., 1], cells[..., 2]
    opponents = np.stack((red - green, (red + green) / 2 - blue), axis=-1)
    chroma: Floats = opponents.reshape(len(rgb), -1)
    chroma[_products(chroma, chroma) < chroma.shape[1] * GREYISH_CHROMA**2] = 0.0
    return chroma


def _alike(ones: _Traits, others: _Traits) -> npt.NDArray[np.bool_]:
    """Which pairs are low-detail, of one size, and the same in grey and colour.

    Two plain pictures of different sizes have nothing in common that a person would call a duplicate.
    """
    alike: npt.NDArray[np.bool_] = others.low_detail & ones.low_detail
    alike &= (others.size == ones.size).all(axis=1)
    if alike.any():
        alike &= np.abs(others.grey - ones.grey).max(axis=1) <= FLAT_GREY_DIFFERENCE
        alike &= np.abs(others.rgb - ones.rgb).max(axis=1) <= FLAT_RGB_DIFFERENCE
    return alike
