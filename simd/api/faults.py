"""Every way in which a request can fail, in one shape.

``{"error": {"code", "message", "hint", "path"}}`` with a fitting HTTP status.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from simd.core.errors import BadRequest, Failed, NotFound, SimdError, Unavailable
from simd.core.refusal import error_json

log = logging.getLogger(__name__)

SEE_OPENAPI = "GET /openapi.json describes every request"

_WHOLE = "the body"
_NOT_AN_OBJECT = {"model_type", "model_attributes_type", "dict_type"}


def error_response(
    error: SimdError, status: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """An error as a response; ``status`` replaces the error's own."""
    return Response(
        error_json(error),
        status_code=status or error.status,
        headers=headers,
        media_type="application/json",
    )


def bad_request(error: ValidationError | RequestValidationError) -> BadRequest:
    """A request that does not have the agreed shape, with every field that is at fault."""
    faults = "; ".join(_fault(part) for part in error.errors())
    return BadRequest(faults, hint=SEE_OPENAPI)


def install_handlers(app: FastAPI) -> None:
    """Give every failure of the app the common shape."""
    app.add_exception_handler(SimdError, _on_simd_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)


async def answered(endpoint: Callable[[Request], Awaitable[Response]], request: Request) -> Response:
    """What an endpoint answers, or what the app says of its failure; for calls past its routing."""
    try:
        return await endpoint(request)
    except SimdError as error:
        return await _on_simd_error(request, error)
    except HTTPException as error:
        return await _on_http(request, error)


def unexpected() -> SimdError:
    """What a client is told of an error that nobody foresaw; the log has the rest."""
    return Failed("something went wrong inside the daemon", hint="its log says more")


# Starlette types handlers by Exception although it calls each with the class it was registered for.
async def _on_simd_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, SimdError)  # noqa: S101 - see above
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, Unavailable):
        log.error("a request failed: %s", error.message, exc_info=error)
    return error_response(error)


async def _on_invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - see above
    return error_response(bad_request(error))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - see above
    return error_response(_of_http(request, error), error.status_code, error.headers)


def _of_http(request: Request, error: HTTPException) -> SimdError:
    asked = f"{request.method} {request.url.path}"
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return NotFound(f"there is no {asked}", hint=SEE_OPENAPI)
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return BadRequest(f"{asked} is not allowed", hint=SEE_OPENAPI)
        case _:
            return BadRequest(error.detail, hint=SEE_OPENAPI)


def _fault(part: Mapping[str, Any]) -> str:
    field = _field(part["loc"])
    if part["type"] == "extra_forbidden":
        return f"{field} is unknown"
    if part["type"] == "missing":
        return f"{field} is missing"
    if part["type"] == "json_invalid":
        return "the body is not JSON"
    if part["type"] in _NOT_AN_OBJECT and field == _WHOLE:
        return "the body is not a JSON object sent as application/json"
    return f"{field}: {part['msg']}"


def _field(location: Sequence[int | str]) -> str:
    """``a.path`` for ``("body", "a", "SubjectBody", "path")``."""
    parts = location[1:] if location and location[0] in {"body", "query", "path"} else location
    return ".".join(str(part) for part in parts) or _WHOLE
