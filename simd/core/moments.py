"""When a picture was taken, and whether two files can be of one moment.

Cameras write the time of their own clock and mostly no zone, videos the time of UTC, and some of them the
time of the clock all the same. Two times are compared as closely as both of them allow.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

TOLERANCE = timedelta(seconds=5)
"""Apart at most: a Live Photo lasts three seconds, and one file may name its begin and the other its end."""

ZONE_STEP = timedelta(minutes=15)
"""Every zone lies a multiple of this away from UTC."""

FARTHEST_ZONE = timedelta(hours=14)
"""No zone lies farther away from UTC."""

_TO_THE_SECOND = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")


class Clock(StrEnum):
    """What a time was read from."""

    WALL = "wall"
    """A clock somewhere; nobody says in which zone."""
    UTC = "utc"
    """A clock whose zone is known; the time is given in UTC."""
    EITHER = "either"
    """UTC by the rules of the format, and the time of a clock by the habit of many cameras."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, without zone, and the clock that it is of."""

    at: datetime
    clock: Clock


def moment_of(text: str | None) -> Moment | None:
    """The moment that ISO 8601 names to the second; None for nothing, for less, or for nonsense."""
    if text is None or not _TO_THE_SECOND.match(text):
        return None
    try:
        return moment_at(datetime.fromisoformat(text))
    except ValueError:
        return None


def moment_at(when: datetime) -> Moment | None:
    """The moment of a time with or without zone; None outside the calendar."""
    if when.tzinfo is None:
        return Moment(when, Clock.WALL)
    try:
        return Moment(when.astimezone(UTC).replace(tzinfo=None), Clock.UTC)
    except OverflowError:
        return None


def same_moment(one: Moment, other: Moment) -> bool:
    """Whether two files can have been made by one press of the button.

    Two clocks without zone are compared as they stand, and so are two times of UTC. Otherwise a zone is
    missing, and the times may lie a whole number of quarter hours apart, fourteen hours at most.
    """
    apart = abs(one.at - other.at)
    if one.clock is other.clock and one.clock is not Clock.EITHER:
        return apart <= TOLERANCE
    rest = apart % ZONE_STEP
    return apart <= FARTHEST_ZONE + TOLERANCE and min(rest, ZONE_STEP - rest) <= TOLERANCE
