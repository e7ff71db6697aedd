"""When work falls due, over every date and through every change of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.slots import Daily, Due, Every, Weekly, last_slot, next_slot

BERLIN = ZoneInfo("Europe/Berlin")

ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "Europe/Berlin",
            "America/New_York",
            "America/Sao_Paulo",  # its clocks used to jump at midnight
            "Australia/Lord_Howe",  # by half an hour
            "Pacific/Apia",  # left out a whole date in 2011
            "Asia/Kathmandu",
            "UTC",
        )
    ]
)
MOMENTS = st.datetimes(datetime(2008, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
DAILY = st.builds(Daily, TIMES)
WEEKLY = st.builds(Weekly, st.integers(0, 6), TIMES)
EVERY = st.builds(Every, st.integers(1, 10**6).map(float))


def in_berlin(*parts: int) -> datetime:
    """A wall time in Berlin, the first of two."""
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[misc, arg-type]  # year, month, day, hour, minute


@given(DAILY | WEEKLY | EVERY, MOMENTS, ZONES)
def test_slots_enclose_the_moment(due: Due, moment: datetime, zone: ZoneInfo) -> None:
    """The last slot is not after the moment, the next one is after it, and no slot lies between."""
    now = moment.astimezone(zone)
    last, following = last_slot(due, now), next_slot(due, now)
    assert last <= moment < following
    assert following == next_slot(due, last.astimezone(zone))
    assert last == last_slot(due, (following - timedelta(microseconds=1)).astimezone(zone))
    assert last == last_slot(due, last.astimezone(zone))


@given(DAILY, st.dates(date(2012, 1, 1), date(2029, 1, 1)), ZONES)
def test_daily_work_has_one_slot_a_date(due: Daily, day: date, zone: ZoneInfo) -> None:
    """Walking from slot to slot over two weeks gives every local date once, in order."""
    slot = next_slot(due, datetime.combine(day, time(12), tzinfo=zone))
    dates = []
    for _ in range(14):
        dates.append(slot.astimezone(zone).date())
        slot = next_slot(due, slot.astimezone(zone))
    assert [dates[0] + timedelta(days=step) for step in range(14)] == dates


@given(WEEKLY, MOMENTS, ZONES)
def test_weekly_work_falls_on_its_weekday(due: Weekly, moment: datetime, zone: ZoneInfo) -> None:
    """The next slot is on the weekday, at the time unless the clocks jumped over it, within 8 days."""
    slot = next_slot(due, moment.astimezone(zone))
    local = slot.astimezone(zone)
    if zone.key != "Pacific/Apia":
        assert due.weekday == local.weekday()
    existed = local.replace(hour=due.at.hour, minute=due.at.minute)
    if existed.astimezone(UTC).astimezone(zone).time() == due.at:
        assert due.at == local.time()
    assert slot - moment < timedelta(days=9)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # On 29 March 2026 the clocks go from 02:00 to 03:00.
        (in_berlin(2026, 3, 28, 12), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (in_berlin(2026, 3, 29, 12), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)),
        # On 25 October 2026 they go from 03:00 back to 02:00.
        (in_berlin(2026, 10, 24, 12), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (in_berlin(2026, 10, 25, 2, 45), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
    ],
)
def test_half_past_two_where_the_clocks_change(now: datetime, expected: datetime) -> None:
    """02:30 is due at 03:30 on the spring day, and only the first time on the autumn day."""
    assert expected == next_slot(Daily(time(2, 30)), now)


def test_second_half_past_two_is_no_slot() -> None:
    """In the repeated hour the last slot is the one of the first round."""
    second_round = in_berlin(2026, 10, 25, 2, 45).replace(fold=1)
    assert datetime(2026, 10, 25, 0, 30, tzinfo=UTC) == last_slot(Daily(time(2, 30)), second_round)
