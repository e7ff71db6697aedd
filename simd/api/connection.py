"""One connection to the daemon: who may have it, and how long it may dawdle.

uvicorn's h11 protocol does the HTTP. (Its httptools protocol answers an HTTP/1.0 request
in chunks, which HTTP/1.0 does not know.) Added here are the check of the peer, a limit of
connections, and a deadline for each side that keeps the other waiting. Whoever dawdles has a
place only while nobody else needs it, see :mod:`simd.api.guests`.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from simd.api.faults import SEE_OPENAPI
from simd.api.guests import Guests
from simd.core.errors import BadRequest, SimdError, Unavailable
from simd.core.refusal import error_json, stranger, whole_response
from simd.system.socket import own_users, peer_uid

log = logging.getLogger(__name__)

HEAD_BYTES = 64 * 1024
"""The largest head of a request: a path of 4 KiB in percent-encoding, and ample room."""


ACCEPTED_AT_ONCE = 8
"""Connections that are accepted before those that are in are read again.

asyncio accepts all that wait otherwise, and in a rush the ones in front would have to give way before
anybody had read what they asked.
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may take from the others.

    Attributes:
        connections: clients that are served at once. One more takes the place of whoever has kept the
            daemon waiting the longest; when all of them wait for the daemon, it is told to come back.
        refused: connections that are open only to be told no.
        head_seconds: from the connection, or the first byte on a kept one, to the end of the head.
        body_seconds: from there to the end of the body.
        write_seconds: how long a client may take to read an answer that does not fit into the socket.
        unread_bytes: answers, of all clients together, that wait in memory until they are read.
        keep_alive_seconds: silence between two requests.
        stop_seconds: how long running requests may take to end when the server stops.
        uids: users who may connect.
    """

    connections: int = 128
    refused: int = 64
    head_seconds: float = 10.0
    body_seconds: float = 120.0
    write_seconds: float = 30.0
    unread_bytes: int = 256 * 1024 * 1024
    keep_alive_seconds: int = 5
    stop_seconds: int = 1
    uids: frozenset[int] = field(default_factory=own_users)


def _worth_a_line(record: logging.LogRecord) -> bool:
    """Uvicorn warns of each request that is not HTTP: whoever babbles could fill the disk with that."""
    return record.msg != "Invalid HTTP request received."


logging.getLogger("uvicorn.error").addFilter(_worth_a_line)


class LimitedConfig(uvicorn.Config):
    """uvicorn's settings, and the limits that each connection reads from them."""

    def __init__(self, app: Any, limits: Limits) -> None:
        super().__init__(
            app,
            loop="asyncio",
            http=Connection,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=ACCEPTED_AT_ONCE,
            timeout_keep_alive=limits.keep_alive_seconds,
            timeout_graceful_shutdown=limits.stop_seconds,
            h11_max_incomplete_event_size=HEAD_BYTES,
        )
        self.limits = limits
        self.guests = Guests(limits.connections, limits.refused, limits.unread_bytes)


class Connection(H11Protocol):
    """An HTTP/1.1 connection that ends when its client is a stranger, or keeps others waiting."""

    def __init__(
        self,
        config: LimitedConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = config.limits
        self._guests = config.guests
        self._refusal: bytes | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Let the client in, or decide what to tell it."""
        super().connection_made(transport)
        # Whatever the socket does not take at once counts as unread, however little it is.
        transport.set_write_buffer_limits(high=0)
        self._refusal = self._refuse()
        if self._refusal is not None:
            self._guests.refuse(self)
        self._watch_reading()

    @property
    def unread(self) -> int:
        """Bytes of answers that wait until the client reads."""
        return self.transport.get_write_buffer_size()

    def give_way(self) -> None:
        """Leave, because others need the room.

        A client that can hear why is told; between two requests it would take that for its next answer.
        """
        state = self.conn.our_state
        is_first = state is h11.IDLE and self.cycle is None
        if self._refusal is None and (is_first or state is h11.SEND_RESPONSE):
            self.transport.write(_CROWDED)
            self.transport.close()
        else:
            self.transport.abort()

    def on_response_complete(self) -> None:
        """Go on with the next request, which may have begun already."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY:
            self._watch_reading()
        self._tell_guests()

    def data_received(self, data: bytes) -> None:
        """Take what the client sent.

        A refusal waits for the request, because a client whose write fails may not read.
        """
        if self._refusal is not None:
            self.transport.write(self._refusal)
            self.transport.close()
            return
        self._watch_reading()
        super().data_received(data)
        self._watch_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._guests.forget(self)
        self._stop_reading_timer()
        self._stop_writing_timer()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """End with the request under way; one that is not complete gets no answer any more."""
        if self.conn.their_state is h11.SEND_BODY:
            self.transport.close()
        else:
            super().shutdown()

    def pause_writing(self) -> None:
        """The client does not read as fast as it is answered."""
        super().pause_writing()
        if self._writing is None:
            self._writing = self.loop.call_later(self._limits.write_seconds, self.transport.abort)
        self._tell_guests()
        self._guests.limit_unread(self)

    def resume_writing(self) -> None:
        """The client has read all that there was."""
        self._stop_writing_timer()
        self._tell_guests()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP, unless an answer is under way already."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            self.transport.write(_response(HTTPStatus.BAD_REQUEST, BadRequest(msg, hint=SEE_OPENAPI)))
        self.transport.close()

    def _should_upgrade(self) -> bool:
        return False

    def _refuse(self) -> bytes | None:
        """What a client is told that is not let in; None when it is in."""
        if not self._may_enter():
            return _STRANGER
        if not self._guests.admit(self):
            return _CROWDED
        return None

    def _may_enter(self) -> bool:
        try:
            return peer_uid(self.transport.get_extra_info("socket")) in self._limits.uids
        except OSError as error:
            log.warning("a client cannot be identified: %s", error)
            return False

    def _watch_reading(self) -> None:
        """Have a deadline while a request is incomplete, and none otherwise."""
        if self.conn.their_state not in {h11.IDLE, h11.SEND_BODY}:
            self._stop_reading_timer()
        elif self._reading is None:
            self._reading = self.loop.call_later(self._limits.head_seconds, self._head_is_late)
        self._tell_guests()

    def _tell_guests(self) -> None:
        keeps_waiting = self.conn.their_state in {h11.IDLE, h11.SEND_BODY} or self._writing is not None
        self._guests.note(self, keeps_waiting=keeps_waiting)

    def _head_is_late(self) -> None:
        self._reading = None
        if self.conn.their_state is h11.SEND_BODY:
            self._reading = self.loop.call_later(self._limits.body_seconds, self._give_up)
        else:
            self._give_up()

    def _give_up(self) -> None:
        log.info("a client did not finish its request in time")
        self.transport.close()

    def _stop_reading_timer(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _stop_writing_timer(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None


def _response(status: HTTPStatus, error: SimdError) -> bytes:
    """A whole response, for those with whom no HTTP is spoken."""
    return whole_response(status, error_json(error))


_STRANGER = _response(HTTPStatus.FORBIDDEN, stranger())
_CROWDED = _response(
    HTTPStatus.SERVICE_UNAVAILABLE,
    Unavailable("too many clients are connected", hint="try again in a moment"),
)
