"""What EXIF says of a picture: which way is up, when it was taken, by what camera, and what a person added.

Cameras and editors write much nonsense into EXIF. Whatever cannot be understood counts as
absent; nothing here refuses a picture.
"""

import logging
import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from PIL import ExifTags, Image

log = logging.getLogger(__name__)

_MOMENT = re.compile(r"\s*(\d{4})[:\-/.](\d\d)[:\-/.](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"\s*([+-])(\d\d):(\d\d)\s*$")
_UPRIGHT = 1
_ORIENTATIONS = range(1, 9)
_LONGEST_NAME = 100
_RATINGS = range(1, 6)
_XMP_RATING = re.compile(rb"""\bxmp:Rating\s*(?:=\s*["']|>)\s*([1-5])\s*(?:["']|<)""")
_XMP_LOOKED_AT = 1 << 16
"""Bytes of XMP that are searched: the rating stands near the beginning, edit histories may be megabytes."""
_MALFORMED = (SyntaxError, ValueError, TypeError, LookupError, OSError, struct.error, AttributeError)


@dataclass(frozen=True, slots=True)
class Metadata:
    """The part of EXIF and XMP that the catalogue keeps.

    Attributes:
        taken_at: ISO 8601, without offset where EXIF has none.
        camera: maker and model.
        has_position: whether EXIF says where it was taken; the position itself is not read out.
        rating: a person's, 1 to 5; None where there is none, or the picture was rejected.
    """

    taken_at: str | None
    camera: str | None
    has_position: bool = False
    rating: int | None = None


def read_metadata(image: Image.Image) -> Metadata:
    """What is kept of the metadata. Call it before the pixels are loaded, except for PNG."""
    rating = _xmp_rating(image.info.get("xmp"))
    try:
        exif = image.getexif()
        camera = _camera(exif.get(ExifTags.Base.Make), exif.get(ExifTags.Base.Model))
        details = exif.get_ifd(ExifTags.IFD.Exif) if ExifTags.IFD.Exif in exif else {}
        places = exif.get_ifd(ExifTags.IFD.GPSInfo) if ExifTags.IFD.GPSInfo in exif else {}
        rating = _rating(exif.get(ExifTags.Base.Rating)) or rating
        has_position = _has_position(places)
    except _MALFORMED as error:
        log.debug("unreadable EXIF: %s", error)
        return Metadata(None, None, rating=rating)
    moment = details.get(ExifTags.Base.DateTimeOriginal)
    taken_at = taken_text(moment, details.get(ExifTags.Base.OffsetTimeOriginal))
    return Metadata(taken_at, camera, has_position, rating)


def read_orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where it is absent or nonsense."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, _UPRIGHT)
    except _MALFORMED as error:
        log.debug("unreadable EXIF: %s", error)
        return _UPRIGHT
    return orientation if isinstance(orientation, int) and orientation in _ORIENTATIONS else _UPRIGHT


def taken_text(moment: object, offset: object) -> str | None:
    """ISO 8601 of an EXIF time, with its offset where that makes sense; None where the time does not."""
    parts = _MOMENT.match(_text(moment))
    if parts is None:
        return None
    try:
        # The moment is local to the camera, and so is its text.
        taken = datetime(*map(int, parts.groups()))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None
    return taken.isoformat() + _offset(offset)


def _offset(offset: object) -> str:
    parts = _OFFSET.match(_text(offset))
    if parts is None:
        return ""
    sign, hours, minutes = parts.groups()
    sensible = int(hours) <= 14 and int(minutes) < 60  # noqa: PLR2004  # zones lie within 14 hours of UTC
    return f"{sign}{hours}:{minutes}" if sensible else ""


def _camera(maker: object, model: object) -> str | None:
    make, name = _text(maker), _text(model)
    # Many cameras repeat the maker within the model.
    whole = name if name.lower().startswith(make.lower()) else f"{make} {name}".strip()
    return whole[:_LONGEST_NAME] or None


def _has_position(places: Mapping[int, object]) -> bool:
    """Whether latitude and longitude are there and are numbers; cameras that know neither write zeros."""
    degrees = [_numbers(places.get(tag)) for tag in (ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLongitude)]
    return all(degrees) and any(map(any, degrees))


def _numbers(value: object) -> tuple[float, ...]:
    """Degrees, minutes and seconds; nothing where one of them is no number."""
    parts = tuple(map(float, value)) if isinstance(value, tuple) else ()
    return parts if all(map(math.isfinite, parts)) else ()


def _rating(value: object) -> int | None:
    return value if isinstance(value, int) and value in _RATINGS else None


def _xmp_rating(xmp: object) -> int | None:
    text = xmp.encode("utf-8", "replace") if isinstance(xmp, str) else xmp
    found = _XMP_RATING.search(text[:_XMP_LOOKED_AT]) if isinstance(text, bytes) else None
    return int(found[1]) if found else None


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    return "".join(character for character in value if character.isprintable()).strip()
