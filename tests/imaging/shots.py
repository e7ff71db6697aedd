"""Raw files, videos and sidecars of a few dozen bytes, which say when they were made and nothing else."""

import json
import struct
from datetime import UTC, datetime

CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_EPOCH_SECONDS = 2_082_844_800
"""From 1904 to 1970."""

_TAKEN, _TAKEN_OFFSET, _EXIF = 0x9003, 0x9011, 0x8769


CREATION_DATE = b"com.apple.quicktime.creationdate"
TEXT = 1
"""Apple's number for values that are UTF-8."""


def tiff(
    moment: str | None,
    offset: str | None = None,
    *,
    order: str = "<",
    sign: bytes | None = None,
    deep: bool = True,
) -> bytes:
    """A TIFF structure with DateTimeOriginal in the EXIF directory, or in the first one unless ``deep``."""
    head = sign or (b"II*\0" if order == "<" else b"MM\0*")
    start = 8
    if deep:
        pointer = struct.pack(f"{order}HHHIII", 1, _EXIF, 4, 1, 26, 0)
        return head + struct.pack(f"{order}I", start) + pointer + _times(moment, offset, order, 26)
    return head + struct.pack(f"{order}I", start) + _times(moment, offset, order, start)


def _times(moment: str | None, offset: str | None, order: str, at: int) -> bytes:
    texts = [(tag, text) for tag, text in ((_TAKEN, moment), (_TAKEN_OFFSET, offset)) if text is not None]
    place = at + 2 + 12 * len(texts) + 4
    entries = struct.pack(f"{order}H", len(texts))
    values = b""
    for tag, text in texts:
        value = text.encode() + b"\0"
        entries += struct.pack(f"{order}HHII", tag, 2, len(value), place + len(values))
        values += value
    return entries + bytes(4) + values


def raf(moment: str) -> bytes:
    """Fujifilm's raw file: a header, and a JPEG whose second segment is EXIF."""
    exif = b"Exif\0\0" + tiff(moment)
    jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(9) + b"\xff\xe1" + struct.pack(">H", 2 + len(exif)) + exif
    return b"FUJIFILMCCD-RAW 0201FF".ljust(84, b"\0") + struct.pack(">I", 160) + bytes(72) + jpeg


def box(name: bytes, body: bytes, *, long: bool = False) -> bytes:
    """A box of ISO/IEC 14496-12."""
    if long:
        return struct.pack(">I4sQ", 1, name, 16 + len(body)) + body
    return struct.pack(">I4s", 8 + len(body), name) + body


def cr3(moment: str) -> bytes:
    """Canon's raw file of boxes."""
    canon = (
        CANON + box(b"CNCV", b"CanonCR3") + box(b"CMT1", tiff(None)) + box(b"CMT2", tiff(moment, deep=False))
    )
    return box(b"ftyp", b"crx isom") + box(b"moov", box(b"uuid", canon)) + box(b"mdat", bytes(64))


def movie(
    made: datetime | None = None,
    *,
    seconds: float = 3.0,
    named: str | None = None,
    version: int = 0,
    iso: bool = False,
    key: bytes = CREATION_DATE,
    kind: int = TEXT,
) -> bytes:
    """A QuickTime movie, or an MP4, with its description behind the pictures.

    Args:
        made: the time of its header, in UTC.
        seconds: how long it lasts.
        named: the text of Apple's creation date.
        version: of the header; 1 is for large movies, and gives long lengths to boxes.
        iso: the metadata are those of MP4.
        key: under which the text stands; Apple's own is another.
        kind: of the value, by Apple's numbers.
    """
    parts = (
        movie_header(made, seconds, version)
        + box(b"trak", bytes(40))
        + (b"" if named is None else _metadata(named, key, kind, iso=iso))
    )
    return (
        box(b"ftyp", b"qt  \0\0\0\0")
        + box(b"wide", b"")
        + box(b"mdat", bytes(400), long=True)
        + box(b"moov", parts, long=bool(version))
    )


def movie_header(made: datetime | None = None, seconds: float = 3.0, version: int = 0) -> bytes:
    """The box that says when a movie was made and how long it lasts."""
    since = 0 if made is None else round(made.timestamp()) + _EPOCH_SECONDS
    form = ">B3xQQIQ" if version else ">B3xIIII"
    return box(b"mvhd", struct.pack(form, version, since, since, 600, round(600 * seconds)) + bytes(80))


def _metadata(named: str, key: bytes, kind: int, *, iso: bool) -> bytes:
    names = [b"com.apple.quicktime.make", key]
    keys = struct.pack(">II", 0, len(names)) + b"".join(box(b"mdta", name) for name in names)
    values = [b"Apple", named.encode()]
    items = b"".join(
        box(struct.pack(">I", number), box(b"data", struct.pack(">II", kind, 0) + value))
        for number, value in enumerate(values, 1)
    )
    body = box(b"hdlr", bytes(24)) + box(b"keys", keys) + box(b"ilst", items)
    return box(b"meta", bytes(4) + body if iso else body)


def xmp(**properties: str) -> bytes:
    """A sidecar with attributes; ``__`` stands for the colon."""
    attributes = "".join(f' {name.replace("__", ":")}="{value}"' for name, value in properties.items())
    return f'<x:xmpmeta><rdf:RDF><rdf:Description rdf:about=""{attributes}/></rdf:RDF></x:xmpmeta>'.encode()


def takeout(taken: datetime) -> bytes:
    """What Google says of a picture."""
    seconds = round(taken.replace(tzinfo=UTC).timestamp())
    return json.dumps(
        {"title": "a.jpg", "photoTakenTime": {"timestamp": str(seconds), "formatted": "…"}}
    ).encode()
