"""Clients that keep the daemon waiting have a place only while nobody else needs it."""

import os
import select
import socket
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from threading import Event

from simd.api import Limits
from simd.api.connection import Connection
from simd.api.guests import Guests
from simd.core.answers import Metric
from simd.core.answers.daemon import MetricKind
from tests.api.door import PATIENCE, Door, read_all, serving
from tests.api.test_connections import answers, occupied

METRICS = b"GET /metrics HTTP/1.1\r\nHost: simd\r\n\r\n"
HALVES = (
    b"",
    b"GET /v1/sta",
    b"POST /v1/sync HTTP/1.1\r\nHost: simd\r\nContent-Length: 9\r\n\r\n{",
    b"GET /v1/status HTTP/1.1\r\nHost: simd\r\n\r\n",
)
"""What a client may send and then fall silent: nothing, half a head, half a body, a whole first request."""

KIB = 1024


def long_answers(door: Door, size: int) -> None:
    """Have ``/metrics`` answer with about so many bytes."""
    piece = 10 * KIB
    door.service.metric_samples = [
        Metric(name=f"m{number}", kind=MetricKind.GAUGE, help="x" * piece, value=1.0)
        for number in range(size // piece)
    ]


def leave_unread(door: Door) -> socket.socket:
    """A client that asks for a long answer and reads its first byte only."""
    connection = door.connect()
    connection.sendall(METRICS)
    connection.recv(1)
    return connection


def test_silent_clients_keep_nobody_out() -> None:
    """Ten times as many as there is room for, of every kind; honest ones are answered at every moment."""
    with serving(Limits(connections=3)) as door, ExitStack() as stack:
        for _ in range(8):
            for half in HALVES:
                stack.enter_context(door.connect()).sendall(half)
                assert answers(door)


def test_whoever_is_sent_away_before_its_answer_hears_why() -> None:
    """The one that has waited the longest goes, with the common error; the others stay."""
    with serving(Limits(connections=2)) as door, door.connect() as first, door.connect() as second:
        first.sendall(HALVES[2])
        second.sendall(b"GET /v1/status HTTP/1.0\r\n")
        assert answers(door)

        assert b'"too many clients are connected"' in _drained(first)
        second.sendall(b"\r\n")
        assert read_all(second).startswith(b"HTTP/1.1 200 OK")


def test_a_kept_connection_is_closed_without_a_word() -> None:
    """Between two requests an answer would be taken for that to the next one."""
    with serving(Limits(connections=1)) as door, door.connect() as kept:
        kept.sendall(HALVES[3])
        assert kept.recv(64 * KIB).startswith(b"HTTP/1.1 200 OK")
        assert answers(door)

        assert b"HTTP/1.1" not in _drained(kept)


def test_clients_that_wait_for_the_daemon_stay() -> None:
    """Where all wait for events, the next is told to come back, and no event stream ends."""
    with serving(Limits(connections=2)) as door, occupied(door, 2):
        door.service.unsubscribed.clear()
        assert 503 == door.ask("GET", "/v1/status").status
        assert not door.service.unsubscribed.is_set()


def test_a_rush_of_silent_clients_does_not_overrun_those_who_ask() -> None:
    """Whoever asked at once is read before so many others are let in that somebody has to give way."""
    with serving(Limits(connections=64)) as door, occupied(door, 1), ExitStack() as stack:
        [first] = door.server._server.server_state.connections
        busy = Event()
        assert isinstance(first, Connection)
        first.loop.call_soon_threadsafe(busy.wait)
        prompt = [stack.enter_context(door.connect()) for _ in range(40)]
        for client in prompt:
            client.sendall(HALVES[3].replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        for _ in range(150):
            stack.enter_context(door.connect())
        busy.set()

        assert [True] * 40 == [read_all(client).startswith(b"HTTP/1.1 200 ") for client in prompt]


def test_those_who_are_told_no_are_few() -> None:
    """Beyond their limit the oldest is dropped, so that no number of strangers takes every descriptor."""
    strangers = Limits(uids=frozenset({os.getuid() + 1}), connections=1, refused=2)
    with serving(strangers) as door, ExitStack() as stack:
        first, *others = [stack.enter_context(door.connect()) for _ in range(3)]
        assert b"" == read_all(first)
        for other in others:
            other.sendall(HALVES[3])
            assert read_all(other).startswith(b"HTTP/1.1 403 ")


def test_strangers_take_no_place() -> None:
    """They are no guests, however many there are."""
    guests = Guests(most=1, most_refused=10, unread_bytes=1)
    host = _Seat()
    for _ in range(5):
        guests.refuse(_Seat())
    assert guests.admit(host)
    assert [] == host.left


def test_readers_that_never_read_keep_nobody_out() -> None:
    """An answer that nobody takes holds a place only while nobody else needs it."""
    with serving(Limits(connections=3)) as door, ExitStack() as stack:
        long_answers(door, 1_000 * KIB)
        for _ in range(6):
            stack.enter_context(leave_unread(door))
            assert answers(door)


def test_unread_answers_are_bounded_together() -> None:
    """Who has not read for the longest goes first; the newest gets the whole of its answer."""
    with serving(Limits(unread_bytes=2_000 * KIB, keep_alive_seconds=1)) as door, ExitStack() as stack:
        long_answers(door, 1_500 * KIB)
        clients = [stack.enter_context(leave_unread(door)) for _ in range(3)]

        whole = [len(_drained(client)) >= 1_500 * KIB for client in clients]

        assert [False, False, True] == whole


def test_the_end_of_an_answer_that_nobody_reads_is_dropped_too() -> None:
    """However little of it is left: a connection that cannot be closed would stay for ever."""
    with serving(Limits(write_seconds=0.2, keep_alive_seconds=1, connections=1)) as door:
        long_answers(door, _room_in_a_socket() + 30 * KIB)
        with leave_unread(door) as client:
            assert _hung_up(client)


@dataclass(eq=False)
class _Seat:
    """A guest on paper."""

    unread: int = 0

    def __post_init__(self) -> None:
        self.left: list[bool] = []

    def give_way(self) -> None:
        self.left.append(True)


def _drained(connection: socket.socket) -> bytes:
    """All that still comes, until the connection ends in whatever way."""
    parts = []
    # What the server had not read when it closed makes a reset of the end.
    with suppress(ConnectionResetError):
        while part := connection.recv(64 * KIB):
            parts.append(part)
    return b"".join(parts)


def _hung_up(connection: socket.socket) -> bool:
    """Wait, without reading, until the other side has closed the connection; whether it did in time."""
    poll = select.poll()
    poll.register(connection, 0)
    return any(what & select.POLLHUP for _, what in poll.poll(PATIENCE * 1000))


def _room_in_a_socket() -> int:
    """Bytes that a Unix socket holds for a reader that does not read."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0)
        sent = 0
        try:
            while True:
                sent += ours.send(bytes(1_000 * KIB))
        except BlockingIOError:
            return sent
