"""The health of the machine."""

from collections.abc import Iterator, Sequence

from simd.core.wire import Json
from simd.render.style import Style
from simd.render.table import Cell, table, width
from simd.render.words import count, escape

COLUMNS = 80
"""Messages are broken so that lines stay within it, where their words allow that."""

_MARKS: dict[str, Cell] = {"ok": ("ok", "green"), "wrong": ("WRONG", "red"), "unknown": ("?", "yellow")}


def doctor(checks: Sequence[Json], style: Style) -> str:
    """Each check with what can be done about it, and the sum."""
    shown = [(_outcome(check), check) for check in checks]
    room = COLUMNS - len("WRONG") - max((width(escape(check["name"])) for check in checks), default=0) - 4
    rows = [row for outcome, check in shown for row in _rows(outcome, check, room)]
    wrong = sum(outcome == "wrong" for outcome, _ in shown)
    unknown = sum(outcome == "unknown" for outcome, _ in shown)
    found = f"{count(wrong, 'thing')} to put right" if wrong else "Nothing is wrong"
    unseen = f", {unknown:,} could not be looked at" if unknown else ""
    return f"{table(rows, style)}\n\n{found}; {count(len(checks), 'check')}{unseen}."


def _outcome(check: Json) -> str:
    if not check["ok"]:
        return "wrong"
    return "ok" if check.get("checked", True) else "unknown"


def _rows(outcome: str, check: Json, room: int) -> Iterator[list[Cell]]:
    first, *others = _broken(escape(check["message"]), room)
    yield [_MARKS[outcome], escape(check["name"]), first]
    for line in others:
        yield ["", "", line]
    if check["hint"]:
        for line in _broken(f"-> {escape(check['hint'])}", room):
            yield ["", "", (line, "yellow" if outcome == "wrong" else "dim")]


def _broken(text: str, room: int) -> list[str]:
    """The text in lines of at most ``room`` columns; a word that is longer has a line of its own."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if width(longer) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
