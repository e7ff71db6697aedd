"""Ids tell when a report was made; nothing else is taken for one."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.errors import BadRequest
from simd.core.report.naming import SUFFIXES, asked_id, date_of, file_name, id_in, nightly_id


def test_ids_are_local_dates_and_times() -> None:
    """A nightly report is called by its day, one that was asked for also by its time there."""
    moment = datetime(2026, 11, 21, 3, 5, 9, 77, tzinfo=timezone(timedelta(hours=13)))
    assert "2026-11-21" == nightly_id(moment.date())
    assert "2026-11-21-030509" == asked_id(moment)


@given(moment=st.datetimes(timezones=st.just(UTC)))
def test_every_id_gives_its_date_back(moment: datetime) -> None:
    """For any moment of any year."""
    assert moment.date() == date_of(asked_id(moment)) == date_of(nightly_id(moment.date()))


@given(one=st.datetimes(), other=st.datetimes())
def test_ids_sort_by_time(one: datetime, other: datetime) -> None:
    """The order of texts is the order of times, to the second; the nightly one is the first of its day."""
    first, second = sorted([one.replace(microsecond=0), other.replace(microsecond=0)])
    assert asked_id(first) <= asked_id(second)
    assert nightly_id(first.date()) < asked_id(first)


@pytest.mark.parametrize("report_id", ["2026-02-30", "2026-13-01", "2026-11-21-250000", "0000-01-01"])
def test_days_that_do_not_exist_are_named(report_id: str) -> None:
    """The thirtieth of February is refused in words, not looked for."""
    with pytest.raises(BadRequest, match="no such day or time") as caught:
        date_of(report_id)
    assert report_id in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "report_id",
    [
        "",
        "latest",
        "2026-11-2",
        "20261121",
        "2026-11-21-1530",
        "2026-11-21 ",
        "../2026-11-21",
        "\N{FULLWIDTH DIGIT TWO}026-11-21",
    ],
)
def test_nonsense_is_no_id(report_id: str) -> None:
    """Whatever could name a file elsewhere, or nothing, is refused with an example of an id."""
    with pytest.raises(BadRequest, match="is not the id of a report") as caught:
        date_of(report_id)
    assert caught.value.hint
    assert "2026-11-21" in caught.value.hint


@given(day=st.dates(), suffix=st.sampled_from(SUFFIXES))
def test_file_names_tell_the_id(day: date, suffix: str) -> None:
    """The id comes back from every file of a report."""
    assert nightly_id(day) == id_in(file_name(nightly_id(day), suffix))


@pytest.mark.parametrize(
    "name",
    [
        "latest.html",
        "report-2026-02-30.html",
        "report-2026-11-21",
        "report-2026-11-21.pdf",
        "holiday-2026-11-21.html",
        ".report-2026-11-21.html.17.part",
        "report-.html",
    ],
)
def test_other_files_are_no_reports(name: str) -> None:
    """A stranger's file, an unfinished one and the link have no id."""
    assert id_in(name) is None
