"""Which processes use a file, as the system's list of locks tells."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from simd.system import holders
from simd.system.holders import holders_of, parse_locks

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux has /proc/locks")

CONTENT = """1: POSIX  ADVISORY  WRITE 1501 fd:01:655361 120 120
2: POSIX  ADVISORY  READ  1502 fd:01:655361 123 123
3: FLOCK  ADVISORY  WRITE 1503 00:2a:17 0 EOF
3: -> FLOCK  ADVISORY  WRITE 1504 00:2a:17 0 EOF
4: OFDLCK ADVISORY  WRITE -1 00:2a:18 0 EOF
5: POSIX  ADVISORY  WRITE 0 00:2a:19 0 EOF
6: broken
"""

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print(flush=True)
sys.stdin.read()
"""


def test_only_locks_for_writing_that_are_held_count() -> None:
    """Not those of readers, not those that are waited for, and none whose process is not told."""
    assert [(1501, (0xFD, 1, 655361)), (1503, (0, 0x2A, 17))] == parse_locks(CONTENT)
    assert {1501, 1502, 1503} == {pid for pid, _ in parse_locks(CONTENT, readers=True)}


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A database in WAL mode that another process holds open for writing, and that process."""
    database = tmp_path / "some.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (x)")
    command = [sys.executable, "-c", HOLDER, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield database, holder.pid


@LINUX
def test_whoever_holds_a_database_open_for_writing_is_named(locked: tuple[Path, int]) -> None:
    """By name and number; somebody who only reads, as we do, is not meant."""
    database, holder = locked
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("SELECT * FROM t").fetchall()
        [told] = holders_of([database, Path(f"{database}-shm")])
    assert told.endswith(f"(process {holder})")


def test_where_the_system_tells_nothing_nobody_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is there an error."""
    monkeypatch.setattr(holders, "LOCKS", tmp_path / "none")
    assert [] == holders_of([tmp_path])
    monkeypatch.undo()
    assert [] == holders_of([tmp_path / "nowhere"])
