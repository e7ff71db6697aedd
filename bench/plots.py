"""How cost grows with the number of hashes, drawn on two logarithmic scales."""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, floor, log10

import pygal
from pygal.style import Style

from bench.table import Row, quantity

# pygal leaves a finder for its maps behind, of a kind that Python 3.11 warns of at every later import.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]

OURS = "simd"
WIDTH, HEIGHT = 880, 480
MARGIN = 1.02
INK, PAPER = "#24292f", "#ffffff"
COLOURS = ("#0969da", "#cf222e", "#8250df", "#1a7f37", "#9a6700", "#57606a")
"""Ours first. The paper is opaque, so that they can be told apart on a dark page, too."""

NOISE = re.compile("<!--.*?-->|<script.*?</script>", re.DOTALL)
"""pygal dates its drawings in a comment, but the same figures are to make the same file; and no plot needs
its script."""

Series = Mapping[str, list[tuple[int, float]]]


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn, and where it is kept.

    Attributes:
        file: its name, in the folder of the page.
        title: what a point is.
    """

    file: str
    title: str


PLOTS = {
    "query": Plot("growth-query.svg", "One query at radius 8"),
    "join": Plot("growth-join.svg", "All pairs at radius 8 (peers extrapolated)"),
}
"""By the name that rows bear in :attr:`bench.table.Growth.plot`."""


def series(rows: Iterable[Row], plot: str) -> Series:
    """The points ``(size, seconds)`` of a plot by whose they are, sizes ascending; ours first."""
    points: dict[str, dict[int, float]] = defaultdict(dict)
    for row in rows:
        if row.growth is not None and row.growth.plot == plot:
            points[OURS][row.growth.size] = row.measured
            points[row.yardstick][row.growth.size] = row.yardstick_measured
    return {name: sorted(each.items()) for name, each in points.items()}


def draw(plot: str, points: Series) -> str:
    """An SVG document that needs no script and no font of its own."""
    chart = pygal.XY(
        logarithmic=True,
        title=PLOTS[plot].title,
        x_title="hashes",
        width=WIDTH,
        height=HEIGHT,
        margin=16,
        margin_bottom=44,
        dots_size=4,
        legend_box_size=14,
        legend_at_bottom=True,
        legend_at_bottom_columns=3,
        truncate_legend=-1,
        truncate_label=-1,
        style=_style(),
        js=(),
    )
    # Otherwise its name is drawn at random, and every drawing differs.
    chart.uuid = plot
    sizes, times = _decades(points, 0), _decades(points, 1)
    chart.xrange, chart.range = _about(sizes), _about(times)
    chart.x_labels = [{"value": each, "label": _short(each)} for each in sizes]
    chart.y_labels = [{"value": each, "label": _time(each)} for each in times]
    for name, values in points.items():
        chart.add(name, values)
    return NOISE.sub("", chart.render(is_unicode=True)) + "\n"


def _decades(points: Series, axis: int) -> list[float]:
    """The powers of ten about all that is drawn."""
    values = [point[axis] for each in points.values() for point in each]
    return [10.0**power for power in range(floor(log10(min(values))), ceil(log10(max(values))) + 1)]


def _about(decades: list[float]) -> tuple[float, float]:
    """A little more than these, for pygal leaves out a mark that rounding puts beyond the end."""
    return decades[0] / MARGIN, decades[-1] * MARGIN


def _short(size: float) -> str:
    return f"{size / 1e6:g}M" if size >= 1e6 else f"{size / 1e3:g}k" if size >= 1e3 else f"{size:g}"


def _time(seconds: float) -> str:
    """Powers of ten as such: not in hours or days."""
    return f"{seconds:,.0f} s" if seconds >= 1 else quantity(seconds, "s")


def _style() -> Style:
    return Style(
        background=PAPER,
        plot_background=PAPER,
        foreground=INK,
        foreground_strong=INK,
        foreground_subtle="#57606a",
        guide_stroke_color="#d0d7de",
        major_guide_stroke_color="#d0d7de",
        colors=COLOURS,
        stroke_width="2.5",
        stroke_opacity="1",
        font_family="sans-serif",
        title_font_size=18,
        label_font_size=14,
        major_label_font_size=14,
        legend_font_size=14,
    )
