"""Structural similarity against scikit-image's."""

import numpy as np
import pytest
from PIL import Image, ImageFilter
from skimage.metrics import structural_similarity as reference

from simd.core.ssim import Grey, structural_similarity, window_similarities
from tests.imaging.pictures import PHOTOGRAPHS, photograph


def _expected(one: Grey, other: Grey) -> float:
    found: float = reference(one, other, data_range=255)  # type: ignore[no-untyped-call]  # scikit-image is untyped
    return found


def _edits(image: Image.Image) -> list[Image.Image]:
    return [
        image,
        image.filter(ImageFilter.GaussianBlur(2)),
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        image.point(lambda level: level * 0.7),
        Image.new(image.mode, image.size, 128),
    ]


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_ssim_is_that_of_scikit_image(name: str) -> None:
    """On the same grey levels both agree to six places, whatever was done to the photograph."""
    grey = photograph(name).convert("L").resize((211, 160))
    one = np.asarray(grey)
    for edited in _edits(grey):
        other = np.asarray(edited)
        assert pytest.approx(_expected(one, other), abs=1e-6) == structural_similarity(one, other)


@pytest.mark.parametrize("shape", [(7, 7), (8, 300), (70, 71), (300, 7), (200, 9)])
def test_no_size_loses_a_window(shape: tuple[int, int]) -> None:
    """From a single window to several strips with a narrow rest, the mean is that of scikit-image."""
    rng = np.random.default_rng(shape[0])
    one, other = (rng.integers(0, 256, shape, dtype=np.uint8) for _ in range(2))
    other[: shape[0] // 2] = one[: shape[0] // 2]
    assert pytest.approx(_expected(one, other), abs=1e-6) == structural_similarity(one, other)


def test_the_extremes_of_levels_do_not_overflow() -> None:
    """Black against white, and checks of both, keep within the whole numbers that sums are held in."""
    black, white = (np.full((20, 20), level, dtype=np.uint8) for level in (0, 255))
    checks = np.indices((20, 20)).sum(axis=0).astype(np.uint8) % 2 * np.uint8(255)
    for one, other in ((black, white), (white, white), (checks, 255 - checks), (checks, white)):
        assert pytest.approx(_expected(one, other), abs=1e-6) == structural_similarity(one, other)


def test_one_picture_is_held_against_many() -> None:
    """A stack of pictures gives for each what it gives alone."""
    rng = np.random.default_rng(3)
    one, many = (
        rng.integers(0, 256, (20, 30), dtype=np.uint8),
        rng.integers(0, 256, (5, 20, 30), dtype=np.uint8),
    )
    found = window_similarities(one, many)
    assert (5, 14, 24) == found.shape
    for other, windows in zip(many, found, strict=True):
        assert pytest.approx(structural_similarity(one, other), abs=1e-6) == float(windows.mean())
