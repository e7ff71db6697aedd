"""The door of the catalogue: open it, read it, write it, look after it, close it."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Event
from typing import Final, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from simd.catalogue.backup import BACKUPS, dated_backup
from simd.catalogue.engines import BUSY_SECONDS, DATABASE, reader_engine, writer_engine
from simd.catalogue.faults import is_corruption, translating
from simd.catalogue.life import NO_TOKEN, Life, read_life, write_life
from simd.catalogue.recovery import RecoveryReport, damage_in, note_in_use, recover, replace_damaged
from simd.catalogue.revision import is_current
from simd.catalogue.schema import CLEAN_EXIT
from simd.catalogue.snapshot import Snapshot
from simd.catalogue.transaction import Transaction
from simd.catalogue.writer import Writer
from simd.core.answers.daemon import LoadingPhase
from simd.core.errors import CatalogueError, DamagedCatalogue, Unavailable
from simd.ports import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")

IDS_AT_ONCE: Final = 10_000
"""So many image ids are given before what is remembered of them outside of the catalogue is written again."""

Enter = Callable[[LoadingPhase], None]


def _to_nobody(_phase: LoadingPhase) -> None:
    """Tell nobody which phase is entered."""


class Catalogue:
    """What simd knows, in one SQLite database: one thread writes, any thread reads.

    Attributes:
        folder: the state folder that holds the database.
        recovery: what was done about a damaged database at the start, None when nothing was.
        sqlite_version: of the library in use.
        heart: of the thread that writes.
    """

    def __init__(self, folder: Path, clock: Clock, recovery: RecoveryReport | None) -> None:
        database = folder / DATABASE
        self.folder = folder
        self.recovery = recovery
        self.sqlite_version = sqlite3.sqlite_version
        self._clock = clock
        self._writing = writer_engine(database)
        self._reading = reader_engine(database)
        self._writer = Writer(self._writing, clock)
        self.heart = self._writer.heart
        self._hurried = Event()
        self._life = read_life(folder) or Life((NO_TOKEN,), 0)
        self._place = _identity(database)
        try:
            with self.read() as snapshot:
                last_id, generation = snapshot.last_image_id(), snapshot.generation
            self._image_ids = count(last_id + 1)
            self._reserve_ids(last_id)
        except CatalogueError:
            self._dispose()
            raise
        self._writer.start(generation)

    @classmethod
    def open(cls, folder: Path, clock: Clock, enter: Enter = _to_nobody) -> "Catalogue":
        """Open the catalogue of a state folder, whose process lock the caller holds.

        Makes it when it is absent, checks it after an unclean exit, sets a damaged one aside,
        and upgrades an old one.

        Args:
            folder: the state folder.
            clock: gives the times that are written.
            enter: told each phase that may take long, before it begins.

        Raises:
            NewerCatalogue: a later simd wrote it.
            CatalogueError: it cannot be used; the message says why.
        """
        database, backups = folder / DATABASE, folder / BACKUPS
        report = recover(database, backups, clock.now(), lambda: enter(LoadingPhase.CHECK))
        try:
            catalogue = cls._start(folder, clock, report, enter)
        except CatalogueError as error:
            if not is_corruption(error):
                raise
            report = replace_damaged(database, backups, clock.now())
            catalogue = cls._start(folder, clock, report, enter)
        if report is not None:
            log.error("%s", report.message)
        log.info("catalogue %s opened with SQLite %s", database, sqlite3.sqlite_version)
        return catalogue

    @classmethod
    def _start(cls, folder: Path, clock: Clock, report: RecoveryReport | None, enter: Enter) -> "Catalogue":
        database = folder / DATABASE
        if not is_current(database):
            from simd.catalogue import migrate  # noqa: PLC0415 - Alembic takes a quarter of a second

            enter(LoadingPhase.UPGRADE)
            migrate.upgrade(database, folder / BACKUPS)
        note_in_use(database)
        return cls(folder, clock, report)

    def write(self, job: Callable[[Transaction], T]) -> Future[T]:
        """Run ``job`` on the writer thread, in a transaction; the future resolves after the commit.

        The future raises what the job raised, with nothing of it kept, or CatalogueError when
        the database refused.
        """
        return self._writer.write(job)

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        """One consistent view, for one thread; keep it short.

        Raises:
            CatalogueError: the database cannot be read.
        """
        try:
            with self._reading.connect() as connection, connection.begin():
                yield Snapshot(connection)
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise self._writer.refused(error) from error

    def generation(self) -> int:
        """The number of the last commit that changed anything."""
        return self._writer.generation

    @property
    def jobs_waiting(self) -> int:
        """How many jobs wait for the writer."""
        return self._writer.waiting

    def touched(self, seen: int, now: int) -> frozenset[int] | None:
        """Images whose files, pairs or signatures the commits after ``seen`` up to ``now`` changed.

        Both are generations of snapshots. None when the commits are too many to be remembered.
        """
        return self._writer.changes.between(seen, now)

    @property
    def refusal(self) -> CatalogueError | None:
        """Why nothing can be written at present; None when the last attempt was kept."""
        return self._writer.refusal

    @property
    def suspects_damage(self) -> bool:
        """Whether anything has said since the start that the database file is damaged, or gone."""
        return self._writer.suspects_damage

    def next_image_id(self) -> int:
        """An id that no image has or had; allocated in memory, as one loop alone creates images.

        Raises:
            CatalogueError: the state folder cannot be written.
        """
        number = next(self._image_ids)
        if number > self._life.ids_up_to:
            self._reserve_ids(number)
        return number

    def look_at_place(self) -> None:
        """Notice that the file was moved, deleted or exchanged, which SQLite does not."""
        # Only a stat: to open and close the file would let go of SQLite's locks on it.
        if _identity(self.folder / DATABASE) != self._place:
            self._writer.suspect_damage()

    def try_to_write(self) -> Future[None]:
        """Write something that changes nothing, to learn whether the database refuses still."""
        return self._writer.write(lambda transaction: transaction.note_in_use())

    def backup(self, folder: Path | None = None, keep: int = 3) -> Future[Path]:
        """Copy the database, by default beside it, and keep the newest ``keep`` copies.

        The future raises CatalogueError when there is no room for a copy, or it cannot be written.
        """
        target = self.folder / BACKUPS if folder is None else folder
        return self._writer.aside(lambda driver: self._back_up(driver, target, keep))

    def hurry(self) -> None:
        """Give up a check that is under way, for the daemon is stopping; it is done at another time."""
        self._hurried.set()

    def check(self) -> Future[list[str]]:
        """Look for damage everywhere: what was found, nothing when sound. Writing waits meanwhile.

        The future raises Unavailable when the check was given up.
        """
        return self._writer.aside(self._check)

    def checkpoint(self) -> Future[None]:
        """Fold the write-ahead log into the database, and empty it unless somebody reads in it."""
        return self._writer.aside(_checkpoint)

    def log_bytes(self) -> int:
        """How long the write-ahead log is; it cannot be folded while somebody reads in it."""
        try:
            return (self.folder / f"{DATABASE}-wal").stat().st_size
        except FileNotFoundError:
            return 0

    def close(self) -> None:
        """Finish what waits, note the clean exit, and close; calling it again does nothing.

        Raises:
            CatalogueError: the database refused the last words; the next start checks it.
        """
        try:
            self._writer.close(self._note_clean_exit)
        finally:
            self._dispose()

    def _dispose(self) -> None:
        self._reading.dispose()
        self._writing.dispose()

    def _reserve_ids(self, last: int) -> None:
        """Remember outside of the catalogue which ids may be given: an older copy of it does not know."""
        with translating():
            life = replace(self._life, ids_up_to=max(last + IDS_AT_ONCE, self._life.ids_up_to))
            write_life(self.folder, life)
        self._life = life

    def _back_up(self, driver: sqlite3.Connection, folder: Path, keep: int) -> Path:
        try:
            # A copy is not the catalogue that is in use.
            pragma = f"user_version = {NO_TOKEN}"
            return dated_backup(driver, folder, self._clock.now(), keep, pragma)
        except DamagedCatalogue:
            self._writer.suspect_damage()
            raise

    def _check(self, _: sqlite3.Connection) -> list[str]:
        try:
            found = damage_in(self.folder / DATABASE, self._hurried.is_set)
        except sqlite3.OperationalError as error:
            if self._hurried.is_set():
                raise Unavailable(
                    "The daemon is stopping.", hint="The catalogue is checked later."
                ) from error
            raise
        if found:
            self._writer.suspect_damage()
        return found

    def _note_clean_exit(self, driver: sqlite3.Connection) -> None:
        # Without the note, the next start looks for damage before anything else.
        if self._writer.suspects_damage:
            try:
                write_life(self.folder, replace(self._life, suspect=True))
            except OSError as error:
                log.warning("the next start will look for damage less closely: %s", error)
            return
        driver.execute("UPDATE state SET value = 1 WHERE key = ?", (CLEAN_EXIT,))
        _checkpoint(driver)


def _identity(database: Path) -> tuple[int, int] | None:
    try:
        found = database.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _checkpoint(driver: sqlite3.Connection) -> None:
    driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    # The log is emptied if nobody reads in it. A report may read for a minute, and writing waits for nobody.
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        driver.execute(f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}")
