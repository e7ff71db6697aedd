"""An error that crossed the socket, as the error that it was."""

import json

from simd.core.errors import Failed, SimdError

GOOD = range(200, 300)


def _tree(root: type[SimdError]) -> dict[str, type[SimdError]]:
    """Every error below ``root`` by its code; a code that is inherited stays with its owner."""
    found = {}
    for child in root.__subclasses__():
        found.update(_tree(child))
        found[child.code] = child
    return found


_BY_CODE = _tree(SimdError)


def refusal(status: int, body: bytes) -> SimdError:
    """The error that an answer with a bad status stands for.

    An unknown code, from a daemon of another version perhaps, becomes :class:`Failed`.
    """
    try:
        told = json.loads(body)["error"]
        kind = _BY_CODE.get(told["code"], Failed)
        return kind(str(told["message"]), hint=_text(told.get("hint")), path=_text(told.get("path")))
    except (ValueError, LookupError, TypeError, AttributeError):
        return Failed(f"the daemon answered with HTTP status {status} and no explanation")


def _text(value: object) -> str | None:
    return None if value is None else str(value)
