"""Near-duplicates of one picture: candidates from the index, verified, as files."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from simd.catalogue import Snapshot
from simd.core.answers import Match, MatchKind, QueryAnswer
from simd.core.display import display_path, path_b64
from simd.core.errors import BadRequest
from simd.core.measures import measure
from simd.core.model import FileRow, ImageRow, Measures, Thumbs
from simd.core.presets import MOST_RADIUS, PRESETS, Preset, accepts, tags
from simd.core.questions import QueryOptions, QuerySubject
from simd.core.transforms import Transform, variants
from simd.index import HashIndex
from simd.work.arrivals import MOST_CANDIDATES, flat_candidates
from simd.work.describe import describe_image, similarity
from simd.work.subjects import Subject, Subjects


@dataclass(frozen=True, slots=True)
class _Find:
    """An image that passed the preset, and how the subject was turned to match it."""

    image_id: int
    transform: Transform
    measures: Measures
    similarity: float


class Search:
    """Answers ``query``."""

    def __init__(self, index: HashIndex, subjects: Subjects, default_preset: str) -> None:
        """``default_preset`` names the one that holds when none is asked for."""
        self._index = index
        self._subjects = subjects
        self._default_preset = default_preset

    def follow(self, default_preset: str) -> None:
        """Go by another preset from now on when none is asked for."""
        self._default_preset = default_preset

    def query(self, asked: QuerySubject, options: QueryOptions) -> QueryAnswer:
        """The files that look like the one asked about, nearest first.

        Raises:
            BadRequest: the preset or the radius does not exist.
            NotFound, UnreadableImage: see :meth:`Subjects.resolved`.
        """
        started = time.perf_counter()
        preset = chosen_preset(options.preset or self._default_preset, options.radius)
        with self._subjects.resolved(asked) as (subject, snapshot):
            found = self._find(subject, preset, snapshot, transforms=options.transforms)
            matches = list(_as_matches(subject, found, snapshot))
            generation = snapshot.generation
        matches.sort(key=lambda m: (m.kind is not MatchKind.IDENTICAL, m.distance, -m.similarity, m.path))
        return QueryAnswer(
            query=subject.likeness,
            preset=preset.name,
            radius=preset.radius,
            matches=matches[: options.top],
            took_ms=round((time.perf_counter() - started) * 1e3, 3),
            generation=generation,
        )

    def _find(self, subject: Subject, preset: Preset, snapshot: Snapshot, *, transforms: bool) -> list[_Find]:
        views = variants(subject.thumbs) if transforms else [(Transform.IDENTITY, subject.thumbs)]
        best: dict[int, _Find] = {}
        for transform, thumbs in views:
            ids = [
                id_ for id_ in self._candidates(thumbs, preset.radius, snapshot) if id_ != subject.image_id
            ]
            for find in _verified(ids, transform, thumbs, preset, snapshot):
                held = best.get(find.image_id)
                if held is None or find.measures.distance < held.measures.distance:
                    best[find.image_id] = find
        return list(best.values())

    def _candidates(self, thumbs: Thumbs, radius: int, snapshot: Snapshot) -> list[int]:
        if thumbs.low_detail:
            return flat_candidates(snapshot, thumbs, MOST_CANDIDATES)
        return [image_id for _, image_id in self._index.find(thumbs.phash, radius, MOST_CANDIDATES)]


def _verified(
    ids: Sequence[int], transform: Transform, thumbs: Thumbs, preset: Preset, snapshot: Snapshot
) -> Iterator[_Find]:
    if not ids:
        return
    stored = snapshot.thumbs(ids)
    others = [(image_id, stored[image_id]) for image_id in ids if image_id in stored]
    measured = measure(thumbs, [other for _, other in others])
    for (image_id, other), measures in zip(others, measured, strict=True):
        comparable = thumbs.low_detail == other.low_detail and measures.flat == thumbs.low_detail
        if comparable and accepts(preset, measures):
            yield _Find(image_id, transform, measures, similarity(thumbs.phash256, other.phash256))


def chosen_preset(name: str, radius: int | None) -> Preset:
    """The preset of that name, with its radius replaced when one is given.

    Raises:
        BadRequest: no such preset, or a radius outside 0 to 16.
    """
    preset = PRESETS.get(name)
    if preset is None:
        raise BadRequest(f"There is no preset {name!r}.", hint=f"The presets are {', '.join(PRESETS)}.")
    if radius is None:
        return preset
    if not 0 <= radius <= MOST_RADIUS:
        raise BadRequest(
            f"The radius {radius} is out of range.",
            hint=f"A radius is a whole number of bits from 0 to {MOST_RADIUS}.",
        )
    return replace(preset, radius=radius)


def _as_matches(subject: Subject, found: Sequence[_Find], snapshot: Snapshot) -> Iterator[Match]:
    if subject.image is not None:
        for file in subject.files:
            if file.path != subject.path:
                yield _identical(subject.image, file)
    if not found:
        return
    ids = [find.image_id for find in found]
    images, files = snapshot.images(ids), snapshot.files_of(ids)
    for find in found:
        for file in files[find.image_id]:
            yield _near(images[find.image_id], file, find)


def _identical(image: ImageRow, file: FileRow) -> Match:
    return Match(
        image=describe_image(image, [file]),
        path=display_path(file.path),
        path_b64=path_b64(file.path),
        distance=0,
        similarity=1.0,
        kind=MatchKind.IDENTICAL,
        transform=Transform.IDENTITY,
        tags=(),
    )


def _near(image: ImageRow, file: FileRow, find: _Find) -> Match:
    return Match(
        image=describe_image(image, [file]),
        path=display_path(file.path),
        path_b64=path_b64(file.path),
        distance=find.measures.distance,
        similarity=round(find.similarity, 4),
        kind=MatchKind.NEAR,
        transform=find.transform,
        tags=tags(find.measures),
    )
