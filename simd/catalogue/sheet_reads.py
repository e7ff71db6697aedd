"""Sheets of steps read from the journal, with how far they have come."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from simd.catalogue.sheet_codec import name_of, unpack_facts, unpack_standing
from simd.core.actions.model import Step, Unit
from simd.core.actions.sheets import Sheet
from simd.core.actions.standing import Standing
from simd.core.actions.words import UNDER_WAY, StepState

_BEYOND: Final = 1 << 62
"""More than there are steps."""

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
_AT: Final = f"{_SHEETS} WHERE sheet.plan = :plan AND first <= :step ORDER BY first DESC LIMIT 1"
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
    """A sheet with the number of its plan, and how far its steps have come."""

    plan: int
    sheet: Sheet
    standing: Standing

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
        far = self.standing
        rows = enumerate(zip(far.states, far.moments, strict=True), self.sheet.first)
        pictures = [
            state in wanted and number > after and (before is None or (at is not None and at < before))
            for number, (state, at) in rows
        ]
        return self.sheet.chosen_units(self.plan, far, pictures)

    def unit(self, step: int) -> Unit:
        """A picture with its companions, by the number of any of them."""
        found = self.sheet.units[step - self.sheet.first]
        picture = step if found is None else found
        numbers = range(self.sheet.first, self.sheet.first + len(self.sheet.units))
        [unit] = self.sheet.chosen_units(self.plan, self.standing, [number == picture for number in numbers])
        return unit

    def open_steps(self) -> Iterator[Step]:
        """Those that were begun and not ended."""
        return self._steps([state in UNDER_WAY for state in self.standing.states])

    def done_at(self, path: bytes) -> Iterator[Step]:
        """Those that are done, of a file that was at a path or lies there in quarantine."""
        columns = (self.standing.states, self.sheet.files.paths, self.standing.places)
        return self._steps(
            [
                state is StepState.DONE and path in {was, place}
                for state, was, place in zip(*columns, strict=True)
            ]
        )

    def _steps(self, chosen: Sequence[bool]) -> Iterator[Step]:
        return self.sheet.steps(self.plan, self.standing, chosen)


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
        for row in rows:
            kept = _kept(row)
            yield kept
            given["last"] = kept.sheet.first


def sheet_at(ask: Ask, plan: int, step: int) -> KeptSheet | None:
    """The one that holds a step."""
    for row in ask(_AT, {"plan": plan, "step": step}):
        kept = _kept(row)
        if step < kept.sheet.first + len(kept.sheet.sizes):
            return kept
    return None


def open_sheets(ask: Ask) -> Iterator[KeptSheet]:
    """Those with steps that were begun and not ended, in order of their plans."""
    return map(_kept, ask(_OPEN, {}))


def sheets_done_at(ask: Ask, path: bytes) -> Iterator[KeptSheet]:
    """Those that may hold a step that is done, of a file that was at a path or lies there; newest first."""
    return map(_kept, ask(_MAYBE_DONE, {"name": name_of(path)}))


def _kept(row: tuple[Any, ...]) -> KeptSheet:
    plan, first, weights, facts, body = row
    sheet = unpack_facts(first, weights, facts)
    return KeptSheet(
        plan, sheet, Standing.planned(len(sheet.sizes)) if body is None else unpack_standing(body)
    )
