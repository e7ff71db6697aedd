"""Small databases of what cannot be made again from the pictures: opened, mended and brought up to date."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from simd.catalogue.backup import BACKUPS, newest_first, write_backup
from simd.catalogue.engines import BUSY_SECONDS
from simd.catalogue.faults import translating
from simd.catalogue.recovery import (
    RecoveryReport,
    damage_in,
    finish_replacing,
    put_newest_copy,
    refuse_folder,
    refuse_foreign,
    tables,
)
from simd.core.errors import NewerCatalogue


@dataclass(frozen=True, slots=True)
class Lasting:
    """What such a database is.

    Attributes:
        stem: what the names of the database and of its copies begin with.
        subject: what it is to a person, at the beginning of a sentence.
        contents: what it holds, likewise.
        landmark: a table that it has had since the first version.
        pragmas: said to every connection.
        steps: how the tables came to be, as SQL or done with a connection within a transaction; only ever
            more. ``user_version`` of the database counts those that it has taken.
        lost: what it means when there is no copy to restore, as a sentence.
        outdated: what it means that a copy was restored, as the end of a sentence.
    """

    stem: str
    subject: str
    contents: str
    landmark: str
    pragmas: tuple[str, ...]
    steps: tuple[str | Callable[[sqlite3.Connection], None], ...]
    lost: str
    outdated: str

    def database(self, folder: Path) -> Path:
        """The file in a state folder."""
        return folder / f"{self.stem}.db"

    def connect(self, folder: Path, *, any_thread: bool = False) -> sqlite3.Connection:
        """A connection without transactions of its own; with ``any_thread``, the caller sees to turns."""
        connection = sqlite3.connect(
            self.database(folder),
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=not any_thread,
        )
        for pragma in self.pragmas:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def prepare(self, folder: Path, now: datetime) -> RecoveryReport | None:
        """Have the database of a state folder there, sound and of this version.

        Returns:
            What was done about a damaged one, None when nothing was.

        Raises:
            NewerCatalogue: a later simd wrote it.
            CatalogueError: it cannot be read, or not be written.
        """
        with translating(self.subject):
            recovery = self._recovered(folder, now)
            with closing(self.connect(folder)) as connection:
                self._upgrade(connection, folder)
        return recovery

    def _recovered(self, folder: Path, now: datetime) -> RecoveryReport | None:
        database, backups = self.database(folder), folder / BACKUPS
        finish_replacing(database)
        if not database.exists():
            return None
        refuse_folder(database)
        if database.stat().st_size:
            refuse_foreign(database, frozenset({self.landmark}))
            if not damage_in(database):
                return None
        elif not newest_first(backups, self.stem):
            return None
        aside, restored = put_newest_copy(database, backups, now, self._usable())
        outcome = (
            self.lost if restored is None else f"The copy {restored.name} was restored; {self.outdated}."
        )
        return RecoveryReport(
            aside, restored, f"{self.contents} were damaged and are now {aside.name}. {outcome}"
        )

    def _usable(self) -> Callable[[Path], bool]:
        return lambda copy: not damage_in(copy) and self.landmark in (tables(copy) or ())

    def _upgrade(self, connection: sqlite3.Connection, folder: Path) -> None:
        [(taken,)] = connection.execute("PRAGMA user_version").fetchall()
        if taken > len(self.steps):
            name = self.database(folder).name
            raise NewerCatalogue(
                f"{self.contents} have version {taken}, which this version of simd does not know.",
                hint=f"Install the later simd that wrote them, or move {name} away to begin anew.",
                path=str(self.database(folder)),
            )
        if taken == len(self.steps):
            return
        if taken:
            write_backup(connection, folder / BACKUPS / f"{self.stem}.before-{len(self.steps)}.db")
        connection.execute("BEGIN IMMEDIATE")
        for step in self.steps[taken:]:
            if callable(step):
                step(connection)
            else:
                connection.execute(step)
        connection.execute(f"PRAGMA user_version = {len(self.steps)}")
        connection.execute("COMMIT")
