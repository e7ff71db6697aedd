"""The engines: one that writes, from one thread, and those that only read.

A deferred ``BEGIN`` that turns to writing fails at once when another commit came
between, whatever the busy timeout; so the writer begins IMMEDIATE, and the readers,
which must not queue behind it, begin plainly and cannot write at all.
"""

import sqlite3
import sys
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, event

DATABASE: Final = "catalogue.db"
"""Name of the database, inside the state folder."""

BUSY_SECONDS: Final = 5.0
READERS: Final = 8
MORE_READERS: Final = 56
JOURNAL_LIMIT: Final = 64 * 2**20

_SHARED_PRAGMAS: Final = ("foreign_keys = ON", "temp_store = MEMORY")
_WRITER_PRAGMAS: Final = (
    "journal_mode = WAL",
    "synchronous = NORMAL",
    # Many builds of SQLite overwrite every page that comes free, and have as much to log as to delete.
    "secure_delete = FAST",
    f"journal_size_limit = {JOURNAL_LIMIT}",
    *(("checkpoint_fullfsync = ON",) if sys.platform == "darwin" else ()),
)
# Only the writer checkpoints: before 3.51.3 SQLite may corrupt a WAL that two connections reset at once.
_READER_PRAGMAS: Final = ("query_only = ON", "wal_autocheckpoint = 0")

# The driver's own transactions leave out DDL and BEGIN IMMEDIATE; a hook below begins them.
_DRIVER_OPTIONS: Final[dict[str, Any]] = {"isolation_level": None, "timeout": BUSY_SECONDS}


def writer_engine(database: Path) -> Engine:
    """An engine with one connection, for the writer thread alone."""
    engine = _engine(database, QueuePool, pool_size=1, max_overflow=0)
    _configure(engine, (*_SHARED_PRAGMAS, *_WRITER_PRAGMAS), "BEGIN IMMEDIATE")
    return engine


def reader_engine(database: Path) -> Engine:
    """An engine whose connections refuse to write, for any thread."""
    engine = _engine(database, QueuePool, pool_size=READERS, max_overflow=MORE_READERS)
    _configure(engine, (*_SHARED_PRAGMAS, *_READER_PRAGMAS), "BEGIN")
    return engine


def foreign_engine(database: Path) -> Engine:
    """An engine for another process than the writer's: it cannot even create the file."""
    # Closing the last ordinary connection to a database folds its log into it; one in this mode never does.
    address = f"file:{quote(bytes(database))}?mode=ro"
    engine = create_engine(
        "sqlite://",
        poolclass=NullPool,
        creator=lambda: sqlite3.connect(address, uri=True, **_DRIVER_OPTIONS),
    )
    _configure(engine, (*_SHARED_PRAGMAS, *_READER_PRAGMAS), "BEGIN")
    return engine


def migration_engine(database: Path) -> Engine:
    """An engine for migrations: foreign keys are off, as rebuilding a table would cascade its deletion.

    While a table is rebuilt, triggers of other tables refer to one that is not there; the older
    ALTER TABLE bears that.
    """
    engine = _engine(database, NullPool)
    _configure(engine, ("foreign_keys = OFF", "legacy_alter_table = ON", *_WRITER_PRAGMAS), "BEGIN IMMEDIATE")
    return engine


def driver_connection(connection: Connection) -> SqliteConnection:
    """SQLite's own connection beneath one of SQLAlchemy's, which it does not begin a transaction on."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, SqliteConnection):
        raise TypeError(f"the driver's connection is a {type(driver).__name__}")
    return driver


def _engine(database: Path, pool: type[NullPool | QueuePool], **options: int) -> Engine:
    return create_engine(
        URL.create("sqlite", database=str(database)),
        poolclass=pool,
        connect_args=_DRIVER_OPTIONS,
        **options,
    )


def _configure(engine: Engine, pragmas: tuple[str, ...], begin: str) -> None:
    @event.listens_for(engine, "connect")
    def set_pragmas(connection: SqliteConnection, _record: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        # Past SQLAlchemy, which takes longer over this word than SQLite over the whole of a small question.
        driver_connection(connection).execute(begin)
