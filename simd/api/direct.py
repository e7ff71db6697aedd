"""The short way to an endpoint that is asked so often that the way there costs more than its answer."""

from collections.abc import Awaitable, Callable, Mapping

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from simd.api.faults import answered

Endpoint = Callable[[Request], Awaitable[Response]]


class Direct:
    """ASGI middleware that calls some endpoints past FastAPI's search for a route and its preparations.

    The endpoints take a request and nothing else. Their routes stay registered beside it, for the
    OpenAPI document and for methods that are not allowed.
    """

    def __init__(self, app: ASGIApp, endpoints: Mapping[tuple[str, str], Endpoint]) -> None:
        """``endpoints`` by their methods and paths, which have no parameters."""
        self._app = app
        self._endpoints = endpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        endpoint = self._endpoints.get((scope["method"], scope["path"]))
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        response = await answered(endpoint, Request(scope, receive, send))
        await response(scope, receive, send)
