"""Pieces of a stranger's file, within bounds that no content can move."""

from collections.abc import Callable

MOST_BYTES = 256 * 1024
"""Read of one file at most: what tells a time lies in kilobytes, wherever in the file they are."""

MOST_PIECES = 256
"""Pieces asked for of one file at most; a movie of a phone takes about fifty."""

BLOCK = 2048
"""Bytes read at least where the file has them, for one piece mostly lies behind the other."""


class Beyond(Exception):
    """The file ends before what it promises, or more would have to be read than is read of any file."""


class Peek:
    """Reads pieces of one file, until it has read enough."""

    def __init__(self, part: Callable[[int, int], bytes], size: int) -> None:
        """``part`` gives bytes at an offset, as many as asked for unless the file ends."""
        self._part = part
        self._block, self._block_at = b"", 0
        self.size = size
        self._bytes_left = MOST_BYTES
        self._pieces_left = MOST_PIECES

    def at(self, offset: int, length: int) -> bytes:
        """So many bytes from an offset.

        Raises:
            Beyond: they are not all in the file, or enough was read.
            OSError: the medium failed.
        """
        self._pieces_left -= 1
        if length < 0 or offset < 0 or offset + length > self.size or self._pieces_left < 0:
            raise Beyond
        if not self._block_at <= offset <= offset + length <= self._block_at + len(self._block):
            self._read_block(offset, max(length, min(BLOCK, self.size - offset)))
        start = offset - self._block_at
        piece = self._block[start : start + length]
        if len(piece) < length:
            raise Beyond
        return piece

    def head(self) -> bytes:
        """The beginning of the file: all of it, or as much as is read of any."""
        return self.at(0, min(self.size, self._bytes_left))

    def _read_block(self, offset: int, length: int) -> None:
        self._bytes_left -= length
        if self._bytes_left < 0:
            raise Beyond
        self._block, self._block_at = self._part(offset, length), offset
