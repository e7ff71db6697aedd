"""Plots as inline SVG that takes its colours from the page. Owner of pygal."""

import sys
from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

import pygal
from markupsafe import Markup
from pygal.style import Style

from simd.core.report.value import TrendPoint, YearTotals
from simd.render.report.wording import full_date, tick_date
from simd.render.words import count, size

# pygal leaves a finder for its maps behind, of a kind that Python 3.11 warns of at every later import.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]

_WIDTH, _HEIGHT = 600, 230
_LABEL_SIZE = 18  # what the margins leave room for: telephones show the labels larger
_MOST_DATES, _MOST_YEARS, _MOST_STEPS = 4, 8, 4
_DATE_LENGTH = len("2026-11-21")


def plot_trend(points: Sequence[TrendPoint]) -> Markup:
    """What could be freed, in the course of time. Needs two points."""
    chart = pygal.XY(**_settings(points, dots_size=5, include_x_axis=True))
    times = [datetime.fromisoformat(point.made_at).timestamp() for point in points]
    chart.x_labels = [
        {"value": times[index], "label": tick_date(points[index].made_at)} for index in _some_dates(points)
    ]
    values = list(zip(times, (point.reclaimable_bytes for point in points), strict=True))
    chart.add(None, values, fill=True, show_dots=False)
    chart.add(None, values, fill=False)
    tips = [
        f"{full_date(point.made_at[:_DATE_LENGTH])}: {size(point.reclaimable_bytes)} "
        f"in {count(point.groups, 'group')}"
        for point in points
    ]
    return _finish(chart, "circle", tips, "What could be freed, report by report", "trend")


def plot_years(years: Sequence[YearTotals]) -> Markup:
    """What could be freed, by the year of the pictures."""
    earliest_first = sorted(years, key=lambda one: one.year)
    chart = pygal.Bar(**_settings(earliest_first, rounded_bars=2))
    labels = [str(one.year) for one in earliest_first]
    chart.x_labels = labels
    chart.x_labels_major = labels[:: -(-len(labels) // _MOST_YEARS)]
    chart.show_minor_x_labels = False
    chart.add(None, [one.reclaimable_bytes for one in earliest_first])
    tips = [
        f"{one.year}: {size(one.reclaimable_bytes)} in {count(one.groups, 'group')}" for one in earliest_first
    ]
    return _finish(chart, "rect", tips, "What could be freed, by year", "years")


def _settings(parts: Sequence[TrendPoint | YearTotals], **more: object) -> dict[str, object]:
    steps = byte_steps(max(part.reclaimable_bytes for part in parts))
    return {
        "width": _WIDTH,
        "height": _HEIGHT,
        "margin": 8,
        "css": (),
        "js": (),
        "no_prefix": True,
        "show_legend": False,
        "style": Style(label_font_size=_LABEL_SIZE, major_label_font_size=_LABEL_SIZE),
        "y_labels": [{"value": step, "label": size(step)} for step in steps],
        "range": (0, steps[-1]),
        "truncate_label": -1,
        **more,
    }


def byte_steps(largest: int) -> list[int]:
    """Round numbers of bytes from 0 to just beyond ``largest``: steps of 1, 2 or 5 times a power of ten."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            step = factor * power
            if step * _MOST_STEPS >= largest:
                return list(range(0, max(largest, 1) + step, step))[: _MOST_STEPS + 1]
        power *= 10


def _some_dates(points: Sequence[TrendPoint]) -> list[int]:
    """Which points bear a date: evenly spread, with both ends, and no date twice."""
    last = len(points) - 1
    steps = min(last, _MOST_DATES)
    chosen: dict[str, int] = {}
    for step in range(steps + 1):
        index = round(step * last / steps)
        chosen.setdefault(tick_date(points[index].made_at), index)
    return list(chosen.values())


def _finish(chart: pygal.Graph, shape: str, tips: Sequence[str], title: str, name: str) -> Markup:
    """The drawing without pygal's scripts, styles and remarks, named for screen readers."""
    root: ET.Element = chart.render_tree()
    for part in list(root):
        if part.tag != "g":
            root.remove(part)
    for group in root.iter("g"):
        for part in list(group):
            if part.tag in {"desc", "title"} or part.get("class") in {"titles", "plot tooltip-overlay"}:
                group.remove(part)
    marks = [mark for mark in root.iter(shape) if "reactive" in mark.get("class", "")]
    for mark, tip in zip(marks, tips, strict=True):
        ET.SubElement(mark, "title").text = tip
    heading = ET.Element("title", id=f"{name}-title")
    heading.text = title
    root.insert(0, heading)
    root.attrib.pop("id")
    root.attrib |= {"class": f"plot {name}", "role": "img", "aria-labelledby": f"{name}-title"}
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 - serialised from a tree, which escapes
