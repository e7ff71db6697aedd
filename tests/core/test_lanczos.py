"""The resize by products of matrices against Pillow's."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from simd.core.lanczos import SIDES, squares, width_shrinks_first

Pixels = npt.NDArray[np.uint8]

_LENGTHS = st.one_of(st.integers(1, 70), st.integers(1, 400), st.integers(1, 2000))
_CONTENTS = ("noise", "black and white", "stripes", "white", "black")


def _pixels(width: int, height: int, content: str) -> Pixels:
    noise = np.random.default_rng(width).integers(0, 256, (height, width), dtype=np.uint8)
    if content == "black and white":
        return np.where(noise > 127, 255, 0).astype(np.uint8)
    if content == "stripes":
        return np.where((np.arange(height)[:, None] // 5 + np.arange(width) // 3) % 2, 255, 0).astype(
            np.uint8
        )
    return noise if content == "noise" else np.full_like(noise, 255 * (content == "white"))


def _resized(pixels: Pixels, side: int) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS))


def _resized_by_width_first(pixels: Pixels, side: int) -> Pixels:
    image = Image.fromarray(pixels)
    for size in ((side, image.height), (side, side)):
        image = image.resize(size, Image.Resampling.LANCZOS)
    return np.asarray(image)


@given(_LENGTHS, _LENGTHS, st.sampled_from(_CONTENTS))
@example(1, 1, "noise")
@example(2000, 1, "black and white")
@example(1, 2000, "black and white")
@example(2000, 33, "stripes")
@example(64, 32, "noise")
@settings(max_examples=40)
def test_squares_are_those_of_pillow(width: int, height: int, content: str) -> None:
    """Whatever the size and the levels, each level is the one that Pillow gives with its two passes."""
    pixels = _pixels(width, height, content)
    found = squares(pixels)
    if found is None:
        return
    for side, square in zip(SIDES, found, strict=True):
        assert np.array_equal(_resized_by_width_first(pixels, side), square)
        if width_shrinks_first(width, height):
            assert np.array_equal(_resized(pixels, side), square)


@pytest.mark.parametrize("width", [65, 100, 151, 240, 333])
def test_the_tallest_pictures_whose_width_shrinks_first(width: int) -> None:
    """At the greatest height of which that is said, Pillow still begins with the width."""
    height = max(height for height in range(1, 3 * width) if width_shrinks_first(width, height))
    pixels = _pixels(width, height, "noise")
    found = squares(pixels)
    assert found is not None
    for side, square in zip(SIDES, found, strict=True):
        assert np.array_equal(_resized(pixels, side), square)


def test_halves_are_rounded_up() -> None:
    """Where the weighed levels come to exactly a half, the level is the upper one, as with Pillow."""
    pixels = np.zeros((240, 320), np.uint8)
    # The fourth of 32 pixels has its centre here, and its weights are alike on both sides.
    pixels[:, :35] = 1
    found = squares(pixels)
    assert found is not None
    assert 1 == _resized(pixels, SIDES[0])[0, 3]
    assert 1 == found[0][0, 3]


def test_hardly_any_size_is_in_doubt() -> None:
    """Pillow is asked for a few lengths in a thousand at most, and for no usual one."""
    usual = (120, 133, 150, 160, 180, 188, 200, 225, 240, 250, 256, 266, 281, 300, 320, 375, 400, 480, 500)
    assert [] == [length for length in usual if squares(np.zeros((length, 1), np.uint8)) is None]
    doubtful = [length for length in range(7, 2000, 37) if squares(np.zeros((1, length), np.uint8)) is None]
    assert len(doubtful) <= 1
