"""What every group of read verbs stands on: a connection, its roots, and lists cut for SQLite."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select

from simd.catalogue.engines import driver_connection
from simd.catalogue.paths import locate
from simd.catalogue.schema import GENERATION, MASK_64
from simd.core.model import Root

T = TypeVar("T")

# Every snapshot begins with these, and SQLAlchemy would take ten times as long as SQLite itself.
_ROOTS: Final = "SELECT id, path, device, inode, filesystem, online FROM root ORDER BY id"

_GENERATION: Final = "SELECT value FROM state WHERE key = ?"
"""Read by the driver itself: every answer asks for it, and SQLAlchemy takes ten times as long."""

VARIABLES: Final = 500
"""Values per IN list; SQLite's own limit may be as low as 999 per statement."""


def chunks(values: Iterable[T], size: int = VARIABLES) -> Iterator[list[T]]:
    """Cut ``values`` into lists of at most ``size``."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


def numbers(joined: str | None) -> NDArray[np.int64]:
    """The integers that SQLite joined by ``group_concat``; None stands for none.

    A million come through in a fraction of the time that as many rows take, and a thread that
    asks for rows waits for the interpreter after each of them while other threads compute.
    """
    return np.fromstring(joined or "", dtype=np.int64, sep=",")


def load_roots(connection: Connection) -> list[Root]:
    """Every enrolled root, in order of enrolment."""
    rows = driver_connection(connection).execute(_ROOTS)
    return [
        Root(root_id, path, device, inode & MASK_64, filesystem, bool(online))
        for root_id, path, device, inode, filesystem, online in rows
    ]


class Reading:
    """One consistent view of the catalogue."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def generation(self) -> int:
        """The number of the last commit that this snapshot sees."""
        ((value,),) = self._driver_rows(_GENERATION, (GENERATION,))
        return int(value)

    @cached_property
    def _roots(self) -> Sequence[Root]:
        return load_roots(self._connection)

    def _count(self, query: Select[int]) -> int:
        """The one number that a query gives."""
        return self._connection.execute(query).scalar_one()

    def _driver_rows(self, sql: str, values: Mapping[str, Any] | Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        """Rows of plain SQL as SQLite gives them: for long answers, where converting rows costs most."""
        return driver_connection(self._connection).execute(sql, values)

    def _columns(self, sql: str, values: Mapping[str, Any]) -> list[NDArray[np.int64]]:
        """Whole columns of integers, from a query whose one row has a ``group_concat`` of each."""
        [texts] = self._driver_rows(sql, values)
        return [numbers(text) for text in texts]

    def _by_root(self, paths: Iterable[bytes]) -> dict[Root, dict[bytes, bytes]]:
        """Group absolute paths by root, as relative path -> path; those under no root are left out."""
        grouped: dict[Root, dict[bytes, bytes]] = {}
        for path in paths:
            if located := locate(self._roots, path):
                grouped.setdefault(located[0], {})[located[1]] = path
        return grouped
