"""The time in a file of boxes: QuickTime, MP4, and Canon's CR3.

A box is a length, a name of four letters and a body, which may hold boxes (ISO/IEC 14496-12, 4.2). The
movie is described by the box ``moov``, behind the pictures as a rule.
"""

import struct
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from simd.core.moments import Clock, Moment, moment_of
from simd.core.units import Telling
from simd.imaging.shottime.peek import Peek
from simd.imaging.shottime.tiff import read_tiff

BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
"""Names of the boxes that such a file begins with."""

_EPOCH = datetime(1904, 1, 1)  # noqa: DTZ001 - Moment has no zone
_SENSIBLE = datetime(1970, 1, 1)  # noqa: DTZ001 - Moment has no zone
"""Earlier times are those of writers that took another epoch, or had no clock."""

_CREATION_KEY = b"com.apple.quicktime.creationdate"
_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_CANON_EXIF = b"CMT2"
_TEXT = 1
_LONGEST_TIME = 64


class _Box(NamedTuple):
    """A box: its name, and where its body begins and ends."""

    name: bytes
    start: int
    end: int


def read_movie(peek: Peek) -> Telling:
    """The time that Apple's metadata names with its zone, else that of the header; of a CR3, that of EXIF.

    Raises:
        Beyond: the structure leads out of the file, or has no end.
        ValueError: a text is none.
    """
    movie = next((box for box in _boxes(peek, 0, peek.size) if box.name == b"moov"), None)
    header, named = Telling(), None
    for box in _boxes(peek, movie.start, movie.end) if movie else ():
        if box.name == b"uuid" and (exif := _canon_exif(peek, box)) is not None:
            return Telling(read_tiff(peek, exif.start))
        if box.name == b"mvhd":
            header = _header(peek, box)
        elif box.name == b"meta":
            named = named or _creation_date(peek, box)
    return Telling(named or header.moment, header.seconds)


def _boxes(peek: Peek, start: int, end: int) -> Iterator[_Box]:
    """The boxes between two offsets."""
    while start + 8 <= end:
        size, name = struct.unpack(">I4s", peek.at(start, 8))
        body = start + 8
        if size == 1:  # the length follows, in eight bytes
            (size,) = struct.unpack(">Q", peek.at(body, 8))
            body += 8
        stop = end if size == 0 else start + size
        if not body <= stop <= end:
            return
        yield _Box(name, body, stop)
        start = stop


def _canon_exif(peek: Peek, box: _Box) -> _Box | None:
    """Canon's box with the EXIF directory."""
    if peek.at(box.start, len(_CANON)) != _CANON:
        return None
    inner = _boxes(peek, box.start + len(_CANON), box.end)
    return next((each for each in inner if each.name == _CANON_EXIF), None)


def _header(peek: Peek, box: _Box) -> Telling:
    """Time and length of the movie, by version 0 with four bytes for each or version 1 with eight."""
    version = peek.at(box.start, 1)[0]
    form = ">4xQ8xIQ" if version == 1 else ">4xI4xII"
    made, scale, length = struct.unpack(form, peek.at(box.start, struct.calcsize(form)))
    # A movie in fragments has no length here.
    seconds = length / scale if scale and length else None
    at = _EPOCH + timedelta(seconds=made)
    return Telling(Moment(at, Clock.EITHER) if at >= _SENSIBLE else None, seconds)


def _creation_date(peek: Peek, box: _Box) -> Moment | None:
    """The text under Apple's key: one box has the keys, another the values under the numbers of the keys."""
    # ISO has four bytes before the boxes, QuickTime has none.
    start = box.start if peek.at(box.start + 4, 4) == b"hdlr" else box.start + 4
    inner = {each.name: each for each in _boxes(peek, start, box.end)}
    keys, values = inner.get(b"keys"), inner.get(b"ilst")
    if keys is None or values is None:
        return None
    number = _number_of(peek, keys)
    for item in _boxes(peek, values.start, values.end):
        if int.from_bytes(item.name) == number:
            return _text_moment(peek, item)
    return None


def _number_of(peek: Peek, keys: _Box) -> int | None:
    """Which key is that of the creation date; the first is 1."""
    # Each key looks like a box: a length, ``mdta``, a name.
    for number, key in enumerate(_boxes(peek, keys.start + 8, keys.end), 1):
        if (
            key.end - key.start == len(_CREATION_KEY)
            and peek.at(key.start, len(_CREATION_KEY)) == _CREATION_KEY
        ):
            return number
    return None


def _text_moment(peek: Peek, item: _Box) -> Moment | None:
    data = next((each for each in _boxes(peek, item.start, item.end) if each.name == b"data"), None)
    if data is None:
        return None
    (kind,) = struct.unpack(">I4x", peek.at(data.start, 8))
    text = peek.at(data.start + 8, min(data.end - data.start - 8, _LONGEST_TIME))
    return moment_of(text.decode("ascii")) if kind == _TEXT else None
