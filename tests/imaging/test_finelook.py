"""The closer look: SSIM against scikit-image, differences and hashes against plain ones."""

from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageFilter
from skimage.metrics import structural_similarity as reference

from simd.core.model import ProblemCode
from simd.imaging import FineLook, Refused
from simd.imaging.finelook import compare, look, structural_similarity
from tests.imaging.pictures import PHOTOGRAPHS, encoded, landscape, photograph, saved


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
    """On the same grey arrays both agree to nine places."""
    grey = photograph(name).convert("L").resize((211, 160))
    one = np.asarray(grey).astype(np.float64)
    for edited in _edits(grey):
        other = np.asarray(edited).astype(np.float64)
        expected = reference(one, other, data_range=255)  # type: ignore[no-untyped-call]  # scikit-image is untyped
        assert pytest.approx(expected, abs=1e-9) == structural_similarity(one, other)


def test_hash_distances_are_those_of_imagehash() -> None:
    """Every distance is what imagehash says of the two pictures."""
    one, other = landscape(1, (400, 300)), landscape(2, (300, 420))
    found = compare(one, other)
    assert imagehash.dhash(one) - imagehash.dhash(other) == found.dhash
    assert imagehash.average_hash(one) - imagehash.average_hash(other) == found.ahash
    assert imagehash.whash(one) - imagehash.whash(other) == found.whash
    assert imagehash.colorhash(one) - imagehash.colorhash(other) == found.colorhash


def test_a_local_edit_shows_in_the_worst_block() -> None:
    """A small patch hardly moves the mean and stands out in its block."""
    one = landscape(1, (320, 320))
    other = one.copy()
    other.paste((255, 255, 255), (100, 100, 140, 140))
    other_levels, levels = (np.asarray(each).astype(int) for each in (other, one))
    found = compare(one, other)
    assert pytest.approx(np.abs(other_levels - levels).mean()) == found.mean_difference
    assert np.abs(other_levels - levels)[100:120, 100:120].mean() == pytest.approx(found.worst_block, abs=20)
    assert found.worst_block > 20 * found.mean_difference


def test_sizes_may_differ(tmp_path: Path) -> None:
    """A picture and its half compare as nearly equal, a strip and a point do not fail."""
    image = photograph("coffee.png")
    paths = [
        saved(tmp_path, "a.png", encoded(image, "PNG")),
        saved(
            tmp_path, "b.jpg", encoded(image.resize((300, 200), Image.Resampling.LANCZOS), "JPEG", quality=95)
        ),
        saved(tmp_path, "strip.png", encoded(image.resize((900, 2)), "PNG")),
        saved(tmp_path, "point.gif", encoded(Image.new("L", (1, 1)), "GIF")),
    ]
    near = look(paths[0], paths[1])
    assert isinstance(near, FineLook)
    assert near.ssim > 0.9
    assert near.mean_difference < 5
    for odd in paths[2:]:
        assert isinstance(look(paths[0], odd), FineLook)


def test_an_unreadable_file_is_refused_by_name(tmp_path: Path) -> None:
    """The first file that cannot be read is named in the reason."""
    good = saved(tmp_path, "good.png", encoded(landscape(1, (60, 40)), "PNG"))
    bad = saved(tmp_path, "bad.png", b"not a picture")
    found = look(good, bad)
    assert isinstance(found, Refused)
    assert ProblemCode.NOT_AN_IMAGE == found.code
    assert "bad.png" in found.reason
