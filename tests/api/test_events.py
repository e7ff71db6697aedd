"""What happens is told while it happens, as server-sent events."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pytest

from tests.api.door import Door, serving


@contextmanager
def listening(door: Door, version: str = "1.0") -> Iterator[BinaryIO]:
    """An event stream, read past its head and its first comment."""
    with door.connect() as connection, connection.makefile("rb") as stream:
        connection.sendall(f"GET /v1/events HTTP/{version}\r\nHost: simd\r\n\r\n".encode())
        head = b"".join(iter(stream.readline, b"\r\n")).lower()
        assert head.startswith(b"http/1.1 200 ok")
        assert b"content-type: text/event-stream" in head
        assert (b"transfer-encoding: chunked" in head) == (version == "1.1")
        if version == "1.0":
            assert (b": listening\n", b"\n") == (stream.readline(), stream.readline())
        yield stream


def test_events_arrive_in_order_with_their_data(door: Door) -> None:
    """Each notice is one event with its name and its JSON."""
    with listening(door) as stream:
        door.service.broadcast.tell("progress", phase="decode", done=1, total=2)
        door.service.broadcast.tell("scanned", scan=1)

        assert [b"event: progress\n", b"event: scanned\n"] == [_event(stream)[0], _event(stream)[0]]


def test_data_is_one_line_of_json(door: Door) -> None:
    """Line breaks and letters outside ASCII cannot tear an event apart."""
    with listening(door) as stream:
        door.service.broadcast.tell("image", path="/photos/a\nb\r é.jpg")

        assert {"path": "/photos/a\nb\r é.jpg"} == _event(stream)[1]


def test_http_1_1_streams_in_chunks(door: Door) -> None:
    """The newer protocol frames the same stream in chunks."""
    with listening(door, "1.1") as stream:
        size = int(stream.readline(), 16)
        assert b": listening\n\n\r\n" == stream.read(size + 2)


def test_every_listener_hears_everything(door: Door) -> None:
    """Two listeners both get an event that is told once."""
    with listening(door) as one, listening(door) as other:
        door.service.broadcast.tell("image", id=5)

        assert [{"id": 5}, {"id": 5}] == [_event(one)[1], _event(other)[1]]


def test_silence_is_filled_with_comments() -> None:
    """A stream without events carries comments, which show that it is alive."""
    with serving(keep_alive_seconds=0.05) as door, listening(door) as stream:
        assert [b": still here\n", b"\n"] * 2 == [stream.readline() for _ in range(4)]


def test_listener_that_leaves_is_forgotten(door: Door) -> None:
    """When the client hangs up, its subscription ends without waiting for an event."""
    door.service.unsubscribed.clear()
    with listening(door):
        assert not door.service.unsubscribed.is_set()
    assert door.service.unsubscribed.wait(10)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_stream_ends_when_the_broadcast_closes(version: str) -> None:
    """When the daemon closes the broadcast, the listener reads the end of the stream."""
    with serving() as door, listening(door, version) as stream:
        door.service.broadcast.close()

        last = b"0\r\n" if version == "1.1" else b""
        assert last in iter(stream.readline, None)


def _event(stream: BinaryIO) -> tuple[bytes, object]:
    name, data, end = (stream.readline() for _ in range(3))
    assert data.startswith(b"data: ")
    assert b"\n" == end
    return name, json.loads(data.removeprefix(b"data: "))
