r"""Paths, one a line, so that no path can be mistaken for another.

A line that begins with ``/`` is the path as it is, in UTF-8. A path that holds a control character or is
not UTF-8 would not survive that: its line begins with a backslash, and behind that ``\xHH`` stands for a
byte, also for the backslash itself.
"""

from collections.abc import Iterable

_FIRST_PRINTABLE, _DELETE, _BACKSLASH, _ASCII_END = 0x20, 0x7F, 0x5C, 0x80
_LINE_BREAKS = frozenset("\x85\u2028\u2029")
"""What some programs take for the end of a line beside the control characters of ASCII."""


def path_lines(paths: Iterable[bytes]) -> bytes:
    """The paths, each on a line of its own."""
    return b"".join(_line(path) + b"\n" for path in paths)


def _line(path: bytes) -> bytes:
    try:
        text = path.decode()
    except UnicodeDecodeError:
        return _escaped(path)
    return path if not any(map(_is_control, text)) else _escaped(path)


def _is_control(char: str) -> bool:
    return ord(char) < _FIRST_PRINTABLE or ord(char) == _DELETE or char in _LINE_BREAKS


def _escaped(path: bytes) -> bytes:
    return b"\\" + b"".join(bytes([byte]) if _stays(byte) else b"\\x%02x" % byte for byte in path)


def _stays(byte: int) -> bool:
    return _FIRST_PRINTABLE <= byte < _ASCII_END and byte not in {_DELETE, _BACKSLASH}
