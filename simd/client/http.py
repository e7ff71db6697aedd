"""One question to the daemon: HTTP/1.0 over its Unix socket, by ``socket`` and ``json`` alone."""

import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence

from simd.client.events import EventStream
from simd.client.patience import Patience
from simd.client.refusals import GOOD, refusal
from simd.client.reply import Reply, broken
from simd.client.request import JSON_TYPE, form_frame, request, target
from simd.core.errors import BadRequest, Failed, NoDaemon, Unavailable
from simd.core.wire import Json

SOCKET_PATH_LIMIT = 107 if sys.platform.startswith("linux") else 103
"""Longest path of a Unix socket in bytes: ``sun_path`` less its closing zero byte."""

DEFAULT_TIMEOUT = 60.0
"""Seconds; longer than the deadline of one decode."""


class Client:
    """Asks the daemon behind one socket. Every call is a connection of its own.

    All calls raise the :class:`~simd.core.errors.SimdError` that the daemon answered, and

    - :class:`~simd.core.errors.NoDaemon`: nothing listens on the socket;
    - :class:`~simd.core.errors.Unavailable`: too many clients wait there;
    - :class:`~simd.core.errors.BadRequest`: the socket's path is longer than the system allows;
    - :class:`~simd.core.errors.TimedOut`: no answer within ``timeout`` seconds;
    - :class:`~simd.core.errors.Loading`: the daemon is loading for longer than the patience lasts;
    - :class:`~simd.core.errors.Failed`: the connection or the answer broke.
    """

    def __init__(
        self, socket_path: str, timeout: float = DEFAULT_TIMEOUT, patience: Patience | None = None
    ) -> None:
        """``patience`` is for a daemon that is loading; there is none by default."""
        self.socket_path = socket_path
        self.timeout = timeout
        self.patience = patience or Patience()

    def get(self, path: str, params: Mapping[str, object] | None = None) -> Json:
        """Ask for what is at ``path``; parameters that are None are left out."""
        return self._exchange([request("GET", target(path, params))], self.timeout)

    def post(
        self,
        path: str,
        body: Mapping[str, object] | None = None,
        timeout: float | None = None,
        patience: float | None = None,
    ) -> Json:
        """Send a JSON object, empty when None.

        Args:
            path: the endpoint.
            body: what becomes the JSON object.
            timeout: seconds to wait in place of the client's own.
            patience: seconds to wait for a daemon that is loading, in place of the client's own.
        """
        data = json.dumps(body or {}).encode("ascii")
        head = request("POST", path, JSON_TYPE, len(data))
        return self._exchange([head + data], self.timeout if timeout is None else timeout, patience)

    def upload(self, path: str, params: Mapping[str, object] | None, data: bytes, name: str) -> Json:
        """Send a picture as the field ``file`` of a multipart form (RFC 7578)."""
        content_type, before, after = form_frame(name)
        length = len(before) + len(data) + len(after)
        head = request("POST", target(path, params), content_type, length)
        return self._exchange([head, before, data, after], self.timeout)

    def events(self) -> EventStream:
        """Listen to ``GET /v1/events``; when this returns, the daemon has answered the request."""
        return self.patience.ask(self._events)

    def _events(self) -> EventStream:
        reply = self._ask([request("GET", "/v1/events")], self.timeout)
        if reply.head.status in GOOD:
            return EventStream(reply)
        try:
            raise refusal(reply.head.status, reply.body())
        finally:
            reply.close()

    def _exchange(self, parts: Sequence[bytes], timeout: float, patience: float | None = None) -> Json:
        return self.patience.ask(lambda: self._exchange_once(parts, timeout), patience)

    def _exchange_once(self, parts: Sequence[bytes], timeout: float) -> Json:
        reply = self._ask(parts, timeout)
        try:
            body = reply.body()
        finally:
            reply.close()
        if reply.head.status not in GOOD:
            raise refusal(reply.head.status, body)
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise Failed("the daemon's answer is not JSON") from error
        if not isinstance(answer, dict):
            raise Failed("the daemon's answer is not a JSON object")
        return answer

    def _ask(self, parts: Sequence[bytes], timeout: float) -> Reply:
        connection = self._connect(timeout)
        try:
            _send(connection, parts)
            return Reply(connection)
        except BaseException:
            connection.close()
            raise

    def _connect(self, timeout: float) -> socket.socket:
        length = len(os.fsencode(self.socket_path))
        if length > SOCKET_PATH_LIMIT:
            raise BadRequest(
                f"the path of the socket has {length} bytes; the system allows {SOCKET_PATH_LIMIT}",
                hint="choose a shorter one with --socket or SIMD_SOCKET",
                path=self.socket_path,
            )
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        try:
            connection.connect(self.socket_path)
        except OSError as error:
            connection.close()
            raise self._unreachable(error) from error
        return connection

    def _unreachable(self, error: OSError) -> Unavailable:
        if isinstance(error, BlockingIOError | TimeoutError):
            return Unavailable("too many clients wait for the daemon", hint="try again in a moment")
        if isinstance(error, PermissionError):
            return NoDaemon(
                f"the socket {self.socket_path} belongs to another user",
                hint="ask as the user who runs the daemon, or name your own daemon's socket with --socket",
                path=self.socket_path,
            )
        return NoDaemon(
            f"no daemon listens on {self.socket_path}",
            hint="start one with: simd run --root DIR (or name its socket with --socket)",
            path=self.socket_path,
        )


def _send(connection: socket.socket, parts: Sequence[bytes]) -> None:
    try:
        for part in parts:
            connection.sendall(part)
    except (BrokenPipeError, ConnectionResetError):
        return  # a daemon that refuses early stops reading; its answer is there to be read
    except OSError as error:
        raise broken(error) from error
