"""Quiet hours: times of day at which no picture is read.

The clock on the wall decides: it is quiet while it shows a time between the beginning and the
end of a span, also on days when clocks are put forward or back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_LONGEST = timedelta(days=2)
"""Spans that leave a gap end within a day; clocks that are put back add an hour to that."""


@dataclass(frozen=True, slots=True)
class Span:
    """From one time of day until just before another, which may be past midnight; in whole minutes.

    Raises:
        ValueError: both are the same.
    """

    begin: time
    end: time

    def __post_init__(self) -> None:
        if self.begin == self.end:
            raise ValueError("a span cannot end when it begins")

    def covers(self, at: time) -> bool:
        """Whether a clock that shows ``at`` is within."""
        if self.begin < self.end:
            return self.begin <= at < self.end
        return at >= self.begin or at < self.end


def quiet_until(spans: Sequence[Span], now: datetime, zone: tzinfo | None = None) -> datetime | None:
    """When it is quiet no longer: the first moment at which the clock on the wall shows a time in no span.

    Args:
        spans: the quiet hours; they may overlap, and leave some minute of the day free.
        now: aware.
        zone: where the clock hangs; here when None.

    Returns:
        An aware moment; None if it is not quiet now.
    """
    moment = now.astimezone(UTC)
    end = moment + _LONGEST
    while moment < end:
        wall = moment.astimezone(zone)
        covering = [span for span in spans if span.covers(wall.time())]
        if not covering:
            return wall if moment > now else None
        moment = _past(covering[0], moment, zone)
    return end.astimezone(zone)


def leave_time(spans: Sequence[Span]) -> bool:
    """Whether there is a minute of the day that lies in no span."""
    minutes = (time(minute // 60, minute % 60) for minute in range(24 * 60))
    return not all(any(span.covers(at) for span in spans) for at in minutes)


def _past(span: Span, moment: datetime, zone: tzinfo | None) -> datetime:
    """The end of a span that covers ``moment``; where clocks are changed before it, the next minute."""
    wall = moment.astimezone(zone)
    left = (_since_midnight(span.end) - _since_midnight(wall.time())) % _DAY
    after = moment + left
    if after.astimezone(zone).utcoffset() == wall.utcoffset():
        return after
    return moment - (_since_midnight(wall.time()) % _MINUTE) + _MINUTE


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
