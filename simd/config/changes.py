"""What differs between two settings, key by key."""

from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from simd.config.settings import Settings


def changed_keys(before: Settings, after: Settings) -> list[str]:
    """The key paths whose values differ, in the order of the settings: ``watch.skip``."""
    return [key for key, value in _leaves(after) if value != _at(before, key)]


def adopt(before: Settings, after: Settings, keys: Collection[str]) -> Settings:
    """The settings of ``before``, with those of ``after`` at ``keys``."""
    adopted = before
    for key in keys:
        section, _, name = key.rpartition(".")
        value = _at(after, key)
        if section:
            adopted = replace(adopted, **{section: replace(getattr(adopted, section), **{name: value})})
        else:
            adopted = replace(adopted, **{name: value})
    return adopted


def _leaves(settings: Settings) -> Iterator[tuple[str, Any]]:
    for part in fields(settings):
        value = getattr(settings, part.name)
        if is_dataclass(value):
            for key in fields(value):
                yield f"{part.name}.{key.name}", getattr(value, key.name)
        else:
            yield part.name, value


def _at(settings: Settings, key: str) -> Any:
    value: Any = settings
    for name in key.split("."):
        value = getattr(value, name)
    return value
