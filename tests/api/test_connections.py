"""Clients that dawdle, babble, crowd or do not belong here never stop the honest ones."""

import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simd.api import Limits
from simd.api.border import BODY_BYTES
from simd.api.calls import SLOW_THREADS
from tests.api import samples
from tests.api.door import Door, read_all, serving
from tests.api.test_answers import upload

STATUS_10 = b"GET /v1/status HTTP/1.0\r\nHost: simd\r\n\r\n"
HASTY = Limits(head_seconds=0.2, body_seconds=0.2, write_seconds=0.2, keep_alive_seconds=1)


def answers(door: Door) -> bool:
    """Whether an honest client gets its answer."""
    return bool(door.ask("GET", "/v1/status").json["generation"] == samples.GENERATION)


def parts(response: bytes) -> tuple[bytes, bytes]:
    """Head in lower case, and body."""
    head, _, body = response.partition(b"\r\n\r\n")
    return head.lower(), body


def test_http_1_0_gets_a_plain_body_and_the_end(door: Door) -> None:
    """A client of HTTP/1.0 reads to the end of the stream: no chunks, and the connection closes."""
    head, body = parts(door.raw(STATUS_10))

    assert head.startswith(b"http/1.1 200 ok")
    assert b"chunked" not in head
    assert f"content-length: {len(body)}".encode() in head
    assert body == door.ask("GET", "/v1/status").body


def test_http_1_0_uploads(door: Door) -> None:
    """A body with a length works in HTTP/1.0 as well."""
    body, headers = upload("file", b"picture")
    request = (
        f"POST /v1/query HTTP/1.0\r\nContent-Type: {headers['Content-Type']}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body

    assert parts(door.raw(request))[0].startswith(b"http/1.1 200 ok")
    assert b"picture" == door.service.asked[0][1].upload


def test_connections_are_kept_and_pipelined_in_http_1_1(door: Door) -> None:
    """Two requests sent at once on one connection are answered in order."""
    first = b"GET /v1/status HTTP/1.1\r\nHost: simd\r\n\r\n"
    second = b"GET /v1/doctor HTTP/1.1\r\nHost: simd\r\nConnection: close\r\n\r\n"

    both = door.raw(first + second)

    assert 2 == both.count(b"HTTP/1.1 200 OK")
    assert both.index(b'"uptime_seconds"') < both.index(b'"checks"')


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff\xfe\r\n\r\n",
        b"HELLO\r\n\r\n",
        b"GET /v1/status\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: x\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /v1/sync HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    ],
)
def test_garbage_gets_the_error_shape(door: Door, garbage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """What is not HTTP is answered in the common shape, the connection closes, and no log grows by it."""
    head, body = parts(door.raw(garbage))

    assert head.startswith(b"http/1.1 400 bad request")
    assert b'{"error":{"code":"bad-request","message":"Invalid HTTP request received.",' in body
    assert answers(door)
    assert [] == caplog.records


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=200), st.booleans())
def test_no_bytes_stop_the_server(door: Door, noise: bytes, after_request: bool) -> None:  # noqa: FBT001 - drawn
    """Any bytes at all, alone or behind a whole request, leave the server answering."""
    with door.connect() as connection:
        connection.sendall((STATUS_10.replace(b"1.0", b"1.1") if after_request else b"") + noise)
        connection.shutdown(socket.SHUT_WR)
    assert answers(door)


def test_websocket_upgrade_is_an_ordinary_request(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    """There are no websockets here; the wish for one is ignored, as HTTP allows, and nothing to log."""
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "AAAA"}

    assert 200 == door.ask("GET", "/v1/status", None, headers).status
    assert [] == caplog.records


def test_http_1_0_sender_of_too_much_reads_the_refusal(door: Door) -> None:
    """The server closes only when the sender is done, or its write would fail before it reads."""
    body = b" " * (8 * BODY_BYTES)
    head = f"POST /v1/scan HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"

    assert parts(door.raw(head.encode() + body))[0].startswith(b"http/1.1 413 ")


@pytest.fixture(scope="module")
def hasty_door() -> Iterator[Door]:
    """A server that waits for nobody for long."""
    with serving(HASTY) as door:
        yield door


@pytest.mark.parametrize(
    "half",
    [
        b"",
        b"GET /v1/sta",
        b"POST /v1/sync HTTP/1.1\r\nHost: simd\r\nContent-Length: 9\r\n\r\n{",
    ],
)
def test_half_a_request_is_given_up(hasty_door: Door, half: bytes) -> None:
    """A client that stops in the middle of its request is let go, and others are answered meanwhile."""
    with hasty_door.connect() as connection:
        connection.sendall(half)
        assert answers(hasty_door)
        assert b"" == read_all(connection)


def test_half_a_second_request_is_given_up(hasty_door: Door) -> None:
    """The deadline holds for each request of a kept connection."""
    with hasty_door.connect() as connection:
        connection.sendall(b"GET /v1/status HTTP/1.1\r\nHost: simd\r\n\r\nGET /v1")
        assert 1 == read_all(connection).count(b"HTTP/1.1 200 OK")


def test_reader_that_never_reads_is_cut_off(hasty_door: Door) -> None:
    """An event stream that nobody drains is ended, and its subscription with it."""
    service = hasty_door.service
    service.unsubscribed.clear()
    with hasty_door.connect() as connection:
        connection.sendall(b"GET /v1/events HTTP/1.0\r\n\r\n")
        connection.recv(1)
        while not service.unsubscribed.wait(0.001):
            service.broadcast.tell("progress", filler="x" * 50_000)
    assert answers(hasty_door)


def test_slow_reader_does_not_hold_up_others(door: Door) -> None:
    """While one client leaves its event stream unread, others get answers and events."""
    with door.connect() as slow, door.connect() as swift:
        for connection in (slow, swift):
            connection.sendall(b"GET /v1/events HTTP/1.0\r\n\r\n")
            connection.recv(1)
        for _ in range(40):
            door.service.broadcast.tell("progress", filler="x" * 50_000)
        door.service.broadcast.tell("last")
        assert answers(door)
        seen = b""
        while b"event: last" not in seen:
            received = swift.recv(65_536)
            assert received, "the stream ended before its last event"
            seen = seen[-20:] + received


@contextmanager
def occupied(door: Door, count: int) -> Iterator[None]:
    """Connections of clients that are served: each has its events coming."""
    with ExitStack() as stack:
        for _ in range(count):
            connection = stack.enter_context(door.connect())
            connection.sendall(b"GET /v1/events HTTP/1.0\r\n\r\n")
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200 OK")
        yield


def test_crowd_is_told_to_come_back() -> None:
    """Beyond the limit a client hears so in the common shape, and is served once there is room."""
    with serving(Limits(connections=3)) as door:
        with occupied(door, 3):
            reply = door.ask("GET", "/v1/status")
            assert (503, "unavailable") == (reply.status, reply.json["error"]["code"])
            assert "too many clients are connected" == reply.json["error"]["message"]
            door.service.unsubscribed.clear()
        assert door.service.unsubscribed.wait(10)
        assert answers(door)


def test_waiting_clients_leave_room_for_quick_questions(door: Door) -> None:
    """With dozens of clients in sync, status answers at once."""
    service = door.service
    service.synced.clear()
    with ThreadPoolExecutor(50) as clients:
        waiting = [clients.submit(door.ask, "POST", "/v1/sync") for _ in range(50)]
        assert service.syncing.wait(10)
        assert answers(door)
        assert not any(reply.done() for reply in waiting)
        service.synced.set()
        assert [200] * 50 == [reply.result(10).status for reply in waiting]


def test_abandoned_calls_leave_room_for_quick_questions(door: Door) -> None:
    """As many clients as may connect leave in the middle of a sync; status still answers."""
    service = door.service
    service.synced.clear()
    for _ in range(SLOW_THREADS):
        service.syncing.clear()
        with door.connect() as connection:
            connection.sendall(b"POST /v1/sync HTTP/1.0\r\n\r\n")
            assert service.syncing.wait(10)
    assert answers(door)
    service.synced.set()


def test_strangers_are_turned_away() -> None:
    """A peer whose user is not admitted gets 403, whatever it asks, and the service hears nothing."""
    with serving(Limits(uids=frozenset({os.getuid() + 1}))) as door:
        reply = door.ask("GET", "/v1/status")

        assert (403, "bad-request") == (reply.status, reply.json["error"]["code"])
        assert [] == door.service.asked


def test_own_user_and_root_are_admitted() -> None:
    """Who may connect, unless somebody says otherwise."""
    assert frozenset({os.getuid(), 0}) == Limits().uids
