"""The closer look at pictures that only look the same, before one of them gives way to the other."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

from simd.catalogue import Catalogue
from simd.core.actions.model import Step
from simd.core.judgement import FineLook, Make, contradicts, judge
from simd.core.model import ImageRow
from simd.imaging import DecodePool
from simd.imaging.outcome import Refused
from simd.work.subjects import LONGEST_READ_SECONDS


class Looking:
    """Looks at pairs of pictures through the workers. Any thread may ask."""

    def __init__(self, catalogue: Catalogue, pool: DecodePool) -> None:
        """``catalogue`` tells the sizes and formats, by which a look is put into words."""
        self._catalogue = catalogue
        self._pool = pool

    def doubts(self, pictures: Sequence[Step]) -> Mapping[Step, str]:
        """Why pictures must not give way to those that are kept, as far as a closer look says so.

        Args:
            pictures: near-duplicates of a plan. All of them are looked at side by side.
        """
        begun = {step: self._begin(step) for step in pictures}
        makes = self._makes(pictures)
        found = {step: _doubt(step, look, makes) for step, look in begun.items()}
        return {step: doubt for step, doubt in found.items() if doubt is not None}

    def _begin(self, step: Step) -> "Future[FineLook | Refused]":
        if step.keeper is None:
            raise ValueError("a picture of a plan has a keeper")
        return self._pool.compare(step.keeper.path, step.file.path)

    def _makes(self, pictures: Sequence[Step]) -> Mapping[bytes, Make]:
        known = [known for step in pictures for known in (step.file, step.keeper) if known is not None]
        digests = [file.digest for file in known if file.digest is not None]
        with self._catalogue.read() as snapshot:
            rows = snapshot.images_by_digest(digests)
        return {digest: _make_of(row) for digest, row in rows.items()}


def _make_of(row: ImageRow) -> Make:
    return Make(row.width, row.height, row.size, row.format)


def _doubt(step: Step, begun: "Future[FineLook | Refused]", makes: Mapping[bytes, Make]) -> str | None:
    try:
        look = begun.result(LONGEST_READ_SECONDS)
    except FutureTimeout:
        return "The closer look took too long."
    if isinstance(look, Refused):
        return f"The closer look was not possible: {look.reason}"
    kept = makes.get(step.keeper.digest or b"") if step.keeper else None
    gone = makes.get(step.file.digest or b"")
    if kept is None or gone is None:
        return "The catalogue does not know the picture any more."
    sight = judge(look, kept, gone)
    return f"It is doubtful: {sight.words}." if contradicts(sight.judgement, near=True) else None
