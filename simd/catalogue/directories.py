"""The writer's memory of directory rows: path -> id, so that a batch of files asks SQLite little."""

from collections.abc import Sequence

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from simd.catalogue.paths import locate
from simd.catalogue.reading import load_roots
from simd.catalogue.schema import directory
from simd.core.errors import NotFound
from simd.core.model import Root


class Directories:
    """Finds and makes directory rows over the writer's connection.

    What is remembered may come from a transaction that is rolled back, or be outdated by a
    move: whoever does either must call :meth:`forget`.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ids: dict[bytes, int] = {}
        self._roots: Sequence[Root] | None = None

    @property
    def roots(self) -> Sequence[Root]:
        """Every enrolled root."""
        if self._roots is None:
            self._roots = load_roots(self._connection)
        return self._roots

    def forget(self) -> None:
        """Trust only the database from here on."""
        self._ids.clear()
        self._roots = None

    def locate(self, path: bytes) -> tuple[Root, bytes]:
        """The root of an absolute path and the path relative to it; NotFound when there is none."""
        located = locate(self.roots, path)
        if located is None:
            shown = path.decode(errors="backslashreplace")
            raise NotFound("The path lies in no enrolled folder.", path=shown)
        return located

    def find(self, path: bytes) -> int | None:
        """The id of an absolute directory, None when it has no row."""
        if path not in self._ids:
            located = locate(self.roots, path)
            known = None if located is None else self._select(*located)
            if known is None:
                return None
            self._ids[path] = known
        return self._ids[path]

    def ensure(self, path: bytes) -> int:
        """The id of an absolute directory, which gets a row when it has none."""
        known = self.find(path)
        if known is not None:
            return known
        place, relative = self.locate(path)
        statement = insert(directory).values(root_id=place.id, path=relative).returning(directory.c.id)
        added: int = self._connection.execute(statement).scalar_one()
        self._ids[path] = added
        return added

    def _select(self, place: Root, relative: bytes) -> int | None:
        query = select(directory.c.id).where(directory.c.root_id == place.id, directory.c.path == relative)
        return self._connection.execute(query).scalar_one_or_none()
