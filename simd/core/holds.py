"""Why no picture is read at present: a set of reasons, each with its beginning and, if known, its end.

Reading goes on when the last reason has gone. Each reason comes and goes by itself: a person who
resumes lifts the person's own pause and nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class HoldReason(StrEnum):
    """What can keep simd from reading pictures."""

    PERSON = "person"
    """Somebody asked for it, and will say when it is over."""

    QUIET_HOURS = "quiet-hours"
    """The machine is to be left alone at this time of day."""

    BATTERY = "battery"
    """The machine runs on its battery."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason.

    Attributes:
        reason: which.
        since: when it began; aware.
        until: when it ends; None where nobody knows.
    """

    reason: HoldReason
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Holds:
    """The reasons that hold reading, the oldest first, none twice. It is true while there is one."""

    held: tuple[Hold, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.held)

    def __iter__(self) -> Iterator[Hold]:
        return iter(self.held)

    def __contains__(self, reason: object) -> bool:
        return any(hold.reason == reason for hold in self.held)

    def begun(self, hold: Hold) -> "Holds":
        """These and one more; a reason that holds already keeps its beginning and learns its new end."""
        if hold.reason not in self:
            return Holds((*self.held, hold))
        return Holds(
            tuple(replace(one, until=hold.until) if one.reason == hold.reason else one for one in self.held)
        )

    def ended(self, reason: HoldReason) -> "Holds":
        """These without one."""
        return Holds(tuple(hold for hold in self.held if hold.reason != reason))
