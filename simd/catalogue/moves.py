"""Write verbs about roots and moves: rows change their place and keep their identity."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    LargeBinary,
    and_,
    case,
    cast,
    delete,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from simd.catalogue.file_reads import under
from simd.catalogue.paths import SEPARATOR, relative_to, split
from simd.catalogue.schema import directory, file, root
from simd.catalogue.writing import Writing
from simd.core.model import Root
from simd.core.stamp import Stamp

Place = tuple[Root, bytes]
"""A root and a directory relative to it."""

_SOURCE: Final = directory.alias("source")
_TARGET: Final = directory.alias("target")


class Moves(Writing):
    """What moves, and what is enrolled."""

    def enrol_root(self, path: bytes, device: int, inode: int, filesystem: str) -> Root:
        """Enrol a folder, or find it enrolled already (its identity is then left as it was).

        Roots never overlap. When the folder lies inside another root, or around one, the
        rows that are below both become its own: nothing is read again.
        """
        statement = insert(root).values(
            path=path,
            device=device,
            inode=inode,
            filesystem=filesystem,
            online=True,
            enrolled_at=self._now,
        )
        self._connection.execute(statement.on_conflict_do_nothing())
        self._directories.forget()
        enrolled = next(place for place in self._directories.roots if place.path == path)
        others: Sequence[Root] = [place for place in self._directories.roots if place.id != enrolled.id]
        for other in others:
            self._take_over(enrolled, other)
        return enrolled

    def set_root_online(self, root_id: int, online: bool) -> None:  # noqa: FBT001 - the field's name says it
        """Note whether a root can be reached; its files are offline when it cannot."""
        self._connection.execute(update(root).where(root.c.id == root_id).values(online=online))
        self._directories.forget()

    def update_root_identity(self, root_id: int, device: int, inode: int, filesystem: str) -> None:
        """Accept that a root is on another filesystem now."""
        identity = {"device": device, "inode": inode, "filesystem": filesystem}
        self._connection.execute(update(root).where(root.c.id == root_id).values(identity))
        self._directories.forget()

    def move_file(self, source: bytes, target: bytes, stamp: Stamp) -> bool:
        """Give a file another path, with its row, image and problem; False when ``source`` is unknown.

        A file known at ``target`` is replaced. The file is present afterwards, missing or not before.

        Raises:
            NotFound: ``target`` lies under no root.
        """
        file_id = self._file_id(source)
        if file_id is None:
            return False
        parent, name = split(target)
        directory_id = self._directories.ensure(parent)
        replaced = and_(file.c.directory_id == directory_id, file.c.name == name, file.c.id != file_id)
        self._connection.execute(delete(file).where(replaced))
        place = {"directory_id": directory_id, "name": name, "missing_since": None}
        self._connection.execute(update(file).where(file.c.id == file_id).values(place | stamp._asdict()))
        return True

    def move_directory(self, source: bytes, target: bytes) -> bool:
        """Give a directory and all below it another path, also across roots.

        File rows are touched only where a directory lands on a known one. Where rows of the
        target collide with moved ones, the present row of a name stays, of two present ones
        the moved. False when nothing is known at ``source``, when either is a root, or when one
        lies inside the other.

        Raises:
            NotFound: either path lies under no root.
        """
        origin, destination = self._directories.locate(source), self._directories.locate(target)
        nested = relative_to(source, target) is not None or relative_to(target, source) is not None
        if nested or not origin[1] or not destination[1]:
            return False
        return self._rebase(origin, destination)

    def _file_id(self, path: bytes) -> int | None:
        parent, name = split(path)
        directory_id = self._directories.find(parent)
        query = select(file.c.id).where(file.c.directory_id == directory_id, file.c.name == name)
        return None if directory_id is None else self._connection.execute(query).scalar_one_or_none()

    def _take_over(self, enrolled: Root, other: Root) -> None:
        inside = relative_to(enrolled.path, other.path)
        if inside is not None:
            self._rebase((other, b""), (enrolled, inside))
            self._connection.execute(delete(root).where(root.c.id == other.id))
        around = relative_to(other.path, enrolled.path)
        if around is not None:
            self._rebase((other, around), (enrolled, b""))
        self._directories.forget()

    def _rebase(self, origin: Place, destination: Place) -> bool:
        """Move the directory rows at and below ``origin``; whether there were any.

        Those that land on no known directory move in one statement.
        """
        merged = self._merge_collisions(origin, destination)
        statement = (
            update(directory)
            .where(under(*origin))
            .values(root_id=destination[0].id, path=_moved(directory, origin[1], destination[1]))
        )
        moved = self._connection.execute(statement).rowcount
        self._directories.forget()
        return merged + moved > 0

    def _merge_collisions(self, origin: Place, destination: Place) -> int:
        """Merge the directories that would land on known ones; how many there were."""
        landing = _moved(_SOURCE, origin[1], destination[1])
        inside = select(directory.c.id).where(under(*origin))
        query = (
            select(_SOURCE.c.id, _TARGET.c.id)
            .join(_TARGET, and_(_TARGET.c.root_id == destination[0].id, _TARGET.c.path == landing))
            .where(_SOURCE.c.id.in_(inside))
        )
        collisions = self._connection.execute(query).all()
        for source_id, target_id in collisions:
            self._merge(source_id, target_id)
        return len(collisions)

    def _merge(self, source_id: int, target_id: int) -> None:
        """Let the files of ``source_id`` join those of ``target_id``, and drop the emptied row.

        Those that did not move keep their place, so that they are not counted as moved.
        """
        gone_at_source = self._names(source_id, file.c.missing_since.is_not(None))
        here_at_target = self._names(target_id, file.c.missing_since.is_(None))
        self._drop_names(source_id, gone_at_source & here_at_target)
        self._drop_names(target_id, self._names(source_id))
        self._connection.execute(
            update(file).where(file.c.directory_id == source_id).values(directory_id=target_id)
        )
        self._connection.execute(delete(directory).where(directory.c.id == source_id))

    def _names(self, directory_id: int, *conditions: ColumnElement[bool]) -> set[bytes]:
        query = select(file.c.name).where(file.c.directory_id == directory_id, *conditions)
        return set(self._connection.scalars(query))

    def _drop_names(self, directory_id: int, names: set[bytes]) -> None:
        for name in names:
            here = and_(file.c.directory_id == directory_id, file.c.name == name)
            self._connection.execute(delete(file).where(here))


def _moved(rows: FromClause, source: bytes, target: bytes) -> ColumnElement[bytes]:
    """The path that a row at or below ``source`` has below ``target``."""
    prefix = target + SEPARATOR if target else b""
    cut = len(source) + 1 if source else 0
    tail = func.substr(rows.c.path, cut + 1, type_=LargeBinary)
    deeper = literal(prefix, LargeBinary).op("||")(tail)
    # SQLite's || makes TEXT of two BLOBs, and TEXT never equals a BLOB.
    return cast(case((rows.c.path == source, literal(target, LargeBinary)), else_=deeper), LargeBinary)
