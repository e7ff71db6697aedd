"""What comes back over the socket: a head, then a body that ends where the stream does.

A body that a server frames in chunks although it was asked in HTTP/1.0 is read as its
head says.
"""

import socket
from collections.abc import Iterator, Mapping
from errno import ENOTCONN
from io import BufferedReader

from simd.core.errors import Failed, SimdError, TimedOut

HEAD_LINES_MAX = 100
PIECE = 65_536


def broken(error: OSError) -> SimdError:
    """What a fault of the connection means to the one who asked."""
    if isinstance(error, TimeoutError):
        return TimedOut("the daemon did not answer in time", hint="see simctl status, or the daemon's log")
    return Failed(f"the connection to the daemon broke: {error.strerror or error}")


class Head:
    """The status and the headers of an answer; the names of headers are lower-case."""

    __slots__ = ("headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        self.status = status
        self.headers = headers

    @property
    def length(self) -> int | None:
        """How many bytes the body has, where the server says so."""
        length = self.headers.get("content-length", "")
        return int(length) if length.isdecimal() else None

    @property
    def chunked(self) -> bool:
        """Whether the body is framed in chunks."""
        return "chunked" in self.headers.get("transfer-encoding", "").lower()


class Reply:
    """One answer on an open connection. The head is read at once, the body when asked for.

    Attributes:
        head: the status and headers.

    Raises:
        TimedOut: the daemon was silent for longer than the connection's timeout.
        Failed: the connection broke, or what came is not HTTP.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._stream = connection.makefile("rb")
        try:
            self.head = _read_head(self._stream)
        except OSError as error:
            raise broken(error) from error

    def body(self) -> bytes:
        """All of the body."""
        return b"".join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """The body as it arrives."""
        try:
            yield from _chunks(self._stream) if self.head.chunked else self._plain_pieces()
        except OSError as error:
            raise broken(error) from error
        except ValueError:
            if not self._stream.closed:
                raise
            return  # closed by another thread: the body ends here

    def close(self) -> None:
        """Let go of the connection; a thread that waits in :meth:`pieces` is woken."""
        if self._stream.closed:
            return
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            if error.errno != ENOTCONN:  # the daemon may have closed it first
                raise
        self._stream.close()
        self._connection.close()

    def _plain_pieces(self) -> Iterator[bytes]:
        left = self.head.length
        while left is None or left > 0:
            piece = self._stream.read1(PIECE if left is None else min(left, PIECE))
            if not piece:
                break
            left = None if left is None else left - len(piece)
            yield piece
        if left:
            raise Failed("the daemon's answer broke off")


def _read_head(stream: BufferedReader) -> Head:
    """Read the status line and the headers.

    Raises:
        Failed: the stream ends early or does not speak HTTP.
    """
    first = _head_line(stream)
    version, _, rest = first.partition(" ")
    code = rest[:3]
    if not version.startswith("HTTP/1.") or not code.isdecimal():
        raise Failed("what listens on the socket does not speak HTTP")
    headers: dict[str, str] = {}
    for _ in range(HEAD_LINES_MAX):
        line = _head_line(stream)
        if not line:
            return Head(int(code), headers)
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    raise Failed("the answer has too many headers")


def _head_line(stream: BufferedReader) -> str:
    line = stream.readline(PIECE)
    if not line.endswith(b"\n"):
        raise Failed(
            "the daemon closed the connection without an answer",
            hint="it may be stopping, or it answers only the user who runs it; see its log",
        )
    return line.decode("latin-1").rstrip("\r\n")


def _chunks(stream: BufferedReader) -> Iterator[bytes]:
    while True:
        size_text = stream.readline(PIECE).partition(b";")[0].strip()
        try:
            size = int(size_text, 16)
        except ValueError:
            raise Failed("the daemon's answer broke off") from None
        piece = stream.read(size)
        if len(piece) < size:
            raise Failed("the daemon's answer broke off")
        if not size:
            return
        stream.readline(PIECE)
        yield piece
