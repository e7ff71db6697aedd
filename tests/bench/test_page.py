"""The page of the figures tells all of them, and what was missed before anything else."""

from dataclasses import replace
from xml.etree import ElementTree as ET

from bench.page import PAGE, documents
from bench.plots import PAPER, PLOTS, series
from bench.table import Skipped
from tests.bench.runs import LARGER, MET, MISSED, UNBARRED, run

SVG = "{http://www.w3.org/2000/svg}"


def test_bars_are_told_plainly() -> None:
    """How many bars are met comes first, then those that are missed, by a word that cannot be overlooked."""
    page = documents({"some": run(MET, MISSED, UNBARRED)})[PAGE]
    assert "## The bars: 1 of 2 are met\n" in page
    missed = "| a missed claim | **2** | ≤ 1 | **FAIL** | 300 B | limit | 150 B | [some](#some) |\n"
    met = "| a met claim | **1/50** | ≤ 1/8 | pass | 1 ms | a scan | 50 ms | [some](#some) |\n"
    assert missed + met in page


def test_every_figure_is_told() -> None:
    """Each row of a benchmark has a line with its ratio, both figures and its note; a bar cannot break it."""
    page = documents({"some": run(MET, UNBARRED)})[PAGE]
    assert "\n## some\n\nWhat it is.\n" in page
    assert "| a met claim | **1/50** | ≤ 1/8 | pass | 1 ms | a scan | 50 ms | a note |\n" in page
    assert "| a \\| figure | **4** |  |  | 2 days | a walk | 12 h |  |\n" in page
    assert "`python -m bench some --size 7`, 2026-11-21T12:00:00+00:00.\n" in page


def test_several_yardsticks_stand_in_one_line() -> None:
    """A figure beside several yardsticks is told once, with a column for each and the bar in its place."""
    tree = replace(MET, yardstick="a tree", yardstick_measured=2.0, bar=1 / 5_000, note="of few")
    page = documents({"some": run(MET, tree, MISSED)})[PAGE]
    assert "| what | measured | beside a scan | beside a tree | note |\n" in page
    ratios = "**1/50** of 50 ms, bar ≤ 1/8: pass | **1/2,000** of 2 s, bar ≤ 1/5,000: **FAIL**"
    assert f"| a met claim | 1 ms | {ratios} | a note; of few |\n" in page
    assert "| a missed claim | **2** | ≤ 1 | **FAIL** | 300 B | limit | 150 B |  |\n" in page


def test_rows_of_one_name_are_all_told() -> None:
    """Two figures of one name and one yardstick have a line each."""
    page = documents({"some": run(UNBARRED, replace(UNBARRED, measured=43_200.0))})[PAGE]
    assert "| a \\| figure | **4** |" in page
    assert "| a \\| figure | **1** |" in page


def test_what_was_skipped_is_named() -> None:
    """A yardstick that was not there is named with the reason."""
    page = documents({"some": run(MET, skipped=(Skipped("faiss-cpu", "not installed"),))})[PAGE]
    assert "- Skipped: **faiss-cpu**, not installed.\n" in page


def test_machines_are_told_apart() -> None:
    """Where runs are from different machines, each says which one; otherwise there is one to tell of."""
    other = run(MISSED, machine={"processor": "slide rule"})
    page = documents({"a": run(MET), "b": other, "c": run(MET)})[PAGE]
    assert "## The machine (1)\n\n| part |  |\n|---|---|\n| processor | abacus |\n| cores | 1 |\n" in page
    assert "## The machine (2)\n\n| part |  |\n|---|---|\n| processor | slide rule |\n" in page
    assert [1, 2, 1] == [int(line[-2]) for line in page.splitlines() if "+00:00, machine" in line]
    assert "## The machine\n" in documents({"a": run(MET), "c": run(MET)})[PAGE]


def test_growth_is_drawn_for_whoever_has_it() -> None:
    """A plot has a line for us and each yardstick, on paper that can be seen through by no page."""
    made = documents({"some": run(LARGER, MET, UNBARRED)})
    file = PLOTS["query"].file
    assert {PAGE, file} == set(made)
    assert f"]({file})\n" in made[PAGE]
    drawing = ET.fromstring(made[file])  # noqa: S314  # written by ourselves
    texts = {text.text for text in drawing.iter(f"{SVG}text")}
    assert {"simd", "a scan", "1k", "1M", "1 ms", "100 s"} <= texts
    assert [] == list(drawing.iter(f"{SVG}script"))
    styles = "".join(style.text or "" for style in drawing.iter(f"{SVG}style"))
    assert f".graph > .background{{fill:{PAPER}}}" in styles


def test_lines_ascend() -> None:
    """The points of a line are in order of their sizes, whatever the order of the rows."""
    points = series([LARGER, MET, UNBARRED], "query")
    assert {
        "simd": [(1_000, 0.001), (1_000_000, 0.004)],
        "a scan": [(1_000, 0.05), (1_000_000, 50.0)],
    } == points


def test_the_same_figures_make_the_same_files() -> None:
    """Nothing but the figures is in the page and its plots: neither the time nor chance."""
    results = {"some": run(LARGER, MET)}
    assert documents(results) == documents(results)
    assert all("Generated" not in text for text in documents(results).values())


def test_a_single_size_is_no_growth() -> None:
    """A plot of one size is neither drawn nor shown."""
    made = documents({"some": run(MET)})
    assert [PAGE] == list(made)
    assert "svg" not in made[PAGE]
