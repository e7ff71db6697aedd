"""Recent reports stay, of older months the first one; nothing else goes or stays."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from simd.core.report.naming import asked_id, nightly_id
from simd.core.report.retention import expired

LAST = date(2026, 11, 21)
nights = st.dates(date(2024, 1, 1), date(2026, 12, 31)).map(nightly_id)
asked = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31)).map(asked_id)  # noqa: DTZ001 - local times
collections = st.lists(nights | asked, unique=True, max_size=80)


def every_night(count: int) -> list[str]:
    """So many nightly reports, up to the last."""
    return [nightly_id(LAST - timedelta(days=ago)) for ago in range(count)]


def kept_by_rule(ids: Sequence[str], nightly: int, monthly: int) -> set[str]:
    """The rule, word by word, without any regard to cost."""
    kept = set()
    for each in ids:
        later_days = {other[:10] for other in ids if other[:10] > each[:10]}
        later_months = {other[:7] for other in ids if other[:7] > each[:7]}
        first_of_month = not any(other < each for other in ids if other[:7] == each[:7])
        if len(later_days) < nightly or (first_of_month and len(later_months) < monthly):
            kept.add(each)
    return kept


def test_two_years_of_nights() -> None:
    """Thirty days stay, and the first of each of the last twelve months."""
    gone = set(expired(every_night(730), 30, 12))
    months = {"2025-12-01", *(f"2026-{month:02d}-01" for month in range(1, 12))}
    assert months | set(every_night(30)) == set(every_night(730)) - gone


def test_nothing_goes_before_its_time() -> None:
    """Thirty reports are thirty, however long ago they were made."""
    assert [] == expired([nightly_id(LAST - timedelta(days=40 * ago)) for ago in range(30)], 30, 12)
    assert [] == expired([], 30, 12)


def test_asked_ones_stay_as_long_as_their_day() -> None:
    """A hundred that were asked for on one day push out no night."""
    moment = datetime(2026, 11, 21, 10)  # noqa: DTZ001 - a local time
    many = [asked_id(moment + timedelta(minutes=number)) for number in range(100)]
    assert [] == expired([*every_night(30), *many], 30, 12)
    assert sorted(many) == expired(["2026-11-21", *many, "2026-11-22"], 1, 12)


@given(ids=collections, nightly=st.integers(1, 40), monthly=st.integers(0, 14))
def test_the_rule_holds(ids: list[str], nightly: int, monthly: int) -> None:
    """Kept is what the rule names, whatever the dates; the order of what goes is that of time."""
    gone = expired(ids, nightly, monthly)
    assert kept_by_rule(ids, nightly, monthly) == set(ids) - set(gone)
    assert sorted(gone) == gone


@given(ids=collections, nightly=st.integers(1, 5), monthly=st.integers(0, 3))
def test_pruning_twice_is_pruning_once(ids: list[str], nightly: int, monthly: int) -> None:
    """What was kept is kept again, so that a report does not go just because pruning ran more often."""
    kept = sorted(set(ids) - set(expired(ids, nightly, monthly)))
    assert [] == expired(kept, nightly, monthly)
