"""The time in a TIFF structure, as most raw files are, and as EXIF is wherever it stands.

A header names the byte order and the first directory; a directory is a count and entries of twelve bytes:
tag, type, count, and a value of four bytes or the offset of a longer one (TIFF 6.0, section 2).
"""

import struct

from simd.core.moments import Moment, moment_of
from simd.imaging.metadata import taken_text
from simd.imaging.shottime.peek import Peek

TIFF_SIGNS = frozenset({b"II*\0", b"MM\0*", b"IIU\0", b"IIRO", b"IIRS", b"MMOR"})
"""How TIFF begins, and how Panasonic and Olympus begin what is TIFF in all else."""

_EXIF_DIRECTORY = 0x8769
_TAKEN = 0x9003
_TAKEN_OFFSET = 0x9011
_ASCII = 2
_ENTRY = 12
_LONGEST_TIME = 32

_Texts = dict[int, bytes]


def read_tiff(peek: Peek, base: int) -> Moment | None:
    """DateTimeOriginal of the EXIF directory, or of the first one, where TIFF/EP and Canon's CR3 have it.

    Args:
        peek: the file.
        base: where in it the structure begins; all offsets count from there.

    Raises:
        Beyond: the structure leads out of the file, or has no end.
    """
    header = peek.at(base, 8)
    order = "<" if header[:2] == b"II" else ">"
    (first,) = struct.unpack(f"{order}4xI", header)
    texts, inner = _directory(peek, base, first, order)
    if inner is not None:
        deeper, _ = _directory(peek, base, inner, order)
        texts |= deeper
    return moment_of(taken_text(texts.get(_TAKEN), texts.get(_TAKEN_OFFSET)))


def _directory(peek: Peek, base: int, offset: int, order: str) -> tuple[_Texts, int | None]:
    """The times of a directory, and where the EXIF directory is."""
    (count,) = struct.unpack(f"{order}H", peek.at(base + offset, 2))
    entries = peek.at(base + offset + 2, _ENTRY * count)
    texts: _Texts = {}
    inner = None
    for tag, kind, length, value in struct.iter_unpack(f"{order}HHII", entries):
        if tag == _EXIF_DIRECTORY:
            inner = value
        elif tag in {_TAKEN, _TAKEN_OFFSET} and kind == _ASCII and length > 4:  # noqa: PLR2004 - fits in the entry
            texts[tag] = peek.at(base + value, min(length, _LONGEST_TIME))
    return texts, inner
