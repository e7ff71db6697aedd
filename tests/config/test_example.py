"""The example file and the code say the same."""

import re
from dataclasses import fields, is_dataclass
from pathlib import Path

from simd.config import Settings, load
from simd.config.document import read_document

EXAMPLE = Path(__file__).parents[2] / "simd.example.yaml"


def keys_of(value: object, above: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """The key paths of nested mappings or settings."""
    if is_dataclass(value):
        entries = {field.name: getattr(value, field.name) for field in fields(value)}
    elif isinstance(value, dict):
        entries = value
    else:
        return {above}
    return set().union(*(keys_of(below, (*above, key)) for key, below in entries.items()))


def test_example_names_every_key_and_no_other() -> None:
    """What can be set and what the file shows are the same keys."""
    assert keys_of(Settings()) == keys_of(read_document(EXAMPLE).values)


def test_example_shows_the_defaults() -> None:
    """Reading the file changes nothing."""
    assert load(None, {}, {}) == load(EXAMPLE, {}, {})


def test_example_explains_every_key() -> None:
    """Each line with a key and a value ends in a comment."""
    lines = [line for line in EXAMPLE.read_text().splitlines() if re.match(r" *\w+: +[^#\s]", line)]
    assert len(keys_of(Settings())) == len(lines)
    assert [] == [line for line in lines if " # " not in line]
