"""When timed work falls due: pure arithmetic over dates, safe where clocks are put forward or back.

A *slot* is a moment at which work falls due. Work that is due daily has exactly one slot
for each local date: a time that does not exist on a spring day is due when the clocks have
jumped over it, and a time that exists twice on an autumn day is due the first time. All
slots are in UTC, because two datetimes of one zone compare by their wall times alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Daily:
    """Due every day at a local time."""

    at: time


@dataclass(frozen=True, slots=True)
class Weekly:
    """Due every week on a weekday, Monday being 0, at a local time."""

    weekday: int
    at: time


@dataclass(frozen=True, slots=True)
class Every:
    """Due in even steps, counted from the beginning of 1970.

    Attributes:
        seconds: the step.
        jitter: work may begin this share of a step after its slot, so that steps of one
            length do not fall together.
    """

    seconds: float
    jitter: float = 0.0

    @property
    def leeway(self) -> float:
        """How many seconds after its slot the work may begin."""
        return self.seconds * self.jitter


Due = Daily | Weekly | Every


def last_slot(due: Due, now: datetime) -> datetime:
    """The latest slot that is not after ``now``, in UTC.

    Args:
        due: the rule.
        now: aware, in the zone whose dates and times the rule means.
    """
    moment = now.astimezone(UTC)
    if isinstance(due, Every):
        return _EPOCH + _step(due, moment) * timedelta(seconds=due.seconds)
    return max(slot for slot in _slots_near(due, now) if slot <= moment)


def next_slot(due: Due, now: datetime) -> datetime:
    """The earliest slot after ``now``, in UTC; the arguments are those of :func:`last_slot`."""
    moment = now.astimezone(UTC)
    if isinstance(due, Every):
        return _EPOCH + (_step(due, moment) + 1) * timedelta(seconds=due.seconds)
    return min(slot for slot in _slots_near(due, now) if slot > moment)


def _step(due: Every, moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(seconds=due.seconds)


def _slots_near(due: Daily | Weekly, now: datetime) -> Iterator[datetime]:
    """The slots of all dates around ``now`` that can hold the last or the next one."""
    reach = 2 if isinstance(due, Daily) else 8
    for days in range(-reach, reach + 1):
        day = now.date() + days * _DAY
        if isinstance(due, Daily) or day.weekday() == due.weekday:
            yield _slot_on(day, due.at, now)


def _slot_on(day: date, at: time, now: datetime) -> datetime:
    # With fold=0 a time in the gap takes the offset from before it, and so lies after the jump.
    return datetime.combine(day, at.replace(fold=0), tzinfo=now.tzinfo).astimezone(UTC)
