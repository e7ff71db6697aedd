"""The frames that pictures are parted by."""

import hashlib
from pathlib import Path

import pytest
from PIL import Image

from simd.core.model import ProblemCode
from simd.core.partition import FRAME_SIDE
from simd.imaging import Framed, Refused
from simd.imaging.partition import frame
from tests.imaging.pictures import encoded, landscape, saved


def test_a_frame_has_the_digest_the_shape_and_the_pixels(tmp_path: Path) -> None:
    """Of an upright picture and of one that lies and says so, the frame is the same."""
    image = landscape(1, (300, 200))
    exif = Image.Exif()
    exif[274] = 6
    data = encoded(image, "PNG")
    upright = frame(saved(tmp_path, "a.png", data))
    lying = frame(
        saved(tmp_path, "b.png", encoded(image.transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif))
    )
    assert isinstance(upright, Framed)
    assert isinstance(lying, Framed)
    assert hashlib.sha1(data, usedforsecurity=False).hexdigest() == upright.sha1
    assert pytest.approx(1.5) == upright.aspect == lying.aspect
    assert FRAME_SIDE**2 == len(upright.frame)
    assert upright.frame == lying.frame


@pytest.mark.parametrize(
    ("expected", "data"),
    [
        (ProblemCode.NOT_AN_IMAGE, b"not a picture"),
        (ProblemCode.EMPTY, b""),
        (ProblemCode.TRUNCATED, encoded(landscape(1, (300, 200)), "JPEG")[:3000]),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, expected: ProblemCode, data: bytes) -> None:
    """With the code that a scan would give it."""
    found = frame(saved(tmp_path, "x.jpg", data))
    assert isinstance(found, Refused)
    assert expected is found.code


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    """A vanished file is a value like other trouble."""
    found = frame(bytes(tmp_path / "gone.jpg"))
    assert isinstance(found, Refused)
    assert ProblemCode.IO is found.code
