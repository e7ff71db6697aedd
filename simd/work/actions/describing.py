"""From plans and steps to the shapes of the protocol."""

from collections.abc import Iterable
from datetime import datetime

from simd.core.actions.model import PlanRecord, Step, Unit
from simd.core.actions.words import StepState
from simd.core.answers import PlanHead, PlanStep, StepCompanion, StepTally
from simd.core.display import display_path, path_b64

_THERE = frozenset({StepState.DONE, StepState.DOING, StepState.UNDOING, StepState.PURGING})
"""States in which a file may be at its place."""

_OPEN = (StepState.DOING, StepState.UNDOING, StepState.PURGING)


def describe_unit(unit: Unit) -> PlanStep:
    """A picture of a plan, with what goes with it."""
    step = unit.picture
    if step.keeper is None:
        raise ValueError("a picture of a plan has a keeper")
    to = _to(step)
    return PlanStep(
        id=str(step.name),
        path=display_path(step.file.path),
        path_b64=path_b64(step.file.path),
        to=None if to is None else display_path(to),
        to_b64=None if to is None else path_b64(to),
        keeper=display_path(step.keeper.path),
        keeper_b64=path_b64(step.keeper.path),
        kind=step.kind,
        why=step.why,
        bytes=unit.size,
        state=step.state,
        reason=step.reason,
        at=_moment(step.at),
        companions=[_companion(each) for each in unit.companions],
    )


def describe_units(units: Iterable[Unit]) -> list[PlanStep]:
    """Several of them."""
    return [describe_unit(unit) for unit in units]


def describe_plan(record: PlanRecord) -> PlanHead:
    """A plan without its steps."""
    counts = record.counts
    return PlanHead(
        id=str(record.id),
        action=record.action,
        state=record.state,
        bytes_freed=record.size,
        warnings=record.warnings,
        made_at=record.made_at.astimezone().isoformat(timespec="seconds"),
        last_at=_moment(record.last_at),
        tally=StepTally(
            planned=counts.get(StepState.PLANNED, 0),
            done=counts.get(StepState.DONE, 0),
            refused=counts.get(StepState.REFUSED, 0),
            undone=counts.get(StepState.UNDONE, 0),
            purged=counts.get(StepState.PURGED, 0),
            unfinished=sum(counts.get(state, 0) for state in _OPEN),
        ),
    )


def _companion(step: Step) -> StepCompanion:
    if step.role is None:
        raise ValueError("a companion has a role")
    to = _to(step)
    return StepCompanion(
        path=display_path(step.file.path),
        path_b64=path_b64(step.file.path),
        to=None if to is None else display_path(to),
        to_b64=None if to is None else path_b64(to),
        role=step.role,
        bytes=step.size,
    )


def _to(step: Step) -> bytes | None:
    """Where a file is now, if it is not where it was; a link has a place only while it is made."""
    return step.place if step.state in _THERE and step.traits is None else None


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone().isoformat(timespec="seconds")
