"""The tables of the journal, and how they came to be."""

from collections.abc import Callable
from sqlite3 import Connection
from typing import Final

from simd.catalogue.single_steps import gather_steps

LANDMARK: Final = "plan"

TABLES: Final[tuple[str | Callable[[Connection], None], ...]] = (
    """CREATE TABLE plan (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        action TEXT NOT NULL,
        by_hand INTEGER NOT NULL,
        warnings TEXT NOT NULL,
        made_at TEXT NOT NULL
    )""",
    """CREATE TABLE step (
        plan INTEGER NOT NULL REFERENCES plan (id),
        number INTEGER NOT NULL,
        unit INTEGER,
        role TEXT,
        root BLOB NOT NULL,
        path BLOB NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        ctime_ns INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        digest BLOB,
        keeper BLOB,
        keeper_size INTEGER,
        keeper_mtime_ns INTEGER,
        keeper_ctime_ns INTEGER,
        keeper_inode INTEGER,
        keeper_digest BLOB,
        kind TEXT NOT NULL,
        why TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        state TEXT NOT NULL,
        place BLOB,
        reason TEXT,
        at TEXT,
        traits TEXT,
        PRIMARY KEY (plan, number)
    ) WITHOUT ROWID""",
    "CREATE INDEX step_unit ON step (plan, unit) WHERE unit IS NOT NULL",
    "CREATE INDEX step_open ON step (state) WHERE state IN ('doing', 'undoing', 'purging')",
    "CREATE INDEX step_path ON step (path) WHERE state = 'done'",
    "CREATE INDEX step_place ON step (place) WHERE state = 'done'",
    "ALTER TABLE step ADD COLUMN noted INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX step_noted ON step (noted) WHERE noted > 0",
    # From here on steps are kept by sheets; simd/catalogue/sheet_codec.py says what the last columns hold,
    # before which everything stands that is asked for by SQL, so that they are seldom read.
    """CREATE TABLE sheet (
        id INTEGER PRIMARY KEY,
        plan INTEGER NOT NULL REFERENCES plan (id),
        first INTEGER NOT NULL,
        steps INTEGER NOT NULL,
        weights BLOB NOT NULL,
        names BLOB NOT NULL,
        facts BLOB NOT NULL,
        UNIQUE (plan, first)
    )""",
    """CREATE TABLE standing (
        sheet INTEGER PRIMARY KEY REFERENCES sheet (id),
        open INTEGER NOT NULL,
        names BLOB NOT NULL,
        body BLOB NOT NULL
    )""",
    "CREATE INDEX standing_open ON standing (sheet) WHERE open > 0",
    """CREATE TABLE tally (
        plan INTEGER NOT NULL REFERENCES plan (id),
        sheet INTEGER NOT NULL REFERENCES sheet (id),
        state TEXT NOT NULL,
        refused INTEGER NOT NULL,
        noted INTEGER NOT NULL,
        pictures INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        last_at TEXT,
        PRIMARY KEY (plan, sheet, state, refused, noted)
    ) WITHOUT ROWID""",
    # Notes have numbers that rise: what a report has told is not told again.
    "CREATE INDEX tally_noted ON tally (noted) WHERE noted > 0",
    gather_steps,
    "DROP TABLE step",
)
"""SQL, and what is done with a connection where SQL does not do; only ever longer."""
