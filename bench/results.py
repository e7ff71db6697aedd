"""The figures that are kept: each benchmark's last run, with its date, its command and its machine."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.table import Growth, Row, Skipped

RESULTS = Path(__file__).with_name("results.json")
"""Where the figures are kept."""

FORM = 3
"""Raised whenever the file changes its shape; figures of another form are not read."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of one benchmark.

    Attributes:
        about: what it is, in the words of its module.
        measured_at: when it ended, in ISO 8601 with offset.
        command: what repeats it.
        machine: what it ran on, by :func:`bench.machine.describe`.
        rows: the figures.
        skipped: the yardsticks that were not there.
    """

    about: str
    measured_at: str
    command: str
    machine: Mapping[str, str]
    rows: Sequence[Row]
    skipped: Sequence[Skipped]


def load(path: Path = RESULTS) -> dict[str, Measured]:
    """Every benchmark's last run by its name; nothing if there is no file of this form."""
    if not path.exists():
        return {}
    kept = json.loads(path.read_text(encoding="utf-8"))
    if kept.get("form") != FORM:
        return {}
    return {name: _measured(run) for name, run in kept["benchmarks"].items()}


def save(results: Mapping[str, Measured], path: Path = RESULTS) -> None:
    """Keep these runs, whole or not at all."""
    kept = {"form": FORM, "benchmarks": {name: _record(run) for name, run in results.items()}}
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(path)


def _record(run: Measured) -> dict[str, Any]:
    """A run with what follows from its figures, for whoever reads the file without this code."""
    rows = [asdict(row) | {"ratio": row.ratio, "passed": row.passed} for row in run.rows]
    return asdict(run) | {"rows": rows}


def _measured(run: Mapping[str, Any]) -> Measured:
    return Measured(
        about=run["about"],
        measured_at=run["measured_at"],
        command=run["command"],
        machine=run["machine"],
        rows=[_row(row) for row in run["rows"]],
        skipped=[Skipped(**each) for each in run["skipped"]],
    )


def _row(row: Mapping[str, Any]) -> Row:
    own = {name: value for name, value in row.items() if name not in {"ratio", "passed", "growth"}}
    return Row(**own, growth=Growth(**row["growth"]) if row["growth"] else None)
