"""Two pictures against each other: every distance, and the judgement with its reason."""

from concurrent.futures import TimeoutError as FutureTimeout

from simd.catalogue import Catalogue
from simd.core.answers import Comparison, ComparisonMeasures, ImageLike, Verdict
from simd.core.errors import Unavailable
from simd.core.judgement import FineLook, Make, Sight, contradicts, judge, look_at_pair
from simd.core.measures import measure
from simd.core.model import Measures
from simd.core.presets import PRESETS, Preset, accepts, tags
from simd.core.questions import QuerySubject
from simd.imaging import DecodePool
from simd.work.describe import similarity
from simd.work.looks import keep_looks
from simd.work.subjects import LONGEST_READ_SECONDS, Subject, Subjects


class Compare:
    """Answers ``compare``."""

    def __init__(self, catalogue: Catalogue, subjects: Subjects, pool: DecodePool) -> None:
        self._catalogue = catalogue
        self._subjects = subjects
        self._pool = pool

    def compare(self, a: QuerySubject, b: QuerySubject) -> Comparison:
        """Compare two pictures, catalogued or not.

        Raises:
            NotFound, UnreadableImage: see :meth:`Subjects.resolve`.
        """
        one, other = self._subjects.resolve(a), self._subjects.resolve(b)
        measures = measure(one.thumbs, [other.thumbs])[0]
        preset = strictest(measures, comparable=one.thumbs.low_detail == other.thumbs.low_detail)
        identical = one.digest == other.digest
        verdict = Verdict.IDENTICAL if identical else Verdict.NEAR if preset else Verdict.DIFFERENT
        look = self._look(one, other)
        makes = _make_of(one.likeness), _make_of(other.likeness)
        sight = None if look is None else judge(look, *makes)
        if look is not None and one.image_id is not None and other.image_id is not None:
            ids = zip((one.image_id, other.image_id), makes, strict=True)
            keep_looks(self._catalogue, [look_at_pair(look, *ids)])
        return Comparison(
            a=one.likeness,
            b=other.likeness,
            measures=_as_answer(measures, one, other, look),
            verdict=verdict,
            preset=preset.name if preset else None,
            tags=tags(measures) if verdict is Verdict.NEAR else (),
            reason=_explain(verdict, preset, measures, one, other),
            judgement=sight.judgement if sight else None,
            words=sight.words if sight else None,
            sharper=sight.sharper if sight else None,
            doubtful=sight is not None and _is_doubtful(verdict, sight),
            generation=self._catalogue.generation(),
        )

    def _look(self, one: Subject, other: Subject) -> FineLook | None:
        """The finer look at both files; None when one of them is not at hand or cannot be read."""
        if one.path is None or other.path is None:
            return None
        try:
            look = self._pool.compare(one.path, other.path).result(LONGEST_READ_SECONDS)
        except FutureTimeout as error:
            raise Unavailable(
                "The pictures were not read in time.", hint="Ask again when the queue is shorter."
            ) from error
        return look if isinstance(look, FineLook) else None


def strictest(measures: Measures, *, comparable: bool = True) -> Preset | None:
    """The strictest preset that calls a pair near-duplicates, or None.

    ``comparable`` is false when exactly one picture is low-detail: its hash says nothing.
    """
    if not comparable:
        return None
    return next((preset for preset in PRESETS.values() if accepts(preset, measures)), None)


def _make_of(likeness: ImageLike) -> Make:
    return Make(likeness.width, likeness.height, likeness.bytes, likeness.format)


def _is_doubtful(verdict: Verdict, sight: Sight) -> bool:
    return contradicts(sight.judgement, near=verdict is not Verdict.DIFFERENT)


def _explain(
    verdict: Verdict, preset: Preset | None, measures: Measures, one: Subject, other: Subject
) -> str:
    if verdict is Verdict.IDENTICAL:
        return "The files hold the same bytes."
    if preset is not None and measures.flat:
        return "Both pictures have hardly any detail, and their pixels and colours are nearly equal."
    if preset is not None:
        return (
            f"The 64-bit hashes differ by {measures.distance} bits (at most {preset.radius}) and the "
            f"gradients correlate by {measures.correlation:.3f} (at least {preset.correlation}), "
            f"as {preset.name} asks."
        )
    if one.thumbs.low_detail or other.thumbs.low_detail:
        return "At least one picture has hardly any detail, and the pixels or colours differ."
    loose = PRESETS["loose"]
    if measures.distance > loose.radius:
        return f"The 64-bit hashes differ by {measures.distance} bits; even loose allows only {loose.radius}."
    return f"The gradients correlate by {measures.correlation:.3f}; even loose asks for {loose.correlation}."


def _as_answer(measures: Measures, one: Subject, other: Subject, look: FineLook | None) -> ComparisonMeasures:
    return ComparisonMeasures(
        distance=measures.distance,
        distance256=measures.distance256,
        similarity=round(similarity(one.thumbs.phash256, other.thumbs.phash256), 4),
        correlation=round(measures.correlation, 4),
        colour=None if measures.colour is None else round(measures.colour, 4),
        worst_cell=round(measures.worst_cell, 3),
        flat=measures.flat,
        ssim=look.ssim if look else None,
        mean_difference=look.mean_difference if look else None,
        worst_block=look.worst_block if look else None,
        dhash=look.dhash if look else None,
        ahash=look.ahash if look else None,
        whash=look.whash if look else None,
        colorhash=look.colorhash if look else None,
        colour_difference=look.colour_difference if look else None,
        sharpness_a=look.sharpness_a if look else None,
        sharpness_b=look.sharpness_b if look else None,
        changed=look.changed if look else None,
    )
