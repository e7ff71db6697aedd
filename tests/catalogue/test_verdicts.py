"""Verdicts in the database of decisions: kept at once, one for each pair, upgraded from the time before."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simd.catalogue import Decisions, VerdictTable, decisions
from simd.core.errors import CatalogueError
from simd.core.verdicts import GivenVerdict, VerdictKind, verdicts_on
from tests.fakes import FakeClock

MOMENT = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
A, B, C = (bytes([number]) * 32 for number in (1, 2, 3))

MARKER = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from simd.catalogue import Decisions
from simd.catalogue.verdicts import VerdictTable
from simd.core.verdicts import VerdictKind, verdicts_on
from simd.runtime.clock import SystemClock

table = VerdictTable(Decisions(Path(sys.argv[1]), SystemClock()))
table.put(verdicts_on(VerdictKind.KEEP, [bytes(32)], datetime(2026, 1, 1, tzinfo=UTC)))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def table(tmp_path: Path, clock: FakeClock) -> VerdictTable:
    """The table of a new state folder."""
    return VerdictTable(Decisions(tmp_path, clock))


def known(folder: Path, clock: FakeClock) -> set[GivenVerdict]:
    """What the next start knows."""
    return set(VerdictTable(Decisions(folder, clock)).all())


def test_verdicts_outlive_the_daemon(table: VerdictTable, tmp_path: Path, clock: FakeClock) -> None:
    """Pairs and single pictures come back as they were given, with their moments in UTC."""
    given = [
        *verdicts_on(VerdictKind.DIFFERENT, [C, A, B], MOMENT),
        *verdicts_on(VerdictKind.KEEP, [B], MOMENT.astimezone() + timedelta(days=1)),
    ]
    table.put(given)
    assert set(given) == known(tmp_path, clock)
    assert {UTC} == {it.since.tzinfo for it in known(tmp_path, clock)}


def test_a_verdict_outlives_the_process_however_it_ends(tmp_path: Path, clock: FakeClock) -> None:
    """It is on the disk when the call returns."""
    done = subprocess.run([sys.executable, "-c", MARKER, str(tmp_path)], check=False)
    assert -signal.SIGKILL == done.returncode
    assert {(bytes(32),)} == {it.images for it in known(tmp_path, clock)}


def test_there_is_one_verdict_on_a_pair(table: VerdictTable) -> None:
    """A later one takes the place of the one before."""
    table.put(verdicts_on(VerdictKind.DIFFERENT, [A, B], MOMENT))
    later = verdicts_on(VerdictKind.SERIES, [A, B], MOMENT + timedelta(seconds=1))
    table.put(later)
    assert later == table.all()


def test_what_is_dropped_is_forgotten(table: VerdictTable) -> None:
    """The others stay, and what is not there is no error."""
    given = verdicts_on(VerdictKind.SERIES, [A, B, C], MOMENT)
    table.put(given)
    table.drop([given[0], *verdicts_on(VerdictKind.KEEP, [A], MOMENT)])
    assert set(given[1:]) == set(table.all())


def test_verdicts_of_one_call_are_kept_together_or_not_at_all(table: VerdictTable) -> None:
    """The database refuses what is no verdict, and keeps nothing that came with it."""
    good = verdicts_on(VerdictKind.DIFFERENT, [A, B], MOMENT)
    with pytest.raises(CatalogueError):
        table.put([*good, GivenVerdict(VerdictKind.KEEP, (A, C), MOMENT)])
    assert [] == table.all()


def test_decisions_of_the_time_before_are_upgraded(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pause is kept, and there is room for verdicts."""
    with monkeypatch.context() as before:
        before.setattr(decisions, "_KIND", replace(decisions._KIND, steps=decisions._KIND.steps[:1]))
        Decisions(tmp_path, clock).pause()
    upgraded = Decisions(tmp_path, clock)
    assert upgraded.paused_since is not None
    assert [] == VerdictTable(upgraded).all()


def test_a_copy_brings_verdicts_back(table: VerdictTable, tmp_path: Path, clock: FakeClock) -> None:
    """A damaged database gives way to the newest sound copy, with what had been decided until then."""
    given = verdicts_on(VerdictKind.DIFFERENT, [A, B], MOMENT)
    table.put(given)
    table._decisions.backup(tmp_path / "backups", 3)
    (tmp_path / "decisions.db").write_bytes(b"no database at all".ljust(8_192, b"."))
    assert set(given) == known(tmp_path, clock)


def test_nothing_of_the_catalogue_is_in_the_table(table: VerdictTable, tmp_path: Path) -> None:
    """Digests alone, so that whatever is done to the catalogue cannot reach a verdict."""
    table.put(verdicts_on(VerdictKind.KEEP, [A], MOMENT))
    with closing(sqlite3.connect(tmp_path / "decisions.db")) as connection:
        [row] = connection.execute("SELECT * FROM verdict")
    assert (A, A, "keep", "2026-11-21T18:30:00+00:00") == row
