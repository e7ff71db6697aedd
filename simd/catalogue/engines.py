"""The two engines: one that writes, from one thread, and one that only reads.

A deferred ``BEGIN`` that turns to writing fails at once when another commit came
between, whatever the busy timeout; so the writer begins IMMEDIATE, and the readers,
which must not queue behind it, begin plainly and cannot write at all.
"""

import sys
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Final

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, event

BUSY_SECONDS: Final = 5.0
READERS: Final = 8
MORE_READERS: Final = 56
JOURNAL_LIMIT: Final = 64 * 2**20

_SHARED_PRAGMAS: Final = ("foreign_keys = ON", "temp_store = MEMORY")
_WRITER_PRAGMAS: Final = (
    "journal_mode = WAL",
    "synchronous = NORMAL",
    f"journal_size_limit = {JOURNAL_LIMIT}",
    *(("checkpoint_fullfsync = ON",) if sys.platform == "darwin" else ()),
)
# Only the writer checkpoints: before 3.51.3 SQLite may corrupt a WAL that two connections reset at once.
_READER_PRAGMAS: Final = ("query_only = ON", "wal_autocheckpoint = 0")


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


def migration_engine(database: Path) -> Engine:
    """An engine for migrations: foreign keys are off, as rebuilding a table would cascade its deletion."""
    engine = _engine(database, NullPool)
    _configure(engine, ("foreign_keys = OFF", *_WRITER_PRAGMAS), "BEGIN IMMEDIATE")
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
        # The driver's own transactions leave out DDL and BEGIN IMMEDIATE; the hook below begins them.
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS},
        **options,
    )


def _configure(engine: Engine, pragmas: tuple[str, ...], begin: str) -> None:
    @event.listens_for(engine, "connect")
    def set_pragmas(connection: SqliteConnection, _record: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
