"""What SQLite and SQLAlchemy raise, in the words of the house."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from simd.core.errors import CatalogueError

_HINTS = {
    "SQLITE_FULL": "Free space on the disk that holds the state folder; work goes on when there is room.",
    "SQLITE_CORRUPT": "Restart the daemon: it sets the damaged catalogue aside and restores a backup.",
    "SQLITE_NOTADB": "Restart the daemon: it sets the damaged catalogue aside and restores a backup.",
    "SQLITE_BUSY": "Another program holds the catalogue open for writing; close it.",
    "SQLITE_READONLY": "Make the state folder writable for the user of the daemon.",
    "SQLITE_CANTOPEN": "Make the state folder readable and writable for the user of the daemon.",
}
_CORRUPTION = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY_CODE = 0xFF


def is_corruption(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, says that the database file itself is damaged."""
    if isinstance(error, DBAPIError):
        error = error.orig
    if isinstance(error, sqlite3.Error):
        return _code(error) in _CORRUPTION
    return error is not None and is_corruption(error.__cause__)


def translated(error: SQLAlchemyError | sqlite3.Error) -> CatalogueError:
    """The error of the house for a database error; raise it ``from`` the original."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(origin, sqlite3.Error):
        return CatalogueError(f"The catalogue answered: {origin}.", hint=_HINTS.get(_name(origin)))
    return CatalogueError(f"The catalogue could not be used: {error}.")


@contextmanager
def translating() -> Iterator[None]:
    """Turn database errors of the block into :class:`CatalogueError`."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise translated(error) from error


def _code(error: sqlite3.Error) -> int:
    # Errors that the driver raises by itself, such as "cannot operate on a closed database", carry no code.
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE


def _name(error: sqlite3.Error) -> str:
    # Extended names prolong the primary one: SQLITE_BUSY_SNAPSHOT, SQLITE_READONLY_DBMOVED.
    return "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])
