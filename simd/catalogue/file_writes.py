"""Write verbs about files: seen, unreadable, missing, present again."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import and_, bindparam, delete, exists, literal_column, null, select, update
from sqlalchemy.dialects.sqlite import insert

from simd.catalogue.file_reads import under
from simd.catalogue.many import Upsert
from simd.catalogue.paths import locate, split
from simd.catalogue.schema import directory, file, problem
from simd.catalogue.writing import Writing
from simd.core.model import ProblemCode
from simd.core.stamp import Stamp

UNKNOWN_STAMP: Final = Stamp(0, 0, 0, 0)
"""Stands for a file that could not even be looked at: whatever is seen later differs from it."""

_AT_PLACE: Final = and_(
    file.c.directory_id == bindparam("at_directory"),
    file.c.name == bindparam("at_name"),
)

_new_file = insert(file)
_SEEN: Final = [*Stamp._fields, "image_id"]
_PUT_FILE: Final = Upsert(
    _new_file.on_conflict_do_update(
        index_elements=[file.c.directory_id, file.c.name],
        set_={**{name: _new_file.excluded[name] for name in _SEEN}, "missing_since": null()},
    ),
    file,
    ["directory_id", "name", *_SEEN],
)

_new_problem = insert(problem).from_select(
    ["file_id", "code", "reason", "since", "retried"],
    select(
        file.c.id,
        bindparam("code"),
        bindparam("reason"),
        bindparam("since", type_=problem.c.since.type),
        literal_column("0"),
    ).where(_AT_PLACE),
)
_PUT_PROBLEM: Final = _new_problem.on_conflict_do_update(
    index_elements=[problem.c.file_id],
    set_={
        "code": _new_problem.excluded.code,
        "reason": _new_problem.excluded.reason,
        "retried": problem.c.retried + 1,
    },
)
_DROP_SOLVED_PROBLEMS: Final = delete(problem).where(
    exists().where(file.c.id == problem.c.file_id, file.c.image_id.is_not(None))
)
_MARK_MISSING: Final = (
    update(file).where(_AT_PLACE, file.c.missing_since.is_(None)).values(missing_since=bindparam("moment"))
)


class FileWrites(Writing):
    """What becomes of files. Paths are absolute and lie under an enrolled root."""

    def put_files(self, files: Sequence[tuple[bytes, Stamp, int | None]]) -> None:
        """Note files as present with a stamp and an image; a problem of a readable file is over.

        Raises:
            NotFound: a path lies under no root; nothing of the transaction is kept.
        """
        places = self._ensure_places(path for path, _, _ in files)
        rows = [(*place, *stamp, image_id) for place, (_, stamp, image_id) in zip(places, files, strict=True)]
        _PUT_FILE.run(self._connection, rows)
        self._connection.execute(_DROP_SOLVED_PROBLEMS)

    def put_problems(self, problems: Sequence[tuple[bytes, Stamp | None, ProblemCode, str]]) -> None:
        """Note files that could not be read, and why; a repeat counts as one more retry.

        A stamp of None says that the file could not be looked at: the next sweep that can
        finds it changed.
        """
        self.put_files([(path, stamp or UNKNOWN_STAMP, None) for path, stamp, _, _ in problems])
        places = self._ensure_places(path for path, *_ in problems)
        rows = [
            {**_at(place), "code": code, "reason": reason, "since": self._now}
            for place, (_, _, code, reason) in zip(places, problems, strict=True)
        ]
        self._execute(_PUT_PROBLEM, rows)

    def mark_missing(self, paths: Sequence[bytes]) -> int:
        """Note files as missing since now; how many were not missing before."""
        places = (self._find_place(path) for path in paths)
        return self._execute(
            _MARK_MISSING, [{**_at(place), "moment": self._now} for place in places if place]
        )

    def mark_directory_missing(self, path: bytes) -> int:
        """Note every file at or below a directory as missing since now; how many were not before."""
        located = locate(self._directories.roots, path)
        if located is None:
            return 0
        inside = select(directory.c.id).where(under(*located))
        statement = update(file).where(file.c.directory_id.in_(inside), file.c.missing_since.is_(None))
        return self._connection.execute(statement.values(missing_since=self._now)).rowcount

    def _ensure_places(self, paths: Iterable[bytes]) -> list[tuple[int, bytes]]:
        return [(self._directories.ensure(parent), name) for parent, name in map(split, paths)]

    def _find_place(self, path: bytes) -> tuple[int, bytes] | None:
        parent, name = split(path)
        known = self._directories.find(parent)
        return None if known is None else (known, name)

    def _execute(self, statement: Any, rows: list[dict[str, Any]]) -> int:
        """Run a statement once per row, and count the rows that it changed."""
        # SQLAlchemy takes an empty list for "no parameters at all" and would run the statement.
        return self._connection.execute(statement, rows).rowcount if rows else 0


def _at(place: tuple[int, bytes]) -> dict[str, Any]:
    return {"at_directory": place[0], "at_name": place[1]}
