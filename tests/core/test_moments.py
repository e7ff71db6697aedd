"""Times that were read from different clocks: when they can be of one press of the button."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.moments import Clock, Moment, moment_at, moment_of, same_moment

NOON = datetime(2024, 5, 1, 12)  # noqa: DTZ001 - a moment has no zone
times = st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1))  # noqa: DTZ001 - a moment has no zone
moments = st.builds(Moment, times, st.sampled_from(Clock))
zones = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timedelta(minutes=15 * quarters))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-01T12:00:00", Moment(NOON, Clock.WALL)),
        ("2024-05-01T12:00:00+02:00", Moment(NOON.replace(hour=10), Clock.UTC)),
        ("2024-05-01T12:00:00+0200", Moment(NOON.replace(hour=10), Clock.UTC)),
        ("2024-05-01T12:00:00Z", Moment(NOON, Clock.UTC)),
        ("0001-01-01T00:00:00+02:00", None),
        ("2024-05-01T12:00", None),
        ("2024-05-01", None),
        ("2024-05-01T12:00:00+25:00", None),
        ("2024-99-01T12:00:00", None),
        ("", None),
        (None, None),
    ],
)
def test_a_moment_is_read_to_the_second_or_not_at_all(text: str | None, expected: Moment | None) -> None:
    """With its zone where it has one; what is outside the calendar, or nonsense, is no moment."""
    assert expected == moment_of(text)


@pytest.mark.parametrize(
    ("one", "other", "apart", "same"),
    [
        (Clock.WALL, Clock.WALL, {"seconds": 5}, True),
        (Clock.WALL, Clock.WALL, {"seconds": 6}, False),
        (Clock.WALL, Clock.WALL, {"hours": 2}, False),
        (Clock.UTC, Clock.UTC, {"seconds": 5}, True),
        (Clock.UTC, Clock.UTC, {"hours": 1}, False),
        (Clock.WALL, Clock.UTC, {"hours": 2}, True),
        (Clock.WALL, Clock.UTC, {"hours": 5, "minutes": 45, "seconds": -5}, True),
        (Clock.WALL, Clock.UTC, {"hours": 2, "seconds": 6}, False),
        (Clock.WALL, Clock.UTC, {"hours": 2, "seconds": -6}, False),
        (Clock.WALL, Clock.UTC, {"hours": 14, "seconds": 5}, True),
        (Clock.WALL, Clock.UTC, {"hours": 14, "minutes": 15}, False),
        (Clock.WALL, Clock.UTC, {"days": 1}, False),
        (Clock.UTC, Clock.EITHER, {"hours": 2}, True),
        (Clock.WALL, Clock.EITHER, {"seconds": 3}, True),
        (Clock.WALL, Clock.EITHER, {"hours": 1, "minutes": 7}, False),
        (Clock.EITHER, Clock.EITHER, {"hours": 1}, True),
    ],
)
def test_times_are_compared_as_closely_as_both_allow(
    one: Clock, other: Clock, apart: dict[str, int], *, same: bool
) -> None:
    """Where a zone is missing, whole quarter hours up to fourteen hours do not count."""
    assert same is same_moment(Moment(NOON, one), Moment(NOON + timedelta(**apart), other))


@given(one=moments, other=moments)
def test_it_does_not_matter_which_comes_first(one: Moment, other: Moment) -> None:
    """And every moment is the same as itself."""
    assert same_moment(one, other) is same_moment(other, one)
    assert same_moment(one, one)


@given(when=times, zone=zones)
def test_one_press_of_the_button_is_the_same_by_every_clock(when: datetime, zone: timedelta) -> None:
    """Whatever the zone of the camera is, and whether it tells it."""
    instant = when.replace(tzinfo=UTC)
    local = instant.astimezone(timezone(zone))
    told = [
        moment_at(instant),
        moment_at(local),
        moment_at(local.replace(tzinfo=None)),
        Moment(when, Clock.EITHER),
    ]
    seen = [each for each in told if each is not None]
    assert all(same_moment(a, b) for a in seen for b in seen)
