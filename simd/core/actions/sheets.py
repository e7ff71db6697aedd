"""The steps of a plan as parallel columns, as they are drafted and kept.

A hundred thousand steps as objects of their own take several times as long to make, and most of them are
looked at only when their turn has come.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from simd.core.actions.files import Files
from simd.core.actions.model import ActionName, Step, Unit
from simd.core.actions.standing import Standing
from simd.core.actions.words import Action, CompanionRole
from simd.core.answers.likeness import MatchKind
from simd.core.columns import picked, rows

UNITS_AT_MOST = 256
"""Pictures on one sheet. Sheets are read and written as wholes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Consecutive steps of a plan, whole units, as they were planned; the columns are parallel.

    Attributes:
        first: number of the first step; the others follow without a gap.
        files: what is taken away.
        keepers: what stays instead.
        roots, kinds, whys, sizes, units, roles: as in :class:`Step`.
    """

    first: int
    files: Files
    keepers: Files
    roots: Sequence[bytes]
    kinds: Sequence[MatchKind]
    whys: Sequence[str]
    sizes: Sequence[int]
    units: Sequence[int | None]
    roles: Sequence[CompanionRole | None]

    @property
    def pictures(self) -> int:
        """How many of the steps are no companions."""
        return self.units.count(None)

    def steps(
        self, plan: int, standing: Standing | None = None, chosen: Sequence[bool] | None = None
    ) -> Iterator[Step]:
        """The steps.

        Args:
            plan: the number of their plan.
            standing: how far they have come; where it is not given, none has been begun.
            chosen: for each whether it is wanted; all are where it is not given.
        """
        if None in self.files.paths:
            raise ValueError(f"a step behind {self.first} has no file")
        far = standing or Standing.planned(len(self.sizes))
        facts = (self.roots, self.kinds, self.whys, self.sizes, self.units, self.roles)
        notes = (far.states, far.places, far.reasons, far.moments, far.traits)
        count = len(self.sizes)
        numbered = ((plan,) * count, range(self.first, self.first + count))
        plans, numbers, *rest = picked((*numbered, *facts, *notes), chosen)
        # In the order of the fields of a step; nothing in Python is done for each, for there may be many.
        files, keepers = self.files.known(chosen), self.keepers.known(chosen)
        return rows(Step, rows(ActionName, plans, numbers), files, keepers, *rest)

    def chosen_units(self, plan: int, standing: Standing, pictures: Sequence[bool]) -> list[Unit]:
        """Pictures with their companions.

        Args:
            plan: the number of their plan.
            standing: how far everything has come.
            pictures: for each step whether it is wanted; of companions nothing is asked.
        """
        chosen = [
            wanted if unit is None else pictures[unit - self.first]
            for wanted, unit in zip(pictures, self.units, strict=True)
        ]
        steps = self.steps(plan, standing, None if all(chosen) else chosen)
        return list(map(Unit, steps)) if self.pictures == len(chosen) else units_of(steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A plan that is not kept yet.

    Attributes:
        action: what is done to every file.
        by_hand: a person has chosen the files one by one.
        warnings: what a person should know before it is applied.
        sheets: in order of their steps, whose numbers begin with 1; a companion follows its picture.
    """

    action: Action
    by_hand: bool
    warnings: tuple[str, ...]
    sheets: tuple[Sheet, ...]


def sheet_of(steps: Sequence[Step]) -> Sheet:
    """A sheet of these steps, one or more, whose numbers follow each other."""
    first, last = steps[0].name.step, steps[-1].name.step
    if first is None or last is None or last - first != len(steps) - 1:
        raise ValueError(f"the numbers of steps follow each other, not so from {first} to {last}")
    return Sheet(
        first=first,
        files=Files.of(step.file for step in steps),
        keepers=Files.of(step.keeper for step in steps),
        roots=[step.root for step in steps],
        kinds=[step.kind for step in steps],
        whys=[step.why for step in steps],
        sizes=[step.size for step in steps],
        units=[step.unit for step in steps],
        roles=[step.role for step in steps],
    )


def units_of(steps: Iterable[Step]) -> list[Unit]:
    """Steps as units: whatever follows a picture and belongs to it."""
    found: list[list[Step]] = []
    for step in steps:
        if step.unit is None:
            found.append([step])
        else:
            found[-1].append(step)
    return [Unit(picture, tuple(companions)) for picture, *companions in found]
