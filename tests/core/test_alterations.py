"""Blocks that changed, and pictures that lie within others."""

import numpy as np
import pytest
from PIL import Image

from simd.core.alterations import MAP_SIDE, Map, best_fit, changed_blocks
from tests.imaging.pictures import photograph


def map_of(image: Image.Image) -> Map:
    """A picture as both functions take it."""
    small = image.convert("L").resize((MAP_SIDE, MAP_SIDE), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32)


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A photograph with detail and with plain parts."""
    return photograph("astronaut.png").convert("RGB")


def test_other_light_changes_no_block(photo: Image.Image) -> None:
    """Half the contrast, more light, or a bent curve are the same blocks; so is the picture itself."""
    for edited in (
        photo,
        photo.point(lambda level: level // 2),
        photo.point(lambda level: round(255 * (level / 255) ** 0.7)),
    ):
        assert 0 == changed_blocks(map_of(photo), map_of(edited))


def test_a_negative_is_another_picture(photo: Image.Image) -> None:
    """What is light in the one and dark in the other changes every block that has detail."""
    assert changed_blocks(map_of(photo), map_of(photo.point(lambda level: 255 - level))) > 0.5


def test_a_patch_changes_its_blocks(photo: Image.Image) -> None:
    """A piece that stands elsewhere changes the blocks under it and no others, either way round."""
    edited = photo.copy()
    edited.paste(photo.crop((160, 0, 320, 160)), (320, 320))
    share = changed_blocks(map_of(photo), map_of(edited))
    under = (160 / 512) ** 2
    assert 0.3 * under < share <= under + 0.03
    assert share == changed_blocks(map_of(edited), map_of(photo))


@pytest.mark.parametrize("box", [(26, 26, 486, 486), (0, 0, 410, 410), (100, 60, 480, 440)])
def test_a_part_is_found_in_its_whole(photo: Image.Image, box: tuple[int, int, int, int]) -> None:
    """Its scale is told to within a step, whichever of the two is named first."""
    part = photo.crop(box)
    for pair in ((photo, part), (part, photo)):
        fit = best_fit(*(map_of(each) for each in pair))
        assert fit.moved
        assert fit.correlation > 0.85
        assert pytest.approx((box[2] - box[0]) / 512, abs=0.03) == fit.scale


def test_a_shifted_frame_is_found(photo: Image.Image) -> None:
    """Two frames that are 26 pixels apart fit at full scale, and have moved."""
    fit = best_fit(map_of(photo.crop((0, 0, 486, 512))), map_of(photo.crop((26, 0, 512, 512))))
    assert fit.moved
    assert fit.correlation > 0.9
    assert 1.0 == fit.scale


def test_a_picture_fits_itself_without_moving(photo: Image.Image) -> None:
    """Also with a part of it painted over."""
    painted = photo.copy()
    painted.paste((90, 90, 90), (0, 0, 200, 200))
    for other in (photo, painted):
        fit = best_fit(map_of(photo), map_of(other))
        assert not fit.moved
        assert fit.correlation > 0.7


def test_strangers_and_plain_pictures_fit_nowhere(photo: Image.Image) -> None:
    """Other photographs correlate little; a picture without any detail not at all, and nothing fails."""
    for name in ("coffee.png", "chelsea.png", "rocket.jpg"):
        assert best_fit(map_of(photo), map_of(photograph(name))).correlation < 0.7
    plain = np.full((MAP_SIDE, MAP_SIDE), 128, dtype=np.float32)
    assert abs(best_fit(map_of(photo), plain).correlation) < 0.1
    assert 0 == changed_blocks(plain, plain)
