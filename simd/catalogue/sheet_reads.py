"""Sheets of steps read from the journal, with how far they have come."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import starmap
from typing import Any, Final

from simd.catalogue.sheet_codec import (
    name_of,
    unpack_burden,
    unpack_facts,
    unpack_standing,
    unpack_states,
    unpack_weights,
)
from simd.core.actions.model import Step, Unit
from simd.core.actions.sheets import Sheet
from simd.core.actions.standing import Standing
from simd.core.actions.words import UNDER_WAY, StepState
from simd.core.answers.likeness import MatchKind

_BEYOND: Final = 1 << 62
"""More than there are steps."""

Span = tuple[int, int]
"""Where a picture lies on a sheet with its companions: its place, and that of the next picture."""

Ask = Callable[[str, Mapping[str, Any]], list[tuple[Any, ...]]]
"""Asks the journal by SQL."""

_COLUMNS: Final = "SELECT sheet.plan, first, weights, facts, body"
_SHEETS: Final = f"{_COLUMNS} FROM sheet LEFT JOIN standing ON standing.sheet = sheet.id"
_IN_STATES: Final = """
    EXISTS (
        SELECT 1 FROM tally WHERE tally.plan = sheet.plan AND tally.sheet = sheet.id AND pictures
        AND state IN (SELECT value FROM json_each(:states))
    )
"""
# Some at a time: few are enough for a page, and nobody waits for the rest.
_ONWARDS: Final = f"""
    {_SHEETS} WHERE sheet.plan = :plan AND first > :last AND first + steps - 1 > :after AND {_IN_STATES}
    ORDER BY first LIMIT 8
"""
_BACKWARDS: Final = f"""
    {_SHEETS} WHERE sheet.plan = :plan AND first < :last AND {_IN_STATES} ORDER BY first DESC LIMIT 8
"""
# Only the last that begins before a step can hold it: sheets do not overlap.
_AT: Final = f"""
    {_SHEETS} WHERE sheet.plan = :plan AND first <= :step AND first + steps > :step
    ORDER BY first DESC LIMIT 1
"""
_OPEN: Final = f"""
    {_COLUMNS} FROM standing INDEXED BY standing_open CROSS JOIN sheet ON sheet.id = standing.sheet
    WHERE open > 0 ORDER BY sheet.plan, first
"""
# A checksum may be found where it is not meant, and may be that of another path.
_MAYBE_DONE: Final = f"""
    {_SHEETS} WHERE (instr(sheet.names, :name) OR instr(standing.names, :name))
    AND EXISTS (
        SELECT 1 FROM tally WHERE tally.plan = sheet.plan AND tally.sheet = sheet.id AND state = 'done'
    )
    ORDER BY sheet.plan DESC, first
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class KeptSheet:
    """A sheet as it is kept. It is unpacked when something of it is wanted, and no earlier.

    Attributes:
        plan: the number of its plan.
        first: the number of its first step.
        weights, facts: packed, see :mod:`~simd.catalogue.sheet_codec`.
        body: how far its steps have come, packed as well; None where none was begun.
    """

    plan: int
    first: int
    weights: bytes
    facts: bytes
    body: bytes | None

    def portion(self, states: Iterable[StepState], *, backwards: bool) -> "Portion":
        """Its pictures in certain states; the last comes first where that is wanted."""
        wanted = frozenset(states)
        _, owners = unpack_weights(self.first, self.weights)
        planned = (StepState.PLANNED,) * len(owners)
        far = planned if self.body is None else unpack_states(self.body)
        pictures = [place for place, owner in enumerate(owners) if owner is None]
        spans = [
            (start, end)
            for start, end in zip(pictures, [*pictures[1:], len(owners)], strict=True)
            if far[start] in wanted
        ]
        return Portion(self, spans[::-1] if backwards else spans, backwards)

    def kinds(self) -> Sequence[MatchKind]:
        """Of each step, how its file is like the kept one."""
        return unpack_burden(self.facts)[1]

    def units(
        self, states: Iterable[StepState], after: int = 0, before: datetime | None = None
    ) -> list[Unit]:
        """Pictures with their companions, in order.

        Args:
            states: of the pictures.
            after: only those with a greater number.
            before: only those whose moment is earlier.
        """
        wanted = frozenset(states)
        sheet, far = self._unpacked()
        rows = enumerate(zip(far.states, far.moments, strict=True), self.first)
        pictures = [
            state in wanted and number > after and (before is None or (at is not None and at < before))
            for number, (state, at) in rows
        ]
        return sheet.chosen_units(self.plan, far, pictures)

    def unit(self, step: int) -> Unit:
        """A picture with its companions, by the number of any of them."""
        sheet, far = self._unpacked()
        found = sheet.units[step - self.first]
        picture = step if found is None else found
        numbers = range(self.first, self.first + len(sheet.units))
        [unit] = sheet.chosen_units(self.plan, far, [number == picture for number in numbers])
        return unit

    def units_at(self, spans: Sequence[Span]) -> list[Unit]:
        """The units that lie there, in the order of the sheet."""
        sheet, far = self._unpacked()
        wanted = [False] * len(sheet.units)
        for start, _ in spans:
            wanted[start] = True
        return sheet.chosen_units(self.plan, far, wanted)

    def open_steps(self) -> Iterator[Step]:
        """Those that were begun and not ended."""
        sheet, far = self._unpacked()
        return sheet.steps(self.plan, far, [state in UNDER_WAY for state in far.states])

    def done_at(self, path: bytes) -> Iterator[Step]:
        """Those that are done, of a file that was at a path or lies there in quarantine."""
        sheet, far = self._unpacked()
        columns = (far.states, sheet.files.paths, far.places)
        found = [
            state is StepState.DONE and path in {was, place}
            for state, was, place in zip(*columns, strict=True)
        ]
        return sheet.steps(self.plan, far, found)

    def _unpacked(self) -> tuple[Sheet, Standing]:
        sheet = unpack_facts(self.first, self.weights, self.facts)
        return sheet, self._standing(len(sheet.sizes))

    def _standing(self, steps: int) -> Standing:
        return Standing.planned(steps) if self.body is None else unpack_standing(self.body)


@dataclass(frozen=True, slots=True)
class Portion:
    """Pictures of one sheet with their companions, which are made into units when their turn has come.

    Attributes:
        kept: the sheet.
        spans: where each picture lies with its companions, in the order of their turns.
        backwards: the last comes first.
    """

    kept: KeptSheet
    spans: Sequence[Span]
    backwards: bool

    def burden(self) -> tuple[Sequence[int], Sequence[MatchKind]]:
        """What each picture costs to look at: the size of its file in bytes, how it is like the kept one."""
        sizes, kinds = unpack_burden(self.kept.facts)
        return [sizes[start] for start, _ in self.spans], [kinds[start] for start, _ in self.spans]

    def part(self, start: int, end: int) -> "Portion":
        """Some of it."""
        return replace(self, spans=self.spans[start:end])

    def units(self) -> list[Unit]:
        """The pictures with their companions."""
        units = self.kept.units_at(self.spans)
        return units[::-1] if self.backwards else units


def sheets_of_plan(ask: Ask, plan: int, states: Iterable[StepState], after: int = 0) -> Iterator[KeptSheet]:
    """Those of a plan that have pictures in certain states, and steps with greater numbers; in order."""
    given = {"plan": plan, "states": json.dumps(list(states)), "after": after, "last": -1}
    return _one_by_one(ask, _ONWARDS, given)


def sheets_backwards(ask: Ask, plan: int, states: Iterable[StepState]) -> Iterator[KeptSheet]:
    """Those of a plan that have pictures in certain states; the last comes first."""
    given = {"plan": plan, "states": json.dumps(list(states)), "last": _BEYOND}
    return _one_by_one(ask, _BACKWARDS, given)


def _one_by_one(ask: Ask, words: str, given: dict[str, Any]) -> Iterator[KeptSheet]:
    while rows := ask(words, given):
        for kept in starmap(KeptSheet, rows):
            yield kept
            given["last"] = kept.first


def sheet_at(ask: Ask, plan: int, step: int) -> KeptSheet | None:
    """The one that holds a step."""
    return next(starmap(KeptSheet, ask(_AT, {"plan": plan, "step": step})), None)


def open_sheets(ask: Ask) -> Iterator[KeptSheet]:
    """Those with steps that were begun and not ended, in order of their plans."""
    return starmap(KeptSheet, ask(_OPEN, {}))


def sheets_done_at(ask: Ask, path: bytes) -> Iterator[KeptSheet]:
    """Those that may hold a step that is done, of a file that was at a path or lies there; newest first."""
    return starmap(KeptSheet, ask(_MAYBE_DONE, {"name": name_of(path)}))
