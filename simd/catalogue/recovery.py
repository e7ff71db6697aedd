"""A catalogue that was not closed properly is checked, and a damaged one set aside, never deleted."""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from simd.catalogue.backup import install_staged, newest_first, stage_copy
from simd.catalogue.faults import is_corruption, translated, translating
from simd.catalogue.life import NO_TOKEN, Life, new_token, read_life, token_of, write_life
from simd.catalogue.schema import CLEAN_EXIT, LAST_IMAGE_ID
from simd.core.errors import CatalogueError

log = logging.getLogger(__name__)

_COMPANIONS: Final = ("-wal", "-shm", "-journal", "")
"""The log goes before the database: a log left beside a new database would be played into it."""

_OURS: Final = frozenset({"alembic_version", "root", "directory", "image", "file", "state"})
_OF_ALEMBIC: Final = frozenset({"alembic_version"})


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What was done about a damaged catalogue, or about one that somebody put in the place of another.

    Attributes:
        set_aside: where the damaged database is now, or the log that belongs to another one.
        restored_from: the copy that took its place, None when none did.
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
        CatalogueError: the database cannot be looked at, for another reason than damage, or it is
            not one of simd's.
    """
    with translating():
        finish_replacing(database)
        life = read_life(database.parent)
        report = _part_from_stray_log(database, life, now)
        if not database.exists():
            return report
        refuse_folder(database)
        if not database.stat().st_size:
            # Somebody who begins anew removes the file. An empty one was lost.
            return replace_damaged(database, backups, now) if life and newest_first(backups) else report
        refuse_foreign(database, _OURS)
        suspect = life is not None and life.suspect
        if not suspect and _closed_properly(database):
            return report
        checking()
        # A log that was taken away may have left the database half changed, which only the long check sees.
        thorough = suspect or not _log_of(database).exists()
        sound = not damage_in(database) if thorough else _passes_check(database)
        return report if sound else replace_damaged(database, backups, now)


def replace_damaged(database: Path, backups: Path, now: datetime) -> RecoveryReport:
    """Put the newest sound copy of the catalogue in the place of a damaged one, or begin anew.

    Raises:
        CatalogueError: as :func:`put_newest_copy`.
    """
    aside, restored = put_newest_copy(database, backups, now, _is_usable)
    if restored is None:
        outcome = "A new catalogue was begun; every file is read again."
    else:
        outcome = f"The copy {restored.name} was restored; what changed since is read again."
    return RecoveryReport(aside, restored, f"The catalogue was damaged and is now {aside.name}. {outcome}")


def put_newest_copy(
    database: Path, backups: Path, now: datetime, is_usable: Callable[[Path], bool]
) -> tuple[Path, Path | None]:
    """Set a damaged database aside, and put the newest usable copy in its place, if there is one.

    A process that is killed meanwhile leaves either the damaged one, or all that the next start
    needs to go on.

    Returns:
        Where the damaged one is now, and which copy took its place.

    Raises:
        CatalogueError: there is no room for the copy, or the folder cannot be written; the damaged one
            is still in its place.
    """
    staged = _staged(database)
    with translating():
        restored = next(
            (copy for copy in newest_first(backups, database.stem) if _told(is_usable, copy)), None
        )
        if restored is not None:
            stage_copy(restored, staged)
        aside = _set_aside(database, now)
        if restored is not None:
            install_staged(staged, database)
    return aside, restored


def note_in_use(database: Path) -> None:
    """Begin a use: the next start looks for damage, unless a clean exit is noted before.

    A catalogue that is another one than in the last use goes on after the ids of that one.

    Raises:
        CatalogueError: the note cannot be written.
    """
    folder, token = database.parent, new_token()
    with translating():
        before, life = token_of(database), read_life(folder)
        ids_up_to = 0 if life is None else life.ids_up_to
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("UPDATE state SET value = 0 WHERE key = ?", (CLEAN_EXIT,))
            if life is not None and before not in life.tokens:
                raised = "UPDATE state SET value = max(value, ?) WHERE key = ?"
                connection.execute(raised, (ids_up_to, LAST_IMAGE_ID))
            connection.execute(f"PRAGMA user_version = {token}")
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        # Somebody who reads in the log keeps it from being folded for now; then either may be found.
        write_life(folder, Life(tuple({token, token_of(database) or NO_TOKEN}), ids_up_to))


STEPS_BETWEEN_QUESTIONS: Final = 10_000
"""Of SQLite's virtual machine: some milliseconds."""


def damage_in(database: Path, give_up: Callable[[], bool] | None = None) -> list[str]:
    """Look for damage everywhere: what was found, nothing when the database is sound.

    A connection of its own reads the file; one that is in use would answer from its memory.

    Args:
        database: the file.
        give_up: asked again and again, for a large database takes minutes.

    Raises:
        sqlite3.OperationalError: it was given up, or could not be read for another reason than damage.
    """
    try:
        with closing(_look_at(database)) as connection:
            connection.set_progress_handler(give_up, STEPS_BETWEEN_QUESTIONS)
            found = [line for (line,) in connection.execute("PRAGMA integrity_check") if line != "ok"]
            dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        if not is_corruption(error):
            raise
        return [str(error)]
    return found + [f"{table}: row {row} refers to no {parent}" for table, row, parent, _ in dangling]


def finish_replacing(database: Path) -> None:
    """Go on where a process was killed that put a copy in the place of a damaged database."""
    staged = _staged(database)
    if not staged.exists():
        return
    if database.exists():
        # It had not been set aside, or not with all of its files: that is found out again.
        staged.unlink()
    else:
        install_staged(staged, database)


def _part_from_stray_log(database: Path, life: Life | None, now: datetime) -> RecoveryReport | None:
    """Set aside a log that belongs to another database than the one beside it.

    SQLite would play it into a copy that somebody put in the place of the database, and delete it
    beside a database that is gone.
    """
    journal = _log_of(database)
    if life is None or not journal.exists() or not journal.stat().st_size:
        return None
    there = database.exists() and database.stat().st_size > 0
    if there and (database.is_dir() or token_of(database) in (None, *life.tokens)):
        return None
    aside = database.with_name(f"{database.stem}.stray-{_moment(now)}{database.suffix}-wal")
    journal.rename(aside)
    Path(f"{database}-shm").unlink(missing_ok=True)
    what = "is another one than when it was last used" if there else "is gone"
    return RecoveryReport(
        aside,
        None,
        f"The catalogue {what}; the log of the other is now {aside.name}. What changed is read again.",
    )


def refuse_folder(database: Path) -> None:
    """Leave alone what is no file.

    Raises:
        CatalogueError: it is a folder.
    """
    if database.is_dir():
        raise CatalogueError(
            f"{database} is a folder.",
            hint="Move it away, or choose another folder with --state-dir.",
            path=str(database),
        )


def refuse_foreign(database: Path, ours: frozenset[str]) -> None:
    """Leave alone what holds tables, and not all of ``ours``.

    Raises:
        CatalogueError: it is the database of another program.
    """
    names = tables(database)
    if names is not None and names - _OF_ALEMBIC and not names >= ours:
        raise CatalogueError(
            f"{database} is a database of another program.",
            hint="Move it away, or choose another folder with --state-dir.",
            path=str(database),
        )


def tables(database: Path) -> frozenset[str] | None:
    """The names of the tables, None when the database is too damaged to tell."""
    try:
        with closing(_look_at(database)) as connection:
            return frozenset(
                name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            )
    except sqlite3.Error as error:
        _no_if_corrupt(error)
        return None


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
    mode = "ro" if _log_of(database).exists() else "rw"
    return sqlite3.connect(f"{database.resolve().as_uri()}?mode={mode}", uri=True)


def _is_usable(copy: Path) -> bool:
    return _passes_check(copy) and (tables(copy) or frozenset()) >= _OURS


def _told(is_usable: Callable[[Path], bool], copy: Path) -> bool:
    """Whether a copy is usable; why not is told in the log."""
    try:
        return is_usable(copy)
    except (CatalogueError, sqlite3.Error) as error:
        log.warning("the copy %s cannot be used: %s", copy, error)
        return False


def _no_if_corrupt(error: sqlite3.Error) -> bool:
    if is_corruption(error):
        return False
    raise translated(error) from error


def _set_aside(database: Path, now: datetime) -> Path:
    aside = database.with_name(f"{database.stem}.corrupt-{_moment(now)}{database.suffix}")
    for ending in _COMPANIONS:
        companion = Path(f"{database}{ending}")
        if companion.exists():
            companion.rename(f"{aside}{ending}")
    return aside


def _log_of(database: Path) -> Path:
    return Path(f"{database}-wal")


def _staged(database: Path) -> Path:
    return database.with_name(f"{database.stem}.restored{database.suffix}")


def _moment(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
