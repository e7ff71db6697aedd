"""What the person decided: kept at once, apart from the catalogue, and restored when it is damaged."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from simd.catalogue import Decisions, decisions, lasting
from simd.catalogue.recovery import tables
from simd.core.errors import CatalogueError, CatalogueLocked, NewerCatalogue
from tests.fakes import FakeClock

PAUSER = """
import os, signal, sys
from pathlib import Path
from simd.catalogue import Decisions
from simd.runtime.clock import SystemClock

Decisions(Path(sys.argv[1]), SystemClock()).pause()
os.kill(os.getpid(), signal.SIGKILL)
"""
NOISE = b"no database at all".ljust(8_192, b".")


def paused_since(folder: Path, clock: FakeClock) -> datetime | None:
    """What the next start knows."""
    return Decisions(folder, clock).paused_since


def test_a_pause_outlives_the_process_however_it_ends(tmp_path: Path, clock: FakeClock) -> None:
    """It is on the disk when the call returns."""
    done = subprocess.run([sys.executable, "-c", PAUSER, str(tmp_path)], check=False)
    assert -signal.SIGKILL == done.returncode
    since = paused_since(tmp_path, clock)
    assert since is not None
    assert UTC == since.tzinfo


def test_a_pause_is_kept_until_reading_goes_on(tmp_path: Path, clock: FakeClock) -> None:
    """A second pause does not make the first one younger; a second resume is none."""
    began = clock.now()
    first = Decisions(tmp_path, clock)
    assert first.paused_since is None
    first.pause()
    clock.advance(100)
    first.pause()
    assert began == first.paused_since
    assert began == paused_since(tmp_path, clock)
    first.resume()
    first.resume()
    assert first.paused_since is None
    assert paused_since(tmp_path, clock) is None


def test_a_pause_that_crosses_another_is_no_error(tmp_path: Path, clock: FakeClock) -> None:
    """Whoever looked before the other wrote finds the pause there, and leaves it as it is."""
    began = clock.now()
    first, second = Decisions(tmp_path, clock), Decisions(tmp_path, clock)
    first.pause()
    clock.advance(100)
    second.pause()
    assert began == paused_since(tmp_path, clock)


@pytest.mark.parametrize("content", [NOISE, b""], ids=["noise", "empty"])
def test_damaged_decisions_give_way_to_the_newest_sound_copy(
    tmp_path: Path, clock: FakeClock, content: bytes
) -> None:
    """The damaged file is kept, a damaged copy is passed over, and a person is told."""
    kept = Decisions(tmp_path, clock)
    kept.pause()
    sound = kept.backup(tmp_path / "backups", 3)
    clock.advance(1)
    kept.backup(tmp_path / "backups", 3).write_bytes(NOISE)
    (tmp_path / "decisions.db").write_bytes(content)
    restored = Decisions(tmp_path, clock)
    assert restored.recovery is not None
    assert (content, sound) == (restored.recovery.set_aside.read_bytes(), restored.recovery.restored_from)
    assert sound.name in restored.recovery.message
    assert restored.paused_since is not None
    assert Decisions(tmp_path, clock).recovery is None


def test_damaged_decisions_without_a_copy_are_told_to_be_lost(tmp_path: Path, clock: FakeClock) -> None:
    """The daemon goes on without them."""
    (tmp_path / "decisions.db").write_bytes(NOISE)
    begun = Decisions(tmp_path, clock)
    assert begun.recovery is not None
    assert "decided again" in begun.recovery.message
    begun.pause()
    assert paused_since(tmp_path, clock) is not None


def test_copies_are_whole_and_not_too_many(tmp_path: Path, clock: FakeClock) -> None:
    """The copies of the catalogue beside them are left alone."""
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "catalogue.20260101T000000000000Z.db").touch()
    kept = Decisions(tmp_path, clock)
    kept.pause()
    for _ in range(3):
        newest = kept.backup(folder, 1)
        clock.advance(1)
    assert {newest.name, "catalogue.20260101T000000000000Z.db"} == {each.name for each in folder.iterdir()}
    (tmp_path / "decisions.db").write_bytes(newest.read_bytes())
    assert paused_since(tmp_path, clock) is not None


def test_tables_of_an_earlier_version_are_copied_and_upgraded(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was decided is kept."""
    Decisions(tmp_path, clock).pause()
    later = replace(decisions._KIND, steps=(*decisions._KIND.steps, "CREATE TABLE more (x)"))
    monkeypatch.setattr(decisions, "_KIND", later)
    after = len(later.steps)
    upgraded = Decisions(tmp_path, clock)
    assert upgraded.paused_since is not None
    assert "more" in (tables(tmp_path / "decisions.db") or ())
    copied = tables(tmp_path / "backups" / f"decisions.before-{after}.db") or frozenset()
    assert "pause" in copied
    assert "more" not in copied


def test_decisions_of_a_later_version_are_refused(tmp_path: Path, clock: FakeClock) -> None:
    """An older simd would not know what it forgets."""
    Decisions(tmp_path, clock).pause()
    with closing(sqlite3.connect(tmp_path / "decisions.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerCatalogue, match="version 99"):
        Decisions(tmp_path, clock)


def test_a_database_of_another_program_is_refused(tmp_path: Path, clock: FakeClock) -> None:
    """And left alone."""
    with closing(sqlite3.connect(tmp_path / "decisions.db")) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(CatalogueError, match="another program"):
        Decisions(tmp_path, clock)


def test_a_decision_that_cannot_be_kept_is_refused_and_not_taken(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program holds the file; as soon as it lets go, decisions are taken again."""
    monkeypatch.setattr(lasting, "BUSY_SECONDS", 0.01)
    kept = Decisions(tmp_path, clock)
    with closing(sqlite3.connect(tmp_path / "decisions.db", isolation_level=None)) as another:
        another.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CatalogueLocked, match="decisions"):
            kept.pause()
        assert kept.paused_since is None
        another.execute("ROLLBACK")
    kept.pause()
    assert kept.paused_since == paused_since(tmp_path, clock)
