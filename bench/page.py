"""``python -m bench.page``: make ``docs/performance.md`` and its plots of ``bench/results.json``."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench.markdown import HEADS, cells, table, tables
from bench.plots import PLOTS, draw, series
from bench.results import RESULTS, Measured, load
from bench.table import Row

FOLDER = Path(__file__).parents[1] / "docs"
PAGE = "performance.md"

FIRST = ("index_query", "join", "grouping", "startup", "memory", "query_load")
"""These come in this order; others follow by their names."""

INTRODUCTION = """# Performance

Every figure stands beside a yardstick that was measured in the same run, because the ratio says more than
the time: 1/8 means an eighth of what the yardstick takes. A *bar* is the greatest ratio that passes. A
yardstick called *limit* is a fixed figure.

This page is made of the figures by `python -m bench.page`; nobody writes in it by hand.
What becomes of a hundred million images is told in [scale.md](scale.md).
"""

REPEAT = """## How to repeat it

```sh
make bench                                      # everything, at the default sizes
make bench BENCH="index_query join"             # these only
make bench BENCH=index_query SIZE="1000000 10000000"
.venv/bin/python -m bench --help                # the same without make
.venv/bin/python -m bench.page                  # this page, of bench/results.json
```

`make bench` installs the tools to compare with, each where it can be installed; those of the system are
named where they are missing. Figures go to `bench/results.json`, and a benchmark that is run again
replaces its own alone. Made photographs and catalogues are kept in `.run/bench`, so that the first run
takes longer.
"""


def main() -> None:
    """Make the page of the figures that are kept."""
    results = load()
    if not results:
        raise SystemExit(f"there are no figures in {RESULTS}; `make bench` measures them")
    for name, text in documents(results).items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(FOLDER / name)


def documents(results: Mapping[str, Measured]) -> dict[str, str]:
    """The page and its plots, by the names of their files."""
    rows = [row for run in results.values() for row in run.rows]
    points = {plot: series(rows, plot) for plot in PLOTS}
    # A line needs two ends.
    drawn = [plot for plot in PLOTS if any(len(line) > 1 for line in points[plot].values())]
    plots = {PLOTS[plot].file: draw(plot, points[plot]) for plot in drawn}
    return {PAGE: "\n".join(_page(results, drawn)), **plots}


def _page(results: Mapping[str, Measured], drawn: Sequence[str]) -> Iterator[str]:
    names = sorted(results, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))
    machines = list(dict.fromkeys(tuple(results[name].machine.items()) for name in names))
    yield INTRODUCTION
    yield from _bars([(name, row) for name in names for row in results[name].rows if row.bar is not None])
    yield from _growth(drawn)
    for number, machine in enumerate(machines, 1):
        yield f"## The machine{f' ({number})' if len(machines) > 1 else ''}\n"
        yield from table(("part", ""), machine)
    for name in names:
        run = results[name]
        number = machines.index(tuple(run.machine.items())) + 1
        yield from _benchmark(name, run, f", machine {number}" if len(machines) > 1 else "")
    yield REPEAT.rstrip() + "\n"


def _bars(barred: Sequence[tuple[str, Row]]) -> Iterator[str]:
    met = sum(row.passed for _, row in barred)
    yield f"## The bars: {met} of {len(barred)} are met\n"
    # What was missed comes first.
    rows = sorted(barred, key=lambda each: each[1].passed)
    heads = (*HEADS[:-1], "benchmark")
    yield from table(heads, ((*cells(row), f"[{name}](#{name})") for name, row in rows))


def _growth(drawn: Sequence[str]) -> Iterator[str]:
    if drawn:
        yield "## How cost grows\n"
    for plot in drawn:
        yield f"![{PLOTS[plot].title}, by the number of hashes]({PLOTS[plot].file})\n"


def _benchmark(name: str, run: Measured, machine: str) -> Iterator[str]:
    yield f"## {name}\n"
    yield f"{run.about}\n"
    yield from tables(run.rows)
    for each in run.skipped:
        yield f"- Skipped: **{each.name}**, {each.why}."
    if run.skipped:
        yield ""
    yield f"`{run.command}`, {run.measured_at}{machine}.\n"


if __name__ == "__main__":
    main()
