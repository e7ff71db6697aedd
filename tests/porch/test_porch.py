"""The porch answers everybody, keeps nobody, and hands the socket over without losing a request."""

import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import simd
from simd.api import ApiServer, create_app
from simd.client.http import Client
from simd.core import errors
from simd.core.answers.daemon import LoadingPhase
from simd.porch import Loading, Patience, Porch
from simd.porch.porch import HEAD_BYTES, VISITS
from simd.system.socket import BoundSocket, bind_socket
from tests.api.door import PATIENCE, read_all
from tests.api.stand_in import StandIn

STATUS = b"GET /v1/status HTTP/1.0\r\nHost: simd\r\n\r\n"
CLIENTS = 6


@dataclass(frozen=True)
class Open:
    """An open porch."""

    listening: BoundSocket
    loading: Loading
    porch: Porch
    ticked: Event

    @property
    def client(self) -> Client:
        """Somebody who asks."""
        return Client(os.fspath(self.listening.path), timeout=PATIENCE)

    def connect(self) -> socket.socket:
        """A bare connection."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(PATIENCE)
        connection.connect(os.fspath(self.listening.path))
        return connection

    def raw(self, request: bytes) -> tuple[bytes, Any]:
        """Head and JSON of the answer to these bytes."""
        with self.connect() as connection:
            connection.sendall(request)
            head, _, body = read_all(connection).partition(b"\r\n\r\n")
        return head, json.loads(body)


@contextmanager
def opened(patience: Patience | None = None, uids: frozenset[int] | None = None) -> Iterator[Open]:
    """A porch on a socket of its own, closed and left at the end."""
    with TemporaryDirectory(prefix="simd-") as folder:
        listening = bind_socket(Path(folder, "s", "s"))
        roots, database = [b"/photos", b"/caf\xe9"], Path(folder, "catalogue.db")
        loading = Loading(roots, database, time.monotonic())
        ticked = Event()
        porch = Porch(listening, loading.status, ticked.set, patience, uids)
        porch.open()
        try:
            yield Open(listening, loading, porch, ticked)
        finally:
            porch.close()
            assert porch.join(PATIENCE)
            listening.remove()


@pytest.fixture(scope="module")
def porch() -> Iterator[Open]:
    """One porch for all tests that leave it as it is."""
    with opened() as porch:
        yield porch


def test_status_says_what_is_being_loaded(porch: Open) -> None:
    """The whole shape of a status, with the folders of the settings and the phase of the start."""
    porch.loading.phase = LoadingPhase.CHECK
    status = porch.client.get("/v1/status")
    assert ("loading", "check", None) == (
        status["state"],
        status["progress"]["phase"],
        status["progress"]["total"],
    )
    assert (simd.__version__, os.getpid(), 0) == (status["version"], status["pid"], status["images"])
    assert [("/photos", None), ("/caf\\xe9", "L2NhZuk=")] == [
        (root["path"], root.get("path_b64")) for root in status["roots"]
    ]
    shape = StandIn().status().__class__.__dataclass_fields__
    assert list(shape) == list(status)


def test_every_other_request_is_told_to_come_back(porch: Open) -> None:
    """503 with the code ``loading``, and after how many seconds to ask again."""
    for line in (b"GET /v1/groups?limit=1", b"POST /v1/status", b"GET /nowhere", b"GET /v1/status/"):
        head, answer = porch.raw(line + b" HTTP/1.1\r\nHost: simd\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert b"\r\nretry-after: 1" in head
        assert ("loading", None) == (answer["error"]["code"], answer["error"]["path"])
    assert 200 == int(porch.raw(STATUS.replace(b"status", b"status?x=1"))[0].split()[1])
    with pytest.raises(errors.Loading, match="simd is loading its catalogue"):
        porch.client.post("/v1/sync")


def test_a_sender_of_much_reads_the_refusal(porch: Open) -> None:
    """The porch takes a body that nobody wants, so that its sender comes to reading."""
    with pytest.raises(errors.Loading):
        porch.client.upload("/v1/query", None, b" " * (8 << 20), "picture.jpg")
    with porch.connect() as connection:
        connection.sendall(b"POST /v1/query HTTP/1.1\r\nContent-Length: 8000000\r\n\r\n")
        connection.sendall(b" " * 8_000_000)
        assert read_all(connection).startswith(b"HTTP/1.1 503 ")


@pytest.mark.parametrize(
    "garbage",
    [b"\x00\xff\xfe\r\n\r\n", b"GET /v1/status\r\n\r\n", b"GET /" + b"a" * HEAD_BYTES + b" HTTP/1.1\r\n\r\n"],
    ids=["noise", "no version", "too long"],
)
def test_garbage_gets_the_error_shape(porch: Open, garbage: bytes) -> None:
    """What is not HTTP is answered as the real server answers it."""
    head, answer = porch.raw(garbage)
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert ("bad-request", "Invalid HTTP request received.") == (
        answer["error"]["code"],
        answer["error"]["message"],
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_no_bytes_stop_the_porch(porch: Open, noise: bytes) -> None:
    """Any bytes at all leave it answering."""
    with porch.connect() as connection:
        connection.sendall(noise)
    assert "loading" == porch.client.get("/v1/status")["state"]


def test_dawdlers_are_let_go() -> None:
    """Those who send nothing, or half a request, once their time is over."""
    with opened(Patience(head=0.2, rest=0.2)) as porch:
        waiting = [porch.connect() for _ in range(3)]
        waiting[0].sendall(b"GET /v1/sta")
        for connection in waiting:
            with connection:
                assert b"" == read_all(connection)
        with porch.connect() as connection:
            connection.sendall(STATUS)
            assert read_all(connection).startswith(b"HTTP/1.1 200 OK")


def test_dawdlers_keep_nobody_out() -> None:
    """However many there are and however long they may take, others are answered at every moment."""
    with opened(Patience(head=PATIENCE * 10)) as porch, ExitStack() as stack:
        dawdlers = [stack.enter_context(porch.connect()) for _ in range(2 * VISITS)]
        for dawdler in dawdlers:
            with suppress(BrokenPipeError):  # the place may be lost already
                dawdler.sendall(b"GET /v1/sta")
            assert "loading" == porch.client.get("/v1/status")["state"]
        with suppress(ConnectionResetError):
            assert b"" == dawdlers[0].recv(1)


def test_strangers_are_turned_away() -> None:
    """A peer whose user is not admitted gets 403, whatever it asks."""
    with opened(uids=frozenset({os.getuid() + 1})) as porch:
        head, answer = porch.raw(STATUS)
    assert head.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert "bad-request" == answer["error"]["code"]


def test_whoever_opened_it_hears_that_it_is_open() -> None:
    """Again and again, until it closes."""
    with opened(Patience(tick=0.01)) as porch:
        for _ in range(3):
            assert porch.ticked.wait(PATIENCE)
            porch.ticked.clear()


def test_who_is_inside_when_it_closes_is_still_answered() -> None:
    """A request that comes slowly gets its answer; who connects meanwhile is left to the next server."""
    with opened() as porch, porch.connect() as slow:
        slow.sendall(STATUS[:-2])
        assert "loading" == porch.client.get("/v1/status")["state"]
        porch.porch.close()
        porch.porch.close()
        assert not porch.porch.join(0)
        with porch.connect() as next_one:
            slow.sendall(STATUS[-2:])
            head, _, body = read_all(slow).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            assert "loading" == json.loads(body)["state"]
            porch.listening.settimeout(0)
            porch.listening.accept()[0].close()
            assert b"" == read_all(next_one)


def test_no_request_is_lost_when_the_real_server_takes_over() -> None:
    """Clients that ask without pause hear ``loading``, then what the service says, and nothing else."""
    with opened() as porch, ThreadPoolExecutor(CLIENTS) as clients:
        heard = {"loading": Event(), "scanning": Event()}
        told = [clients.submit(_hammer, porch.client, heard) for _ in range(CLIENTS)]
        server = ApiServer(create_app(StandIn()), porch.listening)
        thread = Thread(target=server.serve)
        assert heard["loading"].wait(PATIENCE)
        porch.porch.close()
        thread.start()
        changes = [each.result(PATIENCE) for each in told]
        server.stop()
        thread.join(PATIENCE)
    assert [] == [each for each in changes if each not in (["loading", "scanning"], ["scanning"])]
    assert ["loading", "scanning"] in changes


def _hammer(client: Client, heard: Mapping[str, Event]) -> list[str]:
    """Ask until well after the real server answers; the states that were told, each once."""
    told: list[str] = []
    left = 50
    while left:
        state = client.get("/v1/status")["state"]
        heard[state].set()
        if state not in told[-1:]:
            told.append(state)
        left -= heard["scanning"].is_set()
    return told
