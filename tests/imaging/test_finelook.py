"""The closer look: differences and hashes against plain ones, and what it comes to for known edits."""

import io
from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter
from skimage.filters import laplace

from simd.core.judgement import Judgement, Make, judge
from simd.core.model import ProblemCode
from simd.imaging import FineLook, Refused
from simd.imaging.finelook import HASHED_SIDE, compare, look
from tests.imaging.pictures import encoded, landscape, photograph, saved


def test_hash_distances_are_those_of_imagehash() -> None:
    """Every distance is what imagehash says of the two pictures, once they are small."""
    one, other = landscape(1, (400, 300)), landscape(2, (300, 420))
    found = compare(one, other)
    one, other = (each.reduce(max(each.size) // HASHED_SIDE) for each in (one, other))
    assert imagehash.dhash(one) - imagehash.dhash(other) == found.dhash
    assert imagehash.average_hash(one) - imagehash.average_hash(other) == found.ahash
    assert imagehash.whash(one) - imagehash.whash(other) == found.whash
    assert imagehash.colorhash(one) - imagehash.colorhash(other) == found.colorhash


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    """As scikit-image's operator gives it within the border, and smaller for what is blurred."""
    photo = photograph("coffee.png").convert("L")
    expected = laplace(np.asarray(photo, dtype=np.float64), 3)[1:-1, 1:-1].var()  # type: ignore[no-untyped-call]  # scikit-image is untyped
    found = compare(photo, photo.filter(ImageFilter.GaussianBlur(2)))
    assert pytest.approx(expected, rel=1e-4) == found.sharpness_a
    assert found.sharpness_b < found.sharpness_a / 2


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


def test_the_orientation_is_respected(tmp_path: Path) -> None:
    """A picture that lies, and says so in its EXIF data, equals the upright one."""
    image = photograph("coffee.png")
    lying = image.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[274] = 6
    paths = [
        saved(tmp_path, "upright.png", encoded(image, "PNG")),
        saved(tmp_path, "lying.png", encoded(lying, "PNG", exif=exif)),
    ]
    found = look(*paths)
    assert isinstance(found, FineLook)
    assert (0.0, 1.0) == (found.mean_difference, found.ssim)


def _judged(one: Image.Image, other: Image.Image) -> Judgement:
    make = Make(one.width, one.height, 1_000, "JPEG")
    return judge(compare(one, other), make, make).judgement


def _through_jpeg(image: Image.Image, quality: int) -> Image.Image:
    return Image.open(io.BytesIO(encoded(image, "JPEG", quality=quality))).convert("RGB")


@pytest.mark.parametrize("name", ["astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png"])
def test_known_edits_are_told_apart(name: str) -> None:
    """A photograph beside what was done to it: each edit gets its word."""
    photo = photograph(name).convert("RGB")
    width, height = photo.size
    moved = photo.copy()
    moved.paste(photo.crop((0, 0, width // 4, height // 4)), (width // 2, height // 2))
    warm = Image.merge(
        "RGB",
        [
            band.point(lambda v, k=k: min(255, round(v * k)))
            for band, k in zip(photo.split(), (1.3, 1.0, 0.7), strict=True)
        ],
    )
    edits = {
        Judgement.SAME: (
            photo.resize((width // 2, height // 2)),
            _through_jpeg(photo, 30),
            photo.filter(ImageFilter.GaussianBlur(1)),
        ),
        Judgement.TONED: (ImageEnhance.Brightness(photo).enhance(0.7),),
        Judgement.RECOLOURED: (warm,),
        Judgement.ALTERED: (moved,),
        Judgement.REFRAMED: (photo.crop((width // 20, 0, width, height * 19 // 20)),),
        Judgement.DIFFERENT: (photograph("rocket.jpg").convert("RGB"),),
    }
    expected = {judgement: [judgement] * len(others) for judgement, others in edits.items()}
    assert expected == {
        judgement: [_judged(photo, other) for other in others] for judgement, others in edits.items()
    }
