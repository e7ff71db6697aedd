"""Opening a stranger's file safely, and reading it once."""

import errno
import hashlib
import io
import os
import stat
from types import TracebackType
from typing import BinaryIO, Self

from simd.core.model import ProblemCode
from simd.core.stamp import Stamp
from simd.imaging.outcome import Refusal, Vanished
from simd.imaging.recipe import MAX_FILE_BYTES, MAX_IN_MEMORY

# Without O_NONBLOCK a FIFO that is called .jpg would block open() for ever.
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_CHUNK = 1024 * 1024

_GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ESTALE})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})


class Source:
    """A regular file, open for reading; use it as a context manager.

    Attributes:
        stamp: the file as it was when it was opened.
    """

    def __init__(self, path: bytes) -> None:
        """Open ``path`` without following a link and without waiting.

        Raises:
            Vanished: there is no such file.
            Refusal: it may not be opened, or is no regular file, or is empty.
        """
        self._fd = _open(path)
        try:
            self.stamp = self._regular()
        except BaseException:
            os.close(self._fd)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._fd)

    def read(self) -> tuple[bytes, BinaryIO]:
        """The SHA-256 of the file, and a stream of its content from the beginning.

        Raises:
            Refusal: the medium failed, or it is too large.
            Vanished: the file became shorter meanwhile.
        """
        self._refuse_giants()
        try:
            if self.stamp.size <= MAX_IN_MEMORY:
                data = self._read_all()
                return hashlib.sha256(data).digest(), io.BytesIO(data)
            return self._digest(), self._from_disk()
        except OSError as error:
            raise _unreadable(error) from error

    def stream(self) -> BinaryIO:
        """A stream of its content from the beginning, for those who need no digest.

        Raises:
            Refusal: the medium failed, or it is too large.
            Vanished: the file became shorter meanwhile.
        """
        self._refuse_giants()
        try:
            return io.BytesIO(self._read_all()) if self.stamp.size <= MAX_IN_MEMORY else self._from_disk()
        except OSError as error:
            raise _unreadable(error) from error

    def part(self, offset: int, length: int) -> bytes:
        """Bytes from somewhere within, fewer at its end.

        Raises:
            OSError: the medium failed.
        """
        return os.pread(self._fd, length, offset)

    def unchanged(self) -> bool:
        """Whether the file still is what it was when it was opened."""
        return Stamp.of(os.fstat(self._fd)) == self.stamp

    def _regular(self) -> Stamp:
        found = os.fstat(self._fd)
        _refuse_what_is_no_file(found)
        return Stamp.of(found)

    def _refuse_giants(self) -> None:
        if self.stamp.size > MAX_FILE_BYTES:
            size, most = self.stamp.size >> 30, MAX_FILE_BYTES >> 30
            raise Refusal(
                ProblemCode.TOO_LARGE, f"It has {size:,} GiB; files of at most {most} GiB are read."
            )

    def _read_all(self) -> bytes:
        # One byte more than expected is asked for, so that a single call proves the end.
        wanted = self.stamp.size
        data = os.read(self._fd, wanted + 1)
        while len(data) < wanted:
            more = os.read(self._fd, wanted + 1 - len(data))
            if not more:
                raise Vanished("the file became shorter while it was read")
            data += more
        return data

    def _from_disk(self) -> BinaryIO:
        return os.fdopen(os.dup(self._fd), "rb")

    def _digest(self) -> bytes:
        digest = hashlib.sha256()
        while chunk := os.read(self._fd, _CHUNK):
            digest.update(chunk)
        os.lseek(self._fd, 0, os.SEEK_SET)
        return digest.digest()


def fetch(path: bytes) -> None:
    """Read a file that fits into memory, and keep nothing; what is wrong with it, the next reader says."""
    try:
        with Source(path) as source:
            source.stream().close()
    except (Vanished, Refusal):
        return


def _open(path: bytes) -> int:
    try:
        # To open a device can set something off, and to open a pipe releases whoever writes to it.
        _refuse_what_is_no_file(os.lstat(path))
        return os.open(path, _FLAGS)
    except OSError as error:
        if error.errno in _GONE:
            raise Vanished("no such file") from error
        if error.errno in _FORBIDDEN:
            raise Refusal(ProblemCode.PERMISSION, "Its permissions do not let simd read it.") from error
        if error.errno == errno.ELOOP:
            raise Refusal(ProblemCode.NOT_A_FILE, "It is a symbolic link.") from error
        if error.errno == errno.ENXIO:
            raise Refusal(ProblemCode.NOT_A_FILE, "It is not a regular file.") from error
        raise Refusal(ProblemCode.IO, f"Opening it failed: {_words(error)}.") from error


def _refuse_what_is_no_file(found: os.stat_result) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise Refusal(ProblemCode.NOT_A_FILE, "It is a symbolic link.")
    if not stat.S_ISREG(found.st_mode):
        raise Refusal(ProblemCode.NOT_A_FILE, "It is not a regular file.")


def _unreadable(error: OSError) -> Refusal:
    return Refusal(ProblemCode.IO, f"Reading it failed: {_words(error)}.")


def _words(error: OSError) -> str:
    return (error.strerror or "unknown error").lower()
