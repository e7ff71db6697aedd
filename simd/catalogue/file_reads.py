"""Read verbs about files: where they are, what they were when they were read, which are twins."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from simd.catalogue.paths import below, join, locate, split
from simd.catalogue.reading import Reading, chunks, numbers
from simd.catalogue.schema import MASK_64, directory, file, image, problem, root, signed
from simd.core.model import FileRow, FileState, Problem, ProblemCode, Root
from simd.core.stamp import Stamp

_PLACED: Final = file.join(directory).join(root)

_COLUMNS: Final = """
    file.id, root.path, directory.path, file.name, file.size, file.mtime_ns, file.ctime_ns, file.inode,
    root.online, file.missing_since IS NOT NULL, file.image_id
"""
_PLACES: Final = "JOIN directory ON directory.id = file.directory_id JOIN root ON root.id = directory.root_id"

# Read by the driver itself: every file is asked for before it is read, and groups ask for many.
_FILES: Final = f"SELECT {_COLUMNS} FROM file {_PLACES}"  # noqa: S608 - constants
_FILES_OF_IMAGES: Final = f"""
SELECT {_COLUMNS}
FROM json_each(:ids) AS wanted
JOIN file ON file.image_id = wanted.value AND file.missing_since IS NULL
{_PLACES}
"""  # noqa: S608 - constants

_PROBLEMS: Final[Select[Any]] = select(
    file.c.id,
    root.c.path.label("root"),
    directory.c.path.label("directory"),
    file.c.name,
    problem.c.code,
    problem.c.reason,
    problem.c.since,
    problem.c.retried,
).select_from(_PLACED.join(problem))

# The plus lets SQLite begin with the missing files, which it does not know to be few.
_MISSING_FIRST: Final = file.join(directory, directory.c.id == literal_column("+file.directory_id", Integer))

_READABLE: Final = (file.c.missing_since.is_(None), root.c.online)

_DIRECTORIES: Final = select(directory.c.id, directory.c.path)
_STAMPS: Final = """
    SELECT name, size, mtime_ns, ctime_ns, inode FROM file
    WHERE directory_id = ? AND missing_since IS NULL
"""


def under(place: Root, relative: bytes) -> ColumnElement[bool]:
    """The condition on ``directory`` for a directory and all below it."""
    if not relative:
        return directory.c.root_id == place.id
    low, high = below(relative)
    inside = and_(directory.c.path >= low, directory.c.path < high)
    return and_(directory.c.root_id == place.id, or_(directory.c.path == relative, inside))


class FileReads(Reading):
    """Questions about files and directories."""

    def roots(self) -> list[Root]:
        """Every enrolled root, in order of enrolment."""
        return list(self._roots)

    def stamps(self, directories: Sequence[bytes]) -> dict[bytes, dict[bytes, Stamp]]:
        """The files that are not missing, by absolute directory and name.

        Every directory that was asked for has an entry, if only an empty one. Made for the
        sweep: one query finds a few hundred directories, and a row of a file costs little
        more than SQLite takes for it.
        """
        found: dict[bytes, dict[bytes, Stamp]] = {path: {} for path in directories}
        for place, paths in self._by_root(directories).items():
            for chunk in chunks(paths):
                here = and_(directory.c.root_id == place.id, directory.c.path.in_(chunk))
                for row_id, relative in self._connection.execute(_DIRECTORIES.where(here)):
                    found[paths[relative]] = {
                        name: Stamp(size, mtime_ns, ctime_ns, inode & MASK_64)
                        for name, size, mtime_ns, ctime_ns, inode in self._driver_rows(_STAMPS, (row_id,))
                    }
        return found

    def directories_under(self, path: bytes) -> list[bytes]:
        """The absolute paths, at or below ``path``, of directories with a file that is not missing."""
        located = locate(self._roots, path)
        if located is None:
            return []
        place, relative = located
        holds_files = exists().where(file.c.directory_id == directory.c.id, file.c.missing_since.is_(None))
        query = select(directory.c.path).where(under(place, relative), holds_files)
        return sorted(join(place.path, found) for found in self._connection.scalars(query))

    def count_under(self, path: bytes) -> int:
        """How many files at or below a directory are not missing."""
        located = locate(self._roots, path)
        if located is None:
            return 0
        # One index tells how many files there are, and another one which are missing; none tells both.
        here = select(func.count()).where(under(*located))
        missing = here.select_from(_MISSING_FIRST).where(file.c.missing_since.is_not(None))
        return self._count(here.select_from(file.join(directory))) - self._count(missing)

    def images_under(self, path: bytes) -> set[int]:
        """The images with a file at or below a directory that is not missing."""
        located = locate(self._roots, path)
        if located is None:
            return set()
        query = (
            select(func.group_concat(file.c.image_id))
            .select_from(file.join(directory))
            .where(under(*located), file.c.missing_since.is_(None))
        )
        return set(numbers(self._connection.execute(query).scalar_one()).tolist())

    def file_at(self, path: bytes) -> FileRow | None:
        """The file at an absolute path, missing or not."""
        return self.files_at([path]).get(path)

    def files_at(self, paths: Iterable[bytes]) -> dict[bytes, FileRow]:
        """The known files, missing or not, among absolute paths."""
        names: defaultdict[bytes, set[bytes]] = defaultdict(set)
        for path in paths:
            parent, name = split(path)
            names[parent].add(name)
        found = {}
        for place, parents in self._by_root(names).items():
            for relative, parent in parents.items():
                here = "directory.root_id = ? AND directory.path = ? AND file.name"
                for row in self._files(here, names[parent], (place.id, relative)):
                    found[row.path] = row
        return found

    def twins(self, stamps: Sequence[Stamp]) -> dict[tuple[int, int, int], FileRow]:
        """Readable files by (inode, size, mtime_ns), for the given stamps.

        A file that was moved, or linked, still has the inode, size and modification time of
        its other name. Missing rows count too, but a row that is not missing is preferred.
        Inodes are unique within a filesystem only: compare the roots where that matters.
        """
        wanted = {(stamp.inode, stamp.size, stamp.mtime_ns) for stamp in stamps}
        found: dict[tuple[int, int, int], FileRow] = {}
        inodes = {signed(inode) for inode, _, _ in wanted}
        for row in self._files("file.image_id IS NOT NULL AND file.inode", inodes):
            key = (row.stamp.inode, row.stamp.size, row.stamp.mtime_ns)
            if key in wanted and (key not in found or found[key].state is FileState.MISSING):
                found[key] = row
        return found

    def files_of(self, image_ids: Sequence[int]) -> dict[int, list[FileRow]]:
        """The files of images that are not missing, ordered by path; every image has an entry."""
        found: dict[int, list[FileRow]] = {image_id: [] for image_id in image_ids}
        folders: dict[tuple[bytes, bytes], bytes] = {}
        for row in self._driver_rows(_FILES_OF_IMAGES, {"ids": json.dumps(list(found))}):
            placed = _file_row(row, folders)
            if placed.image_id is not None:
                found[placed.image_id].append(placed)
        for rows in found.values():
            if len(rows) > 1:
                rows.sort(key=attrgetter("path"))
        return found

    def stale_recipe(self, recipe: int, limit: int) -> list[FileRow]:
        """One present file for each of up to ``limit`` images with a recipe older than ``recipe``."""
        readable = exists().where(file.c.image_id == image.c.id, *_READABLE).select_from(_PLACED)
        stale = select(image.c.id).where(image.c.recipe < recipe, readable).limit(limit)
        files = self.files_of(self._connection.scalars(stale).all())
        present = ([row for row in rows if row.state is FileState.PRESENT] for rows in files.values())
        return [rows[0] for rows in present if rows]

    def problems(self, limit: int, after: int | None = None) -> tuple[list[Problem], int | None]:
        """One page of the files that could not be read, and the cursor of the next page."""
        query = (
            _PROBLEMS.where(file.c.missing_since.is_(None), problem.c.file_id > (after or 0))
            .order_by(problem.c.file_id)
            .limit(limit + 1)
        )
        rows = self._connection.execute(query).all()
        page = [_problem(row) for row in rows[:limit]]
        return page, rows[limit - 1].id if len(rows) > limit else None

    def problem_at(self, path: bytes) -> Problem | None:
        """Why the file at an absolute path could not be read; None when nothing is known against it."""
        known = self.file_at(path)
        if known is None:
            return None
        row = self._connection.execute(_PROBLEMS.where(file.c.id == known.id)).first()
        return None if row is None else _problem(row)

    def problem_paths(self) -> list[bytes]:
        """The absolute path of every file that could not be read and is not missing."""
        query = (
            select(root.c.path, directory.c.path, file.c.name)
            .select_from(_PLACED)
            .where(file.c.id.in_(select(problem.c.file_id)), file.c.missing_since.is_(None))
        )
        return sorted(join(join(*place), name) for *place, name in self._connection.execute(query))

    def _files(self, condition: str, values: Collection[Any], before: Sequence[Any] = ()) -> list[FileRow]:
        """The files where what ``condition`` ends in is one of ``values``; ``before`` stand in it before."""
        return [
            _file_row(row)
            for chunk in chunks(values)
            for row in self._driver_rows(
                f"{_FILES} WHERE {condition} IN ({', '.join('?' * len(chunk))}) ORDER BY file.id",
                [*before, *chunk],
            )
        ]


def _file_row(row: tuple[Any, ...], folders: dict[tuple[bytes, bytes], bytes] | None = None) -> FileRow:
    """A row of :data:`_COLUMNS`; ``folders`` remembers the paths of folders, by root and relative path."""
    file_id, place, relative, name, size, mtime_ns, ctime_ns, inode, online, missing, image_id = row
    folder = None if folders is None else folders.get((place, relative))
    if folder is None:
        folder = join(place, relative)
        if folders is not None:
            folders[place, relative] = folder
    return FileRow(
        file_id,
        join(folder, name),
        place,
        Stamp(size, mtime_ns, ctime_ns, inode & MASK_64),
        _state(missing=bool(missing), online=bool(online)),
        image_id,
    )


def _problem(row: Row[Any]) -> Problem:
    return Problem(
        path=join(join(row.root, row.directory), row.name),
        code=ProblemCode(row.code),
        reason=row.reason,
        since=row.since.isoformat(),
        retried=row.retried,
    )


def _state(*, missing: bool, online: bool) -> FileState:
    # A file that was deleted before its disk was unplugged must not come back as an offline one.
    if missing:
        return FileState.MISSING
    return FileState.PRESENT if online else FileState.OFFLINE
