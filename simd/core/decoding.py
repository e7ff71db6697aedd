"""What :mod:`simd.core.encoding` wrote, read back into dataclasses."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def decode(kind: type[T], value: object) -> T:
    """A value of a type from decoded JSON.

    Types may be dataclasses, enumerations of texts, ``str``, ``int``, sequences of these (lists
    come back), and any of them or None. Keys that the dataclass does not have are passed over, so
    that what a later version adds does no harm.

    Raises:
        ValueError: the JSON does not have the shape of the type; the message says where.
    """
    found: T = _decode(kind, value, kind.__name__)
    return found


def _decode(kind: Any, value: object, place: str) -> Any:
    if get_origin(kind) is not None:
        return _decode_composed(kind, value, place)
    if is_dataclass(kind) and isinstance(kind, type):
        return _decode_fields(kind, value, place)
    if issubclass(kind, str) and isinstance(value, str):
        return kind(value)
    if type(value) is not kind:
        raise ValueError(f"{place} is no {kind.__name__}")
    return value


def _decode_composed(kind: Any, value: object, place: str) -> Any:
    if issubclass(get_origin(kind), Sequence) and isinstance(value, list):
        (part,) = get_args(kind)
        return [_decode(part, each, f"{place}[{number}]") for number, each in enumerate(value)]
    raise ValueError(f"{place} is no sequence")


def _decode_fields(kind: Any, value: object, place: str) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError(f"{place} is no object")  # noqa: TRY004 - the JSON is wrong, not the caller
    found = {}
    for name, (part, optional, required) in _fields(kind).items():
        if name in value:
            given = value[name]
            found[name] = None if optional and given is None else _decode(part, given, f"{place}.{name}")
        elif required:
            raise ValueError(f"{place} has no {name}")
    return kind(**found)


@cache
def _fields(kind: Any) -> dict[str, tuple[Any, bool, bool]]:
    """For each field its type without None, whether None may stand there, and whether it must be given."""
    hints = get_type_hints(kind)
    return {each.name: (*_without_none(hints[each.name]), each.default is MISSING) for each in fields(kind)}


def _without_none(hint: Any) -> tuple[Any, bool]:
    parts = get_args(hint)
    if NoneType not in parts:
        return hint, False
    (part,) = (each for each in parts if each is not NoneType)
    return part, True
