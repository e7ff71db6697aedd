"""Quiet hours follow the clock on the wall, over midnight and on the days when clocks are changed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from simd.core.quiet import Span, leave_time, quiet_until

BERLIN = ZoneInfo("Europe/Berlin")
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 30, 59]))
SPANS = st.lists(
    st.lists(TIMES, min_size=2, max_size=2, unique=True).map(lambda pair: Span(*pair)), min_size=1, max_size=3
)
# Around the changes of 2026: forward on 29 March at 1:00 UTC, back on 25 October at 1:00 UTC.
MOMENTS = st.builds(
    lambda day, seconds: day + timedelta(seconds=seconds),
    st.sampled_from([datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)]),
    st.integers(0, 24 * 3_600),
)


def span(text: str) -> Span:
    """A span as it is written in the configuration."""
    begin, end = (time.fromisoformat(part) for part in text.split("-"))
    return Span(begin, end)


def berlin(text: str, *, fold: int = 0) -> datetime:
    """A local time of the year 2026."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BERLIN, fold=fold)


def looked_up(spans: list[Span], now: datetime) -> datetime | None:
    """The oracle: look at the clock at ``now`` and then at every minute."""
    moment = now
    while any(one.covers(moment.astimezone(BERLIN).time()) for one in spans):
        moment = moment.replace(second=0) + timedelta(minutes=1)
    return None if moment == now else moment


@settings(max_examples=50)
@given(SPANS, MOMENTS)
@example([Span(time(2, 1), time(2, 0))], datetime(2026, 10, 24, 12, 0, tzinfo=UTC))
def test_it_is_quiet_until_the_clock_shows_a_free_minute(spans: list[Span], now: datetime) -> None:
    """Whoever looks at the clock every minute comes to the same end."""
    assume(leave_time(spans))
    until = quiet_until(spans, now, BERLIN)
    # In the hour that comes twice, Python holds no two zones' moments equal.
    assert looked_up(spans, now) == (until and until.astimezone(UTC))


@pytest.mark.parametrize(
    ("written", "now", "until"),
    [
        ("09:00-18:00", berlin("05-04T08:59:59"), None),
        ("09:00-18:00", berlin("05-04T09:00"), berlin("05-04T18:00")),
        ("09:00-18:00", berlin("05-04T18:00"), None),
        ("22:00-06:00", berlin("05-04T23:30:12"), berlin("05-05T06:00")),
        ("22:00-06:00", berlin("05-05T05:59:59"), berlin("05-05T06:00")),
        ("22:00-06:00", berlin("03-28T23:00"), berlin("03-29T06:00")),
        ("22:00-02:30", berlin("03-28T23:00"), berlin("03-29T03:00")),
        ("22:00-02:30", berlin("10-24T23:00"), berlin("10-25T02:30")),
        ("22:00-02:30", berlin("10-25T02:10", fold=1), berlin("10-25T02:30", fold=1)),
        ("00:00-12:00", berlin("05-04T00:00"), berlin("05-04T12:00")),
        ("12:00-00:00", berlin("05-04T12:00"), berlin("05-05T00:00")),
    ],
)
def test_the_end_of_a_span(written: str, now: datetime, until: datetime | None) -> None:
    """In spring the clock jumps over 2:30, in autumn it shows it twice."""
    found = quiet_until([span(written)], now, BERLIN)
    assert (until and until.astimezone(UTC)) == (found and found.astimezone(UTC))


def test_spans_that_follow_one_another_are_one() -> None:
    """Who waits wants to know when reading goes on, not when the reason changes."""
    spans = [span("09:00-12:00"), span("12:00-14:00"), span("13:00-15:00")]
    assert berlin("05-04T15:00") == quiet_until(spans, berlin("05-04T10:00"), BERLIN)


def test_no_quiet_hours() -> None:
    """Then it never is quiet, and every minute is free."""
    assert quiet_until([], berlin("05-04T10:00"), BERLIN) is None
    assert leave_time([])
    assert not leave_time([span("22:00-10:00"), span("09:59-22:00")])
