"""Copies of a database: complete, sound and on disk before they bear their name, and not too many."""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from simd.catalogue.faults import translated
from simd.core.errors import CatalogueError, DamagedCatalogue

BACKUPS: Final = "backups"
"""Name of the folder of copies, inside the state folder."""

CATALOGUE: Final = "catalogue"
"""What the names of copies begin with, unless they are copies of another database."""

SPARE_BYTES: Final = 2**20
"""A copy must leave so much room on the disk, or a tenth of its own size where that is more."""

_TIME: Final = "%Y%m%dT%H%M%S%fZ"


def write_backup(source: sqlite3.Connection, target: Path, *pragmas: str) -> Path:
    """Copy a whole database to ``target``, replacing it only when the copy is sound and safe on disk.

    All pages are copied at once: a copy in steps starts again whenever another commit comes.
    The source must not be in a transaction that has written.

    Args:
        source: the database.
        target: where the copy goes.
        pragmas: what the copy is told before it is closed.

    Raises:
        DamagedCatalogue: the copy is damaged, so its source must be.
        CatalogueError: there is no room for it, or it cannot be written. Nothing is left of it.
    """
    unfinished = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _require_room(target.parent, _size(source))
        unfinished.unlink(missing_ok=True)
        _copy(source, unfinished, pragmas)
        _sync(unfinished)
        unfinished.replace(target)
        _sync(target.parent)
    except (OSError, sqlite3.Error, CatalogueError) as error:
        _clear(target.parent, unfinished.name)
        if isinstance(error, CatalogueError):
            raise
        raise translated(error) from error
    return target


def dated_backup(
    source: sqlite3.Connection, folder: Path, now: datetime, keep: int, *pragmas: str, stem: str = CATALOGUE
) -> Path:
    """Copy a database under a name made of the moment, and keep the newest ``keep`` of such copies.

    Raises:
        CatalogueError: as :func:`write_backup`; no older copy is dropped then.
    """
    # What a process began that was killed: a dated name does not come again.
    _clear(folder, f"{stem}.*.db.part")
    name = f"{stem}.{now.astimezone(UTC).strftime(_TIME)}.db"
    written = write_backup(source, folder / name, *pragmas)
    for outdated in sorted(folder.glob(f"{stem}.2*.db"), reverse=True)[keep:]:
        with suppress(FileNotFoundError):
            outdated.unlink()
    return written


def stage_copy(copy: Path, staged: Path) -> None:
    """Lay a copy beside a database that it is going to replace, complete or not at all.

    Raises:
        OSError: it cannot be written.
        CatalogueError: there is no room for it.
    """
    unfinished = staged.with_name(staged.name + ".part")
    try:
        _require_room(staged.parent, copy.stat().st_size)
        shutil.copyfile(copy, unfinished)
        _sync(unfinished)
        unfinished.replace(staged)
        _sync(staged.parent)
    except (OSError, CatalogueError):
        unfinished.unlink(missing_ok=True)
        raise


def install_staged(staged: Path, database: Path) -> None:
    """Put a staged copy in the place of a database that is gone."""
    staged.replace(database)
    _sync(database.parent)


def newest_first(folder: Path, stem: str = CATALOGUE) -> list[Path]:
    """Every copy in a folder, dated ones and those made before upgrades, the newest first."""
    copies = folder.glob(f"{stem}.*.db")
    return sorted(copies, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _copy(source: sqlite3.Connection, unfinished: Path, pragmas: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(unfinished)) as copy:
        source.backup(copy, pages=-1)
        # One file is easier to keep whole than one with a log beside it.
        for pragma in ("journal_mode = DELETE", *pragmas):
            copy.execute(f"PRAGMA {pragma}")
    # A sound copy must not give way to the copy of a database that was damaged in the meantime.
    with closing(sqlite3.connect(unfinished)) as copy:
        [(found,)] = copy.execute("PRAGMA quick_check(1)").fetchall()
    if found != "ok":
        raise DamagedCatalogue(f"The database is damaged, so no copy of it is kept: {found}")


def _size(source: sqlite3.Connection) -> int:
    [(pages,)] = source.execute("PRAGMA page_count")
    [(page,)] = source.execute("PRAGMA page_size")
    return int(pages) * int(page)


def _require_room(folder: Path, size: int) -> None:
    needed, free = size + max(SPARE_BYTES, size // 10), shutil.disk_usage(folder).free
    if free < needed:
        raise CatalogueError(
            f"A copy needs {needed / 1e6:,.0f} MB in {folder}, and {free / 1e6:,.0f} MB are free.",
            hint="Free space on that disk; the copy is made as soon as there is room.",
            path=str(folder),
        )


def _clear(folder: Path, pattern: str) -> None:
    """Remove what was begun and not finished, with the journals beside it."""
    with suppress(OSError):
        for left in [*folder.glob(pattern), *folder.glob(f"{pattern}-journal")]:
            left.unlink()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
