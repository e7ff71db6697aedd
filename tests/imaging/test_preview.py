"""Small pictures for reports: upright, small, of the file that was meant, and never an exception."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from simd.core.model import ProblemCode, Thumbs
from simd.core.report.value import Preview, PreviewKind
from simd.core.stamp import Stamp
from simd.imaging import Changed, Decoded, DecodePool, Limits, Refused
from simd.imaging.drawing import ORIENTATION_TAG
from simd.imaging.preview import PREVIEW_SIDE, SKETCH_SIDE, look, restore, sketch
from simd.imaging.recipe import GROUND
from simd.imaging.signature import examine
from simd.imaging.source import Source
from tests.imaging.pictures import PHOTOGRAPHS, encoded, landscape, photograph, saved

_SOON = 60.0


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    """One worker that the tests of this module share."""
    pool = DecodePool(1, Limits())
    pool.start()
    yield pool
    pool.close()


def seen(outcome: Preview | Refused | Changed) -> Image.Image:
    """The picture in a preview, which must have the size that it tells."""
    assert isinstance(outcome, Preview), outcome
    with Image.open(io.BytesIO(outcome.data)) as image:
        assert "WEBP" == image.format
        assert (outcome.width, outcome.height) == image.size
        return image.convert("RGB")


def thumbs_of(path: bytes) -> Thumbs:
    """The thumbnails that the catalogue would hold."""
    outcome = examine(path)
    assert isinstance(outcome, Decoded)
    return outcome.signature.thumbs


def drift(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures, in levels, at the size of the second."""
    levels = [np.asarray(picture.resize(other.size)).astype(float) for picture in (one, other)]
    return float(np.abs(levels[0] - levels[1]).mean())


def stamp(path: bytes) -> Stamp:
    """What the file is now."""
    return Stamp.of(Path(os.fsdecode(path)).stat())


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((960, 720), (240, 180)),
        ((720, 960), (180, 240)),
        ((2000, 100), (240, 12)),
        ((1000, 1), (240, 1)),
        ((30, 20), (30, 20)),
        ((240, 240), (240, 240)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_preview_fits_and_keeps_proportions(
    tmp_path: Path, size: tuple[int, int], expected: tuple[int, int], kind: str
) -> None:
    """The longer side has 240 pixels at most; a small picture is not enlarged, a thin one has a pixel."""
    path = saved(tmp_path, "a", encoded(landscape(1, size), kind))
    assert expected == seen(look(path)).size
    assert PREVIEW_SIDE == 240


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_preview_looks_like_its_picture(tmp_path: Path, name: str) -> None:
    """It is far closer to the picture, scaled down by Pillow, than any other photograph is."""
    image = photograph(name).convert("RGB")
    preview = seen(look(saved(tmp_path, "a.png", encoded(image, "PNG"))))
    others = [photograph(other).convert("RGB") for other in PHOTOGRAPHS if other != name]
    assert 5 * drift(image, preview) < min(drift(other, preview) for other in others)


def test_a_preview_is_small(tmp_path: Path) -> None:
    """Photographs take a few kilobytes each: two thousand of them fit into a page."""
    sizes = []
    for name in PHOTOGRAPHS:
        outcome = look(saved(tmp_path, name, encoded(photograph(name).convert("RGB"), "JPEG")))
        assert isinstance(outcome, Preview)
        assert PreviewKind.PICTURE is outcome.kind
        sizes.append(len(outcome.data))
    assert 1_000 < sum(sizes) / len(sizes) < 6_000


@pytest.mark.parametrize("tag", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_preview_is_upright(tmp_path: Path, tag: int, kind: str) -> None:
    """Whatever the orientation in the EXIF data, the preview shows the picture as a person sees it."""
    upright = Image.new("RGB", (600, 400), "white")
    upright.paste("red", (0, 0, 300, 200))
    turns = [
        None,
        Image.Transpose.FLIP_LEFT_RIGHT,
        Image.Transpose.ROTATE_180,
        Image.Transpose.FLIP_TOP_BOTTOM,
        Image.Transpose.TRANSPOSE,
        Image.Transpose.ROTATE_90,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_270,
    ]
    turn = turns[tag - 1]
    stored = upright if turn is None else upright.transpose(turn)
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = tag
    preview = seen(look(saved(tmp_path, "a", encoded(stored, kind, exif=exif))))
    assert (240, 160) == preview.size
    assert drift(upright, preview) < 4


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_mode_has_a_preview(tmp_path: Path, mode: str) -> None:
    """Grey, deep, transparent and printed pictures are shown too."""
    image = landscape(3, (400, 300))
    image = Image.new(mode, image.size) if mode == "I;16" else image.convert(mode)
    kind = "TIFF" if mode == "CMYK" else "PNG"
    assert (240, 180) == seen(look(saved(tmp_path, "a", encoded(image, kind)))).size


def test_transparency_shows_the_ground(tmp_path: Path) -> None:
    """Black and white drawings on nothing both stay visible."""
    clear = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    preview = seen(look(saved(tmp_path, "a.png", encoded(clear, "PNG"))))
    pixel = preview.getpixel((50, 50))
    assert isinstance(pixel, tuple)
    assert all(abs(GROUND - level) <= 3 for level in pixel)


def test_nothing_of_the_metadata_remains(tmp_path: Path) -> None:
    """The page may be sent on; where a picture was taken stays in its file."""
    exif = Image.Exif()
    exif[0x010E] = "at home"
    data = encoded(landscape(1, (600, 400)), "JPEG", exif=exif, comment=b"at home")
    assert b"at home" in data
    outcome = look(saved(tmp_path, "a.jpg", data))
    assert isinstance(outcome, Preview)
    assert b"at home" not in outcome.data
    assert b"EXIF" not in outcome.data


def test_bad_files_are_refused(tmp_path: Path) -> None:
    """What cannot be read is a value with a code, as for every other read."""
    whole = encoded(landscape(2, (400, 300)), "JPEG")
    expected = {
        b"": ProblemCode.EMPTY,
        whole[: len(whole) // 2]: ProblemCode.TRUNCATED,
        b"not a picture": ProblemCode.NOT_AN_IMAGE,
    }
    for data, code in expected.items():
        path = saved(tmp_path, "bad.jpg", data)
        outcome = look(path)
        assert isinstance(outcome, Refused)
        assert (code, stamp(path)) == (outcome.code, outcome.stamp)
    link = tmp_path / "link.jpg"
    link.symlink_to(tmp_path / "bad.jpg")
    for path in (bytes(link), bytes(tmp_path)):
        outcome = look(path)
        assert isinstance(outcome, Refused)
        assert ProblemCode.NOT_A_FILE == outcome.code


def test_another_file_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is gone, was replaced, or changes while it is read has no preview of the old one."""
    path = saved(tmp_path, "a.jpg", encoded(landscape(1, (300, 200)), "JPEG"))
    known = stamp(path)
    assert isinstance(look(path, known), Preview)
    assert Changed() == look(bytes(tmp_path) + b"/none.jpg", known)
    assert Changed() == look(path, known._replace(mtime_ns=known.mtime_ns + 1))
    stream = Source.stream

    def stream_and_grow(self: Source) -> object:
        found = stream(self)
        with Path(os.fsdecode(path)).open("ab") as file:
            file.write(b"more")
        return found

    monkeypatch.setattr(Source, "stream", stream_and_grow)
    assert Changed() == look(path, known)


def test_large_files_are_streamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond what is read into memory gives the same preview."""
    path = saved(tmp_path, "a.jpg", encoded(landscape(1, (600, 400)), "JPEG"))
    expected = look(path)
    monkeypatch.setattr("simd.imaging.source.MAX_IN_MEMORY", 10)
    assert isinstance(expected, Preview)
    assert expected == look(path)


def test_a_preview_can_be_restored(tmp_path: Path) -> None:
    """The bytes alone, as the catalogue keeps them, tell the size again."""
    preview = look(saved(tmp_path, "a.jpg", encoded(landscape(1, (700, 300)), "JPEG")))
    assert isinstance(preview, Preview)
    assert preview == restore(preview.data)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_sketch_resembles_the_picture(tmp_path: Path, name: str) -> None:
    """Light and colours stand where they stand in the picture, in its proportions and few bytes."""
    path = saved(tmp_path, "a.png", encoded(photograph(name).convert("RGB"), "PNG"))
    preview, drawn = look(path), sketch(thumbs_of(path))
    assert isinstance(preview, Preview)
    assert PreviewKind.SKETCH is drawn.kind
    assert SKETCH_SIDE == max(drawn.width, drawn.height)
    assert drawn.width / drawn.height == pytest.approx(preview.width / preview.height, rel=0.02)
    others = [photograph(other).convert("RGB") for other in PHOTOGRAPHS if other != name]
    assert 2 * drift(seen(preview), seen(drawn)) < min(drift(other, seen(drawn)) for other in others)
    assert len(drawn.data) < len(preview.data) / 2


def test_a_sketch_keeps_colours() -> None:
    """Its colours come from the colour thumbnail, its light from the grey one."""
    red = Thumbs(0, bytes(32), bytes([76]) * 1024, bytes([255, 0, 0]) * 256, 0.0, 100, 100)
    pixel = seen(sketch(red)).getpixel((40, 40))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 230
    assert max(pixel[1:]) < 30


@given(width=st.integers(1, 100_000), height=st.integers(1, 100_000))
def test_any_size_has_a_sketch(width: int, height: int) -> None:
    """No proportions are too odd."""
    drawn = sketch(Thumbs(0, bytes(32), bytes(1024), bytes(768), 0.0, width, height))
    assert 1 <= min(drawn.width, drawn.height)
    assert min(SKETCH_SIDE, max(width, height)) == max(drawn.width, drawn.height)


def test_the_pool_gives_what_the_function_gives(pool: DecodePool, tmp_path: Path) -> None:
    """Through a worker the outcome is the same, good or bad."""
    path = saved(tmp_path, "a.jpg", encoded(landscape(1, (600, 400)), "JPEG"))
    assert isinstance(look(path), Preview)
    assert look(path) == pool.preview(path, stamp(path)).result(_SOON)
    assert Changed() == pool.preview(path, stamp(path)._replace(size=1)).result(_SOON)
    assert Changed() == pool.preview(bytes(tmp_path) + b"/none").result(_SOON)
    refused = pool.preview(saved(tmp_path, "bad.jpg", b"x")).result(_SOON)
    assert isinstance(refused, Refused)
