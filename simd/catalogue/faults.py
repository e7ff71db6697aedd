"""What SQLite, SQLAlchemy and the file system raise, in the words of the house."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from simd.core.errors import CatalogueError, CatalogueLocked

_FULL: Final = "Free space on the disk that holds the state folder; work goes on when there is room."
_READONLY: Final = (
    "Make the state folder writable for the user of the daemon; work goes on when it can be written."
)
_DAMAGED: Final = "The daemon sets the damaged catalogue aside and restores a copy, when it starts again."
_HINTS: Final = {
    "SQLITE_FULL": _FULL,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
    "SQLITE_BUSY": "Another program holds the catalogue open for writing; close it.",
    "SQLITE_READONLY": _READONLY,
    "SQLITE_READONLY_DBMOVED": "The file was moved or deleted while it was in use: start the daemon again.",
    "SQLITE_CANTOPEN": "Make the state folder readable and writable for the user of the daemon.",
    "SQLITE_IOERR": (
        "The disk of the state folder failed, or cannot be written any more: the system's log says why. "
        "Work goes on when it can be written."
    ),
    "SQLITE_PROTOCOL": "Keep the state folder on a local disk.",
}
_SYSTEM_HINTS: Final = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: _READONLY,
    errno.EACCES: _READONLY,
    errno.EPERM: _READONLY,
}
_REFUSALS: Final = ("FULL", "IOERR", "BUSY", "READONLY", "CANTOPEN", "CORRUPT", "NOTADB", "PROTOCOL")
_CORRUPTION: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY_CODE: Final = 0xFF

DatabaseFault = SQLAlchemyError | sqlite3.Error | OSError


def is_corruption(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, says that the database file is damaged or not there any more."""
    if isinstance(error, DBAPIError):
        error = error.orig
    if isinstance(error, sqlite3.Error):
        return _code(error) in _CORRUPTION or _name(error) == "SQLITE_READONLY_DBMOVED"
    return error is not None and is_corruption(error.__cause__)


def is_refusal(error: BaseException | None) -> bool:
    """Whether an error says that the database cannot be used at present, whatever it was asked."""
    if isinstance(error, DBAPIError):
        error = error.orig
    return isinstance(error, sqlite3.Error) and _primary_name(error).removeprefix("SQLITE_") in _REFUSALS


def translated(error: DatabaseFault, subject: str = "The catalogue") -> CatalogueError:
    """The error of the house for a fault of a database; raise it ``from`` the original."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(origin, sqlite3.Error):
        hint = _HINTS.get(_name(origin)) or _HINTS.get(_primary_name(origin))
        kind = CatalogueLocked if _primary_name(origin) == "SQLITE_BUSY" else CatalogueError
        return kind(f"{subject} answered: {origin}.", hint=hint)
    if isinstance(origin, OSError):
        said = origin.strerror or str(origin)
        path = None if origin.filename is None else str(origin.filename)
        return CatalogueError(
            f"{path or 'The state folder'}: {said}.", _SYSTEM_HINTS.get(origin.errno or 0), path
        )
    return CatalogueError(f"{subject} could not be used: {error}.")


@contextmanager
def translating(subject: str = "The catalogue") -> Iterator[None]:
    """Turn faults of a database within the block into :class:`CatalogueError`."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise translated(error, subject) from error


def _code(error: sqlite3.Error) -> int:
    # Errors that the driver raises by itself, such as "cannot operate on a closed database", carry no code.
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE


def _name(error: sqlite3.Error) -> str:
    return str(getattr(error, "sqlite_errorname", ""))


def _primary_name(error: sqlite3.Error) -> str:
    # Extended names prolong the primary one: SQLITE_BUSY_SNAPSHOT, SQLITE_READONLY_DBMOVED.
    return "_".join(_name(error).split("_")[:2])
