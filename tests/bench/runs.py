"""Runs of benchmarks that nobody measured."""

from bench.results import Measured
from bench.table import Growth, Row, Skipped

MACHINE = {"processor": "abacus", "cores": "1"}
MET = Row("a met claim", 0.001, "s", "a scan", 0.05, 1 / 8, "a note", Growth("query", 1_000))
MISSED = Row("a missed claim", 300.0, "B", "limit", 150.0, 1.0)
UNBARRED = Row("a | figure", 172_800.0, "s", "a walk", 43_200.0)
LARGER = Row("a larger one", 0.004, "s", "a scan", 50.0, growth=Growth("query", 1_000_000))


def run(*rows: Row, skipped: tuple[Skipped, ...] = (), machine: dict[str, str] | None = None) -> Measured:
    """A run with these rows."""
    command = "python -m bench some --size 7"
    return Measured("What it is.", "2026-11-21T12:00:00+00:00", command, machine or MACHINE, rows, skipped)
