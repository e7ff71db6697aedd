"""Sheets of steps written into the journal, and how far they have come."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection
from typing import Final

from simd.catalogue.sheet_codec import (
    moment_text,
    pack_facts,
    pack_names,
    pack_standing,
    pack_weights,
    unpack_standing,
    unpack_weights,
)
from simd.core.actions.model import Step
from simd.core.actions.sheets import Sheet
from simd.core.actions.standing import Reached, Standing
from simd.core.actions.words import UNDER_WAY

_ADD: Final = "INSERT INTO sheet (plan, first, steps, weights, names, facts) VALUES (?, ?, ?, ?, ?, ?)"
_AT: Final = """
    SELECT id, first, steps, weights FROM sheet WHERE plan = ? AND first <= ? ORDER BY first DESC LIMIT 1
"""
_STANDING: Final = "SELECT body FROM standing WHERE sheet = ?"
_STAND: Final = "INSERT OR REPLACE INTO standing (sheet, open, names, body) VALUES (?, ?, ?, ?)"
_FORGET: Final = "DELETE FROM tally WHERE plan = ? AND sheet = ?"
_COUNT: Final = """
    INSERT INTO tally (plan, sheet, state, refused, noted, pictures, bytes, last_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_UNBEGUN: Final = """
    SELECT id FROM plan WHERE made_at < ? AND NOT EXISTS (
        SELECT 1 FROM tally WHERE tally.plan = plan.id AND state <> 'planned'
    )
"""
_DROP: Final = (
    "DELETE FROM standing WHERE sheet IN (SELECT id FROM sheet WHERE plan = ?)",
    "DELETE FROM tally WHERE plan = ?",
    "DELETE FROM sheet WHERE plan = ?",
    "DELETE FROM plan WHERE id = ?",
)
_NOTED: Final = "SELECT ifnull(max(noted), 0) FROM tally WHERE noted > 0"


@dataclass(frozen=True, slots=True)
class _Part:
    """Steps of one sheet that are noted together.

    Attributes:
        sheet: id of the row.
        plan, first, count: the number of its plan, that of its first step, and how many it has.
        weights: packed.
        positions: of the steps on it.
        steps: they themselves.
    """

    sheet: int
    plan: int
    first: int
    count: int
    weights: bytes
    positions: Sequence[int]
    steps: Sequence[Step]

    @property
    def is_whole(self) -> bool:
        """Whether these are all of its steps, in order."""
        return self.positions == list(range(self.count))


def add_sheet(connection: Connection, plan: int, sheet: Sheet, standing: Standing | None = None) -> None:
    """Keep a sheet of a plan.

    Args:
        connection: within a transaction.
        plan: its number.
        sheet: its steps.
        standing: how far they have come; where it is not given, none has been begun.
    """
    count = len(sheet.sizes)
    row = (plan, sheet.first, count, pack_weights(sheet), pack_names(sheet.files.paths), pack_facts(sheet))
    added = connection.execute(_ADD, row).lastrowid
    if added is None:
        raise RuntimeError("a row that was inserted has a number")
    if standing is not None:
        _stand(connection, added, standing)
    _count(connection, plan, added, standing or Standing.planned(count), sheet.sizes, sheet.units)


def note_steps(connection: Connection, steps: Iterable[Step], reached: Reached | None = None) -> None:
    """Keep how far steps have come, which were added before, in a transaction that notes nothing else.

    Args:
        connection: within that transaction.
        steps: as they stand now.
        reached: other steps.
    """
    noted = last_noted(connection) + 1
    for part in _parts(connection, steps):
        _note(connection, part, Standing.of(part.steps, (noted,) * len(part.steps)))
    if reached is not None:
        for part in _parts(connection, reached.steps):
            standing = Standing.of(part.steps, (noted,) * len(part.steps))
            _note(connection, part, standing.reached(reached.state, reached.at))


def _note(connection: Connection, part: _Part, change: Standing) -> None:
    whole = change if part.is_whole else _standing(connection, part).changed(part.positions, change)
    _stand(connection, part.sheet, whole)
    connection.execute(_FORGET, (part.plan, part.sheet))
    _count(connection, part.plan, part.sheet, whole, *unpack_weights(part.first, part.weights))


def drop_unbegun(connection: Connection, before: datetime) -> int:
    """Drop the plans made before a moment whose pictures are all as planned; how many there were."""
    unbegun = [number for (number,) in connection.execute(_UNBEGUN, (moment_text(before),))]
    for words in _DROP:
        connection.executemany(words, [(number,) for number in unbegun])
    return len(unbegun)


def last_noted(connection: Connection) -> int:
    """The number of the last note; 0 where nothing was noted."""
    [(noted,)] = connection.execute(_NOTED)
    return int(noted)


def _parts(connection: Connection, steps: Iterable[Step]) -> list[_Part]:
    """Steps by their sheets, in order; of one that comes twice the last counts."""
    found: list[_Part] = []
    noted = {step.name: step for step in steps}
    names, start = sorted(noted), 0
    while start < len(names):
        plan, number = names[start]
        if number is None:
            raise ValueError("a step has a number")
        sheet, first, count, weights = _sheet_with(connection, plan, number)
        end = bisect_left(names, (plan, first + count), start)
        here = names[start:end]
        positions = [number - first for _, number in here if number is not None]
        found.append(_Part(sheet, plan, first, count, weights, positions, [noted[name] for name in here]))
        start = end
    return found


def _sheet_with(connection: Connection, plan: int, number: int) -> tuple[int, int, int, bytes]:
    """The sheet that holds a step: its id, its first step, how many there are, and their weights."""
    sheet, first, count, weights = connection.execute(_AT, (plan, number)).fetchone() or (0, 0, 0, b"")
    if not first <= number < first + count:
        raise RuntimeError(f"a step that is noted was added: {plan}.{number}")
    return sheet, first, count, weights


def _standing(connection: Connection, part: _Part) -> Standing:
    found = connection.execute(_STANDING, (part.sheet,)).fetchone()
    return Standing.planned(part.count) if found is None else unpack_standing(found[0])


def _stand(connection: Connection, sheet: int, standing: Standing) -> None:
    open_ones = sum(standing.states.count(state) for state in UNDER_WAY)
    connection.execute(_STAND, (sheet, open_ones, pack_names(standing.places), pack_standing(standing)))


def _count(
    connection: Connection,
    plan: int,
    sheet: int,
    standing: Standing,
    sizes: Sequence[int],
    units: Sequence[int | None],
) -> None:
    rows = [
        (plan, sheet, *tally[:-1], moment_text(tally.last_at)) for tally in standing.tallies(sizes, units)
    ]
    connection.executemany(_COUNT, rows)
