"""Clients that mean no good, or do not know better, and honest ones who ask at the same time."""

import os
import select
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from time import perf_counter

from simd.client.http import Client

STATUS = b"GET /v1/status HTTP/1.1\r\nHost: simd\r\nConnection: close\r\n\r\n"
PIECE = bytes(256 * 1024)
NOBODY = 65_534
MOST_OPEN = 600
"""Connections at once: more than the daemon has places and queues for refusals."""

_STRANGER = """
import os, socket, sys
os.setgroups([]); os.setgid({nobody}); os.setuid({nobody})
try:
    kept = []
    for _ in range(int(sys.argv[2])):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(sys.argv[1])
        kept.append(connection)
    kept[-1].sendall(b"GET /v1/status HTTP/1.0\\r\\n\\r\\n")
    print(kept[-1].recv(65536).decode().replace("\\r\\n", "|"), flush=True)
except PermissionError:
    print("the system does not let me in", flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True)
class Clients:
    """Opens connections to one socket, which end with the test."""

    path: Path
    patience: float
    seconds: list[float] = field(default_factory=list)
    _open: deque[socket.socket] = field(default_factory=deque)

    @contextmanager
    def until_the_end(self) -> Iterator["Clients"]:
        """Close all connections at the end."""
        try:
            yield self
        finally:
            while self._open:
                self._open.popleft().close()

    def connect(self) -> socket.socket:
        """Somebody; whoever came very long before leaves, so that this process has room for all."""
        if len(self._open) >= MOST_OPEN:
            self._open.popleft().close()
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._open.append(connection)
        connection.settimeout(self.patience)
        connection.connect(os.fspath(self.path))
        return connection

    def say(self, words: bytes) -> socket.socket:
        """Somebody who has said this and waits."""
        connection = self.connect()
        self.add(connection, words)
        return connection

    def add(self, connection: socket.socket, words: bytes) -> None:
        """Somebody goes on, unless nobody listens any more."""
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(words)

    def ask_honestly(self) -> None:
        """An honest client gets its answer, in a time that is noted."""
        started = perf_counter()
        Client(os.fspath(self.path), timeout=self.patience).get("/v1/status")
        self.seconds.append(perf_counter() - started)

    def upload(self, head: bytes, pieces: int, *, chunked: bool = False) -> bytes:
        """Send so many pieces of 256 KiB for as long as somebody takes them; what is answered."""
        connection = self.say(head)
        frame = (b"%x\r\n" % len(PIECE), b"\r\n") if chunked else (b"", b"")
        with suppress(BrokenPipeError, ConnectionResetError):
            for piece in repeat(frame[0] + PIECE + frame[1], pieces):
                connection.sendall(piece)
            connection.sendall(b"0\r\n\r\n" if chunked else b"")
        return answer_of(connection)


def answer_of(connection: socket.socket) -> bytes:
    """All that comes until the connection ends, in whatever way."""
    parts = []
    with suppress(ConnectionResetError):
        while part := connection.recv(1 << 16):
            parts.append(part)
    return b"".join(parts)


def leave_unread(connection: socket.socket) -> None:
    """Wait until an answer has come, and read none of it."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    poll.poll(10_000)


@contextmanager
def another_user(path: Path, connections: int) -> Iterator[str]:
    """Somebody else opens so many connections and asks on the last; what he hears."""
    script = _STRANGER.format(nobody=NOBODY)
    with subprocess.Popen(
        [sys.executable, "-c", script, os.fspath(path), str(connections)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline()
        assert process.stdin is not None
        process.stdin.close()


@contextmanager
def open_to_all(*paths: Path, mode: int) -> Iterator[None]:
    """Have others come as far as these, as a careless person would."""
    before = [path.stat().st_mode for path in paths]
    for path in paths:
        path.chmod(mode)
    try:
        yield
    finally:
        for path, was in zip(paths, before, strict=True):
            path.chmod(was)
