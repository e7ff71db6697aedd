"""When a file was shot that simd does not decode: raw files, videos, and what sidecars say of a picture.

These are strangers' files, read in the daemon: no decoder, a bounded number of bytes and of steps whatever
they hold, and nothing but a time comes out. See docs/decisions/0029-units.md.
"""

import logging
import os

from simd.core.units import Telling
from simd.imaging.outcome import Refusal, Vanished
from simd.imaging.shottime.movie import BOXES, read_movie
from simd.imaging.shottime.peek import Beyond, Peek
from simd.imaging.shottime.raw import RAF_SIGN, read_raf
from simd.imaging.shottime.sidecar import read_takeout, read_xmp
from simd.imaging.shottime.tiff import TIFF_SIGNS, read_tiff
from simd.imaging.source import Source

__all__ = ["tell"]

log = logging.getLogger(__name__)

_LONGEST_SIGN = 16
_ADJUSTMENTS = b".aae"
"""Apple's edits: the time in them is that of the edit."""

_MALFORMED = (Beyond, ValueError, OverflowError, RecursionError)


def tell(path: bytes) -> Telling:
    """What a raw file, a video or a sidecar says of its time.

    Whatever cannot be read or understood says nothing; links and all that is no regular file are not opened.
    """
    ending = os.path.splitext(path)[1].lower()  # noqa: PTH122 - the path is bytes
    if ending == _ADJUSTMENTS:
        return Telling()
    try:
        with Source(path) as source:
            return _told(Peek(source.part, source.stamp.size), ending)
    except (Vanished, Refusal, OSError) as error:
        log.debug("no time read: %s", error)
    except _MALFORMED as error:
        log.debug("no time understood: %s", error)
    return Telling()


def _told(peek: Peek, ending: bytes) -> Telling:
    if ending == b".xmp":
        return Telling(read_xmp(peek.head()))
    if ending == b".json":
        return Telling(read_takeout(peek.head()))
    sign = peek.at(0, _LONGEST_SIGN)
    if sign.startswith(RAF_SIGN):
        return Telling(read_raf(peek))
    if sign[:4] in TIFF_SIGNS:
        return Telling(read_tiff(peek, 0))
    return read_movie(peek) if sign[4:8] in BOXES else Telling()
