"""Whether a database has the tables of this version of simd, found out without Alembic."""

import sqlite3
from contextlib import closing
from pathlib import Path

from simd.catalogue.schema import REVISION


def is_current(database: Path) -> bool:
    """Whether nothing is to be migrated; False as well when the database cannot be read."""
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=rw", uri=True)) as connection:
            return connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(REVISION,)]
    except sqlite3.Error:
        # The migration meets the same fault, and says what it is.
        return False
