"""The small squares that hashes are made of, whichever way they are made."""

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from simd.core.dct import Matrix
from simd.core.lanczos import Pixels, squares
from simd.imaging.squares import agrees, grey_squares
from tests.imaging.pictures import PHOTOGRAPHS, photograph

_SIZES = [
    (320, 240),
    (240, 320),
    (188, 250),
    (150, 267),
    (1000, 160),
    (100, 100),
    (99, 99),
    (40, 1000),
    (3, 2),
]


@pytest.fixture
def fresh() -> Iterator[None]:
    """Nothing is known of the Pillow that is here, before and after the test."""
    agrees.cache_clear()
    yield
    agrees.cache_clear()


def _expected(image: Image.Image) -> list[Image.Image]:
    return [image.resize((side, side), Image.Resampling.LANCZOS) for side in (32, 64)]


@pytest.mark.parametrize("size", _SIZES)
def test_squares_are_those_of_pillow_the_first_time_and_later(size: tuple[int, int]) -> None:
    """A photograph of whatever size has the squares that Pillow makes, however many had that size before."""
    image = photograph(PHOTOGRAPHS[0]).convert("L").resize(size)
    for _ in range(3):
        for expected, found in zip(_expected(image), grey_squares(image), strict=True):
            assert np.array_equal(np.asarray(expected), found)


def test_weights_are_worked_out_for_sizes_that_recur(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first picture of a size is left to Pillow, so that a library without two alike loses no time."""
    asked: list[tuple[int, ...]] = []

    def noted(pixels: Pixels) -> tuple[Matrix, Matrix] | None:
        asked.append(pixels.shape)
        return squares(pixels)

    agrees()
    monkeypatch.setattr("simd.imaging.squares.squares", noted)
    for size in ((207, 211), (208, 211), (207, 211), (207, 211)):
        grey_squares(Image.new("L", size))
    assert [(211, 207), (211, 207)] == asked


@pytest.mark.usefixtures("fresh")
def test_a_pillow_that_resizes_otherwise_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the trial shows another level, every square is Pillow's own from then on, and the log says so."""
    image = photograph(PHOTOGRAPHS[0]).convert("L").resize((160, 120))
    theirs = Image.Image.resize

    def otherwise(self: Image.Image, *arguments: object) -> Image.Image:
        return theirs(self, *arguments).point(lambda level: level ^ 1)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(Image.Image, "resize", otherwise)
    for _ in range(2):
        for expected, found in zip(_expected(image), grey_squares(image), strict=True):
            assert np.array_equal(np.asarray(expected), found)
    assert ["this Pillow resizes otherwise than expected: small pictures take longer"] == caplog.messages


@pytest.mark.usefixtures("fresh")
def test_the_pillow_that_is_here_resizes_as_expected() -> None:
    """The versions that simd is installed with pass the trial: nobody waits for Pillow without need."""
    assert agrees()
