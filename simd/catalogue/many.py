"""One statement for many rows, run by the driver itself.

SQLAlchemy prepares every value of every row anew, which takes three times as long as SQLite
takes to write it. Here the statement is compiled once, and only the columns whose type stores
something else than it is given are converted.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table, TypeDecorator
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import Insert

from simd.catalogue.engines import driver_connection

_DIALECT: Final = sqlite.dialect()


class Upsert:
    """An upsert of whole rows.

    Args:
        statement: an insertion into ``table``, with whatever it does about conflicts.
        table: whose columns are given.
        names: those columns, in the order in which a row gives their values.
    """

    def __init__(self, statement: Insert, table: Table, names: Sequence[str]) -> None:
        compiled = statement.compile(dialect=_DIALECT, column_keys=list(names))
        if list(compiled.positiontup or ()) != list(names):
            raise ValueError(f"the statement takes {compiled.positiontup}, not {names}")
        self._sql = str(compiled)
        types = [table.c[name].type for name in names]
        self._stored: list[tuple[int, Callable[[Any, Any], Any]]] = [
            (place, type_.process_bind_param)
            for place, type_ in enumerate(types)
            if isinstance(type_, TypeDecorator)
        ]

    def run(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> int:
        """Write the rows within the connection's transaction; how many were inserted or changed."""
        if not rows:
            return 0
        return driver_connection(connection).executemany(self._sql, map(self._as_stored, rows)).rowcount

    def _as_stored(self, row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for place, convert in self._stored:
            values[place] = convert(values[place], _DIALECT)
        return values
