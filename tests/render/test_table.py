"""Columns line up, and colour is only where it is wanted."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.render.style import PLAIN, Style, wants_colour
from simd.render.table import Cell, table, width

CELLS = st.text("aé世界\u0301 ", max_size=6).map(str.strip)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1))
def test_the_last_column_begins_where_it_begins_everywhere(rows: list[tuple[str, str]]) -> None:
    """Also with wide and combining characters, every line reaches its last cell at the same column."""
    lines = table([[*row, "|"] for row in rows], PLAIN).split("\n")
    assert len(rows) == len(lines)
    assert 1 == len({width(line) for line in lines})


def test_sides_and_empty_columns() -> None:
    """Numbers line up on the right, text on the left, and an empty column leaves no gap."""
    rows = [["a", "", "1", "x"], ["bcd", "", "20", ""]]
    assert "  a     1  x\n  bcd  20" == table(rows, PLAIN, right={2}, indent="  ")


def test_no_rows_is_no_text() -> None:
    """An empty table is empty."""
    assert "" == table([], PLAIN)


def test_colour_does_not_move_columns() -> None:
    """Without its colour codes a painted table is the plain one."""
    rows: list[list[Cell]] = [[("a", "green"), "x"], [("bcd", "red"), ("y", None)]]
    painted = table(rows, Style(colour=True))
    assert "\x1b[32ma\x1b[0m" in painted
    assert table(rows, PLAIN) == re.sub(r"\x1b\[\d+m", "", painted)


@pytest.mark.parametrize(
    ("expected", "is_terminal", "environ"),
    [
        (True, True, {}),
        (True, True, {"NO_COLOR": ""}),
        (False, True, {"NO_COLOR": "1"}),
        (False, True, {"TERM": "dumb"}),
        (False, False, {}),
    ],
)
def test_when_to_paint(expected: bool, is_terminal: bool, environ: dict[str, str]) -> None:  # noqa: FBT001 - parametrized
    """Only on a terminal that can show colour, and not when NO_COLOR says no."""
    assert expected is wants_colour(is_terminal=is_terminal, environ=environ)
