"""Plots as inline SVG."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.report.value import TrendPoint, YearTotals
from simd.render.report.plots import byte_steps, plot_trend, plot_years


def _points(values: list[int]) -> list[TrendPoint]:
    return [
        TrendPoint(
            made_at=f"2026-{1 + day // 28:02d}-{1 + day % 28:02d}T03:00:00+01:00",
            reclaimable_bytes=value,
            groups=day,
            library_bytes=10**12,
        )
        for day, value in enumerate(values)
    ]


def _parsed(drawing: str) -> ET.Element:
    """The drawing without its namespace, which HTML does not need."""
    return ET.fromstring(drawing.replace('xmlns="http://www.w3.org/2000/svg"', ""))  # noqa: S314 - we drew it


@given(st.integers(0, 10**15))
def test_steps_of_an_axis_are_few_and_round(largest: int) -> None:
    """From nothing to at least the largest value, in two to five equal steps of one digit."""
    steps = byte_steps(largest)
    assert 0 == steps[0]
    assert largest <= steps[-1]
    assert 2 <= len(steps) <= 5
    assert 1 == len({after - before for before, after in pairwise(steps)})
    assert str(steps[1])[0] in "125"
    assert not str(steps[1])[1:].strip("0")


@pytest.mark.parametrize("values", [[0, 0], [5, 5], [1, 10**13], list(range(42)), [10**9] * 40])
def test_a_trend_has_a_mark_for_each_report(values: list[int]) -> None:
    """Each mark tells its date, its bytes and its groups; dates at the axis are few."""
    root = _parsed(plot_trend(_points(values)))
    tips = [mark.findtext("title") or "" for mark in root.iter("circle")]
    assert len(values) == len(tips)
    assert tips[-1].endswith(f"in {len(values) - 1} group" + ("" if len(values) == 2 else "s"))
    (axis,) = [part for part in root.iter("g") if part.get("class") == "axis x"]
    assert 2 <= len(list(axis.iter("text"))) <= 5


def test_two_reports_of_one_moment_are_drawn() -> None:
    """Equal times are no division by nothing."""
    point = _points([7])[0]
    assert 2 == plot_trend([point, point]).count("<circle")


@pytest.mark.parametrize("years", [[2024, 2023], list(range(2026, 1970, -1))])
def test_years_run_from_the_first_to_the_last(years: list[int]) -> None:
    """A bar for each year, in order; at most eight of them are named."""
    totals = [YearTotals(year=year, groups=1, reclaimable_bytes=year) for year in years]
    root = _parsed(plot_years(totals))
    bars = [mark for mark in root.iter("rect") if mark.find("title") is not None]
    assert sorted(years) == [int((bar.findtext("title") or "")[:4]) for bar in bars]
    assert [bar.get("x") for bar in bars] == sorted(
        (bar.get("x") for bar in bars), key=lambda x: float(x or 0)
    )
    (axis,) = [part for part in root.iter("g") if part.get("class") == "axis x"]
    assert 1 <= len(list(axis.iter("text"))) <= 8


def test_a_drawing_carries_nothing_but_shapes_and_words() -> None:
    """No script, no style, no remark of the library, no address."""
    for drawing in (
        plot_trend(_points([1, 2])),
        plot_years([YearTotals(year=1, groups=1, reclaimable_bytes=1)]),
    ):
        root = _parsed(drawing)
        tags = {part.tag for part in root.iter()}
        assert tags <= {"svg", "title", "g", "rect", "path", "text", "circle"}
        assert "<!--" not in drawing
        assert 1 == drawing.count("http")
