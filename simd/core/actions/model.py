"""Plans and their steps, and what is asked for.

A *plan* is a list of *steps*; each takes one file away, or makes it share its bytes with the file that is
kept instead. A step with its *companions* (a raw file, a video, a sidecar) is one unit: all of it is done,
or nothing.

What there is a hundred thousand times are named tuples: a frozen dataclass takes six times as long to make.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from simd.core.actions.known import Known
from simd.core.actions.words import Action, CompanionRole, PlanState, StepState
from simd.core.answers.likeness import MatchKind
from simd.core.grouping import Grouping
from simd.core.keeprules import KeepRule
from simd.core.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Companion:
    """A file that belongs to a picture.

    Attributes:
        path: absolute, in the folder of the picture.
        role: what it is to the picture.
        stamp: of the file when it was found.
    """

    path: bytes
    role: CompanionRole
    stamp: Stamp


class ActionName(NamedTuple):
    """A whole plan, or one step of it; written ``7`` and ``7.3``."""

    plan: int
    step: int | None = None

    def __str__(self) -> str:
        return f"{self.plan}" if self.step is None else f"{self.plan}.{self.step}"


@dataclass(frozen=True, slots=True)
class Removal:
    """A file that a person wants to be rid of, and those that may be kept instead, the best first."""

    path: bytes
    kept: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What a plan is to be about.

    Attributes:
        action: what is done to the files that are not kept.
        groups: ids of groups; None for all.
        under: only files at or below these paths are taken away; whatever is kept may lie anywhere.
        kind: only files of this kind.
        preset, grouping, keep: as in :class:`~simd.core.questions.GroupOptions`.
        permanently: the person has said that files may be deleted for good.
        removals: files that a person has chosen one by one, in place of groups.
    """

    action: Action = Action.QUARANTINE
    groups: tuple[int, ...] | None = None
    under: tuple[bytes, ...] = ()
    kind: MatchKind | None = None
    preset: str | None = None
    grouping: Grouping = Grouping.STAR
    keep: tuple[KeepRule, ...] | None = None
    permanently: bool = False
    removals: tuple[Removal, ...] | None = None


class Step(NamedTuple):
    """One file of a plan.

    Attributes:
        name: the plan, and the number of the step in it.
        file: what is taken away.
        keeper: what stays instead; of a companion, its counterpart beside the keeper, None where it has none.
        root: the watched folder that holds the file.
        kind: whether the bytes are equal, or the pictures look the same.
        why: the reason, for a person.
        size: bytes that it frees.
        unit: number of the step that this companion belongs to; None for a picture.
        role: of a companion; None for a picture.
        state: how far it has come.
        place: where the file went, or the second name under which it stands while it is being linked.
        reason: why it was refused.
        at: when it was done, or undone.
        traits: what has to be put back when it is undone and would be lost else, as JSON.
    """

    name: ActionName
    file: Known
    keeper: Known | None
    root: bytes
    kind: MatchKind
    why: str
    size: int
    unit: int | None = None
    role: CompanionRole | None = None
    state: StepState = StepState.PLANNED
    place: bytes | None = None
    reason: str | None = None
    at: datetime | None = None
    traits: str | None = None

    def stands(
        self,
        state: StepState,
        *,
        place: bytes | None = None,
        reason: str | None = None,
        at: datetime | None = None,
    ) -> "Step":
        """The step when it has come so far; place and moment stay as they are where none are given.

        Made for many: :meth:`_replace` takes three times as long.
        """
        return tuple.__new__(
            Step,
            (
                self.name,
                self.file,
                self.keeper,
                self.root,
                self.kind,
                self.why,
                self.size,
                self.unit,
                self.role,
                state,
                place or self.place,
                reason,
                at or self.at,
                self.traits,
            ),
        )


class Unit(NamedTuple):
    """A picture of a plan, and what goes with it."""

    picture: Step
    companions: tuple[Step, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All of it, the picture first."""
        return (self.picture, *self.companions)

    @property
    def size(self) -> int:
        """Bytes that it frees."""
        size = self.picture.size
        return size + sum(step.size for step in self.companions) if self.companions else size


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord:
    """A plan as it is kept, without its steps.

    Attributes:
        id: its number.
        action, by_hand, warnings: as in :class:`~simd.core.actions.sheets.Draft`.
        made_at: when it was made.
        counts: how many pictures of it are in which state.
        size: bytes that are freed by all steps that are planned or done.
        last_at: when a step was last done or undone; None where none was.
    """

    id: int
    action: Action
    by_hand: bool
    warnings: tuple[str, ...]
    made_at: datetime
    counts: Mapping[StepState, int]
    size: int
    last_at: datetime | None

    @property
    def state(self) -> PlanState:
        """How far it has come."""
        return state_of(self.counts)


_WHOLE = (
    (frozenset({StepState.PLANNED}), PlanState.PLANNED),
    (frozenset({StepState.REFUSED}), PlanState.REFUSED),
    (frozenset({StepState.UNDONE, StepState.REFUSED}), PlanState.UNDONE),
    (frozenset({StepState.PURGED, StepState.UNDONE, StepState.REFUSED}), PlanState.PURGED),
    (
        frozenset({StepState.DONE, StepState.PURGED, StepState.UNDONE, StepState.REFUSED}),
        PlanState.APPLIED,
    ),
)
"""Which states the steps of a plan may be in for it to be called so; the first that fits counts."""


def state_of(counts: Mapping[StepState, int]) -> PlanState:
    """How far a plan has come whose pictures are in these states."""
    there = {state for state, number in counts.items() if number}
    return next((name for states, name in _WHOLE if there <= states), PlanState.UNFINISHED)
