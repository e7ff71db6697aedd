"""Values as words."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.render import words
from tests.render.samples import HOSTILE

ESCAPED = r"/p/\x1b]0;x\x07\x9b31m\x0d\x0a\u202e\ud800\xff.jpg"


def test_a_hostile_name_is_shown_escaped() -> None:
    """Control characters, direction overrides and bytes that are not UTF-8 become escapes."""
    assert ESCAPED == words.escape(HOSTILE)


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    """Whatever the text, what is left are visible characters and blanks."""
    kept = {unicodedata.category(char) for char in words.escape(text)}
    assert not kept & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    words.escape(text).encode("utf-8")


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"])))
def test_visible_text_is_left_alone(text: str) -> None:
    """Names in any script, with any blank, stay as they are."""
    assert text == words.escape(text)


@given(st.integers(0, 2**63 - 1))
def test_a_size_is_near_its_number_and_short(number: int) -> None:
    """The text has at most three digits before its unit and is within 5 % of the number."""
    text, unit = words.size(number).split()
    assert re.fullmatch(r"\d{1,3}|\d\.\d", text)
    exponent = ["B", "kB", "MB", "GB", "TB", "PB", "EB"].index(unit)
    assert float(text) * 1_000**exponent == pytest.approx(number, rel=0.051)


@pytest.mark.parametrize(
    ("expected", "number"),
    [
        ("0 B", 0),
        ("999 B", 999),
        ("1.0 kB", 1_000),
        ("10 kB", 9_960),
        ("1.0 MB", 999_500),
        ("3.4 MB", 3_400_000),
    ],
)
def test_sizes(expected: str, number: int) -> None:
    """Units step at a thousand, and rounding never writes a thousand of a unit."""
    assert expected == words.size(number)


@pytest.mark.parametrize(
    ("expected", "seconds"),
    [
        ("0.4 s", 0.44),
        ("10 s", 9.96),
        ("59 s", 59.4),
        ("1 min", 59.6),
        ("3 min 20 s", 200),
        ("1 h", 3_599.6),
        ("2 h 5 min", 7_500),
        ("1 d", 86_400),
        ("2 d 4 h", 187_200),
    ],
)
def test_durations(expected: str, seconds: float) -> None:
    """Two units at most, and no 60 of the smaller one."""
    assert expected == words.duration(seconds)


def test_counts_and_moments() -> None:
    """One is singular, all else plural; a moment is to the minute on its own clock."""
    assert ["1 file", "0 files", "1,234 files"] == [words.count(n, "file") for n in (1, 0, 1234)]
    assert "2 matches" == words.count(2, "match", "matches")
    assert "2024-05-06 07:08" == words.moment("2024-05-06T07:08:09+02:00")
