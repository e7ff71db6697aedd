"""How many requests came, how they ended, and how long their answers took."""

import time
from collections.abc import Callable, Iterable
from http import HTTPStatus

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simd.runtime.instruments import OTHER, QUICK, counter, histogram

REQUESTS = counter("simd_requests_total", "Requests by endpoint and outcome.", "endpoint", "outcome")
REQUEST_SECONDS = histogram(
    "simd_request_seconds",
    "Seconds from a request's head to the end of its answer, before it is sent.",
    QUICK,
    "endpoint",
)

ENDLESS = frozenset({"GET /v1/events"})
"""Endpoints whose answers last as long as their client listens: counted, not timed."""


class Timing:
    """ASGI middleware around the whole app.

    The labels are those of the routes, so there are no more of them than routes; a request that no
    route takes counts as ``other``.
    """

    def __init__(
        self, app: ASGIApp, routes: Iterable[BaseRoute], watched: str, note: Callable[[float], object]
    ) -> None:
        """``note`` is told the seconds of every good answer of the endpoint ``watched``."""
        self._app = app
        self._plain = {
            (method, route.path): f"{method} {route.path}"
            for route in routes
            if isinstance(route, APIRoute)
            for method in route.methods or ()
        }
        self._watched = watched
        self._note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note how it fared."""
        began = time.perf_counter()
        status, counted = 0, False

        async def noting(message: Message) -> None:
            nonlocal status, counted
            if message["type"] == "http.response.start":
                status = message["status"]
            elif not message.get("more_body", False):
                # Before it is sent: whoever has the answer finds it counted.
                counted = True
                self._count(self._endpoint(scope), _outcome(status), time.perf_counter() - began)
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            if not counted:
                self._count(self._endpoint(scope), "abandoned", time.perf_counter() - began)

    def _count(self, endpoint: str, outcome: str, seconds: float) -> None:
        REQUESTS.add(endpoint, outcome)
        if endpoint not in ENDLESS:
            REQUEST_SECONDS.observe(seconds, endpoint)
        if endpoint == self._watched and outcome == "ok":
            self._note(seconds)

    def _endpoint(self, scope: Scope) -> str:
        """The route as it was registered: with its parameters' names, never with their values."""
        route = scope.get("route")
        path = route.path if isinstance(route, APIRoute) else scope["path"]
        return self._plain.get((scope["method"], path), OTHER)


def _outcome(status: int) -> str:
    """In a word; 3xx never happens here."""
    if status < HTTPStatus.BAD_REQUEST:
        return "ok"
    return "refused" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "failed"
