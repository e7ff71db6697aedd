"""Journals of before, which had a row for every step, brought into sheets."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from sqlite3 import Connection
from typing import Any, Final

from simd.catalogue.schema import MASK_64
from simd.catalogue.sheet_writes import add_sheet
from simd.core.actions.known import Known
from simd.core.actions.model import ActionName, Step
from simd.core.actions.sheets import UNITS_AT_MOST, sheet_of
from simd.core.actions.standing import Standing
from simd.core.actions.words import CompanionRole, StepState
from simd.core.answers.likeness import MatchKind
from simd.core.stamp import Stamp

_STEPS: Final = """
    SELECT number, unit, role, root, path, size, mtime_ns, ctime_ns, inode, digest,
        keeper, keeper_size, keeper_mtime_ns, keeper_ctime_ns, keeper_inode, keeper_digest,
        kind, why, bytes, state, place, reason, at, traits, noted
    FROM step WHERE plan = ? ORDER BY number
"""


def gather_steps(connection: Connection) -> None:
    """Bring all steps of the table ``step`` into sheets, plan by plan, within a transaction."""
    for (plan,) in connection.execute("SELECT id FROM plan ORDER BY id").fetchall():
        for rows in _by_sheet(connection.execute(_STEPS, (plan,))):
            steps = [_step(plan, row) for row in rows]
            add_sheet(connection, plan, sheet_of(steps), Standing.of(steps, [row[-1] for row in rows]))


def _by_sheet(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of whole units, whose numbers follow each other."""
    found: list[tuple[Any, ...]] = []
    pictures = 0
    for row in rows:
        number, unit, *_ = row
        if unit is None:
            if found and (pictures == UNITS_AT_MOST or number != found[-1][0] + 1):
                yield found
                found, pictures = [], 0
            pictures += 1
        found.append(row)
    if found:
        yield found


def _step(plan: int, row: tuple[Any, ...]) -> Step:
    number, unit, role, root, *files = row[:16]
    kind, why, size, state, place, reason, at, traits, _ = row[16:]
    file = _known(files[:6])
    if file is None:
        raise RuntimeError("a step has a file")
    return Step(
        name=ActionName(plan, number),
        file=file,
        keeper=_known(files[6:]),
        root=root,
        kind=MatchKind(kind),
        why=why,
        size=size,
        unit=unit,
        role=None if role is None else CompanionRole(role),
        state=StepState(state),
        place=place,
        reason=reason,
        at=None if at is None else datetime.fromisoformat(at),
        traits=traits,
    )


def _known(row: list[Any]) -> Known | None:
    path, size, mtime_ns, ctime_ns, inode, digest = row
    return None if path is None else Known(path, Stamp(size, mtime_ns, ctime_ns, inode & MASK_64), digest)
