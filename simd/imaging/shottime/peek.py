"""Pieces of a stranger's file, within bounds that no content can move."""

from collections.abc import Callable

MOST_BYTES = 256 * 1024
"""Read of one file at most: what tells a time lies in kilobytes, wherever in the file they are."""

MOST_PIECES = 128
"""Pieces read of one file at most; a movie of a phone takes about thirty."""


class Beyond(Exception):
    """The file ends before what it promises, or more would have to be read than is read of any file."""


class Peek:
    """Reads pieces of one file, until it has read enough."""

    def __init__(self, part: Callable[[int, int], bytes], size: int) -> None:
        """``part`` gives bytes at an offset, as many as asked for unless the file ends."""
        self._part = part
        self.size = size
        self._bytes_left = MOST_BYTES
        self._pieces_left = MOST_PIECES

    def at(self, offset: int, length: int) -> bytes:
        """So many bytes from an offset.

        Raises:
            Beyond: they are not all in the file, or enough was read.
            OSError: the medium failed.
        """
        self._bytes_left -= length
        self._pieces_left -= 1
        if min(length, offset, self._bytes_left, self._pieces_left) < 0 or offset + length > self.size:
            raise Beyond
        piece = self._part(offset, length)
        if len(piece) < length:
            raise Beyond
        return piece

    def head(self) -> bytes:
        """The beginning of the file: all of it, or as much as is read of any."""
        return self.at(0, min(self.size, self._bytes_left))
