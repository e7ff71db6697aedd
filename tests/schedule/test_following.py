"""Jobs that change while the schedule runs."""

from collections.abc import Iterator
from datetime import UTC, datetime, time

import pytest

from simd.schedule import Daily, Job
from tests.schedule.test_schedule import BERLIN, Stand


@pytest.fixture
def stand() -> Iterator[Stand]:
    """A stand on 1 March 2026, noon in Berlin."""
    made = Stand(datetime(2026, 3, 1, 11, tzinfo=UTC))
    yield made
    made.stop()


def test_a_job_follows_its_new_time(stand: Stand) -> None:
    """It runs then and not at the old time, and the others go on as before."""
    report, backup = stand.daily("report", time(3)), stand.daily("backup", time(4))
    schedule = stand.start(report, backup)
    done = {name: len(stand.ledger.times(name)) for name in ("report", "backup")}
    schedule.follow([Job("report", Daily(time(15)), report.run), backup])
    assert datetime(2026, 3, 1, 15, tzinfo=BERLIN) == schedule.next_run("report")
    stand.pass_hours(schedule, 18)
    assert [15] == [moment.hour for moment in stand.ledger.times("report")[done["report"] :]]
    assert [4] == [moment.hour for moment in stand.ledger.times("backup")[done["backup"] :]]


def test_jobs_come_and_go(stand: Stand) -> None:
    """One that is left out runs no more; a new one begins with what it has missed."""
    report, backup = stand.daily("report", time(3)), stand.daily("backup", time(4))
    schedule = stand.start(report)
    done = len(stand.ledger.times("report"))
    schedule.follow([backup])
    stand.beat(schedule)
    assert schedule.next_run("report") is None
    stand.pass_hours(schedule, 24)
    assert done == len(stand.ledger.times("report"))
    assert 2 == len(stand.ledger.times("backup"))
