"""Plans, their steps, and what came of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from simd.core.actions.words import Action, CompanionRole, PlanState, StepState
from simd.core.answers.likeness import MatchKind


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCompanion:
    """A file that goes wherever the picture of its step goes."""

    path: str
    path_b64: str | None = None
    to: str | None = None
    to_b64: str | None = None
    role: CompanionRole
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One picture of a plan, with what belongs to it.

    Attributes:
        id: of the plan and the step: ``7.3``; ``undo`` takes it.
        to: where the file is now; None while it has its place, and after it was deleted.
        keeper: the file that stays instead.
        why: the reason for the step.
        bytes: what it frees, companions included.
        reason: why it was refused; None where it was not.
        at: when it was done, or undone.
    """

    id: str
    path: str
    path_b64: str | None = None
    to: str | None = None
    to_b64: str | None = None
    keeper: str
    keeper_b64: str | None = None
    kind: MatchKind
    why: str
    bytes: int
    state: StepState
    reason: str | None = None
    at: str | None = None
    companions: Sequence[StepCompanion] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTally:
    """How many steps of a plan, companions aside, are in which state."""

    planned: int = 0
    done: int = 0
    refused: int = 0
    undone: int = 0
    purged: int = 0
    unfinished: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanHead:
    """A plan without its steps.

    Attributes:
        bytes_freed: by all steps that are planned, done or purged; quarantine frees it when it is purged.
        warnings: what a person should know before it is applied.
        made_at: when it was made.
        last_at: when a step was last done or undone; None where none was.
    """

    id: str
    action: Action
    state: PlanState
    bytes_freed: int
    warnings: Sequence[str]
    made_at: str
    last_at: str | None
    tally: StepTally


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(PlanHead):
    """A plan with a page of its steps. ``next_cursor`` asks for the next page; None on the last one."""

    steps: Sequence[PlanStep]
    next_cursor: str | None
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """A page of plans, the newest first."""

    plans: Sequence[PlanHead]
    next_cursor: str | None
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of applying, undoing, restoring or purging.

    Attributes:
        plans: the ids of the plans concerned.
        done: steps that were done, undone or purged; with ``dry_run``, that would be.
        refused: steps that were not.
        bytes: of the files of the steps that were.
        troubles: the first hundred of the refused steps, each with its reason.
        dry_run: nothing was done, nor noted.
    """

    plans: Sequence[str]
    done: int
    refused: int
    bytes: int
    troubles: Sequence[PlanStep]
    dry_run: bool
    generation: int
