"""How a route turns the service's answer into a response, and describes itself."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Response

from simd.api.calls import Calls
from simd.api.encoding import encode
from simd.api.faults import ErrorAnswer

ERRORS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ErrorAnswer, "description": "The request cannot be answered as it was asked"},
    "5XX": {"model": ErrorAnswer, "description": "The daemon cannot answer"},
}


async def quick_answer(calls: Calls, ask: Callable[[], object]) -> Response:
    """The answer to a question that is soon answered; asked and encoded in a thread."""
    return _json(await calls.quick(lambda: encode(ask())))


async def slow_answer(calls: Calls, ask: Callable[[], object]) -> Response:
    """The answer to a question that may wait or decode; asked and encoded in a thread."""
    return _json(await calls.slow(lambda: encode(ask())))


def add_route(
    router: APIRouter,
    method: str,
    path: str,
    endpoint: Callable[..., Any],
    *,
    answer: type[Any] | None = None,
    openapi_extra: dict[str, Any] | None = None,
) -> None:
    """Register an endpoint under its own name; its docstring is its description."""
    router.add_api_route(
        path,
        endpoint,
        methods=[method],
        response_model=answer,
        responses=ERRORS,
        operation_id=endpoint.__name__,
        openapi_extra=openapi_extra,
    )


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")
