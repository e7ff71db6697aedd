r"""Names that tell where a picture comes from: its full path in the name of one file.

``/home/ann/Pictures/2024/a.jpg`` becomes ``0-keep home+ann+Pictures+2024+a.jpg``: the number of the file in
its group, what is to be known of it, a blank, and the path. A slash is written ``+``. Written ``%XX``, byte
by byte in hexadecimal, are ``+`` and ``%`` themselves, what is not UTF-8 or cannot be printed, what some
filesystems do not take (``\ : * ? " < > |``), and a dot or blank at the very end. A path that does not fit is
cut in the middle, where ``%~``, ten hex digits of its SHA-256 and ``~`` stand then.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

LONGEST = 255
"""Bytes of a file name that every filesystem of today takes; some take fewer."""

KEEP = "keep"
PROTECTED = "protected"

_FORBIDDEN = frozenset('%+\\:*?"<>|')
_SURROGATES = range(0xDC80, 0xDD00)
_SURROGATE_BASE = 0xDC00
_HASH_DIGITS = 10
_MARK = b"%~"

_NAME = re.compile(rb"[0-9]+(?:-[a-z]+)* (.*)", re.DOTALL)
_CODED = re.compile(rb"(?:[^%]|%[0-9A-F]{2})*", re.DOTALL)
_ESCAPE = re.compile(rb"%([0-9A-F]{2})")


def name_for(path: bytes, number: str, remarks: Iterable[str] = (), *, limit: int = LONGEST) -> bytes:
    """The name under which a file is laid.

    Args:
        path: absolute.
        number: of the file in its group; it comes first, and makes the name unique there.
        remarks: such as ``keep``; lower-case letters only.
        limit: bytes that the filesystem takes, at least 64.
    """
    prefix = "-".join((number, *remarks)).encode() + b" "
    pieces = _pieces(path)
    room = limit - len(prefix)
    if sum(map(len, pieces)) <= room:
        return prefix + b"".join(pieces)
    mark = _MARK + sha256(path).hexdigest()[:_HASH_DIGITS].encode() + b"~"
    room -= len(mark)
    head = _fitting(pieces, room // 3)
    tail = _fitting(pieces[::-1], room - sum(map(len, head)))
    return prefix + b"".join(head) + mark + b"".join(reversed(tail))


def path_of(name: bytes) -> bytes | None:
    """The path in a name; None when it was shortened, or is no name of ours."""
    found = _NAME.fullmatch(name)
    if found is None or _CODED.fullmatch(found[1]) is None:
        return None
    path = found[1].replace(b"+", b"/")
    return b"/" + _ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), path)


def _pieces(path: bytes) -> list[bytes]:
    """The path as it is written, in parts that must not be cut."""
    pieces = [_piece(char) for char in path[1:].decode("utf-8", "surrogateescape")]
    if pieces and pieces[-1] in {b".", b" "}:
        pieces[-1] = _escaped(pieces[-1])
    return pieces


@lru_cache(4_096)
def _piece(char: str) -> bytes:
    if char == "/":
        return b"+"
    if ord(char) in _SURROGATES:
        return _escaped(bytes([ord(char) - _SURROGATE_BASE]))
    written = char.encode()
    return _escaped(written) if char in _FORBIDDEN or not char.isprintable() else written


def _escaped(written: bytes) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in written)


def _fitting(pieces: list[bytes], room: int) -> list[bytes]:
    """As many of the first pieces as there is room for."""
    taken: list[bytes] = []
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            break
        taken.append(piece)
    return taken
