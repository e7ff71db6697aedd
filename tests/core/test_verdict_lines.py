"""Lines of verdicts: what is in order, and what is wrong with what is not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from simd.core.verdict_lines import KINDS, fault_in, moment_of
from simd.core.verdicts import VerdictKind

ONE, OTHER = "sha256:" + "ab" * 32, "sha256:" + "0c" * 32
PAIR = {"verdict": "different", "images": [ONE, OTHER], "since": "2026-11-21T18:30:00+00:00"}


@pytest.mark.parametrize(
    "entry",
    [
        PAIR,
        PAIR | {"verdict": "series"},
        PAIR | {"verdict": "keep", "images": [ONE]},
        PAIR | {"since": "2026-11-21T18:30Z"},
    ],
)
def test_what_is_exported_is_in_order(entry: dict[str, Any]) -> None:
    """And what a person would write in its place."""
    assert fault_in(entry) is None


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ([], "this is no JSON object"),
        (None, "this is no JSON object"),
        ({}, "images is missing"),
        (PAIR | {"why": 1}, "why is unknown"),
        (PAIR | {"verdict": "perhaps"}, "verdict is not one of different, series, keep"),
        (PAIR | {"verdict": []}, "verdict is not one of"),
        (PAIR | {"verdict": "keep"}, "images is not a list of 1, which keep is about"),
        (PAIR | {"images": [ONE]}, "images is not a list of 2, which different is about"),
        (PAIR | {"images": ONE}, "images is not a list"),
        (PAIR | {"images": [ONE, OTHER.upper()]}, "sha256: and 64 hex digits"),
        (PAIR | {"images": [ONE, 5]}, "sha256: and 64 hex digits"),
        (PAIR | {"images": [ONE, ONE]}, "both images are the same"),
        (PAIR | {"since": None}, "since is not a moment"),
        (PAIR | {"since": "2026-11-21T18:30:00"}, "since is not a moment"),
        (PAIR | {"since": "0001-01-01T00:00:00+23:00"}, "since is not a moment"),
        (PAIR | {"since": 5}, "since is not a moment"),
    ],
)
def test_every_fault_is_named(entry: object, words: str) -> None:
    """In words for whoever wrote the line."""
    assert words in (fault_in(entry) or "")


def test_moments_are_kept_to_the_second_in_utc() -> None:
    """Whatever their offset."""
    assert datetime(2026, 11, 21, 18, 30, tzinfo=UTC) == moment_of("2026-11-21T19:30:00.9+01:00")


def test_the_kinds_are_those_of_the_core() -> None:
    """What is written out for speed agrees with the module that defines it."""
    assert tuple(VerdictKind) == KINDS
