"""The eight derived variants against pictures that were really turned and mirrored."""

import imagehash
import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from simd.core.dct import hash_bits, low_frequencies
from simd.core.model import Thumbs
from simd.core.transforms import Transform, variants

_PILLOW = {
    Transform.ROTATE90: Image.Transpose.ROTATE_90,
    Transform.ROTATE180: Image.Transpose.ROTATE_180,
    Transform.ROTATE270: Image.Transpose.ROTATE_270,
    Transform.MIRROR: Image.Transpose.FLIP_LEFT_RIGHT,
    Transform.FLIP: Image.Transpose.FLIP_TOP_BOTTOM,
    Transform.TRANSPOSE: Image.Transpose.TRANSPOSE,
    Transform.TRANSVERSE: Image.Transpose.TRANSVERSE,
}
_INVERSE = {Transform.ROTATE90: Transform.ROTATE270, Transform.ROTATE270: Transform.ROTATE90}


def shipped(name: str) -> Image.Image:
    """One of scikit-image's pictures."""
    return Image.fromarray(getattr(skimage.data, name)())


def thumbs_of(image: Image.Image) -> Thumbs:
    """The thumbnails of a picture, by Pillow and imagehash directly."""
    grey = image.convert("L").resize((32, 32), Image.Resampling.LANCZOS)
    return Thumbs(
        phash=int(str(imagehash.phash(image, 8)), 16),
        phash256=bytes.fromhex(str(imagehash.phash(image, 16))),
        grey=grey.tobytes(),
        rgb=image.convert("RGB").resize((16, 16), Image.Resampling.BOX).tobytes(),
        deviation=float(np.asarray(grey).std()),
        width=image.width,
        height=image.height,
    )


def differing_bits(one: bytes, other: bytes) -> int:
    """Bits in which two hashes differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def mean_difference(one: bytes, other: bytes) -> float:
    """The mean difference between two thumbnails, in levels."""
    levels = [np.frombuffer(each, np.uint8).astype(np.int64) for each in (one, other)]
    return float(np.abs(levels[0] - levels[1]).mean())


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee", "camera", "rocket", "coins"])
def test_variants_are_close_to_really_transformed_pictures(name: str) -> None:
    """64-bit hashes within 2 bits, 256-bit ones within 24, thumbnails within rounding."""
    image = shipped(name)
    found = dict(variants(thumbs_of(image)))
    for transform, method in _PILLOW.items():
        expected = thumbs_of(image.transpose(method))
        assert (expected.phash ^ found[transform].phash).bit_count() <= 2, transform
        assert differing_bits(expected.phash256, found[transform].phash256) <= 24, transform
        assert mean_difference(expected.grey, found[transform].grey) < 0.5, transform
        assert mean_difference(expected.rgb, found[transform].rgb) < 0.5, transform
        assert (expected.width, expected.height) == (found[transform].width, found[transform].height)


def test_the_picture_itself_comes_first_and_untouched() -> None:
    """The identity is the very thumbnails that were given; every transform appears once."""
    thumbs = thumbs_of(shipped("coffee"))
    found = variants(thumbs)
    assert (Transform.IDENTITY, thumbs) == found[0]
    assert list(Transform) == [transform for transform, _ in found]


@given(st.integers(0, 1_000_000), st.sampled_from(list(Transform)))
@settings(max_examples=60)
def test_every_transform_has_its_inverse(seed: int, transform: Transform) -> None:
    """Turned and turned back, thumbnails, size and 64-bit hash are what they were."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 256, (32, 32), dtype=np.uint8)).resize((64, 48))
    original = dict(variants(thumbs_of(image)))[Transform.TRANSPOSE]
    there = dict(variants(original))[transform]
    back = dict(variants(there))[_INVERSE.get(transform, transform)]
    assert (original.grey, original.rgb) == (back.grey, back.rgb)
    assert (original.width, original.height) == (back.width, back.height)
    assert original.phash == back.phash


@given(st.integers(0, 1_000_000), st.sampled_from([8, 16]))
@settings(max_examples=60)
def test_sure_hash_bits_are_those_of_imagehash(seed: int, side: int) -> None:
    """Where the median gap is wide, the matrix product gives imagehash's bits."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (side * 4, side * 4), dtype=np.uint8)
    bits, sure = hash_bits(low_frequencies(pixels.astype(np.float64)))
    assert sure
    assert np.array_equal(imagehash.phash(Image.fromarray(pixels), side).hash, bits)


def test_flat_pixels_are_not_sure() -> None:
    """A plain square has no bits beyond doubt."""
    assert not hash_bits(low_frequencies(np.full((32, 32), 77.0)))[1]
