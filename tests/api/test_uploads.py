"""Pictures that come over the socket: bounded, refused early where they can be, and no burden to others."""

import asyncio
from collections.abc import Iterable
from contextlib import ExitStack

import pytest
from starlette.types import Message, Receive

from simd.api.border import UPLOAD_BYTES, Uploads
from simd.api.pictures import UPLOADS_AT_ONCE
from simd.core.errors import Unavailable
from tests.api.door import Door
from tests.api.test_answers import upload

GIB = 1 << 30


def head_of_upload(length: int, *more: str) -> bytes:
    """The head of a request that brings a picture."""
    lines = [
        "POST /v1/query HTTP/1.1",
        "Host: simd",
        "Content-Type: multipart/form-data; boundary=b",
        f"Content-Length: {length}",
        *more,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def test_who_asks_before_sending_too_much_is_told_no_at_once(door: Door) -> None:
    """Without a byte of its body; ``Expect: 100-continue`` is how curl sends large files."""
    answer = door.raw(head_of_upload(GIB, "Expect: 100-continue"))

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"the body is larger than 200 MiB" in answer
    assert [] == door.service.asked


def test_who_asks_before_sending_enough_is_told_to_go_on(door: Door) -> None:
    """And then gets its answer."""
    body, _ = upload("file", b"picture")
    with door.connect() as connection:
        connection.sendall(head_of_upload(len(body), "Expect: 100-continue"))
        assert connection.recv(1_000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(1_000).startswith(b"HTTP/1.1 200 ")
    assert b"picture" == door.service.asked[0][1].upload


def test_uploads_that_do_not_come_hold_up_no_other(door: Door) -> None:
    """Only what has come as a whole takes one of the few places where pictures are decoded."""
    body, headers = upload("file", b"picture")
    with ExitStack() as stack:
        for _ in range(2 * UPLOADS_AT_ONCE):
            stack.enter_context(door.connect()).sendall(head_of_upload(UPLOAD_BYTES) + body[:-9])

        assert 200 == door.ask("POST", "/v1/query", body, headers).status


def arriving(parts: Iterable[bytes]) -> Receive:
    """What the server gives of a body."""
    rest = iter(parts)

    async def receive() -> Message:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": next(rest), "more_body": True}

    return receive


def test_all_uploads_together_are_bounded() -> None:
    """One too many is told to come back; what another leaves free can be taken again."""
    asyncio.run(_crowd())


async def _crowd() -> None:
    uploads = Uploads(10)
    with uploads.one() as first:
        await first.counted(arriving([bytes(6)]))()
        with uploads.one() as second:
            receive = second.counted(arriving([bytes(4), b"x"]))
            await receive()
            with pytest.raises(Unavailable, match="too much is being uploaded"):
                await receive()
        with uploads.one() as third:
            await third.counted(arriving([bytes(4)]))()
    with uploads.one() as last:
        await last.counted(arriving([bytes(10)]))()
