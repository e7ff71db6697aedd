"""Values as JSON: what the daemon answers, and what a report keeps."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Final


def encode(answer: Any) -> bytes:
    """The answer as compact JSON in ASCII.

    Dataclasses become objects with their fields in order; ``path_b64``, and every other field
    that holds a path in Base64, is left out when it is None.

    Raises:
        TypeError: a value has no form in JSON.
        ValueError: a number is not finite.
    """
    return _ENCODER.encode(answer).encode("ascii")


def _plain(value: object) -> dict[str, Any]:
    """One level of a value that json does not know."""
    if is_dataclass(value) and not isinstance(value, type):
        plain = {name: getattr(value, name) for name in _names(type(value))}
        for name in _base64_names(type(value)):
            if plain[name] is None:
                del plain[name]
        return plain
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(part.name for part in fields(kind))


@cache
def _base64_names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(part.name for part in fields(kind) if part.name.endswith("_b64"))


_ENCODER: Final = json.JSONEncoder(default=_plain, allow_nan=False, separators=(",", ":"))
