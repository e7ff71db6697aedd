"""How far the steps of a sheet have come, as parallel columns, and their sums."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import NamedTuple, TypeVar

from simd.core.actions.model import Step
from simd.core.actions.words import StepState

T = TypeVar("T")

NEVER = 0
"""The number of the note of a step that was never noted."""


class Reached(NamedTuple):
    """Steps that have all come equally far, whatever they say themselves.

    To make each anew with its state takes time, and room until it is noted.

    Attributes:
        steps: as they were when they were read, or begun.
        state: how far they have come.
        at: when that was; where it is not given, each keeps its own moment.
    """

    steps: Sequence[Step]
    state: StepState
    at: datetime | None = None


class Tally(NamedTuple):
    """Steps of a sheet that stand alike.

    Attributes:
        state: how far they have come.
        refused: a reason is noted.
        noted: with which note they came so far.
        pictures: how many of them are no companions.
        bytes: what all of them free.
        last_at: the latest of their moments; None where there is none.
    """

    state: StepState
    refused: bool
    noted: int
    pictures: int
    bytes: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far each step of a sheet has come.

    Attributes:
        states, places, reasons, moments, traits: as in :class:`Step`, whose moment is called ``at``.
        noted: numbers of the notes that say so, which rise; :data:`NEVER` where there was none.
    """

    states: Sequence[StepState]
    places: Sequence[bytes | None]
    reasons: Sequence[str | None]
    moments: Sequence[datetime | None]
    traits: Sequence[str | None]
    noted: Sequence[int]

    @classmethod
    def planned(cls, steps: int) -> "Standing":
        """So many steps that were never noted."""
        nothing = (None,) * steps
        return cls(
            states=(StepState.PLANNED,) * steps,
            places=nothing,
            reasons=nothing,
            moments=nothing,
            traits=nothing,
            noted=(NEVER,) * steps,
        )

    @classmethod
    def of(cls, steps: Sequence[Step], noted: Sequence[int]) -> "Standing":
        """Steps as they stand, and the numbers of the notes that say so."""
        return cls(
            states=[step.state for step in steps],
            places=[step.place for step in steps],
            reasons=[step.reason for step in steps],
            moments=[step.at for step in steps],
            traits=[step.traits for step in steps],
            noted=noted,
        )

    def reached(self, state: StepState, at: datetime | None) -> "Standing":
        """The same when all have come so far; see :class:`Reached`."""
        steps = len(self.states)
        moments = self.moments if at is None else (at,) * steps
        return replace(self, states=(state,) * steps, moments=moments, reasons=(None,) * steps)

    def changed(self, positions: Sequence[int], change: "Standing") -> "Standing":
        """The same where some of the steps stand otherwise.

        Args:
            positions: of these on the sheet, which rise.
            change: how far each of them has come now.
        """
        return Standing(
            states=_changed(self.states, positions, change.states),
            places=_changed(self.places, positions, change.places),
            reasons=_changed(self.reasons, positions, change.reasons),
            moments=_changed(self.moments, positions, change.moments),
            traits=_changed(self.traits, positions, change.traits),
            noted=_changed(self.noted, positions, change.noted),
        )

    def tallies(self, sizes: Sequence[int], units: Sequence[int | None]) -> list[Tally]:
        """Sums of the steps that stand alike.

        Args:
            sizes: bytes that each step frees.
            units: for each step the number of its picture, None for a picture.
        """
        sums: dict[tuple[StepState, bool, int], tuple[int, int, datetime | None]] = {}
        refused = [reason is not None for reason in self.reasons]
        start = 0
        for alike, count in _runs(list(zip(self.states, refused, self.noted, strict=True))):
            end = start + count
            pictures, total, last = sums.get(alike, (0, 0, None))
            moments = {last, *self.moments[start:end]}
            sums[alike] = (
                pictures + units[start:end].count(None),
                total + sum(sizes[start:end]),
                max((at for at in moments if at is not None), default=None),
            )
            start = end
        return [Tally(*alike, *summed) for alike, summed in sums.items()]


def _runs(column: Sequence[T]) -> Iterable[tuple[T, int]]:
    """The values of a column, each with how often it stands there in a row."""
    if column and column.count(column[0]) == len(column):  # mostly they are all alike
        return [(column[0], len(column))]
    return ((value, len(list(run))) for value, run in groupby(column))


def _changed(column: Sequence[T], positions: Sequence[int], values: Sequence[T]) -> Sequence[T]:
    """A column with other values at some positions, which rise."""
    start, end = positions[0], positions[-1] + 1
    if end - start == len(positions):
        return [*column[:start], *values, *column[end:]]
    changed = list(column)
    for position, value in zip(positions, values, strict=True):
        changed[position] = value
    return changed
