"""Small pictures for the pages of reports: of a file, or sketched from a signature when there is none."""

import io

from PIL import Image

from simd.core.model import GREY_SIDE, RGB_SIDE, Thumbs
from simd.core.report.value import Preview, PreviewKind
from simd.core.stamp import Stamp
from simd.imaging.decode import load
from simd.imaging.outcome import Changed, Refusal, Refused, Vanished
from simd.imaging.source import Source

PREVIEW_SIDE = 240
"""Most pixels of the longer side: two or three beside each other fill a page's width."""

QUALITY = 60
METHOD = 2
"""Effort of the WebP encoder. A photograph takes 4 kB and 3 ms; at 4 it takes 5 % less and twice as long."""

SKETCH_SIDE = 96
"""Most pixels of a sketch's longer side: three for each that is known, and the page enlarges it softly."""

SKETCH_QUALITY = 50


def look(path: bytes, expected: Stamp | None = None) -> Preview | Refused | Changed:
    """A preview of one file.

    Args:
        path: the file, as the filesystem spells it; links are not followed.
        expected: what the file must still be.
    """
    try:
        with Source(path) as source:
            if expected is not None and source.stamp != expected:
                return Changed()
            outcome = _look_into(source)
            return outcome if source.unchanged() else Changed()
    except Vanished:
        return Changed()
    except Refusal as refusal:
        return Refused(refusal.problem, refusal.reason, None)


def sketch(thumbs: Thumbs) -> Preview:
    """What a signature remembers of a picture: its light from 32x32 pixels, its colours from 16x16.

    It has the picture's proportions.
    """
    size = _fitting(thumbs.width, thumbs.height, SKETCH_SIDE)
    light = Image.frombytes("L", (GREY_SIDE, GREY_SIDE), thumbs.grey)
    colours = Image.frombytes("RGB", (RGB_SIDE, RGB_SIDE), thumbs.rgb).convert("YCbCr")
    _, blue, red = colours.resize(size, Image.Resampling.BICUBIC).split()
    picture = Image.merge("YCbCr", (light.resize(size, Image.Resampling.BICUBIC), blue, red))
    return _encode(picture.convert("RGB"), SKETCH_QUALITY, PreviewKind.SKETCH)


def restore(webp: bytes) -> Preview:
    """A preview of a picture from the bytes that were kept of it."""
    with Image.open(io.BytesIO(webp), formats=("WEBP",)) as picture:
        return Preview(webp, picture.width, picture.height, PreviewKind.PICTURE)


def _look_into(source: Source) -> Preview | Refused:
    try:
        with source.stream() as stream:
            loaded = load(stream, PREVIEW_SIDE)
    except Refusal as refusal:
        return Refused(refusal.problem, refusal.reason, source.stamp)
    picture = loaded.image.convert("RGB")
    size = _fitting(loaded.width, loaded.height, PREVIEW_SIDE)
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    return _encode(picture, QUALITY, PreviewKind.PICTURE)


def _fitting(width: int, height: int, side: int) -> tuple[int, int]:
    """The size in a square of ``side`` pixels, at least one pixel wide and high, never enlarged."""
    factor = min(1.0, side / max(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))


def _encode(picture: Image.Image, quality: int, kind: PreviewKind) -> Preview:
    stream = io.BytesIO()
    # Nothing of the file's own metadata goes into the page: it may hold a place or a name.
    picture.save(stream, "WEBP", quality=quality, method=METHOD, exif=b"", xmp=b"", icc_profile=b"")
    return Preview(stream.getvalue(), picture.width, picture.height, kind)
