"""Columns that line up, also with East Asian text and with colour."""

from collections.abc import Collection, Sequence

from simd.render.style import Style

Cell = str | tuple[str, str | None]
"""Text, or text and the name of its colour."""

GAP = "  "


def table(rows: Sequence[Sequence[Cell]], style: Style, right: Collection[int] = (), indent: str = "") -> str:
    """The rows as lines. A row may be shorter than others; a column that is empty everywhere vanishes.

    Args:
        rows: cells of escaped text.
        style: how to paint.
        right: the columns that line up on the right.
        indent: what each line begins with.
    """
    widths = [0] * max((len(row) for row in rows), default=0)
    for row in rows:
        for column, cell in enumerate(row):
            widths[column] = max(widths[column], width(_text(cell)))
    return "\n".join(_line(row, widths, style, right, indent) for row in rows)


def _line(
    row: Sequence[Cell], widths: Sequence[int], style: Style, right: Collection[int], indent: str
) -> str:
    parts = []
    for column, cell in enumerate(row):
        if not widths[column]:
            continue
        text, colour = cell if isinstance(cell, tuple) else (cell, None)
        padding = " " * (widths[column] - width(text))
        painted = style.paint(text, colour)
        parts.append(padding + painted if column in right else painted + padding)
    return (indent + GAP.join(parts)).rstrip()


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell[0]


def width(text: str) -> int:
    """How many columns of a terminal the text takes (Unicode UAX #11; combining marks take none)."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # noqa: PLC0415 - a shared library, seldom needed

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)
