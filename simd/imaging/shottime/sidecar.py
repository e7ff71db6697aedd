"""What sidecars say of when their picture was taken: XMP, and the JSON of Google Takeout."""

import json
import re
from datetime import UTC, datetime

from simd.core.moments import Moment, moment_at, moment_of

_XMP_PROPERTIES = (b"exif:DateTimeOriginal", b"photoshop:DateCreated", b"xmp:CreateDate")
"""When the picture was taken, the same as IPTC has it, when the file was made; the first there counts."""

# An attribute or an element; searching needs no XML parser, with whose entities a small file grows without
# end. Every repetition has a bound, so that a search takes time in proportion to the text.
_XMP_VALUE = (
    rb"""\s{0,99}(?:=\s{0,99}["']|>)\s{0,99}"""
    rb"(?P<date>\d{4}[-:]\d\d[-:]\d\d)[T ](?P<time>\d\d:\d\d:\d\d)(?:[.,]\d{1,9})?"
    rb"(?P<zone>Z|[+-]\d\d:?\d\d)?"
)
_XMP_TIMES = tuple(re.compile(rb"\b" + name + _XMP_VALUE) for name in _XMP_PROPERTIES)


def read_xmp(text: bytes) -> Moment | None:
    """When an XMP document says that its picture was taken; None where it does not say so to the second."""
    for expression in _XMP_TIMES:
        if found := expression.search(text):
            date = found["date"].replace(b":", b"-")
            return moment_of((date + b"T" + found["time"] + (found["zone"] or b"")).decode("ascii"))
    return None


def read_takeout(text: bytes) -> Moment | None:
    """When Google says that the picture was taken: ``photoTakenTime.timestamp``, seconds since 1970 in UTC.

    Raises:
        ValueError: it is no JSON, or the number is none.
        OverflowError: the number is out of all proportion.
        RecursionError: it is nested too deeply.
    """
    told = json.loads(text)
    taken = told.get("photoTakenTime") if isinstance(told, dict) else None
    seconds = taken.get("timestamp") if isinstance(taken, dict) else None
    if not isinstance(seconds, str | int) or isinstance(seconds, bool):
        return None
    return moment_at(datetime.fromtimestamp(int(seconds), UTC))
