"""Read verbs that reports ask: small pictures, what happened to files, how much is watched, what failed."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from simd.catalogue.paths import join
from simd.catalogue.reading import Reading, chunks
from simd.catalogue.schema import (
    FILES_ADDED,
    FILES_MOVED,
    FILES_REMOVED,
    directory,
    file,
    preview,
    root,
    state,
)
from simd.core.model import ProblemCode

_PRESENT: Final = (
    select(func.count(), func.coalesce(func.sum(file.c.size), 0))
    .select_from(file.join(directory).join(root))
    .where(file.c.missing_since.is_(None), root.c.online)
)

_SHARED_INODES: Final = """
SELECT root.device, file.inode, file.size
FROM (SELECT inode FROM file GROUP BY inode HAVING count(*) > 1) AS shared
JOIN file ON file.inode = shared.inode AND file.missing_since IS NULL
JOIN directory ON directory.id = file.directory_id
JOIN root ON root.id = directory.root_id AND root.online
"""
"""The first step reads an index alone; few inodes have several names."""

_PROBLEM_KINDS: Final = """
SELECT code, files, root, directory, name FROM (
    SELECT problem.code AS code, count(*) OVER (PARTITION BY problem.code) AS files,
           row_number() OVER (PARTITION BY problem.code ORDER BY file.id) AS place,
           root.path AS root, directory.path AS directory, file.name AS name
    FROM problem
    JOIN file ON file.id = problem.file_id AND file.missing_since IS NULL
    JOIN directory ON directory.id = file.directory_id
    JOIN root ON root.id = directory.root_id
)
WHERE place <= :examples
ORDER BY files DESC, code, place
"""


@dataclass(frozen=True, slots=True)
class Tallies:
    """What happened to files since the catalogue was made.

    Attributes:
        added: files that came, or came back to where they were.
        moved: files that got another path.
        removed: files that went, and did not turn up elsewhere.
    """

    added: int
    moved: int
    removed: int


@dataclass(frozen=True, slots=True)
class PresentFiles:
    """The files that are there now, on roots that are online; ``bytes`` counts hard links once."""

    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """The files that could not be read for one reason; ``examples`` are the paths of the first of them."""

    code: ProblemCode
    files: int
    examples: tuple[bytes, ...]


class ReportReads(Reading):
    """Questions about the whole library, and the pictures of its report."""

    def previews(self, image_ids: Collection[int]) -> dict[int, bytes]:
        """The small pictures that are kept, as WebP, among ids of images."""
        query = select(preview.c.image_id, preview.c.webp)
        return {
            image_id: webp
            for chunk in chunks(image_ids)
            for image_id, webp in self._connection.execute(query.where(preview.c.image_id.in_(chunk)))
        }

    def tallies(self) -> Tallies:
        """What happened to files since the catalogue was made."""
        keys = (FILES_ADDED, FILES_MOVED, FILES_REMOVED)
        rows = self._connection.execute(select(state.c.key, state.c.value).where(state.c.key.in_(keys)))
        counts = {key: int(value) for key, value in rows}
        return Tallies(*(counts[key] for key in keys))

    def present_files(self) -> PresentFiles:
        """How many files are there, and what they occupy."""
        files, size = self._connection.execute(_PRESENT).one()
        names: defaultdict[tuple[int, int, int], int] = defaultdict(int)
        for name in self._driver_rows(_SHARED_INODES, ()):
            names[name] += 1
        twice = sum((count - 1) * length for (_, _, length), count in names.items())
        return PresentFiles(int(files), int(size) - twice)

    def problem_kinds(self, examples: int) -> list[ProblemKind]:
        """The reasons why files could not be read, the most frequent first."""
        found: dict[tuple[ProblemCode, int], list[bytes]] = {}
        for code, files, *place, name in self._driver_rows(_PROBLEM_KINDS, {"examples": examples}):
            paths = found.setdefault((ProblemCode(code), files), [])
            paths.append(join(join(*place), name))
        return [ProblemKind(code, files, tuple(paths)) for (code, files), paths in found.items()]
