"""A catalogue that was not closed properly is checked, and a damaged one set aside, never deleted."""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from simd.catalogue.backup import install_copy, newest_first
from simd.catalogue.faults import is_corruption, translated, translating
from simd.catalogue.schema import CLEAN_EXIT
from simd.core.errors import CatalogueError

log = logging.getLogger(__name__)

_COMPANIONS: Final = ("-wal", "-shm", "")
"""The log goes before the database: a log left beside a new database would be played into it."""


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What was done about a damaged catalogue.

    Attributes:
        set_aside: where the damaged database is now.
        restored_from: the copy that took its place, None when a new catalogue was begun.
        message: the same, for a person.
    """

    set_aside: Path
    restored_from: Path | None
    message: str


def recover(
    database: Path, backups: Path, now: datetime, checking: Callable[[], None]
) -> RecoveryReport | None:
    """Check a database that was in use when its process ended; replace it when it is damaged.

    Args:
        database: the file.
        backups: the folder of the copies.
        now: the present moment.
        checking: called before a check, which reads the whole file.

    Returns:
        None when nothing had to be done.

    Raises:
        CatalogueError: the database cannot be looked at, for another reason than damage.
    """
    if not database.exists() or _closed_properly(database):
        return None
    checking()
    if _passes_check(database):
        return None
    return replace(database, backups, now)


def replace(database: Path, backups: Path, now: datetime) -> RecoveryReport:
    """Set a damaged database aside, and put the newest sound copy in its place, if there is one."""
    aside = _set_aside(database, now)
    restored = next(filter(_usable, newest_first(backups)), None)
    if restored is None:
        outcome = "A new catalogue was begun; every file is read again."
    else:
        install_copy(restored, database)
        outcome = f"The copy {restored.name} was restored; what changed since is read again."
    return RecoveryReport(aside, restored, f"The catalogue was damaged and is now {aside.name}. {outcome}")


def note_in_use(database: Path) -> None:
    """Let the next start look for damage, unless a clean exit is noted before.

    Raises:
        CatalogueError: the note cannot be written.
    """
    with translating(), closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE state SET value = 0 WHERE key = ?", (CLEAN_EXIT,))


def damage_in(database: Path) -> list[str]:
    """Look for damage everywhere: what was found, nothing when the database is sound.

    A connection of its own reads the file; one that is in use would answer from its memory.
    """
    try:
        with closing(sqlite3.connect(database)) as connection:
            found = [line for (line,) in connection.execute("PRAGMA integrity_check") if line != "ok"]
            dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        if not is_corruption(error):
            raise
        return [str(error)]
    return found + [f"{table}: row {row} refers to no {parent}" for table, row, parent, _ in dangling]


def _closed_properly(database: Path) -> bool:
    try:
        with closing(_look_at(database)) as connection:
            rows = connection.execute("SELECT value FROM state WHERE key = ?", (CLEAN_EXIT,)).fetchall()
    except sqlite3.OperationalError:
        # No such table yet, or no access: the check that follows finds out which.
        return False
    except sqlite3.DatabaseError as error:
        return _no_if_corrupt(error)
    return rows == [(1,)]


def _passes_check(database: Path) -> bool:
    try:
        with closing(_look_at(database)) as connection:
            return connection.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]
    except sqlite3.Error as error:
        return _no_if_corrupt(error)


def _look_at(database: Path) -> sqlite3.Connection:
    # The last connection that may write folds the log into the database when it closes, damaged or not.
    mode = "ro" if Path(f"{database}-wal").exists() else "rw"
    return sqlite3.connect(f"{database.resolve().as_uri()}?mode={mode}", uri=True)


def _usable(copy: Path) -> bool:
    try:
        return _passes_check(copy)
    except CatalogueError as error:
        log.warning("the copy %s cannot be used: %s", copy, error)
        return False


def _no_if_corrupt(error: sqlite3.Error) -> bool:
    if is_corruption(error):
        return False
    raise translated(error) from error


def _set_aside(database: Path, now: datetime) -> Path:
    moment = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    aside = database.with_name(f"{database.stem}.corrupt-{moment}{database.suffix}")
    for ending in _COMPANIONS:
        companion = Path(f"{database}{ending}")
        if companion.exists():
            companion.rename(f"{aside}{ending}")
    return aside
