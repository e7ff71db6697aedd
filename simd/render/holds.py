"""Why no picture is read, in words."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simd.render.words import escape, moment

# By the values of simd.core.holds.HoldReason, which the client does not load.
_WHY: Mapping[str, str] = {
    "person": "paused by hand",
    "quiet-hours": "quiet hours",
    "battery": "the machine runs on its battery",
}

_REMEDY: Mapping[str, str] = {
    "person": "simctl resume",
    "quiet-hours": "`schedule.quiet_hours` in the configuration says when",
    "battery": "plug the machine in, or set `schedule.pause_on_battery` to false",
}


def reasons(holds: Iterable[Mapping[str, Any]]) -> str:
    """Every reason: ``paused by hand since 2026-11-20 14:03; quiet hours until 2026-11-20 18:00``.

    Args:
        holds: :class:`simd.core.answers.HoldView` as JSON.
    """
    return "; ".join(f"{_why(hold)} {_span(hold)}" for hold in holds)


def remedies(holds: Iterable[Mapping[str, Any]]) -> str:
    """What a person can do about each: ``simctl resume``."""
    return "; ".join(_remedies(holds))


def _why(hold: Mapping[str, Any]) -> str:
    return _WHY.get(hold["reason"], escape(hold["reason"]))


def _span(hold: Mapping[str, Any]) -> str:
    return f"since {moment(hold['since'])}" if hold["until"] is None else f"until {moment(hold['until'])}"


def _remedies(holds: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for hold in holds:
        if hold["reason"] in _REMEDY:
            yield _REMEDY[hold["reason"]]
