"""Searches by image id: the short way to them, and how many at once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Event
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from simd.api.calls import SEARCH_THREADS
from simd.api.direct import Direct
from simd.core.answers import QueryAnswer
from simd.core.errors import NotFound
from simd.core.questions import QueryOptions, QuerySubject
from tests.api import samples
from tests.api.door import PATIENCE, Door

CLIENTS = 20


class Held:
    """A search that lasts until it is let go, and that may be run a few times at once."""

    def __init__(self, at_once: int) -> None:
        self.full = Event()
        self.let_go = Event()
        self._places = BoundedSemaphore(at_once)
        self._at_once = at_once
        self._begun: list[int] = []

    def query(self, subject: QuerySubject, _options: QueryOptions) -> QueryAnswer:
        """A canned answer; by path at once, by id when it is let go."""
        if subject.image_id is not None:
            assert self._places.acquire(blocking=False), "too many searches at once"
            self._begun.append(subject.image_id)
            if len(self._begun) == self._at_once:
                self.full.set()
            assert self.let_go.wait(PATIENCE)
            self._places.release()
        return samples.QUERY


def test_many_searches_are_taken_a_few_at_a_time(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile the status answers, and a file can be asked about; in the end all have their answers."""
    held = Held(SEARCH_THREADS)
    monkeypatch.setattr(door.service, "query", held.query)
    with ThreadPoolExecutor(CLIENTS) as clients:
        waiting = [clients.submit(door.ask, "POST", "/v1/query", {"id": number}) for number in range(CLIENTS)]
        try:
            assert held.full.wait(PATIENCE)
            assert 200 == door.ask("GET", "/v1/status").status
            assert 200 == door.ask("POST", "/v1/query", {"path": "/photos/a.jpg"}).status
        finally:
            held.let_go.set()
        assert [200] * CLIENTS == [reply.result(PATIENCE).status for reply in waiting]


def ask(method: str, path: str, fault: Exception | None = None) -> tuple[int, bytes]:
    """What comes of a request to an app with a short way to ``POST /short``."""

    async def endpoint(request: Request) -> Response:
        if fault is not None:
            raise fault
        return PlainTextResponse(b"short " + await request.body())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("long")(scope, receive, send)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"way", "more_body": False}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "headers": []}
    asyncio.run(Direct(app, {("POST", "/short"): endpoint})(scope, receive, send))
    head, body = sent
    return head["status"], body["body"]


def test_only_the_named_request_takes_the_short_way() -> None:
    """Another path, and another method, are for the app to answer."""
    assert (200, b"short way") == ask("POST", "/short")
    assert (200, b"long") == ask("POST", "/short/")
    assert (200, b"long") == ask("GET", "/short")


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (NotFound("There is no image 9."), 404, b'"code":"not-found"'),
        (HTTPException(413, "the body is larger than 1 MiB"), 413, b'"code":"bad-request"'),
    ],
)
def test_errors_on_the_short_way_have_the_shape_of_all(fault: Exception, status: int, code: bytes) -> None:
    """Those of the service, and those of HTTP."""
    found, body = ask("POST", "/short", fault)
    assert status == found
    assert code in body


def test_what_nobody_foresaw_is_left_to_the_border() -> None:
    """It is logged there."""
    with pytest.raises(ZeroDivisionError):
        ask("POST", "/short", ZeroDivisionError())
