"""Why no picture is read, in words."""

from collections.abc import Iterable, Iterator

from simd.core.wire import Json
from simd.render.words import escape, moment

# By the values of simd.core.holds.HoldReason, which the client does not load.
_WHY = {
    "person": "paused by hand",
    "quiet-hours": "quiet hours",
    "battery": "the machine runs on its battery",
}

_REMEDY = {
    "person": "simctl resume",
    "quiet-hours": "wait, or change `schedule.quiet_hours` in the configuration",
    "battery": "plug the machine in, or set `schedule.pause_on_battery` to false",
}


def reasons(holds: Iterable[Json]) -> str:
    """Every reason: ``paused by hand since 2026-11-20 14:03; quiet hours until 2026-11-20 18:00``.

    Args:
        holds: :class:`simd.core.answers.HoldView` as JSON.
    """
    return "; ".join(f"{_why(hold)} {_span(hold)}" for hold in holds)


def remedies(holds: Iterable[Json]) -> str:
    """What a person can do about each: ``simctl resume``."""
    return "; ".join(_remedies(holds))


def _why(hold: Json) -> str:
    return _WHY.get(hold["reason"], escape(hold["reason"]))


def _span(hold: Json) -> str:
    return f"since {moment(hold['since'])}" if hold["until"] is None else f"until {moment(hold['until'])}"


def _remedies(holds: Iterable[Json]) -> Iterator[str]:
    for hold in holds:
        if hold["reason"] in _REMEDY:
            yield _REMEDY[hold["reason"]]
