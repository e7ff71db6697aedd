"""Reports as CSV."""

import csv
from dataclasses import replace
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.answers import Group
from simd.render.report import write_csv
from simd.render.report.rows import COLUMNS, neutral
from tests.render.report.samples import group, identical_group, keeper, member, near_group


def _rows(*groups: Group) -> list[dict[str, str]]:
    stream = StringIO(newline="")
    write_csv(stream, groups)
    return list(csv.DictReader(StringIO(stream.getvalue(), newline="")))


def test_a_row_for_each_file_of_each_group() -> None:
    """The keeper first; every cell says what the group says."""
    rows = _rows(near_group(1, tags=("edited", "recoloured")), identical_group(3, copies=3), near_group(7))
    assert [("1", "keeper"), ("1", "duplicate"), ("3", "keeper")] + [("3", "duplicate")] * 2 + [
        ("7", "keeper"),
        ("7", "duplicate"),
    ] == [(row["group"], row["role"]) for row in rows]
    assert ["doubtful"] * 2 + ["identical"] * 3 + ["near"] * 2 == [row["category"] for row in rows]
    assert {
        "group": "1",
        "role": "duplicate",
        "category": "doubtful",
        "path": "/home/a/Camera/small/a.jpg",
        "path_b64": "",
        "bytes": "3400000",
        "format": "JPEG",
        "width": "4000",
        "height": "3000",
        "taken_at": "2024-05-06T07:08:09",
        "mtime": "2024-05-06T07:08:09+02:00",
        "distance": "2",
        "similarity": "0.984",
        "reason": "keeper: more pixels",
        "tags": "edited recoloured",
        "reclaimable_bytes": "3400000",
    } == rows[1]


def test_a_report_without_groups_has_its_header() -> None:
    """Programs that read the file find the columns."""
    stream = StringIO(newline="")
    write_csv(stream, [])
    assert ",".join(COLUMNS) == stream.getvalue().strip()


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_path_comes_back(name: str) -> None:
    """Quotes, commas, line ends and all: the reader gets what was written, one apostrophe less."""
    (row, _) = _rows(group(keeper(1, name), member(2, "/b")))
    assert name == row["path"].removeprefix("'")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "'"])
def test_no_cell_is_a_formula(start: str) -> None:
    """Whatever a spreadsheet would run begins with an apostrophe, and the rest is untouched."""
    (row, _) = _rows(group(keeper(1, f"{start}SUM(A1)"), member(2, "/b")))
    assert f"'{start}SUM(A1)" == row["path"]


@given(st.text())
def test_a_neutral_cell_is_harmless_and_can_be_undone(text: str) -> None:
    """It never begins like a formula, always encodes, and loses exactly the apostrophe that it was given."""
    cell = neutral(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    cell.encode("utf-8")
    if not any("\ud800" <= char <= "\udfff" for char in text):
        assert text == cell.removeprefix("'")


def test_a_lone_surrogate_is_escaped() -> None:
    """What UTF-8 cannot hold stays readable."""
    assert "a\\ud800" == neutral("a\ud800")


def test_a_path_that_is_not_utf_8_has_its_bytes_beside_it() -> None:
    """The Base64 column holds what the text cannot."""
    (row, _) = _rows(group(replace(keeper(1, "/a\\xff"), path_b64="L2H/"), member(2, "/b")))
    assert ("/a\\xff", "L2H/") == (row["path"], row["path_b64"])
