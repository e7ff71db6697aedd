"""The health of the machine."""

from collections.abc import Sequence

from simd.core.wire import Json
from simd.render.style import Style
from simd.render.table import Cell, table
from simd.render.words import count, escape


def doctor(checks: Sequence[Json], style: Style) -> str:
    """A line for each check, what to do below those that failed, and the sum."""
    rows: list[list[Cell]] = []
    for check in checks:
        mark: Cell = ("ok", "green") if check["ok"] else ("WRONG", "red")
        rows.append([mark, escape(check["name"]), escape(check["message"])])
        if check["hint"] and not check["ok"]:
            rows.append(["", "", (f"-> {escape(check['hint'])}", "yellow")])
    wrong = sum(not check["ok"] for check in checks)
    found = f"{count(wrong, 'thing')} to put right" if wrong else "Nothing is wrong"
    return f"{table(rows, style)}\n\n{found}; {count(len(checks), 'check')}."
