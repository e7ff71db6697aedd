"""The hashes are imagehash's, bit for bit, on the decoded picture."""

import io
from collections.abc import Callable
from functools import partial

import imagehash
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from simd.imaging.decode import Picture, decode
from simd.imaging.metadata import Metadata
from simd.imaging.signature import sign
from tests.imaging.pictures import PHOTOGRAPHS, difference, encoded, landscape, photograph

_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F")
_KINDS = {
    "JPEG": ("L", "RGB", "CMYK"),
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "WEBP": ("RGB", "RGBA"),
    "GIF": ("L", "P"),
    "TIFF": _MODES,
    "BMP": ("1", "L", "P", "RGB"),
    "AVIF": ("RGB", "RGBA"),
}


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    if mode == "I;16":
        return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    if mode == "LAB":
        from PIL import ImageCms

        to_lab = ImageCms.buildTransform(
            ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
        )
        converted = ImageCms.applyTransform(image, to_lab)
        assert converted is not None
        return converted
    return image.convert(mode)


def _in_format(kind: str, mode: str) -> bytes:
    options = {"speed": 10} if kind == "AVIF" else {}
    return encoded(_in_mode(landscape(list(_KINDS).index(kind), (640, 420)), mode), kind, **options)


_SHOTS: dict[str, Callable[[Image.Image], bytes]] = {
    "JPEG": lambda image: encoded(image, "JPEG", quality=88),
    "progressive": lambda image: encoded(image, "JPEG", progressive=True, subsampling=0),
    "odd size": lambda image: encoded(image.resize((613, 1107)), "JPEG"),
    "tiny": lambda image: encoded(image.resize((23, 9)), "PNG"),
}

_FILES: dict[str, Callable[[], bytes]] = {
    **{f"{kind} {mode}": partial(_in_format, kind, mode) for kind, modes in _KINDS.items() for mode in modes},
    **{
        f"{name} {how}": lambda name=name, shot=shot: shot(photograph(name).convert("RGB"))  # type: ignore[misc]  # bound now
        for name in PHOTOGRAPHS
        for how, shot in _SHOTS.items()
    },
    "flat": lambda: encoded(Image.new("RGB", (300, 300), (90, 20, 200)), "PNG"),
    "symmetrical": lambda: encoded(Image.linear_gradient("L"), "PNG"),
    "chess board": lambda: encoded(photograph("chessboard_GRAY.png"), "PNG"),
    "one pixel": lambda: encoded(Image.new("RGB", (1, 1), "red"), "PNG"),
    "RGB JPEG": lambda: encoded(landscape(5, (900, 700)), "JPEG", keep_rgb=True),
}
"""Files by what they are; each is made when its test runs, for collecting the tests needs the names only."""


def assert_golden(picture: Picture) -> None:
    """The signature's hashes are what imagehash says of the decoded picture, whenever its size comes."""
    expected = str(imagehash.phash(picture.grey, 8)), str(imagehash.phash(picture.grey, 16))
    for _ in range(2):
        thumbs = sign(picture, b"", 0).thumbs
        assert expected == (f"{thumbs.phash:016x}", thumbs.phash256.hex())


@pytest.mark.parametrize("name", _FILES)
def test_hashes_equal_imagehash_on_the_decoded_picture(name: str) -> None:
    """Whatever the format and mode, both hashes are imagehash's own, bit for bit."""
    assert_golden(decode(io.BytesIO(_FILES[name]())))


@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 80), st.integers(1, 80))),
)
@settings(max_examples=100)
def test_hashes_equal_imagehash_on_any_pixels(pixels: npt.NDArray[np.uint8]) -> None:
    """Hypothesis finds no pixels, however regular, where the fast path and imagehash disagree."""
    image = Image.fromarray(pixels)
    assert_golden(Picture(image, image, image.width, image.height, "PNG", Metadata(None, None)))


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_the_decoded_picture_is_close_to_the_full_one(name: str) -> None:
    """Scaled decoding and reducing move a hash by no more than two saves of a photograph do."""
    image = photograph(name).convert("RGB")
    image = image.resize((1800, 1400), Image.Resampling.BICUBIC)
    data = encoded(image, "JPEG", quality=92)
    with Image.open(io.BytesIO(data)) as full:
        expected = imagehash.phash(full), imagehash.phash(full, 16)
    grey = decode(io.BytesIO(data)).grey
    assert grey.width < image.width // 2
    assert imagehash.phash(grey) - expected[0] <= 4
    assert imagehash.phash(grey, 16) - expected[1] <= 16


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_one_photograph_in_several_formats_hashes_alike(name: str) -> None:
    """PNG, WebP, AVIF, TIFF and JPEG of one photograph differ by a couple of bits at most."""
    image = photograph(name).convert("RGB").resize((800, 560), Image.Resampling.LANCZOS)
    options = {"JPEG": {"quality": 88}, "WEBP": {"method": 0}, "AVIF": {"speed": 10}, "TIFF": {}}
    expected = sign(decode(io.BytesIO(encoded(image, "PNG", compress_level=1))), b"", 0).thumbs.phash
    for kind, chosen in options.items():
        found = sign(decode(io.BytesIO(encoded(image, kind, **chosen))), b"", 0).thumbs.phash
        assert difference(expected, found) <= 2, kind
