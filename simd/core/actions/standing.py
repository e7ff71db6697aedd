"""How far the steps of a sheet have come, as parallel columns, and their sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from simd.core.actions.model import Step
from simd.core.actions.words import StepState

NEVER = 0
"""The number of the note of a step that was never noted."""


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

    def with_noted(self, positions: Sequence[int], steps: Sequence[Step], noted: int) -> "Standing":
        """The same with some steps noted together.

        Args:
            positions: of each of them on the sheet; of one that comes twice the last counts.
            steps: as they stand now.
            noted: number of the note.
        """
        states, places, reasons = list(self.states), list(self.places), list(self.reasons)
        moments, traits, notes = list(self.moments), list(self.traits), list(self.noted)
        for position, step in zip(positions, steps, strict=True):
            states[position] = step.state
            places[position] = step.place
            reasons[position] = step.reason
            moments[position] = step.at
            traits[position] = step.traits
            notes[position] = noted
        return Standing(
            states=states, places=places, reasons=reasons, moments=moments, traits=traits, noted=notes
        )

    def tallies(self, sizes: Sequence[int], units: Sequence[int | None]) -> list[Tally]:
        """Sums of the steps that stand alike.

        Args:
            sizes: bytes that each step frees.
            units: for each step the number of its picture, None for a picture.
        """
        if all(map(_is_one, (self.states, self.reasons, self.noted, self.moments))):
            # As nearly every sheet of a large plan stands.
            alike = self.states[0], self.reasons[0] is not None, self.noted[0]
            return [Tally(*alike, units.count(None), sum(sizes), self.moments[0])]
        sums: dict[tuple[StepState, bool, int], tuple[int, int, datetime | None]] = {}
        columns = (self.states, self.reasons, self.noted, self.moments, sizes, units)
        for state, reason, noted, at, size, unit in zip(*columns, strict=True):
            alike = state, reason is not None, noted
            pictures, total, last = sums.get(alike, (0, 0, None))
            if at is not None and at is not last and (last is None or at > last):
                last = at
            sums[alike] = pictures + (unit is None), total + size, last
        return [Tally(*alike, *summed) for alike, summed in sums.items()]


def _is_one(column: Sequence[object]) -> bool:
    """Whether a column holds one value alone."""
    return column.count(column[0]) == len(column)
