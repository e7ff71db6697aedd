"""What happens, as server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from simd.api.calls import Calls
from simd.api.facade import Facade
from simd.core.encoding import encode
from simd.core.errors import Unavailable
from simd.runtime.broadcast import Notice

KEEP_ALIVE_SECONDS = 15.0
"""A comment goes out after this long without an event, so that a lost client is noticed."""


class EventStream(StreamingResponse):
    """The notices of one subscription, for as long as the client listens.

    The subscription begins before the head of the response goes out: a client that has
    the head misses no later event, except that the oldest fall out when it is slow.
    """

    media_type = "text/event-stream"

    def __init__(self, service: Facade, calls: Calls, keep_alive_seconds: float) -> None:
        super().__init__(self._events(), headers={"Cache-Control": "no-store"})
        self._service = service
        self._calls = calls
        self._keep_alive_seconds = keep_alive_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client goes, the subscription is closed or the door closes."""
        self._subscription = self._service.subscribe()
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._service.unsubscribe(self._subscription)

    async def _events(self) -> AsyncIterator[bytes]:
        yield b": listening\n\n"
        while not self._subscription.closed:
            try:
                notices = await self._calls.slow(self._take)
            except Unavailable:
                return
            if not (notices or self._subscription.closed):
                yield b": still here\n\n"
            for notice in notices:
                yield b"event: " + notice.event.encode("ascii") + b"\ndata: " + encode(notice.data) + b"\n\n"

    def _take(self) -> list[Notice]:
        return self._subscription.take(self._keep_alive_seconds)
