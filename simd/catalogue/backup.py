"""Copies of the database: complete, on disk before they bear their name, and not too many."""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

BACKUPS: Final = "backups"
"""Name of the folder of copies, inside the state folder."""

_TIME: Final = "%Y%m%dT%H%M%S%fZ"
_PATTERN: Final = "catalogue.2*.db"


def write_backup(source: sqlite3.Connection, target: Path) -> Path:
    """Copy a whole database to ``target``, replacing it only when the copy is safe on disk.

    All pages are copied at once: a copy in steps starts again whenever another commit comes.
    The source must not be in a transaction that has written.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as copy:
        source.backup(copy, pages=-1)
        # One file is easier to keep whole than one with a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
    _sync(unfinished)
    unfinished.replace(target)
    _sync(target.parent)
    return target


def dated_backup(source: sqlite3.Connection, folder: Path, now: datetime, keep: int) -> Path:
    """Copy a database under a name made of the moment, and keep the newest ``keep`` of such copies."""
    name = f"catalogue.{now.astimezone(UTC).strftime(_TIME)}.db"
    written = write_backup(source, folder / name)
    for outdated in sorted(folder.glob(_PATTERN), reverse=True)[keep:]:
        outdated.unlink()
    return written


def install_copy(copy: Path, database: Path) -> None:
    """Put a copy in the place of a database that is gone, complete or not at all."""
    unfinished = database.with_name(database.name + ".part")
    shutil.copyfile(copy, unfinished)
    _sync(unfinished)
    unfinished.replace(database)
    _sync(database.parent)


def newest_first(folder: Path) -> list[Path]:
    """Every copy in a folder, dated ones and those made before upgrades, the newest first."""
    copies = folder.glob("catalogue.*.db")
    return sorted(copies, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
