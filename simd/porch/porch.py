"""Answers on the daemon's socket until the real server takes the socket over.

One thread accepts and answers. When the porch closes it accepts nobody any more and leaves the
socket as it is: who connects then waits in the kernel's queue for the real server. Whoever was
let in before is answered here, so that no request gets lost between the two.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from threading import Event, Thread
from typing import Any, TypeVar

from simd.core.answers.daemon import Status
from simd.core.encoding import encode
from simd.core.errors import BadRequest, Loading
from simd.core.refusal import error_json, stranger, whole_response
from simd.porch.head import END, Asked, parse
from simd.system.socket import own_users, peer_uid

log = logging.getLogger(__name__)

T = TypeVar("T")

BACKLOG = 2048
"""Clients that may wait to be let in, as many as at the real server."""

HEAD_BYTES = 64 * 1024
"""The largest head of a request."""

VISITS = 64
"""Clients that are inside at once; one more takes the place of the one that has been there the longest."""

STATUS = Asked("GET", "/v1/status")
RETRY = {"retry-after": "1"}
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client may take, in seconds.

    Attributes:
        head: from the connection to the end of the head.
        rest: from there until the client has sent its body, read its answer and closed.
        tick: how often the one who opened the porch hears that it is still open.
    """

    head: float = 10.0
    rest: float = 10.0
    tick: float = 10.0


class Porch:
    """Gives early answers on a bound socket, in a thread of its own.

    ``GET /v1/status`` is answered with the status, everything else with the error ``loading``.

    Args:
        listening: the socket; it stays open when the porch closes.
        status: what there is to say now.
        tick: called now and then while the porch is open.
        patience: how long a client may take.
        uids: users who may ask.
    """

    def __init__(
        self,
        listening: socket.socket,
        status: Callable[[], Status],
        tick: Callable[[], None],
        patience: Patience | None = None,
        uids: frozenset[int] | None = None,
    ) -> None:
        self._listening = listening
        self._status = status
        self._tick = tick
        self._patience = patience or Patience()
        self._uids = own_users() if uids is None else uids
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._closed = Event()
        # A dictionary keeps the order in which they came.
        self._visits: dict[asyncio.Task[None], None] = {}
        self._thread = Thread(target=self._run, name="porch", daemon=True)

    def open(self) -> None:
        """Listen, and begin to answer."""
        self._listening.setblocking(False)  # noqa: FBT003 - the library's own signature
        self._listening.listen(BACKLOG)
        self._thread.start()

    def close(self) -> None:
        """Let nobody in any more; when this returns, another may accept on the socket.

        Clients that are inside are still answered. Calling it again does nothing.
        """
        if self._closed.is_set():
            return
        self._loop.call_soon_threadsafe(self._closing.set)
        self._closed.wait()

    def join(self, seconds: float) -> bool:
        """Wait until the last client has left; whether that is so."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._receive())
        except Exception:
            log.exception("the early answers ended by an error")
        finally:
            self._closed.set()
            self._loop.close()

    async def _receive(self) -> None:
        # A reader of the loop cannot be cancelled between a connection and its task, as an await could.
        self._loop.add_reader(self._listening, self._let_in)
        try:
            while not self._closing.is_set():
                self._tick()
                await _within(self._patience.tick, self._closing.wait())
        finally:
            self._loop.remove_reader(self._listening)
            self._closed.set()
        await asyncio.gather(*self._visits, return_exceptions=True)

    def _let_in(self) -> None:
        try:
            connection, _ = self._listening.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return  # the client has left again
        connection.setblocking(False)  # noqa: FBT003 - the library's own signature
        if len(self._visits) >= VISITS:
            # Prompt clients have their answer by now, so only one that dawdles loses by this.
            oldest = next(iter(self._visits))
            del self._visits[oldest]
            oldest.cancel()
        visit = self._loop.create_task(self._visit(connection))
        self._visits[visit] = None
        visit.add_done_callback(self._has_left)

    def _has_left(self, visit: asyncio.Task[None]) -> None:
        self._visits.pop(visit, None)

    async def _visit(self, connection: socket.socket) -> None:
        with connection:
            try:
                head = await _within(self._patience.head, self._head(connection))
                if head:
                    await _within(self._patience.rest, self._answer(connection, head))
            except OSError as error:
                log.debug("a client left early: %s", error)
            except Exception:
                log.exception("an early answer failed")

    async def _head(self, connection: socket.socket) -> bytes:
        """What a client sent up to the end of its head, or to where it is too long; b"" when it left."""
        received = b""
        while END not in received and len(received) <= HEAD_BYTES:
            piece = await self._loop.sock_recv(connection, _PIECE)
            if not piece:
                return b""
            received += piece
        return received

    async def _answer(self, connection: socket.socket, head: bytes) -> None:
        await self._loop.sock_sendall(connection, self._response(connection, head))
        connection.shutdown(socket.SHUT_WR)
        # A client that still sends would not read its answer if its writing failed.
        while await self._loop.sock_recv(connection, _PIECE):
            pass

    def _response(self, connection: socket.socket, head: bytes) -> bytes:
        if peer_uid(connection) not in self._uids:
            return whole_response(HTTPStatus.FORBIDDEN, error_json(stranger()))
        asked = parse(head) if 0 <= head.find(END) <= HEAD_BYTES else None
        if asked is None:
            refusal = BadRequest("Invalid HTTP request received.")
            return whole_response(HTTPStatus.BAD_REQUEST, error_json(refusal))
        if asked == STATUS:
            return whole_response(HTTPStatus.OK, encode(self._status()))
        loading = Loading("simd is loading its catalogue", hint="try again in a moment")
        return whole_response(HTTPStatus.SERVICE_UNAVAILABLE, error_json(loading), RETRY)


async def _within(seconds: float, work: Coroutine[Any, Any, T]) -> T | None:
    """What the work comes to; None when it takes longer than so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        return None
