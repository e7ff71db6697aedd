"""``python -m bench [NAME...] [--size N]...``: run benchmarks, print a table, keep the figures.

The figures are written to ``bench/results.json``. The exit status is 1 when a bar was missed.
"""

import argparse
import json
import os
import pkgutil
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import bench
from bench.table import Options, Row, table

RESULTS = Path(__file__).with_name("results.json")
"""Where the figures of the last run are kept."""

Run = Callable[[Options], list[Row]]


def benchmarks() -> dict[str, Run]:
    """Every benchmark by its name: the modules beside this one that can be run."""
    modules = {
        module.name: import_module(f"bench.{module.name}")
        for module in pkgutil.iter_modules(bench.__path__)
        if module.name != "__main__"
    }
    return {name: module.run for name, module in modules.items() if hasattr(module, "run")}


def record(results: dict[str, list[Row]]) -> dict[str, Any]:
    """The figures, and the machine that they were measured on, for ``results.json``."""
    return {
        "measured_at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": {
            "system": platform.platform(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "benchmarks": {
            name: [asdict(row) | {"ratio": row.ratio, "passed": row.passed} for row in rows]
            for name, rows in results.items()
        },
    }


def main() -> int:
    """Run what was asked for; 1 when a bar was missed."""
    known = benchmarks()
    parser = argparse.ArgumentParser(prog="python -m bench", description="Ratios to yardsticks, in one run.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"any of: {', '.join(known)}; all by default"
    )
    parser.add_argument("--size", type=int, action="append", default=[], help="how large; may be repeated")
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in known:
            parser.error(f"no benchmark is called {name}; there are: {', '.join(known)}")
    results = {}
    for name in arguments.names or known:
        print(f"\n{name}", flush=True)
        results[name] = known[name](Options(tuple(arguments.size)))
        print(table(results[name]), flush=True)
    RESULTS.write_text(json.dumps(record(results), indent=1) + "\n", encoding="utf-8")
    missed = [row.name for rows in results.values() for row in rows if not row.passed]
    print(f"\n{len(missed)} missed" if missed else "\nevery bar was met", *missed, sep="\n  ")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
