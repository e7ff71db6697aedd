"""How durations, sizes, times and modes are written."""

from datetime import time
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from simd.config import units
from simd.core.quiet import Span

TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("1h", 3_600),
        ("1h 30m", 5_400),
        ("1.5 h", 5_400),
        ("30d", 2_592_000),
        ("2w", 1_209_600),
    ],
)
def test_durations(written: str, seconds: float) -> None:
    """A duration is one or more numbers, each with a unit."""
    assert seconds == units.duration(written)


@pytest.mark.parametrize(
    "written", ["", "60", "1x", "h", "-1h", "0s", "1h x", "1 h 3", "٣h", 60, 1.5, None, True, ["1h"]]
)
def test_no_durations(written: Any) -> None:
    """A bare number has no unit to be sure of, and nothing else is a duration."""
    with pytest.raises(ValueError, match="expected a duration"):
        units.duration(written)


@given(st.integers(1, 10**6), st.sampled_from(sorted(units.BYTES)))
def test_sizes(number: int, unit: str) -> None:
    """A size is a number and a unit, whatever the case of its letters; k is 1,000 and Ki is 1,024."""
    bytes_meant = number * units.BYTES[unit]
    assert [bytes_meant] * 3 == [
        units.size(f"{number}{said}") for said in (unit, unit.lower(), f" {unit.upper()}")
    ]


def test_size_with_a_fraction() -> None:
    """A size may have decimals."""
    assert 1_500_000_000 == units.size("1.5GB")


@pytest.mark.parametrize("written", ["", "1.5", "GB", "1 XB", "-1GB", "0MB", "1G", 1_500_000, None])
def test_no_sizes(written: Any) -> None:
    """A number without a unit is no size."""
    with pytest.raises(ValueError, match="expected a size"):
        units.size(written)


@given(st.integers(0, 23), st.integers(0, 59))
def test_times(hour: int, minute: int) -> None:
    """A time has an hour of one or two digits and a minute of two."""
    assert {time(hour, minute)} == {
        units.time_of_day(f"{hour}:{minute:02}"),
        units.time_of_day(f"{hour:02}:{minute:02}"),
    }


@pytest.mark.parametrize("written", ["24:00", "3", "3:0", "3:60", "03:00:00", "noon", 180, 3.0, None])
def test_no_times(written: Any) -> None:
    """A number is no time: 180 is what other parsers make of 3:00."""
    with pytest.raises(ValueError, match="expected a time of day"):
        units.time_of_day(written)


@pytest.mark.parametrize(("written", "bits"), [("0600", 0o600), ("0660", 0o660), ("0700", 0o700)])
def test_modes(written: str, bits: int) -> None:
    """A mode is read as octal."""
    assert bits == units.mode(written)


@pytest.mark.parametrize("written", ["600", "0666", "0400", "0680", "00600", 600, 0o600, None])
def test_no_modes(written: Any) -> None:
    """A mode keeps the owner in and others out, and is never a number."""
    with pytest.raises(ValueError, match="expected four octal digits"):
        units.mode(written)


def test_paths(home: Any) -> None:
    """A path is absolute or begins with the home folder; it is tidied, and nothing else is replaced."""
    assert f"{home}/Pictures".encode() == units.folder("~/Pictures")
    assert b"/a/$HOME/c" == units.folder("/a//b/../$HOME/c/")
    assert b"/caf\xe9" == units.folder(b"/caf\xe9")


@pytest.mark.parametrize(
    "written", ["", "Pictures", "./a", "~nobody-of-this-name/a", "/a\0b", 3, None, ["/a"]]
)
def test_no_paths(written: Any) -> None:
    """A relative path would depend on where the daemon was started."""
    with pytest.raises(ValueError, match="path"):
        units.folder(written)


@given(TIMES, TIMES)
def test_spans_of_the_day(begin: time, end: time) -> None:
    """Two times of day and a hyphen, with or without blanks; the end may come before the beginning."""
    assume(begin != end)
    written = (f"{begin:%H:%M}-{end:%H:%M}", f" {begin:%H:%M} - {end:%H:%M} ")
    assert [Span(begin, end)] * 2 == [units.span(text) for text in written]


def test_a_span_may_last_until_midnight() -> None:
    """24:00 is the midnight at the end of the day."""
    assert Span(time(18), time(0)) == units.span("18:00-24:00")


@pytest.mark.parametrize(
    "written", ["", "9:00", "9:00-", "-9:00", "9-10", "9:00-25:00", "9:00-9:00", "24:00-6:00", 9, None, True]
)
def test_no_spans_of_the_day(written: Any) -> None:
    """One of no length would be no time or the whole day, so it is refused."""
    with pytest.raises(ValueError, match="expected a span of the day"):
        units.span(written)
