"""What every request passes on its way in and out: size limits, and the net under all errors."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from fastapi import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simd.api.faults import SEE_OPENAPI, error_response, unexpected
from simd.core.errors import BadRequest, Unavailable

log = logging.getLogger(__name__)

# It warns of each form that is none; the sender is told, and need not fill the log as well.
logging.getLogger("python_multipart").setLevel(logging.ERROR)

MIB = 1 << 20
BODY_BYTES = 1 * MIB
"""The largest body of an ordinary request."""

PLAN_BYTES = 16 * MIB
"""The largest body that says what is to be planned: it may name tens of thousands of files."""

UPLOAD_BYTES = 200 * MIB
"""The largest body that brings pictures."""

UPLOADS_BYTES = 1024 * MIB
"""What all pictures that are being uploaded may take of the disk for temporary files."""

DRAIN_BYTES = 1024 * MIB
"""How much of an oversized body is read and dropped, so that its sender gets to read the refusal."""

UPLOAD_PATHS = frozenset({"/v1/query", "/v1/partition"})
PLANS_PATH = "/v1/plans"


class Border:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, uploads_bytes: int = UPLOADS_BYTES) -> None:
        """``uploads_bytes`` is the most that uploads may take together."""
        self._app = app
        self._uploads = Uploads(uploads_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; a failure that nobody foresaw becomes a 500 and a line in the log."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            if _declared(scope) > _limit(scope):
                await self._refuse(scope, receive, watched)
            else:
                await self._pass_on(scope, receive, watched)
        except ClientDisconnect:
            log.debug("a client left before its request was complete")
        except Exception as error:
            log.exception("%s %s failed", scope.get("method"), scope.get("path"))
            if begun:
                # Half an answer is out: only a broken connection tells the client.
                raise ConnectionAbortedError("the response could not be finished") from error
            await error_response(unexpected())(scope, receive, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        limited = _limited(receive, _limit(scope))
        if _brings_picture(scope):
            with self._uploads.one() as upload:
                await self._app(scope, upload.counted(limited), send)
        else:
            await self._app(scope, limited, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a body that is too large by its own account; nothing of it is kept."""
        if not _waits_for_leave(scope):
            await _drain(receive)
        limit = _limit(scope)
        error = BadRequest(_too_large(limit), hint=SEE_OPENAPI)
        response: Response = error_response(
            error, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"connection": "close"}
        )
        await response(scope, receive, send)


class Uploads:
    """How much is being uploaded at this moment. Used in the event loop alone."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0

    @contextmanager
    def one(self) -> Iterator["_Upload"]:
        """One upload; what it takes is free again at the end."""
        upload = _Upload(self)
        try:
            yield upload
        finally:
            self._bytes -= upload.taken

    def take(self, more: int) -> None:
        """Make room for more.

        Raises:
            Unavailable: there is none.
        """
        if self._bytes + more > self._most:
            raise Unavailable("too much is being uploaded at once", hint="try again in a moment")
        self._bytes += more


class _Upload:
    """What one upload takes."""

    def __init__(self, uploads: Uploads) -> None:
        self.taken = 0
        self._uploads = uploads

    def counted(self, receive: Receive) -> Receive:
        async def counting() -> Message:
            message = await receive()
            more = len(message.get("body", b""))
            self._uploads.take(more)
            self.taken += more
            return message

        return counting


def _brings_picture(scope: Scope) -> bool:
    path: str = scope["path"]
    headers: dict[bytes, bytes] = dict(scope["headers"])
    return path in UPLOAD_PATHS and headers.get(b"content-type", b"").startswith(b"multipart/")


def _limit(scope: Scope) -> int:
    if _brings_picture(scope):
        return UPLOAD_BYTES
    return PLAN_BYTES if scope["path"] == PLANS_PATH else BODY_BYTES


def _declared(scope: Scope) -> int:
    """The length that the body has by the request's own account, which h11 has seen to be a number."""
    return int(dict(scope["headers"]).get(b"content-length", b"0"))


def _waits_for_leave(scope: Scope) -> bool:
    """Whether the client sends its body only when it is told to go on."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    expected = headers.get(b"expect", b"").strip().lower()
    version: str = scope["http_version"]
    return expected == b"100-continue" and version != "1.0"


def _too_large(limit: int) -> str:
    return f"the body is larger than {limit // MIB} MiB"


def _limited(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            if message.get("more_body", False):
                await _drain(receive)
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(limit))
        return message

    return limited


async def _drain(receive: Receive) -> None:
    """Read and drop what the client still sends of its body."""
    dropped = 0
    more = True
    while more and dropped <= DRAIN_BYTES:
        message = await receive()
        more = message.get("more_body", False)
        dropped += len(message.get("body", b""))
