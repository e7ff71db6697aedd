"""What becomes of orientation, transparency, deep levels, animations and metadata."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, PngImagePlugin

from simd.core.model import Signature
from simd.imaging.decode import decode
from simd.imaging.recipe import GROUND, SUPPORTED_EXTENSIONS
from simd.imaging.signature import sign
from tests.imaging.pictures import difference, encoded, landscape, photograph

_UNDO = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def signed(data: bytes) -> Signature:
    """The signature of a file's bytes, with a digest that does not matter."""
    return sign(decode(io.BytesIO(data)), b"", 0)


def _exif(**tags: object) -> Image.Exif:
    exif = Image.Exif()
    names = {"orientation": 0x0112, "make": 0x010F, "model": 0x0110, "rating": 0x4746}
    details = {"taken": 0x9003, "offset": 0x9011}
    places = {"latitude": 2, "longitude": 4}
    for name, value in tags.items():
        if name in names:
            exif[names[name]] = value
        elif name in places:
            exif.get_ifd(0x8825)[places[name]] = value
        else:
            exif.get_ifd(0x8769)[details[name]] = value
    return exif


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_all_eight_orientations_give_one_signature(kind: str) -> None:
    """However the camera was held, the upright picture and its size are the same."""
    upright = landscape(3, (400, 230))
    options = {"lossless": True, "method": 0} if kind == "WEBP" else {}
    expected = signed(encoded(upright, kind, **options)).thumbs
    for orientation, turn in _UNDO.items():
        stored = upright if turn is None else upright.transpose(turn)
        found = signed(encoded(stored, kind, exif=_exif(orientation=orientation), **options))
        assert expected == found.thumbs, orientation


def test_orientation_of_a_jpeg_counts_in_its_scaled_decode() -> None:
    """The eight orientations of a JPEG give hashes within two bits, and one upright size."""
    upright = photograph("coffee.png").resize((1600, 1104))
    expected = signed(encoded(upright, "JPEG", quality=95)).thumbs
    for orientation, turn in _UNDO.items():
        stored = upright if turn is None else upright.transpose(turn)
        data = encoded(stored, "JPEG", quality=95, exif=_exif(orientation=orientation))
        found = signed(data).thumbs
        assert difference(expected.phash, found.phash) <= 2, orientation
        assert (1600, 1104) == (found.width, found.height)


def test_nonsense_orientation_is_upright() -> None:
    """An orientation beyond 8 leaves the picture as it is stored."""
    image = landscape(4, (320, 200))
    found = signed(encoded(image, "PNG", exif=_exif(orientation=77)))
    assert signed(encoded(image, "PNG")).thumbs == found.thumbs


def test_black_and_white_drawings_on_transparency_differ_from_the_ground() -> None:
    """Transparent pixels show mid-grey, whatever colour lies hidden in them."""
    shape = Image.new("L", (300, 300), 0)
    shape.paste(255, (60, 90, 200, 240))
    drawings = []
    for ink, hidden in ((0, 255), (255, 0), (0, 0)):
        drawing = Image.new("LA", shape.size, (hidden, 0))
        drawing.paste((ink, 255), mask=shape)
        drawings.append(signed(encoded(drawing, "PNG")).thumbs)
    black, white, black_again = drawings
    assert black == black_again
    assert black.phash != white.phash
    assert GROUND == black.grey[0] == white.grey[0]


def test_opaque_alpha_changes_nothing() -> None:
    """A picture with a full alpha channel signs like the one without."""
    image = landscape(6, (700, 500))
    assert signed(encoded(image, "PNG")).thumbs == signed(encoded(image.convert("RGBA"), "PNG")).thumbs


def test_palette_transparency_shows_the_ground() -> None:
    """A transparent palette entry of a GIF becomes the ground."""
    image = Image.new("P", (64, 64), 0)
    image.putpalette([255, 255, 255, 0, 0, 0])
    image.paste(1, (16, 16, 48, 48))
    assert GROUND == signed(encoded(image, "GIF", transparency=0)).thumbs.rgb[0]


def test_16_bits_are_scaled() -> None:
    """A 16-bit ramp keeps its levels: it signs like the same ramp in 8 bits."""
    ramp = np.linspace(0, 65_535, 400).round().astype(np.uint16)[None, :].repeat(300, axis=0)
    deep = signed(encoded(Image.fromarray(ramp), "PNG")).thumbs
    shallow = signed(encoded(Image.fromarray((ramp // 257).astype(np.uint8)), "PNG")).thumbs
    levels: list[npt.NDArray[np.int64]] = [
        np.frombuffer(each.grey, np.uint8).astype(np.int64) for each in (deep, shallow)
    ]
    assert np.abs(levels[0] - levels[1]).max() <= 1
    assert abs(deep.deviation - shallow.deviation) < 1


@pytest.mark.parametrize(("kind", "white"), [(np.float32, 1.0), (np.float32, 255.0), (np.int32, 65_535)])
def test_floats_and_32_bits_are_scaled(kind: type, white: float) -> None:
    """TIFFs of floating or 32-bit levels are scaled by the white that holds them."""
    grey = landscape(8, (300, 220)).convert("L")
    levels: npt.NDArray[Any] = (np.asarray(grey) / 255.0 * white).astype(kind)
    found = signed(encoded(Image.fromarray(levels), "TIFF")).thumbs
    assert difference(signed(encoded(grey, "PNG")).thumbs.phash, found.phash) <= 2


def test_of_an_animation_the_first_frame_counts() -> None:
    """GIF, PNG and WebP animations sign like their first frame."""
    frames = [landscape(seed, (200, 150)) for seed in (1, 2, 3)]
    for kind in ("PNG", "WEBP"):
        options = {"lossless": True} if kind == "WEBP" else {}
        moving = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        assert signed(encoded(frames[0], kind, **options)).thumbs == signed(moving).thumbs
    greys = [frame.convert("L") for frame in frames]
    moving = encoded(greys[0], "GIF", save_all=True, append_images=greys[1:])
    assert signed(encoded(greys[0], "GIF")).thumbs.phash == signed(moving).thumbs.phash


def test_mpo_is_read() -> None:
    """Two views in one file, as stereo cameras write them: the first counts."""
    views = [landscape(seed, (640, 480)) for seed in (1, 2)]
    found = signed(encoded(views[0], "MPO", save_all=True, append_images=views[1:]))
    assert found.format == "MPO"
    assert difference(signed(encoded(views[0], "JPEG")).thumbs.phash, found.thumbs.phash) <= 2


def test_heif_is_read() -> None:
    """HEIC, as phones write it, is decoded once the plugin is registered."""
    from pillow_heif import from_pillow

    image = photograph("astronaut.png").resize((256, 256))
    stream = io.BytesIO()
    from_pillow(image).save(stream, quality=90)
    found = signed(stream.getvalue())
    assert found.format == "HEIF"
    assert difference(signed(encoded(image, "PNG")).thumbs.phash, found.thumbs.phash) <= 2


def test_width_and_height_are_of_the_full_picture() -> None:
    """The scaled decode does not show in the catalogue."""
    thumbs = signed(encoded(landscape(1, (2100, 1500)), "JPEG")).thumbs
    assert (2100, 1500) == (thumbs.width, thumbs.height)


def test_colour_thumbnail_has_the_colours_of_the_picture() -> None:
    """Chroma survives the YCbCr path: a red and blue picture keeps both halves."""
    image = Image.new("RGB", (1600, 1200), (200, 30, 30))
    image.paste((20, 40, 220), (800, 0, 1600, 1200))
    rgb = np.frombuffer(signed(encoded(image, "JPEG", quality=95)).thumbs.rgb, np.uint8).reshape(16, 16, 3)
    assert np.abs(rgb[8, 2].astype(int) - (200, 30, 30)).max() <= 4
    assert np.abs(rgb[8, 13].astype(int) - (20, 40, 220)).max() <= 4


@pytest.mark.parametrize(
    ("taken", "offset", "expected"),
    [
        ("2024:02:29 23:59:58", "+02:00", "2024-02-29T23:59:58+02:00"),
        ("2024:02:29 23:59:58", None, "2024-02-29T23:59:58"),
        ("2024:02:29 23:59:58", "rubbish", "2024-02-29T23:59:58"),
        ("2024:02:29 23:59:58", "+99:00", "2024-02-29T23:59:58"),
        ("2023:02:29 12:00:00", "+02:00", None),
        ("0000:00:00 00:00:00", None, None),
        ("    :  :     :  :  ", None, None),
        ("", None, None),
        ("yesterday", None, None),
    ],
)
def test_capture_time(taken: str, offset: str | None, expected: str | None) -> None:
    """EXIF times become ISO 8601, nonsense becomes None."""
    tags = {"taken": taken} | ({} if offset is None else {"offset": offset})
    data = encoded(landscape(1, (64, 64)), "JPEG", exif=_exif(**tags))
    assert expected == signed(data).taken_at


@pytest.mark.parametrize(
    ("make", "model", "expected"),
    [
        ("Canon", "Canon EOS 5D", "Canon EOS 5D"),
        ("NIKON\x00\x00", "D70 ", "NIKON D70"),
        ("", "Pixel 8", "Pixel 8"),
        ("Apple", "", "Apple"),
        ("", "", None),
        ("\x1b[31mX", "", "[31mX"),
    ],
)
def test_camera(make: str, model: str, expected: str | None) -> None:
    """Maker and model in one name, without repetition or control characters."""
    data = encoded(landscape(1, (64, 64)), "JPEG", exif=_exif(make=make, model=model))
    assert expected == signed(data).camera


NOWHERE = (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("places", "there"),
    [
        ({"latitude": (47.0, 22.0, 1.5), "longitude": (8.0, 32.0, 0.0)}, "a position"),
        ({"latitude": NOWHERE, "longitude": (8.0, 32.0, 0.0)}, "a position"),
        ({"latitude": NOWHERE, "longitude": NOWHERE}, "none"),
        ({"latitude": (47.0, 22.0, 1.5)}, "none"),
        ({"longitude": (8.0, 32.0, 0.0)}, "none"),
        ({}, "none"),
    ],
)
def test_whether_there_is_a_position(places: dict[str, Any], there: str) -> None:
    """Both coordinates, and not the zeros that cameras without reception write."""
    data = encoded(landscape(1, (64, 64)), "JPEG", exif=_exif(make="Canon", **places))
    assert there == ("a position" if signed(data).has_position else "none")


@pytest.mark.parametrize(("rating", "expected"), [(5, 5), (1, 1), (0, None), (99, None), (6, None)])
def test_rating_in_exif(rating: int, expected: int | None) -> None:
    """One star to five; 0 is none, and other numbers are nonsense."""
    data = encoded(landscape(1, (64, 64)), "JPEG", exif=_exif(rating=rating))
    assert expected == signed(data).rating


@pytest.mark.parametrize(
    ("xmp", "expected"),
    [
        (b'<rdf:Description xmp:Rating="4"/>', 4),
        (b"<xmp:Rating> 3 </xmp:Rating>", 3),
        (b"<xmp:Rating>-1</xmp:Rating>", None),
        (b"<rdf:Description xmp:Rating='0'/>", None),
        (b"<xmp:RatingPercent>50</xmp:RatingPercent>", None),
        (b"\xff\xfe", None),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG", "TIFF"])
def test_rating_in_xmp(kind: str, xmp: bytes, expected: int | None) -> None:
    """As photo managers write it, as an attribute or an element; a rejected picture has none."""
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", xmp.decode("latin-1"))
        data = encoded(landscape(1, (64, 64)), kind, pnginfo=text)
    elif kind == "TIFF":
        data = encoded(landscape(1, (64, 64)), kind, tiffinfo={700: xmp})
    else:
        data = encoded(landscape(1, (64, 64)), kind, xmp=xmp)
    assert expected == signed(data).rating


def test_the_rating_of_exif_goes_before_that_of_xmp() -> None:
    """Where both are there and differ; the one of XMP counts where that of EXIF is none."""
    xmp = b'<rdf:Description xmp:Rating="4"/>'
    both = [encoded(landscape(1, (64, 64)), "JPEG", exif=_exif(rating=rating), xmp=xmp) for rating in (2, 0)]
    assert [2, 4] == [signed(data).rating for data in both]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "rubbish",
    [b"II*\0\xff\xff\xff\xff" + b"\xff" * 40, b"rubbish, and no header", b"II*\0\x08", b""],
    ids=["leads nowhere", "no header", "cut off", "nothing"],
)
def test_damaged_exif_refuses_nothing(rubbish: bytes, kind: str) -> None:
    """A picture whose EXIF is rubbish is still a picture, upright, without a date."""
    plain = landscape(1, (64, 48))
    found = signed(encoded(plain, kind, exif=b"Exif\0\0" + rubbish))
    assert (None, None) == (found.taken_at, found.camera)
    assert signed(encoded(plain, kind)).thumbs == found.thumbs


def test_extensions_are_in_lower_case_with_their_dot() -> None:
    """The watcher compares lower-case endings with this set."""
    assert all(each.startswith(b".") and each == each.lower() for each in SUPPORTED_EXTENSIONS)
    assert {b".jpg", b".heic", b".png", b".webp", b".avif"} <= SUPPORTED_EXTENSIONS
