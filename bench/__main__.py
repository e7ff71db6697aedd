"""``python -m bench [NAME...] [--size N]...``: run benchmarks, print tables, keep the figures.

The figures go to ``bench/results.json``, beside those of the benchmarks that are not run now;
``python -m bench.page`` makes a page of them. The exit status is 1 when a bar was missed.
"""

import argparse
import inspect
import pkgutil
import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from importlib import import_module
from types import ModuleType

import bench
from bench import results
from bench.machine import describe
from bench.results import Measured
from bench.table import Options, Outcome, Row, Skipped, table

NOT_BENCHMARKS = ("__main__", "footprint", "install", "page")
"""Programs of their own."""

Run = Callable[[Options], Iterable[Outcome]]


def benchmarks() -> dict[str, ModuleType]:
    """Every benchmark by its name: the modules beside this one that can be run."""
    modules = {
        module.name: import_module(f"bench.{module.name}")
        for module in pkgutil.iter_modules(bench.__path__)
        if module.name not in NOT_BENCHMARKS
    }
    return {name: module for name, module in modules.items() if hasattr(module, "run")}


def main() -> int:
    """Run what was asked for; 1 when a bar was missed."""
    known = benchmarks()
    names, sizes = _arguments(known)
    missed = []
    for name in names or known:
        alone = getattr(known[name], "HASHES_ALONE", False)
        measured = _measure(name, known[name], sizes if names or alone else ())
        # Read again each time: another run may have kept its figures meanwhile.
        results.save(results.load() | {name: measured})
        missed += [row.name for row in measured.rows if not row.passed]
    print(f"\n{len(missed)} missed" if missed else "\nevery bar was met", *missed, sep="\n  ")
    return 1 if missed else 0


def _arguments(known: Iterable[str]) -> tuple[list[str], tuple[int, ...]]:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Ratios to yardsticks, in one run.")
    names = f"any of: {', '.join(known)}; all by default"
    parser.add_argument("names", nargs="*", metavar="NAME", help=names)
    size = "how large; may be repeated; without a NAME it is for those that measure hashes alone"
    parser.add_argument("--size", type=int, action="append", default=[], metavar="N", help=size)
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in known:
            parser.error(f"no benchmark is called {name}; there are: {', '.join(known)}")
    if any(size < 1 for size in arguments.size):
        parser.error("a size is 1 or more")
    return arguments.names, tuple(arguments.size)


def _measure(name: str, module: ModuleType, sizes: tuple[int, ...]) -> Measured:
    print(f"\n{name}", flush=True)
    begun = time.perf_counter()
    run: Run = module.run
    outcomes = list(run(Options(sizes)))
    rows = [outcome for outcome in outcomes if isinstance(outcome, Row)]
    skipped = [outcome for outcome in outcomes if isinstance(outcome, Skipped)]
    print(table(rows))
    for each in skipped:
        print(f"skipped: {each.name}: {each.why}")
    print(f"({time.perf_counter() - begun:.0f} s)", flush=True)
    command = " ".join(["python -m bench", name, *(f"--size {size}" for size in sizes)])
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    about = inspect.cleandoc(module.__doc__ or "")
    return Measured(about, now, command, describe(), rows, skipped)


if __name__ == "__main__":
    sys.exit(main())
