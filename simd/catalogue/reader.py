"""The catalogue for another process: read while the daemon writes, never made, upgraded or changed."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from simd.catalogue.engines import DATABASE, foreign_engine
from simd.catalogue.faults import translated
from simd.catalogue.schema import REVISION
from simd.catalogue.snapshot import Snapshot
from simd.core.errors import CatalogueError

_REVISION: Final = text("SELECT version_num FROM alembic_version")


@contextmanager
def open_reader(folder: Path) -> Iterator[Snapshot]:
    """One moment of the catalogue in a state folder, whoever has it open for writing.

    The log of the database cannot shrink while the snapshot lives, so a minute is long.

    Raises:
        CatalogueError: there is none, it is of another version of simd, or it cannot be read.
    """
    database = folder / DATABASE
    if not database.is_file():
        raise CatalogueError(
            "There is no catalogue.", hint="Start the daemon: it makes one.", path=str(database)
        )
    engine = foreign_engine(database)
    try:
        with engine.connect() as connection, connection.begin():
            _refuse_other_versions(connection)
            yield Snapshot(connection)
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise translated(error) from error
    finally:
        engine.dispose()


def _refuse_other_versions(connection: Connection) -> None:
    # Also the first read of the transaction: from here on it sees one moment.
    known = inspect(connection).has_table("alembic_version")
    found = connection.execute(_REVISION).scalar_one_or_none() if known else None
    if found != REVISION:
        raise CatalogueError(
            f"The catalogue has revision {found or 'none'}, and this version of simd reads {REVISION}.",
            hint="Restart the daemon: it upgrades the catalogue.",
        )
