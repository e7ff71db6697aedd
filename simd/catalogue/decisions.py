"""What the person has decided, in a small database of its own that nothing done to the catalogue reaches.

The catalogue can be made again from the pictures; decisions cannot. So whatever is kept here goes
by paths and by digests of images, never by ids of the catalogue. A decision is on the disk before
the method that takes it returns. There is no log beside the file: it is whole by itself, and may be
copied whenever the daemon does not run.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Final

from simd.catalogue.backup import dated_backup
from simd.catalogue.faults import translating
from simd.catalogue.lasting import Lasting
from simd.ports import Clock

DECISIONS: Final = "decisions"
"""What the names of the database and of its copies begin with."""

_STEPS: Final = (
    "CREATE TABLE pause (one INTEGER PRIMARY KEY CHECK (one = 1), since TEXT NOT NULL)",
    """CREATE TABLE verdict (
        a BLOB NOT NULL,
        b BLOB NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('different', 'series', 'keep')),
        since TEXT NOT NULL,
        PRIMARY KEY (a, b),
        CHECK (a <= b),
        CHECK ((a = b) = (kind = 'keep'))
    ) WITHOUT ROWID""",
    "CREATE TABLE protected (path BLOB PRIMARY KEY, since TEXT NOT NULL) WITHOUT ROWID",
)
_KIND: Final = Lasting(
    stem=DECISIONS,
    subject=f"The database of {DECISIONS}",
    contents="The decisions",
    landmark="pause",
    # EXTRA is FULL, and also syncs the folder when the journal is deleted: with that the decision is taken.
    pragmas=("journal_mode = DELETE", "synchronous = EXTRA", "foreign_keys = ON"),
    steps=_STEPS,
    lost="No copy of them was found: what was decided has to be decided again.",
    outdated="what was decided since is lost",
)


class Decisions:
    """The decisions of the person. Any thread may use it.

    Attributes:
        recovery: what was done about a damaged database at the start, None when nothing was.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Open the decisions of a state folder, whose process lock the caller holds.

        Raises:
            NewerCatalogue: a later simd wrote them.
            CatalogueError: they cannot be read, or not be written.
        """
        self._folder = folder
        self._clock = clock
        self._lock = Lock()
        self.recovery = _KIND.prepare(folder, clock.now())
        with self.transaction() as connection:
            found = connection.execute("SELECT since FROM pause").fetchone()
        self._paused_since = None if found is None else datetime.fromisoformat(found[0])

    @property
    def paused_since(self) -> datetime | None:
        """Since when the person wants nothing to be read; None when reading may go on."""
        return self._paused_since

    def pause(self) -> None:
        """The person wants nothing to be read, from now on or from earlier.

        Raises:
            CatalogueError: this cannot be kept.
        """
        now = self._clock.now().astimezone(UTC)
        if self._paused_since is None:
            with self.transaction() as connection:
                words = "INSERT OR IGNORE INTO pause (one, since) VALUES (1, ?)"
                connection.execute(words, (now.isoformat(timespec="seconds"),))
            self._paused_since = now

    def resume(self) -> None:
        """The person wants reading to go on.

        Raises:
            CatalogueError: this cannot be kept.
        """
        if self._paused_since is not None:
            with self.transaction() as connection:
                connection.execute("DELETE FROM pause")
            self._paused_since = None

    def backup(self, folder: Path, keep: int) -> Path:
        """Copy the database, and keep the newest ``keep`` copies.

        Raises:
            CatalogueError: there is no room for a copy, or it cannot be written.
        """
        with self._lock, translating(_KIND.subject), closing(_KIND.connect(self._folder)) as connection:
            return dated_backup(connection, folder, self._clock.now(), keep, stem=DECISIONS)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction of its own, for one table of decisions; it is on the disk at the end of the context.

        Raises:
            CatalogueError: the decisions cannot be read, or not be written; nothing of it is kept.
        """
        # Opened anew each time: decisions are few, and a connection that met a fault may be of no use after.
        with self._lock, translating(_KIND.subject), closing(_KIND.connect(self._folder)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
