"""What every request passes on its way in and out: size limits, and the net under all errors."""

import logging
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simd.api.faults import error_response, unexpected

log = logging.getLogger(__name__)

MIB = 1 << 20
BODY_BYTES = 1 * MIB
"""The largest body of an ordinary request."""

UPLOAD_BYTES = 200 * MIB
"""The largest body that brings a picture."""

DRAIN_BYTES = 1024 * MIB
"""How much of an oversized body is read and dropped, so that its sender gets to read the refusal."""

UPLOAD_PATH = "/v1/query"


class Border:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; a failure that nobody foresaw becomes a 500 and a line in the log."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, _limited(receive, _limit(scope)), watched)
        except ClientDisconnect:
            log.debug("a client left before its request was complete")
        except Exception as error:
            log.exception("%s %s failed", scope.get("method"), scope.get("path"))
            if begun:
                # Half an answer is out: only a broken connection tells the client.
                raise ConnectionAbortedError("the response could not be finished") from error
            await error_response(unexpected())(scope, receive, send)


def _limit(scope: Scope) -> int:
    headers = dict(scope["headers"])
    brings_picture = headers.get(b"content-type", b"").startswith(b"multipart/")
    return UPLOAD_BYTES if brings_picture and scope["path"] == UPLOAD_PATH else BODY_BYTES


def _limited(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            await _drain(receive, message)
            raise HTTPException(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"the body is larger than {limit // MIB} MiB",
            )
        return message

    return limited


async def _drain(receive: Receive, message: Message) -> None:
    dropped = 0
    while message.get("more_body", False) and dropped <= DRAIN_BYTES:
        message = await receive()
        dropped += len(message.get("body", b""))
