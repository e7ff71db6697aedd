"""How a route turns the service's answer into a response, and describes itself."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response
from starlette.responses import JSONResponse

from simd.api.calls import Calls
from simd.core.encoding import encode
from simd.core.refusal import ErrorAnswer

_KINDS_OF_ERROR = {
    "4XX": "The request cannot be answered as it was asked",
    "5XX": "The daemon cannot answer",
}
_ERROR_CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}


async def quick_answer(calls: Calls, ask: Callable[[], object]) -> Response:
    """The answer to a question that is soon answered; asked and encoded in a thread."""
    return _json(await calls.quick(lambda: encode(ask())))


async def search_answer(calls: Calls, ask: Callable[[], object]) -> Response:
    """The answer to a search among what is known; asked and encoded in a thread."""
    return _json(await calls.search(lambda: encode(ask())))


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
    sends: type[Response] = JSONResponse,
    openapi_extra: dict[str, Any] | None = None,
) -> None:
    """Register an endpoint under its own name; its docstring is its description.

    Args:
        router: where to register it.
        method: the HTTP method.
        path: its path, with parameters in braces.
        endpoint: an async function that gives a response.
        answer: the shape of the JSON that it sends.
        sends: the kind of response, where it is not JSON.
        openapi_extra: what FastAPI cannot derive from the endpoint.
    """
    router.add_api_route(
        path,
        endpoint,
        methods=[method],
        status_code=HTTPStatus.OK,
        response_model=answer,
        response_class=sends,
        responses=_errors(sends),
        operation_id=endpoint.__name__,
        openapi_extra=openapi_extra,
    )


def _errors(sends: type[Response]) -> dict[int | str, dict[str, Any]]:
    """How the document describes errors, which are JSON whatever the route sends otherwise."""
    shape = {"model": ErrorAnswer} if sends is JSONResponse else {"content": _ERROR_CONTENT}
    return {status: {"description": said, **shape} for status, said in _KINDS_OF_ERROR.items()}


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")
