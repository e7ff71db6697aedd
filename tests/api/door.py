"""A running server, and clients that speak to it over its real socket."""

import json
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any

from simd.api import ApiServer, Limits, create_app
from tests.api.stand_in import StandIn

PATIENCE = 10.0
"""Seconds after which a test gives up waiting for the server."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


class _UnixConnection(HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("simd", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self._path)


@dataclass(frozen=True, slots=True)
class Door:
    """A server on a socket, and the service behind it."""

    path: str
    service: StandIn
    server: ApiServer
    thread: Thread

    def ask(
        self,
        method: str,
        target: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One HTTP/1.1 exchange. A body that is not bytes is sent as JSON."""
        connection = _UnixConnection(self.path)
        sent = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, target, body=body, headers=sent)
            response = connection.getresponse()
            return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def connect(self) -> socket.socket:
        """A bare connection."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(PATIENCE)
        try:
            connection.connect(self.path)
        except OSError:
            connection.close()
            raise
        return connection

    def raw(self, request: bytes) -> bytes:
        """Send bytes and read until the server closes the connection."""
        with self.connect() as connection:
            connection.sendall(request)
            return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)


@contextmanager
def serving(limits: Limits | None = None, keep_alive_seconds: float = 60.0) -> Iterator[Door]:
    """A server in a thread of its own, stopped at the end."""
    service = StandIn()
    with tempfile.TemporaryDirectory(prefix="simd-") as folder:
        path = str(Path(folder, "s"))
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        server = ApiServer(create_app(service, keep_alive_seconds=keep_alive_seconds), listener, limits)
        thread = Thread(target=server.serve, name="api-under-test")
        thread.start()
        try:
            assert server.started.wait(PATIENCE), "the server did not start"
            yield Door(path, service, server, thread)
        finally:
            service.synced.set()
            server.stop()
            thread.join(PATIENCE)
            assert not thread.is_alive(), "the server did not stop"
