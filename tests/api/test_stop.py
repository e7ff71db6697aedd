"""The server stops when it is told to, whoever is connected, and leaves nobody without an answer."""

import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from simd.api import ApiServer, create_app
from tests.api.door import PATIENCE, Door, read_all, serving
from tests.api.stand_in import StandIn

QUICK = 2.0
"""Seconds in which the server must have stopped."""


def stop(door: Door) -> float:
    """Stop the server; how long it took."""
    started = time.monotonic()
    door.server.stop()
    door.thread.join(PATIENCE)
    assert not door.thread.is_alive()
    return time.monotonic() - started


def test_stops_with_streams_and_idle_and_half_sent_requests(caplog: pytest.LogCaptureFixture) -> None:
    """Open streams end, and neither an idle client nor half a request holds the server, or is an error."""
    with serving() as door, door.connect() as stream, door.connect() as half, door.connect():
        stream.sendall(b"GET /v1/events HTTP/1.0\r\n\r\n")
        half.sendall(b"POST /v1/sync HTTP/1.1\r\nHost: simd\r\nContent-Length: 9\r\n\r\n{")
        assert stream.recv(65_536).startswith(b"HTTP/1.1 200 OK")

        assert stop(door) < QUICK

        assert read_all(stream) in {b"", b": listening\n\n"}
        assert door.service.unsubscribed.wait(PATIENCE)
    assert [] == caplog.records


def test_stops_while_a_client_waits_and_tells_it() -> None:
    """A client in a long sync hears that the daemon is stopping, although the sync never ends."""
    with serving() as door, ThreadPoolExecutor(1) as clients:
        door.service.synced.clear()
        waiting = clients.submit(door.ask, "POST", "/v1/sync")
        assert door.service.syncing.wait(PATIENCE)

        assert stop(door) < QUICK

        reply = waiting.result(PATIENCE)
        assert (503, "unavailable") == (reply.status, reply.json["error"]["code"])
        assert "the daemon is stopping" == reply.json["error"]["message"]


def test_stopped_server_takes_no_connections() -> None:
    """Nobody listens after the stop."""
    with serving() as door:
        stop(door)
        with pytest.raises(ConnectionRefusedError):
            door.connect()


def test_stop_before_serve_returns_at_once() -> None:
    """A stop that comes first is not lost."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind("")
    server = ApiServer(create_app(StandIn()), listener)
    server.stop()
    thread = threading.Thread(target=server.serve)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_signals_are_left_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Serving in the main thread, as the daemon does, changes no signal handler."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(tmp_path_factory.mktemp("s") / "s"))
    server = ApiServer(create_app(StandIn()), listener)
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    seen: list[object] = []

    def look_and_stop() -> None:
        server.started.wait(PATIENCE)
        seen.extend(signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM))
        server.stop()

    looker = threading.Thread(target=look_and_stop)
    looker.start()
    server.serve()
    looker.join(PATIENCE)

    assert before == seen
