"""Timed work runs once for each slot: after sleep, restarts, failures and changes of the clock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from threading import Condition, Event
from zoneinfo import ZoneInfo

import pytest
from apscheduler.events import EVENT_JOB_EXECUTED

from simd.core.errors import Unavailable
from simd.runtime.clock import SystemClock
from simd.schedule import HEARTBEAT, Daily, Every, Job, Schedule, Weekly, _SlotTrigger
from tests.fakes import FakeClock

BERLIN = ZoneInfo("Europe/Berlin")
DAY = 86_400.0
PATIENCE = 5.0


@dataclass
class Ledger:
    """What the catalogue would remember, and every run."""

    successes: dict[str, datetime] = field(default_factory=dict)
    runs: list[tuple[str, datetime]] = field(default_factory=list)

    def work(
        self, name: str, clock: FakeClock, fails: Callable[[], bool] = lambda: False
    ) -> Callable[[], None]:
        """Work that notes its runs, and fails while it is told to."""

        def run() -> None:
            self.runs.append((name, clock.now()))
            if fails():
                raise RuntimeError(name)

        return run

    def times(self, name: str) -> list[datetime]:
        """When a job ran."""
        return [moment for ran, moment in self.runs if ran == name]


class Stand:
    """A schedule in Berlin on a clock that is turned by hand."""

    def __init__(self, start: datetime) -> None:
        self.clock = FakeClock(start, BERLIN)
        self.ledger = Ledger()
        self.jumps: list[tuple[str, datetime]] = []
        self._schedules: list[Schedule] = []
        self._changed = Condition()

    def schedule(self, *jobs: Job) -> Schedule:
        """A schedule that is stopped with the stand."""
        made = Schedule(
            jobs,
            self.clock,
            self.ledger.successes.get,
            self.ledger.successes.__setitem__,
            zone=BERLIN,
            on_jump=lambda reason: self.jumps.append((reason, self.clock.now())),
        )
        made._scheduler.add_listener(self._notice, EVENT_JOB_EXECUTED)
        self._schedules.append(made)
        return made

    def daily(self, name: str, at: time) -> Job:
        """Daily work that never fails."""
        return Job(name, Daily(at), self.ledger.work(name, self.clock))

    def start(self, *jobs: Job) -> Schedule:
        """Start a schedule and see its first jobs to their end."""
        schedule = self.schedule(*jobs)
        self._see_through(schedule, schedule.start)
        return schedule

    def beat(self, schedule: Schedule) -> None:
        """Beat, and see the jobs that are begun to their end."""
        self._see_through(schedule, schedule.beat)

    def pass_hours(self, schedule: Schedule, hours: float) -> None:
        """Let time pass, with a beat every half hour."""
        for _ in range(round(hours * 2)):
            self.clock.advance(1_800)
            self.beat(schedule)

    def stop(self) -> None:
        """End all schedules."""
        while self._schedules:
            self._schedules.pop().stop()

    def _see_through(self, schedule: Schedule, act: Callable[[], None]) -> None:
        begun = [desk for desk in schedule._desks.values() if desk.overdue()]
        act()
        with self._changed:
            assert self._changed.wait_for(
                lambda: not any(desk.overdue() or desk._running for desk in begun) and is_idle(schedule),
                PATIENCE,
            )

    def _notice(self, _event: object) -> None:
        with self._changed:
            self._changed.notify_all()


def is_idle(schedule: Schedule) -> bool:
    """Whether APScheduler, too, has seen its jobs end; until then it begins none of them again."""
    return not any(list(schedule._scheduler._executors["default"]._instances.values()))


def told(moment: datetime | None) -> str:
    """A moment as a person reads it."""
    return "never" if moment is None else moment.isoformat()


@pytest.fixture
def stand() -> Iterator[Stand]:
    """A stand on 1 March 2026, noon in Berlin."""
    made = Stand(datetime(2026, 3, 1, 11, tzinfo=UTC))
    yield made
    made.stop()


def test_nothing_runs_before_its_time(stand: Stand) -> None:
    """Work that was done in its last slot rests until the next one, and then runs in it."""
    stand.ledger.successes["report"] = datetime(2026, 3, 1, 3, 0, 5, tzinfo=BERLIN)
    schedule = stand.start(stand.daily("report", time(3)))
    stand.pass_hours(schedule, 14.5)
    assert [] == stand.ledger.times("report")
    stand.pass_hours(schedule, 0.5)
    assert [datetime(2026, 3, 2, 3, tzinfo=BERLIN)] == stand.ledger.times("report")


def test_missed_slot_is_caught_up_at_the_start(stand: Stand) -> None:
    """A daemon that was stopped for three days makes up for it once, at once, and not again."""
    stand.ledger.successes["backup"] = datetime(2026, 2, 26, 4, tzinfo=BERLIN)
    stand.start(stand.daily("backup", time(4)))
    assert [datetime(2026, 3, 1, 12, tzinfo=BERLIN)] == stand.ledger.times("backup")
    stand.stop()
    stand.start(stand.daily("backup", time(4)))
    assert len(stand.ledger.times("backup")) == 1


def test_never_done_is_done_at_the_start(stand: Stand) -> None:
    """Work that never succeeded is due."""
    stand.start(stand.daily("backup", time(4)))
    assert len(stand.ledger.times("backup")) == 1


def test_sleep_is_noticed_and_made_up_for(stand: Stand) -> None:
    """After eight hours of sleep the first beat tells of the resume and runs the missed job."""
    schedule = stand.start(stand.daily("report", time(3)))
    stand.pass_hours(schedule, 11)
    assert (1, []) == (len(stand.ledger.runs), stand.jumps)
    stand.clock.suspend(8 * 3_600)
    stand.beat(schedule)
    assert [("resumed from sleep", datetime(2026, 3, 2, 7, tzinfo=BERLIN))] == stand.jumps
    assert [datetime(2026, 3, 2, 7, tzinfo=BERLIN)] == stand.ledger.times("report")[1:]


def test_a_wait_is_no_sleep(stand: Stand) -> None:
    """A beat that comes late, or a clock that is corrected by a minute, is no resume."""
    schedule = stand.start()
    stand.clock.advance(7_200)
    stand.beat(schedule)
    stand.clock.set_wall(60)
    stand.beat(schedule)
    stand.clock.set_wall(-60)
    stand.beat(schedule)
    assert [] == stand.jumps


def test_a_clock_that_is_set_is_noticed_both_ways(stand: Stand) -> None:
    """Times of files say nothing across a jump, so every folder has to be looked at; once for each jump."""
    schedule = stand.start()
    for hours in (-5, 3):
        stand.clock.set_wall(hours * 3_600)
        stand.beat(schedule)
        stand.beat(schedule)
    assert ["the clock of the machine was set", "resumed from sleep"] == [reason for reason, _ in stand.jumps]


@pytest.mark.parametrize(
    "start",
    [datetime(2026, 3, 27, 12, tzinfo=BERLIN), datetime(2026, 10, 23, 12, tzinfo=BERLIN)],
    ids=["spring", "autumn"],
)
def test_once_a_date_where_the_clocks_change(start: datetime) -> None:
    """Over five days around a change of the clocks each local date has exactly one report."""
    stand = Stand(start)
    stand.ledger.successes["report"] = start
    schedule = stand.start(stand.daily("report", time(2, 30)))
    stand.pass_hours(schedule, 24 * 5)
    stand.stop()
    dates = [moment.date() for moment in stand.ledger.times("report")]
    assert [start.date() + timedelta(days=1 + step) for step in range(5)] == dates


def test_clock_put_back_does_not_repeat_work(stand: Stand) -> None:
    """When the clock is put back behind a slot that was served, the slot is not served again."""
    schedule = stand.start(stand.daily("report", time(11, 30)))
    stand.clock.set_wall(-3_600)
    stand.pass_hours(schedule, 4)
    assert len(stand.ledger.times("report")) == 1


def test_success_under_a_wrong_clock_is_not_believed(stand: Stand) -> None:
    """A success that lies years ahead does not keep a job from running until then."""
    stand.ledger.successes["report"] = datetime(2036, 1, 1, tzinfo=UTC)
    stand.start(stand.daily("report", time(3)))
    assert len(stand.ledger.times("report")) == 1


def test_failing_job_is_tried_again_and_harms_no_other(
    stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure is logged and counted, rests twice as long each time, and leaves the others alone."""
    failing = [True]
    broken = Job("broken", Every(7 * DAY), stand.ledger.work("broken", stand.clock, lambda: failing[0]))
    sound = Job("sound", Every(3_600), stand.ledger.work("sound", stand.clock))
    schedule = stand.start(broken, sound)
    for _ in range(15):
        stand.clock.advance(HEARTBEAT)
        stand.beat(schedule)
    minutes = [
        (moment - stand.ledger.runs[0][1]) / timedelta(minutes=1) for moment in stand.ledger.times("broken")
    ]
    assert [0, 1, 3, 7, 15] == minutes
    assert (5, 0) == (schedule.failures("broken"), schedule.failures("sound"))
    assert "RuntimeError: broken" in caplog.text
    failing[0] = False
    stand.pass_hours(schedule, 1)
    assert 0 == schedule.failures("broken")
    assert [6, 2] == [len(stand.ledger.times(name)) for name in ("broken", "sound")]


def test_work_that_is_put_off_is_no_fault(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    """A job that cannot be done now is tried again, and the log has a line of it but no traceback."""
    refusals = [Unavailable("The daemon is stopping.")]

    def work() -> None:
        stand.ledger.runs.append(("report", stand.clock.now()))
        if refusals:
            raise refusals.pop()

    with caplog.at_level("INFO"):
        schedule = stand.start(Job("report", Daily(time(3)), work))
    assert "the job report is put off: The daemon is stopping." in caplog.text
    assert "Traceback" not in caplog.text
    assert {} == stand.ledger.successes
    stand.clock.advance(HEARTBEAT)
    stand.beat(schedule)
    assert (2, ["report"]) == (len(stand.ledger.runs), list(stand.ledger.successes))


def test_failure_to_remember_notices_as_failure(stand: Stand) -> None:
    """Work whose success cannot be written down is not taken for done."""

    def refuse(name: str, moment: datetime) -> None:
        raise OSError(28, "No space left on device")

    schedule = stand.schedule(stand.daily("backup", time(4)))
    schedule._record_success = refuse
    stand._see_through(schedule, schedule.start)
    assert 1 == schedule.failures("backup")


def test_running_job_is_not_begun_twice(stand: Stand) -> None:
    """Beats while a job runs do not start it again."""
    entered, leave = Event(), Event()
    runs = []

    def work() -> None:
        runs.append(stand.clock.now())
        entered.set()
        assert leave.wait(PATIENCE)

    schedule = stand.schedule(Job("long", Every(60), work))
    schedule.start()
    assert entered.wait(PATIENCE)
    stand.clock.advance(600)
    schedule.beat()
    schedule._attempt("long")
    leave.set()
    stand.stop()
    assert len(runs) == 1


def test_heartbeat_goes_on_after_a_fault(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    """When the catalogue cannot be asked the beat fails, is logged, and the next one comes."""
    schedule = stand.start(stand.daily("report", time(3)))
    asked = [Event(), Event()]

    def ask(name: str) -> datetime:
        asked[asked[0].is_set()].set()
        if not asked[1].is_set():
            raise OSError(5, "Input/output error")
        return stand.clock.now()

    schedule._desks["report"]._last_success = ask
    for _ in range(500):
        stand.clock.advance(HEARTBEAT)
        if asked[1].wait(0.01):
            break
    assert asked[1].is_set()
    stand.stop()
    assert "a heartbeat of the schedule failed" in caplog.text


def test_jitter_is_waited_for(stand: Stand) -> None:
    """A sweep with jitter is overdue only when its slot and the whole jitter have passed."""
    stand.ledger.successes["sweep"] = stand.clock.now()
    schedule = stand.start(Job("sweep", Every(3_600, jitter=0.25), stand.ledger.work("sweep", stand.clock)))
    stand.clock.advance(3_600 + 600)
    stand.beat(schedule)
    assert [] == stand.ledger.runs
    stand.clock.advance(300)
    stand.beat(schedule)
    assert 1 == len(stand.ledger.runs)


def test_next_run_is_the_next_slot_in_local_time(stand: Stand) -> None:
    """The next slot is told with the offset of its own day; an unknown job has none."""
    weekly = Job("check", Weekly(6, time(4, 30)), lambda: None)
    schedule = stand.schedule(stand.daily("report", time(3)), weekly)
    assert "2026-03-02T03:00:00+01:00" == told(schedule.next_run("report"))
    stand.clock.advance(25 * DAY)
    assert "2026-03-29T04:30:00+02:00" == told(schedule.next_run("check"))
    assert schedule.next_run("nothing") is None


def test_slot_comes_by_the_real_clock() -> None:
    """With the real clock a job runs when its slot comes, long before a heartbeat could find it."""
    ledger: dict[str, datetime] = {}
    ran = Event()
    clock = SystemClock()
    ledger["tick"] = clock.now()
    schedule = Schedule([Job("tick", Every(1), ran.set)], clock, ledger.get, ledger.__setitem__)
    schedule.start()
    assert ran.wait(PATIENCE)
    schedule.stop()
    assert 0 == schedule.failures("tick")


def test_stopping_waits_for_the_job(stand: Stand) -> None:
    """A stopped schedule has no job in its hands: the running one has ended and is remembered."""
    entered = Event()

    def work() -> None:
        entered.set()
        stand.clock.wait(Event(), 1)

    schedule = stand.schedule(Job("long", Every(60), work))
    schedule.start()
    assert entered.wait(PATIENCE)
    stand.clock.advance(1)
    stand.stop()
    assert ["long"] == list(stand.ledger.successes)


@pytest.mark.parametrize("previous", [None, datetime(2026, 7, 1, 9, 30, tzinfo=UTC)])
def test_timer_is_set_for_the_slot_of_the_zone(previous: datetime | None) -> None:
    """Whatever zone APScheduler counts in, the timer goes off at the local time; jitter comes on top."""
    now = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
    daily = _SlotTrigger(Daily(time(3)), BERLIN).get_next_fire_time(previous, now)
    assert datetime(2026, 7, 2, 1, tzinfo=UTC) == daily
    hourly = _SlotTrigger(Every(3_600, jitter=1 / 60), BERLIN).get_next_fire_time(previous, now)
    assert timedelta(0) <= hourly - datetime(2026, 7, 1, 10, tzinfo=UTC) <= timedelta(seconds=60)
