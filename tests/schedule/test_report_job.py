"""The nightly report by the clock: real reports in a real folder, on a clock that is turned by hand."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from threading import Condition
from zoneinfo import ZoneInfo

import pytest
from apscheduler.events import EVENT_JOB_EXECUTED

from simd.config import ReportSettings, Settings
from simd.core.answers import ReportTrigger
from simd.imaging import DecodePool, Limits
from simd.plans import REPORT_JOB, report_plan, timed_jobs
from simd.runtime.broadcast import Broadcast
from simd.schedule import Daily, Job, Schedule
from simd.service import Service
from simd.work.report.previews import Previews
from simd.work.report.reports import Reports
from tests.catalogue.newborn import open_new
from tests.fakes import FakeClock
from tests.schedule.test_schedule import is_idle

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 10, 23, 12, tzinfo=BERLIN)
PATIENCE = 60.0


class House:
    """An empty catalogue, its reports, and the schedules that come and go over them."""

    def __init__(self, folder: Path, at: time) -> None:
        self.clock = FakeClock(NOON, BERLIN)
        self.at = at
        self.settings = Settings(state_dir=folder)
        self.catalogue = open_new(folder, self.clock)
        self.schedule: Schedule | None = None
        self.reports = Reports(
            report_plan(self.settings),
            self.catalogue,
            Previews(self.catalogue, DecodePool(1, Limits()), lambda _path: True),
            self.clock,
            Broadcast(),
            lambda: (),
            lambda: None if self.schedule is None else self.schedule.next_run(REPORT_JOB),
        )
        self._changed = Condition()

    def start(self) -> None:
        """Begin the schedule, as a daemon does, and see what is due to its end."""
        job = Job(REPORT_JOB, Daily(self.at), self.reports.nightly)
        self.schedule = Schedule([job], self.clock, self._last_success, self._record, zone=BERLIN)
        self.schedule._scheduler.add_listener(self._notice, EVENT_JOB_EXECUTED)
        self._see_through(self.schedule.start)

    def stop(self) -> None:
        """End the schedule, as a daemon does."""
        if self.schedule is not None:
            self.schedule.stop()
            self.schedule = None

    def pass_hours(self, hours: float) -> None:
        """Let time pass, with a beat every half hour."""
        assert self.schedule is not None
        for _ in range(round(hours * 2)):
            self.clock.advance(1_800)
            self._see_through(self.schedule.beat)

    def forget_success(self) -> None:
        """Lose what was written last: the power failed between the report and the record of it."""
        self._record(REPORT_JOB, self.clock.now() - timedelta(days=30))

    def made(self) -> list[tuple[str, str]]:
        """Ids and local times of the nightly reports, the oldest first."""
        heads = self.reports.list().reports[::-1]
        assert {ReportTrigger.NIGHTLY} >= {head.trigger for head in heads}
        return [(head.id, head.made_at) for head in heads]

    def _last_success(self, name: str) -> datetime | None:
        with self.catalogue.read() as snapshot:
            return snapshot.job_success(name)

    def _record(self, name: str, at: datetime) -> None:
        self.catalogue.write(lambda t: t.set_job_success(name, at)).result()

    def _see_through(self, act: object) -> None:
        assert callable(act)
        assert self.schedule is not None
        schedule = self.schedule
        desk = schedule._desks[REPORT_JOB]
        act()
        with self._changed:
            assert self._changed.wait_for(
                lambda: not (desk.overdue() or desk._running) and is_idle(schedule), PATIENCE
            )

    def _notice(self, _event: object) -> None:
        with self._changed:
            self._changed.notify_all()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house whose report is due at three, two days before the clocks are put back."""
    state = tmp_path / "state"
    state.mkdir()
    made = House(state, time(3))
    yield made
    made.stop()
    made.reports.close()
    made.catalogue.close()


def test_downtime_is_made_up_for_once(house: House) -> None:
    """A daemon that was off at three makes the report at its next start, and not again that day."""
    house.start()
    assert [("2026-10-23", "2026-10-23T12:00:00+02:00")] == house.made()
    house.stop()
    house.clock.advance(20 * 3_600)
    house.start()
    house.stop()
    house.clock.advance(3_600)
    house.start()
    assert [
        ("2026-10-23", "2026-10-23T12:00:00+02:00"),
        ("2026-10-24", "2026-10-24T08:00:00+02:00"),
    ] == house.made()
    assert "2026-10-25T03:00:00+01:00" == house.reports.list().next_at


def test_a_date_has_one_report_whatever_is_remembered(house: House) -> None:
    """When the record of the success is lost, the report of the date is there and is not made again."""
    house.start()
    page = Path(house.reports.get("latest").report.paths.html)
    inode = page.stat().st_ino
    house.stop()
    house.forget_success()
    house.clock.advance(3_600)
    house.start()
    assert [("2026-10-23", "2026-10-23T12:00:00+02:00")] == house.made()
    assert inode == page.stat().st_ino


def test_the_hour_that_comes_twice_has_one_report(house: House) -> None:
    """In the night in which half past two comes twice, there is one report, at the first of the two."""
    house.at = time(2, 30)
    house.clock.advance(24 * 3_600)
    house.start()
    house.pass_hours(18)
    assert [
        ("2026-10-24", "2026-10-24T12:00:00+02:00"),
        ("2026-10-25", "2026-10-25T02:30:00+02:00"),
    ] == house.made()


def test_the_settings_decide_when() -> None:
    """The job has the time of the settings, and there is none when it is never."""
    service = Service(None)  # type: ignore[arg-type]  # no job of it is run
    due = {job.name: job.due for job in timed_jobs(Settings(), service)}
    assert Daily(time(3)) == due[REPORT_JOB]
    settings = replace(Settings(), report=ReportSettings(at=time(23, 30)))
    assert Daily(time(23, 30)) == {job.name: job.due for job in timed_jobs(settings, service)}[REPORT_JOB]
    settings = replace(Settings(), report=ReportSettings(at=None))
    assert REPORT_JOB not in {job.name for job in timed_jobs(settings, service)}
