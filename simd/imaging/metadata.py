"""What EXIF says of a picture: which way is up, when it was taken, and by what camera.

Cameras and editors write much nonsense into EXIF. Whatever cannot be understood counts as
absent; nothing here refuses a picture.
"""

import logging
import re
import struct
from dataclasses import dataclass
from datetime import datetime

from PIL import ExifTags, Image

log = logging.getLogger(__name__)

_MOMENT = re.compile(r"\s*(\d{4})[:\-/.](\d\d)[:\-/.](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"\s*([+-])(\d\d):(\d\d)\s*$")
_UPRIGHT = 1
_ORIENTATIONS = range(1, 9)
_LONGEST_NAME = 100
_MALFORMED = (SyntaxError, ValueError, TypeError, LookupError, OSError, struct.error, AttributeError)


@dataclass(frozen=True, slots=True)
class Metadata:
    """The part of EXIF that the catalogue keeps.

    Attributes:
        taken_at: ISO 8601, without offset where EXIF has none.
        camera: maker and model.
    """

    taken_at: str | None
    camera: str | None


def read_metadata(image: Image.Image) -> Metadata:
    """Capture time and camera. Call it before the pixels are loaded, except for PNG."""
    try:
        exif = image.getexif()
        camera = _camera(exif.get(ExifTags.Base.Make), exif.get(ExifTags.Base.Model))
        details = exif.get_ifd(ExifTags.IFD.Exif) if ExifTags.IFD.Exif in exif else {}
    except _MALFORMED as error:
        log.debug("unreadable EXIF: %s", error)
        return Metadata(None, None)
    moment = details.get(ExifTags.Base.DateTimeOriginal)
    return Metadata(_taken_at(moment, details.get(ExifTags.Base.OffsetTimeOriginal)), camera)


def read_orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where it is absent or nonsense."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, _UPRIGHT)
    except _MALFORMED as error:
        log.debug("unreadable EXIF: %s", error)
        return _UPRIGHT
    return orientation if isinstance(orientation, int) and orientation in _ORIENTATIONS else _UPRIGHT


def _taken_at(moment: object, offset: object) -> str | None:
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


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    return "".join(character for character in value if character.isprintable()).strip()
