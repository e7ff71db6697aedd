"""An error as it crosses the socket, and whole responses for whom no server library speaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from simd.core.encoding import encode
from simd.core.errors import BadRequest, SimdError


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What went wrong: a stable code, a message for a person, what to do about it, and where."""

    code: str
    message: str
    hint: str | None
    path: str | None


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """The answer to a request that failed."""

    error: ErrorBody


def error_json(error: SimdError) -> bytes:
    """The body of an error's response."""
    return encode(ErrorAnswer(ErrorBody(error.code, error.message, error.hint, error.path)))


def stranger() -> BadRequest:
    """What a user hears whom the daemon does not know."""
    return BadRequest("this daemon answers its own user alone")


def whole_response(status: HTTPStatus, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """An HTTP/1.1 response with a JSON body, after which the connection closes."""
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "connection: close",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body
