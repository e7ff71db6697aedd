"""The closer look at pictures that only look the same, before one of them gives way to the other."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

from simd.catalogue import Catalogue
from simd.core.actions.model import Step
from simd.core.judgement import FineLook, Make, PairLook, look_at_pair
from simd.core.model import ImageRow
from simd.imaging import DecodePool
from simd.imaging.outcome import Refused
from simd.work.looks import keep_looks
from simd.work.subjects import LONGEST_READ_SECONDS


class Looking:
    """Looks at pairs of pictures through the workers. Any thread may ask."""

    def __init__(self, catalogue: Catalogue, pool: DecodePool) -> None:
        """``catalogue`` tells the sizes and formats, by which a look is put into words."""
        self._catalogue = catalogue
        self._pool = pool

    def doubts(self, pictures: Sequence[Step], *, keep: bool) -> Mapping[Step, str]:
        """Why pictures must not give way to those that are kept, as far as a closer look says so.

        Args:
            pictures: near-duplicates of a plan. All of them are looked at side by side.
            keep: whether what is found is kept in the catalogue.
        """
        begun = {step: self._begin(step) for step in pictures}
        rows = self._rows(pictures)
        found = {step: _found(step, look, rows) for step, look in begun.items()}
        if keep:
            keep_looks(self._catalogue, [each for each in found.values() if isinstance(each, PairLook)])
        doubts = {step: _doubt(step, each, rows) for step, each in found.items()}
        return {step: doubt for step, doubt in doubts.items() if doubt is not None}

    def _begin(self, step: Step) -> "Future[FineLook | Refused]":
        if step.keeper is None:
            raise ValueError("a picture of a plan has a keeper")
        return self._pool.compare(step.keeper.path, step.file.path)

    def _rows(self, pictures: Sequence[Step]) -> Mapping[bytes, ImageRow]:
        known = [known for step in pictures for known in (step.file, step.keeper) if known is not None]
        digests = [file.digest for file in known if file.digest is not None]
        with self._catalogue.read() as snapshot:
            return snapshot.images_by_digest(digests)


def _found(step: Step, begun: "Future[FineLook | Refused]", rows: Mapping[bytes, ImageRow]) -> PairLook | str:
    """What a look has found, or why there is none."""
    try:
        look = begun.result(LONGEST_READ_SECONDS)
    except FutureTimeout:
        return "The closer look took too long."
    if isinstance(look, Refused):
        return f"The closer look was not possible: {look.reason}"
    kept = rows.get(step.keeper.digest or b"") if step.keeper else None
    gone = rows.get(step.file.digest or b"")
    if kept is None or gone is None:
        return "The catalogue does not know the picture any more."
    return look_at_pair(look, (kept.id, _make_of(kept)), (gone.id, _make_of(gone)))


def _make_of(row: ImageRow) -> Make:
    return Make(row.width, row.height, row.size, row.format)


def _doubt(step: Step, found: PairLook | str, rows: Mapping[bytes, ImageRow]) -> str | None:
    if isinstance(found, str):
        return found
    gone = rows[step.file.digest or b""]
    return f"It is doubtful: {found.words_of(gone.id)}." if found.doubtful else None
