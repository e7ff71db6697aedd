"""All that is known of one image, and of the files that could not be read."""

import re
from collections.abc import Sequence
from dataclasses import asdict, replace

from simd.catalogue import Catalogue, Snapshot
from simd.core.actions.model import Companion
from simd.core.answers import (
    FileCompanion,
    FileInFull,
    ImageAnswer,
    Neighbour,
    ProblemPage,
    ProblemRow,
)
from simd.core.display import display_path, path_b64
from simd.core.errors import BadRequest, NotFound
from simd.core.model import FileRow, FileState, ImageRow, Pair, Problem
from simd.core.presets import tags
from simd.work.compare import strictest
from simd.work.describe import best_file, describe_image, similarity
from simd.work.units import Units

_CURSOR = re.compile(r"[0-9]{1,18}")
"""Number of the last problem of a page."""


class Portraits:
    """Answers ``show`` and ``problems``."""

    def __init__(self, catalogue: Catalogue, units: Units) -> None:
        """Answer from the catalogue, and with what belongs to the files on the disk."""
        self._catalogue = catalogue
        self._units = units

    def image(self, image_id: int) -> ImageAnswer:
        """All that is known of one image.

        Raises:
            NotFound: there is no such image.
        """
        with self._catalogue.read() as snapshot:
            row = snapshot.image(image_id)
            if row is None:
                raise NotFound(
                    f"There is no image {image_id}.", hint="simctl groups shows the ids of images."
                )
            answer, files = _answer(row, snapshot)
        return self._in_full(answer, files)

    def image_at(self, path: bytes) -> ImageAnswer:
        """All that is known of the image at a path.

        Raises:
            NotFound: the catalogue knows no picture there; the message says what it knows.
        """
        shown = display_path(path)
        with self._catalogue.read() as snapshot:
            file = snapshot.file_at(path)
            if file is None:
                hint = "simctl query takes files that lie elsewhere; simctl status lists the watched folders."
                raise NotFound(f"{shown} is not in the catalogue.", hint=hint, path=shown)
            if file.image_id is None:
                problem = snapshot.problem_at(path)
                reason = problem.reason if problem else "it has not been read yet"
                raise NotFound(
                    f"{shown} could not be read: {reason}", hint="simctl problems --retry", path=shown
                )
            row = snapshot.image(file.image_id)
            if row is None:
                raise NotFound(f"{shown} is not in the catalogue.", path=shown)
            answer, files = _answer(row, snapshot)
        return self._in_full(answer, files)

    def problems(self, limit: int, cursor: str | None) -> ProblemPage:
        """The files that could not be read, a page at a time.

        Raises:
            BadRequest: a cursor that no page gave.
        """
        if cursor is not None and not _CURSOR.fullmatch(cursor):
            raise BadRequest(
                f"There is no page at cursor {cursor!r}.", hint="Pass next_cursor of the page before."
            )
        with self._catalogue.read() as snapshot:
            problems, following = snapshot.problems(limit, int(cursor) if cursor else None)
            return ProblemPage(
                problems=[describe_problem(problem) for problem in problems],
                next_cursor=None if following is None else str(following),
                generation=snapshot.generation,
            )

    def _in_full(self, answer: ImageAnswer, files: Sequence[FileRow]) -> ImageAnswer:
        """With what belongs to the files that are there; the disk is asked after the catalogue was let go."""
        there = [(file.path, answer.taken_at) for file in files if file.state is FileState.PRESENT]
        found = self._units.beside(there)
        shown = [
            replace(plain, companions=[_companion(each) for each in found.get(file.path, ())])
            for plain, file in zip(answer.files, files, strict=True)
        ]
        return replace(answer, files=shown)


def describe_problem(problem: Problem) -> ProblemRow:
    """A problem as the protocol shows it."""
    return ProblemRow(
        path=display_path(problem.path),
        path_b64=path_b64(problem.path),
        code=problem.code,
        reason=problem.reason,
        since=problem.since,
        retried=problem.retried,
    )


def _answer(row: ImageRow, snapshot: Snapshot) -> tuple[ImageAnswer, Sequence[FileRow]]:
    """What the catalogue knows, and the rows of the files."""
    pairs = snapshot.pairs_of(row.id)
    others = [pair.b if pair.a == row.id else pair.a for pair in pairs]
    images, files = snapshot.images(others), snapshot.files_of([*others, row.id])
    image = describe_image(row, files.get(row.id, []))
    neighbours = [
        _neighbour(row, images[other], files.get(other, []), pair)
        for other, pair in zip(others, pairs, strict=True)
    ]
    answer = ImageAnswer(
        **{name: getattr(image, name) for name in image.__dataclass_fields__ if name != "files"},
        files=[FileInFull(**asdict(file)) for file in image.files],
        pairs=sorted(neighbours, key=lambda neighbour: (neighbour.distance, neighbour.id)),
        problem=None,
        generation=snapshot.generation,
    )
    return answer, files[row.id]


def _companion(companion: Companion) -> FileCompanion:
    return FileCompanion(
        path=display_path(companion.path),
        path_b64=path_b64(companion.path),
        role=companion.role,
        bytes=companion.stamp.size,
    )


def _neighbour(row: ImageRow, other: ImageRow, files: Sequence[FileRow], pair: Pair) -> Neighbour:
    path = best_file(files).path if files else None
    preset = strictest(pair.measures)
    return Neighbour(
        id=other.id,
        path=None if path is None else display_path(path),
        path_b64=None if path is None else path_b64(path),
        distance=pair.measures.distance,
        distance256=pair.measures.distance256,
        similarity=round(similarity(row.phash256, other.phash256), 4),
        correlation=round(pair.measures.correlation, 4),
        colour=None if pair.measures.colour is None else round(pair.measures.colour, 4),
        worst_cell=round(pair.measures.worst_cell, 3),
        flat=pair.measures.flat,
        preset=preset.name if preset else None,
        tags=tags(pair.measures),
    )
