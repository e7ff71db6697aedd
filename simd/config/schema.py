"""Holding plain values against the settings, and saying what does not fit."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from simd.config.faults import Fault, Keys, Place, did_you_mean, dotted
from simd.config.settings import Settings
from simd.core.quiet import leave_time
from simd.delivery import hidden

_EXPECTED = {
    "float_type": "expected a number",
    "int_type": "expected a whole number",
    "string_type": "expected text",
    "bool_type": "expected true or false",
    "tuple_type": "expected a list",
    "dataclass_type": "expected keys with values",
    "string_too_short": "the text is empty",
    "finite_number": "expected a finite number",
}
"""What pydantic's kinds of error mean to the author of a file."""

_SECRETS: Keys = ("notify", "targets")
"""Where passwords are written, well-formed or not."""

_SCHEMA = TypeAdapter(Settings)


def validate(values: Mapping[str, object], place: Place) -> tuple[Settings, list[Fault]]:
    """The settings that the values make, and every reason why they do not fit.

    What does not fit is replaced by its default, so that the rest can be checked further.

    Args:
        values: as the file gives them.
        place: where a key was written.
    """
    faults: list[Fault] = []
    try:
        settings = _SCHEMA.validate_python(values)
    except ValidationError as error:
        details = error.errors(include_url=False)
        faults = [_fault(detail, place) for detail in details]
        settings = _SCHEMA.validate_python(_without(values, [detail["loc"] for detail in details]))
    return settings, faults + _contradictions(settings, place)


def _without(values: Mapping[str, object], bad: Sequence[Keys]) -> dict[str, object]:
    """The values without the bad keys; a list with a bad entry goes as a whole."""
    kept: dict[str, object] = {}
    for key, value in values.items():
        below = [keys[1:] for keys in bad if keys[0] == key]
        if not below:
            kept[key] = value
        elif isinstance(value, dict) and all(below):
            kept[key] = _without(value, below)
    return kept


def _contradictions(settings: Settings, place: Place) -> list[Fault]:
    faults: list[Fault] = []
    watch = settings.watch
    if watch.settle_cap_seconds < watch.settle_seconds:
        keys: Keys = ("watch", "settle_cap_seconds")
        message = f"{watch.settle_cap_seconds:g} is less than watch.settle_seconds ({watch.settle_seconds:g})"
        faults.append(Fault(dotted(keys), message, "the cap must not be the smaller one", place(keys)))
    if not leave_time(settings.schedule.quiet_hours):
        keys = ("schedule", "quiet_hours")
        message = "the whole day is quiet, so no picture would ever be read"
        faults.append(Fault(dotted(keys), message, "leave some of the day free", place(keys)))
    return faults


def _fault(detail: ErrorDetails, place: Place) -> Fault:
    keys: Keys = detail["loc"]
    hint = None
    if detail["type"] == "unexpected_keyword_argument":
        message, hint = "there is no such key", did_you_mean(str(keys[-1]), _known_keys(keys[:-1]))
    elif detail["type"] == "literal_error":
        message, hint = _choice(detail)
    elif detail["type"] == "value_error":
        message = f"{detail['ctx']['error']}, not {_shown(detail['input'], keys)}"
    else:
        expected = _EXPECTED.get(detail["type"]) or detail["msg"].replace(
            "Input should be", "expected a number"
        )
        message = f"{expected}, not {_shown(detail['input'], keys)}"
    return Fault(dotted(keys), message, hint, place(keys))


def _choice(detail: ErrorDetails) -> tuple[str, str | None]:
    choices = detail["ctx"]["expected"].replace("'", "")
    known = choices.replace(" or ", ", ").split(", ")
    near = did_you_mean(str(detail["input"]), known)
    hint = near if near and near.startswith("did") else None
    return f"expected {choices}, not {_shown(detail['input'])}", hint


def _known_keys(keys: Keys) -> list[str]:
    """The keys of the section at a key path."""
    section: type = Settings
    for key in keys:
        section = get_type_hints(section)[str(key)]
    return [field.name for field in fields(section)] if is_dataclass(section) else []


def _shown(value: object, keys: Keys = ()) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str) and ("://" in value or keys[:2] == _SECRETS):
        return repr(hidden(value))
    if isinstance(value, dict | list | tuple):
        return "a section" if isinstance(value, dict) else "a list"
    return repr(value) if isinstance(value, str | bytes) else str(value).lower()
