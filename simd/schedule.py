"""Timed work that is neither lost in sleep nor done twice.

APScheduler keeps the time and the threads. What has been done is remembered elsewhere: a
job is due when its last slot is later than its last success. That question is asked when
a slot comes, at the start and at every heartbeat, so work that was missed while the
machine slept or the daemon was stopped is caught up, once.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from random import SystemRandom
from threading import Event, Lock

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from simd.core.errors import Unavailable
from simd.core.mishaps import CLOCK_SET, RESUMED
from simd.core.slots import Daily, Due, Every, Weekly, last_slot, next_slot
from simd.ports import Clock
from simd.runtime.heartbeat import Heart
from simd.runtime.threads import NamedThread

__all__ = ["Daily", "Every", "Job", "Schedule", "Weekly"]

log = logging.getLogger(__name__)

HEARTBEAT = 60.0
"""Seconds between two looks at the clock. A sleeping machine's timers stand still, so no
timer can be trusted for longer."""

SECONDS_ALLOWED = 5 * HEARTBEAT

RESUME_JUMP = 120.0
"""If the wall clock gains so many seconds on the steady one, the machine has slept; if it loses
them, the clock was set."""

LONGEST_BACKOFF = 3_600.0
"""A job that keeps failing is tried again after at most so many seconds."""

BELIEVABLE = timedelta(days=2)
"""A success that lies farther in the future was written under a wrong clock."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work with a time.

    Attributes:
        name: unique, and stable over restarts.
        due: when.
        run: does the work and raises when it fails. It runs in a thread of its own, never
            twice at once.
    """

    name: str
    due: Due
    run: Callable[[], None]


class Schedule:
    """Runs jobs when they are due.

    Args:
        jobs: the work.
        clock: tells the time.
        last_success: when a job last began a run that succeeded; None if never.
        record_success: remembers that.
        zone: whose dates and times are meant; the machine's when None.
        on_jump: told the reason of a sweep when the machine has slept, or its clock was set.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        clock: Clock,
        last_success: Callable[[str], datetime | None],
        record_success: Callable[[str, datetime], None],
        *,
        zone: tzinfo | None = None,
        on_jump: Callable[[str], None] | None = None,
    ) -> None:
        self._clock = clock
        self._record_success = record_success
        self._on_jump = on_jump
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(max(1, len(jobs)))},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
            **({} if zone is None else {"timezone": zone}),
        )
        self._zone: tzinfo = self._scheduler.timezone
        self._last_success = last_success
        self._desks = {job.name: self._desk_for(job) for job in jobs}
        self._changing = Lock()
        self.heart = Heart("schedule", SECONDS_ALLOWED)
        self._heartbeat = NamedThread("schedule", self._beat_on)
        self._lead = self._wall_lead()

    def start(self) -> None:
        """Begin, with whatever was missed."""
        for name, desk in self._desks.items():
            trigger = _SlotTrigger(desk.job.due, self._zone)
            self._scheduler.add_job(self._attempt, trigger, args=(name,), id=name, name=name)
        self._scheduler.start()
        self._lead = self._wall_lead()
        self.beat()
        self._heartbeat.start()

    def follow(self, jobs: Sequence[Job]) -> None:
        """Go by other jobs from now on: those that are due at the same times as before are left alone."""
        wanted = {job.name: job for job in jobs}
        with self._changing:
            gone = [name for name in self._desks if name not in wanted]
            changed = {
                name: job
                for name, job in wanted.items()
                if name not in self._desks or self._desks[name].job.due != job.due
            }
            kept = {name: desk for name, desk in self._desks.items() if name not in (*gone, *changed)}
            self._desks = {**kept, **{name: self._desk_for(job) for name, job in changed.items()}}
            for name in gone:
                self._scheduler.remove_job(name)
            for name, job in changed.items():
                trigger = _SlotTrigger(job.due, self._zone)
                self._scheduler.add_job(
                    self._attempt, trigger, args=(name,), id=name, name=name, replace_existing=True
                )
        self.beat()

    def stop(self) -> None:
        """End; a job that is running is waited for."""
        self._heartbeat.stop()
        if self._scheduler.running:
            self._scheduler.pause()
            self._scheduler.shutdown()

    def next_run(self, name: str) -> datetime | None:
        """The next slot of a job, in local time; None when there is no such job."""
        desk = self._desks.get(name)
        return None if desk is None else desk.next_slot()

    def failures(self, name: str) -> int:
        """How often a job has failed since it last succeeded."""
        return self._desks[name].failures

    def beat(self) -> None:
        """Look at the clock: notice that the machine slept, and start what is overdue."""
        lead = self._wall_lead()
        gained, self._lead = lead - self._lead, lead
        if abs(gained) > RESUME_JUMP and self._on_jump is not None:
            # A clock that is put forward looks like a sleep, and does the same harm.
            reason = RESUMED if gained > 0 else CLOCK_SET
            log.info("the clock gained %.0f s on the steady one: %s", gained, reason)
            self._on_jump(reason)
        with self._changing:
            for name, desk in self._desks.items():
                if desk.overdue():
                    self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))
        self._scheduler.wakeup()

    def _desk_for(self, job: Job) -> "_Desk":
        return _Desk(job, self._clock, self._zone, self._last_success)

    def _beat_on(self, stopping: Event) -> None:
        self.heart.beat()
        while not self._clock.wait(stopping, HEARTBEAT):
            self.heart.beat()
            try:
                self.beat()
            except Exception:
                # The heart goes on: whatever failed is asked again in a minute.
                log.exception("a heartbeat of the schedule failed")

    def _attempt(self, name: str) -> None:
        desk = self._desks.get(name)
        if desk is None or not desk.begin():
            return
        began = self._clock.now()
        try:
            desk.job.run()
            self._record_success(name, began)
        except Unavailable as error:
            # Told first: who sees that the job has ended finds the reason in the log.
            log.info("the job %s is put off: %s", name, error.message)
            desk.end(succeeded=False)
        except Exception:
            log.exception("the job %s failed (failures in a row: %d)", name, desk.failures + 1)
            desk.end(succeeded=False)
        else:
            desk.end(succeeded=True)

    def _wall_lead(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()


class _Desk:
    """One job and how it fares. Asked by the heartbeat and by the pool's threads."""

    def __init__(
        self, job: Job, clock: Clock, zone: tzinfo, last_success: Callable[[str], datetime | None]
    ) -> None:
        self.job = job
        self.failures = 0
        self._clock = clock
        self._zone = zone
        self._last_success = last_success
        self._lock = Lock()
        self._running = False
        self._not_before = float("-inf")

    def next_slot(self) -> datetime:
        return next_slot(self.job.due, self._now()).astimezone(self._zone)

    def overdue(self) -> bool:
        """Whether the job should have begun: its jitter has passed as well."""
        leeway = self.job.due.leeway if isinstance(self.job.due, Every) else 0.0
        with self._lock:
            return not self._running and self._due(late=timedelta(seconds=leeway))

    def begin(self) -> bool:
        """Take the job if it is due and nobody has it."""
        with self._lock:
            if self._running or not self._due():
                return False
            self._running = True
            return True

    def end(self, *, succeeded: bool) -> None:
        """Give the job back; after a failure it rests, twice as long each time."""
        with self._lock:
            self._running = False
            self.failures = 0 if succeeded else self.failures + 1
            rest = min(HEARTBEAT * 2 ** min(self.failures - 1, 10), LONGEST_BACKOFF)
            self._not_before = float("-inf") if succeeded else self._clock.monotonic() + rest

    def _due(self, late: timedelta = timedelta(0)) -> bool:
        if self._clock.monotonic() < self._not_before:
            return False
        now = self._now()
        done = self._last_success(self.job.name)
        if done is None or done - now > BELIEVABLE:
            return True
        slot = last_slot(self.job.due, now)
        return slot > done and now.astimezone(UTC) >= slot + late

    def _now(self) -> datetime:
        return self._clock.now().astimezone(self._zone)


class _SlotTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler has no type hints
    """Tells APScheduler the next slot, and draws the jitter."""

    _random = SystemRandom()

    def __init__(self, due: Due, zone: tzinfo) -> None:
        self._due = due
        self._zone = zone

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """The first slot after both moments, put off by the jitter."""
        after = now if previous is None else max(previous.astimezone(UTC), now.astimezone(UTC))
        slot = next_slot(self._due, after.astimezone(self._zone))
        leeway = self._due.leeway if isinstance(self._due, Every) else 0.0
        return slot + timedelta(seconds=self._random.uniform(0, leeway))
