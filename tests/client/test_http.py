"""Questions and answers over a real Unix socket."""

import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simd.client.events import parse
from simd.client.http import SOCKET_PATH_LIMIT, Client
from simd.client.refusals import refusal
from simd.client.request import target
from simd.core import errors
from tests.client.canned import Canned, CannedServer, refused


@contextmanager
def scripted(path: Path, reply: bytes, *, read_all: bool = True) -> Iterator[Client]:
    """A peer that takes one connection, sends exactly ``reply`` and closes."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                if read_all:
                    connection.recv(65_536)
                connection.sendall(reply)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield Client(str(path), timeout=5)
        thread.join(5)


def test_get_sends_parameters_and_returns_the_object(server: CannedServer) -> None:
    """Parameters arrive decoded, None is left out, truth is lower-case, the answer is the object."""
    server.answers["GET", "/v1/groups"] = Canned({"groups": [], "generation": 7})
    answer = Client(server.path).get(
        "/v1/groups", {"under": "/a b/ü&=", "limit": 3, "kind": None, "all": True}
    )
    assert {"groups": [], "generation": 7} == answer
    assert {"under": "/a b/ü&=", "limit": "3", "all": "true"} == server.questions[0].params


def test_post_sends_json(server: CannedServer) -> None:
    """A body arrives as the JSON object that was given; none is an empty object."""
    server.answers["POST", "/v1/scan"] = Canned({"scan": 1})
    client = Client(server.path)
    assert {"scan": 1} == client.post("/v1/scan", {"paths": ["/ü"], "rehash": False})
    client.post("/v1/scan")
    assert [{"paths": ["/ü"], "rehash": False}, {}] == [question.json for question in server.questions]


def test_upload_is_a_form_that_any_server_reads(server: CannedServer) -> None:
    """The bytes arrive unchanged although they hold line ends, dashes and quotes in the name."""
    server.answers["POST", "/v1/query"] = Canned({"matches": []})
    data = b"\r\n--\x00\xff" * 40_000 + b"\r\n"
    Client(server.path).upload("/v1/query", {"top": 2}, data, 'a "b"\r\n.png')
    question = server.questions[0]
    assert {"top": "2"} == question.params
    assert {"file": ("a %22b%22%0D%0A.png", data)} == question.fields


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_target_survives_any_text(text: str) -> None:
    """Whatever the text, the query string decodes to it and stays on one line of ASCII."""
    made = target("/v1/images", {"path": text})
    assert made.isascii()
    assert made.isprintable()
    assert [("path", text)] == parse_qsl(urlsplit(made).query, keep_blank_values=True, strict_parsing=True)


@pytest.mark.parametrize(
    "code", ["bad-request", "unreadable-image", "not-found", "timed-out", "unavailable", "failed"]
)
def test_an_error_is_rebuilt_as_it_was(server: CannedServer, code: str) -> None:
    """The error class follows the code, and message, hint and path are kept."""
    server.answers["GET", "/v1/status"] = refused(400, code, "said", "do", "/p")
    with pytest.raises(errors.SimdError) as caught:
        Client(server.path).get("/v1/status")
    assert (code, "said", "do", "/p") == (
        caught.value.code,
        caught.value.message,
        caught.value.hint,
        caught.value.path,
    )


def test_every_error_of_the_tree_crosses_the_wire() -> None:
    """For each class of the tree, its own code leads back to it and so to its exit code."""

    def classes(root: type[errors.SimdError]) -> Iterator[type[errors.SimdError]]:
        for child in root.__subclasses__():
            if child.__module__ == errors.__name__:  # elsewhere an error may be told apart that no wire knows
                yield child
                yield from classes(child)

    for kind in classes(errors.SimdError):
        body = b'{"error": {"code": "%s", "message": "m"}}' % kind.code.encode()
        assert kind is type(refusal(400, body))


@pytest.mark.parametrize(
    "body",
    [b"", b"nope", b"[]", b"3", b'{"error": "x"}', b'{"error": {}}', b'{"error": {"code": []}}', b'{"e": 1}'],
)
def test_a_bad_status_without_a_proper_error_is_still_an_error(body: bytes) -> None:
    """A body in no known shape becomes Failed and names the status."""
    error = refusal(502, body)
    assert isinstance(error, errors.Failed)
    assert "502" in error.message


def test_an_unknown_code_becomes_failed() -> None:
    """A code of a later version is still told with its message."""
    error = refusal(418, b'{"error": {"code": "teapot", "message": "short and stout", "hint": "pour"}}')
    assert (errors.Failed, "short and stout", "pour") == (type(error), error.message, error.hint)


def test_no_socket_is_no_daemon(tmp_path: Path) -> None:
    """A socket that is not there means that no daemon runs, with a hint how to start one."""
    with pytest.raises(errors.NoDaemon) as caught:
        Client(str(tmp_path / "none.sock")).get("/v1/status")
    assert "simd run" in (caught.value.hint or "")


def test_a_dead_socket_is_no_daemon(tmp_path: Path) -> None:
    """A socket file that nobody listens on, as a killed daemon leaves it, means no daemon."""
    path = tmp_path / "dead.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with pytest.raises(errors.NoDaemon):
        Client(str(path)).get("/v1/status")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse as if nobody listened")
def test_a_crowd_before_the_door_is_no_absence(tmp_path: Path) -> None:
    """Where no more may wait, the daemon is there, and the client is told to come again."""
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as busy, socket.socket(socket.AF_UNIX) as waiting:
        busy.bind(path)
        busy.listen(0)
        waiting.connect(path)
        with pytest.raises(errors.Unavailable, match="too many clients wait") as caught:
            Client(path).get("/v1/status")
    assert not isinstance(caught.value, errors.NoDaemon)


@pytest.mark.skipif(os.getuid() == 0, reason="root may connect to any socket")
def test_a_socket_of_another_is_no_daemon(server: CannedServer) -> None:
    """A socket that may not be opened says whose it is."""
    Path(server.path).chmod(0)
    with pytest.raises(errors.NoDaemon, match="another user"):
        Client(server.path).get("/v1/status")


def test_the_longest_path_works_and_one_more_is_refused() -> None:
    """Up to the system's limit the kernel decides; beyond it the message names the length."""
    longest = "/" + "x" * (SOCKET_PATH_LIMIT - 1)
    with pytest.raises(errors.NoDaemon):
        Client(longest).get("/v1/status")
    with pytest.raises(errors.BadRequest, match=str(SOCKET_PATH_LIMIT + 1)):
        Client(longest + "x").get("/v1/status")


def test_silence_is_timed_out(tmp_path: Path) -> None:
    """A daemon that accepts and never answers is given up after the timeout."""
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(tmp_path / "mute.sock"))
        mute.listen()
        with pytest.raises(errors.TimedOut):
            Client(str(tmp_path / "mute.sock"), timeout=0.05).get("/v1/status")


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"HTTP/1.1 200",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n\r\nnot json",
        b"HTTP/1.1 200 OK\r\n\r\n[1]",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n{}",
    ],
)
def test_a_broken_answer_is_failed(tmp_path: Path, reply: bytes) -> None:
    """Whatever breaks in an answer becomes Failed, never a half answer or another exception."""
    with scripted(tmp_path / "s.sock", reply) as client, pytest.raises(errors.Failed):
        client.get("/v1/status")


def test_a_chunked_answer_is_read(tmp_path: Path) -> None:
    """Chunks are put together as RFC 9112 frames them."""
    reply = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\n{"a\r\n5\r\n": 1}\r\n0\r\n\r\n'
    with scripted(tmp_path / "s.sock", reply) as client:
        assert {"a": 1} == client.get("/v1/status")


def test_an_early_refusal_is_heard(tmp_path: Path) -> None:
    """A daemon that refuses before it read the whole body is understood, although sending failed."""
    body = b'{"error": {"code": "bad-request", "message": "too large"}}'
    reply = b"HTTP/1.1 413 X\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with (
        scripted(tmp_path / "s.sock", reply, read_all=False) as client,
        pytest.raises(errors.BadRequest, match="too large"),
    ):
        client.upload("/v1/query", None, bytes(8_000_000), "x")


def test_events_come_one_by_one(server: CannedServer) -> None:
    """Events arrive with names and data; comments and unknown fields are passed over."""
    stream = (
        ': hello\r\nevent: progress\r\ndata: {"done": 1}\r\n\r\nid: 4\ndata: {"a":\ndata: 2}\n\n: bye\n\n'
    )
    server.answers["GET", "/v1/events"] = Canned(events=stream)
    with closing(Client(server.path).events()) as events:
        assert [("progress", {"done": 1}), ("message", {"a": 2})] == list(events)


def test_events_of_a_refusing_daemon_raise(server: CannedServer) -> None:
    """The refusal comes from the call, not from the first event."""
    server.answers["GET", "/v1/events"] = refused(503, "unavailable", "stopping")
    with pytest.raises(errors.Unavailable, match="stopping"):
        Client(server.path).events()


def test_closing_wakes_a_reader(tmp_path: Path) -> None:
    """A thread that waits for an event ends when another closes the stream."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.sock"))
        listener.listen()
        connected: list[socket.socket] = []

        def serve() -> None:
            connection, _ = listener.accept()
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nevent: one\ndata: {}\n\n")
            connected.append(connection)

        server = threading.Thread(target=serve)
        server.start()
        events = Client(str(tmp_path / "s.sock"), timeout=30).events()
        server.join()
        assert ("one", {}) == next(events)
        rest: list[object] = []
        reader = threading.Thread(target=lambda: rest.extend(events))
        reader.start()
        events.close()
        events.close()
        reader.join(5)
        assert not reader.is_alive()
        assert [] == rest
        connected[0].close()


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.from_regex(r"[a-z]+", fullmatch=True), st.dictionaries(st.text(), st.integers()))),
    st.data(),
)
def test_events_are_the_same_however_the_bytes_are_cut(
    wanted: list[tuple[str, dict[str, int]]], data: st.DataObject
) -> None:
    """Cutting the stream anywhere changes nothing."""
    stream = "".join(f"event: {name}\ndata: {json.dumps(value)}\n\n" for name, value in wanted).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    edges = [0, *cuts, len(stream)]
    pieces = [stream[start:stop] for start, stop in pairwise(edges)]
    assert wanted == list(parse(iter(pieces)))
