"""Plans, their steps and outcomes as they cross the socket."""

from typing import Any

from simd.core import answers
from simd.core.actions.words import Action, CompanionRole, PlanState, StepState
from simd.core.answers import MatchKind
from tests.render.samples import as_json

MADE = "2026-11-21T20:15:00+01:00"
DONE = "2026-11-21T20:20:00+01:00"


def companion(path: str, **changes: Any) -> answers.StepCompanion:
    """A sidecar."""
    values: dict[str, Any] = {"path": path, "role": CompanionRole.SIDECAR, "bytes": 1_200}
    return answers.StepCompanion(**values | changes)


def step(number: int, path: str, **changes: Any) -> answers.PlanStep:
    """A step of plan 7 that is still to be done."""
    values: dict[str, Any] = {
        "id": f"7.{number}",
        "path": path,
        "keeper": "/p/best.jpg",
        "kind": MatchKind.NEAR,
        "why": "fewer pixels",
        "bytes": 3_400_000,
        "state": StepState.PLANNED,
    }
    return answers.PlanStep(**values | changes)


def head(**changes: Any) -> answers.PlanHead:
    """Plan 7 in brief, of three pictures."""
    return answers.PlanHead(**_head(changes))


def plan(*steps: answers.PlanStep, next_cursor: str | None = None, **changes: Any) -> dict[str, Any]:
    """Plan 7 with a page of its steps."""
    tally = answers.StepTally(planned=len(steps))
    values = _head({"tally": tally} | changes)
    return as_json(answers.Plan(**values, steps=steps, next_cursor=next_cursor, generation=9))


def nothing(*warnings: str) -> dict[str, Any]:
    """The answer where nothing is to be done."""
    return plan(id="", bytes_freed=0, warnings=warnings)


def plans(*heads: answers.PlanHead, next_cursor: str | None = None) -> dict[str, Any]:
    """An answer to ``GET /v1/plans``."""
    return as_json(answers.PlanPage(plans=heads, next_cursor=next_cursor, generation=9))


def outcome(*troubles: answers.PlanStep, **changes: Any) -> dict[str, Any]:
    """What came of plan 7."""
    values: dict[str, Any] = {
        "plans": ("7",),
        "done": 3,
        "refused": len(troubles),
        "bytes": 25_000_000,
        "dry_run": False,
        "generation": 9,
    }
    return as_json(answers.Outcome(troubles=troubles, **values | changes))


def refused(number: int, path: str, reason: str = "It changed.") -> answers.PlanStep:
    """A step that was refused."""
    return step(number, path, state=StepState.REFUSED, reason=reason)


def _head(changes: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": "7",
        "action": Action.QUARANTINE,
        "state": PlanState.PLANNED,
        "bytes_freed": 25_000_000,
        "warnings": (),
        "made_at": MADE,
        "last_at": None,
        "tally": answers.StepTally(planned=3),
    }
    return values | changes
