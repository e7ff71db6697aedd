"""Figures are kept as they were measured."""

import json
import tomllib
from pathlib import Path

import pytest

from bench.results import load, save
from bench.table import Skipped, multiple, quantity, table
from tests.bench.runs import LARGER, MET, MISSED, run

CHECKOUT = Path(__file__).parents[2]


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    """Rows, their places in plots and what was skipped are the same after reading."""
    results = {"one": run(MET, MISSED), "two": run(LARGER, skipped=(Skipped("peer", "absent"),))}
    save(results, tmp_path / "results.json")
    kept = load(tmp_path / "results.json")
    assert list(results) == list(kept)
    for name, measured in results.items():
        assert list(measured.rows) == kept[name].rows
        assert list(measured.skipped) == kept[name].skipped
        assert measured.machine == kept[name].machine
        assert measured.command == kept[name].command


def test_ratios_are_kept_for_other_readers(tmp_path: Path) -> None:
    """The file has the ratio and the verdict of each row, for whoever reads it without this code."""
    save({"one": run(MISSED)}, tmp_path / "results.json")
    rows = json.loads((tmp_path / "results.json").read_text())["benchmarks"]["one"]["rows"]
    assert [(2.0, False)] == [(row["ratio"], row["passed"]) for row in rows]


def test_figures_of_another_form_are_left_out(tmp_path: Path) -> None:
    """A file that an earlier version wrote is no error, and nor is one that is not there."""
    path = tmp_path / "results.json"
    assert {} == load(path)
    path.write_text('{"measured_at": "2026-01-01", "benchmarks": {"one": []}}')
    assert {} == load(path)


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(2.0, "2"), (1.0, "1"), (0.125, "1/8"), (1 / 17_512, "1/17,500"), (12_345.0, "12,300"), (0.0, "0")],
)
def test_ratios_read_as_multiples_or_fractions(ratio: float, words: str) -> None:
    """Three figures, and no exponent."""
    assert words == multiple(ratio)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.000152, "s", "152 µs"),
        (375.0, "s", "375 s"),
        (5_400.0, "s", "1.5 h"),
        (330_000.0, "s", "3.82 days"),
        (38_100_000.0, "B", "38.1 MB"),
    ],
)
def test_figures_have_readable_sizes(value: float, unit: str, words: str) -> None:
    """Short times in parts of a second, long ones in hours and days, bytes in powers of a thousand."""
    assert words == quantity(value, unit)


def test_table_shows_what_failed() -> None:
    """Each row is a line of the printed table, with its verdict."""
    heads, met, missed = table([MET, MISSED]).splitlines()
    assert heads.startswith("benchmark")
    assert {"1/50", "pass"} <= set(met.split())
    assert {"2", "FAIL"} <= set(missed.split())


def test_peers_are_for_benchmarks_alone() -> None:
    """Nothing that simd is compared with is installed with it, or for its tests."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    others = {_name(each) for extra in extras if extra != "bench" for each in extras[extra]}
    others |= {_name(each) for each in project["dependencies"]}
    peers = {_name(each) for each in extras["bench"]}
    assert {"czkawka", "duplicate-images", "faiss-cpu"} <= peers
    assert set() == peers & others


def _name(requirement: str) -> str:
    return requirement.partition(">")[0]
