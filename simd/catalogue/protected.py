"""The table of protected paths among the decisions."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from simd.catalogue.decisions import Decisions

_ALL: Final = "SELECT path, since FROM protected"
_PUT: Final = "INSERT OR IGNORE INTO protected (path, since) VALUES (?, ?)"
_DROP: Final = "DELETE FROM protected WHERE path = ?"


class ProtectedTable:
    """Reads and writes protected paths. What is written is on the disk when the call returns, or not at all.

    Every method raises :class:`~simd.core.errors.CatalogueError` when the decisions cannot be
    read or written.
    """

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions

    def all(self) -> dict[bytes, datetime]:
        """Every protected path, and since when it is."""
        with self._decisions.transaction() as connection:
            rows = connection.execute(_ALL).fetchall()
        return {path: datetime.fromisoformat(since) for path, since in rows}

    def put(self, paths: Iterable[bytes], since: datetime) -> None:
        """Protect paths; one that is protected already stays as it is."""
        moment = since.astimezone(UTC).isoformat(timespec="seconds")
        with self._decisions.transaction() as connection:
            connection.executemany(_PUT, [(path, moment) for path in paths])

    def drop(self, paths: Iterable[bytes]) -> None:
        """Protect paths no more; those that are not there do no harm."""
        with self._decisions.transaction() as connection:
            connection.executemany(_DROP, [(path,) for path in paths])
