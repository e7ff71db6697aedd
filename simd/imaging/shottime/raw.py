"""The time in raw files that are no TIFF: Fujifilm's RAF holds a JPEG with EXIF.

Canon's CR3 is made of boxes, see :mod:`simd.imaging.shottime.movie`. CRW, X3F and MRW tell no time here.
"""

import struct

from simd.core.moments import Moment
from simd.imaging.shottime.peek import Peek
from simd.imaging.shottime.tiff import read_tiff

RAF_SIGN = b"FUJIFILMCCD-RAW"
_RAF_JPEG_AT = 84
_EXIF_SEGMENT = 0xFFE1
_FIRST_SEGMENT = 0xFFE0
_LAST_SEGMENT = 0xFFEF
_EXIF_NAME = b"Exif\0\0"
_START_OF_IMAGE = 2


def read_raf(peek: Peek) -> Moment | None:
    """DateTimeOriginal of the JPEG within; its offset, counted from the beginning, stands at 84.

    Raises:
        Beyond: the structure leads out of the file, or has no end.
    """
    (jpeg,) = struct.unpack(">I", peek.at(_RAF_JPEG_AT, 4))
    offset = jpeg + _START_OF_IMAGE
    while True:
        marker, length = struct.unpack(">HH", peek.at(offset, 4))
        if not _FIRST_SEGMENT <= marker <= _LAST_SEGMENT:
            return None
        if marker == _EXIF_SEGMENT and peek.at(offset + 4, len(_EXIF_NAME)) == _EXIF_NAME:
            return read_tiff(peek, offset + 4 + len(_EXIF_NAME))
        offset += 2 + length
