"""What is said of verdicts: what a person has decided about pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

from simd.core.verdicts import VerdictKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """Verdicts were given, one for each pair of pictures or for each picture that is to be kept.

    ``replaced`` took the place of another verdict on the same pictures; ``unchanged`` stood already,
    or what stood is the later word.
    """

    added: int
    replaced: int
    unchanged: int
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmarked:
    """So many verdicts were taken back."""

    removed: int
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictImage:
    """A picture that a verdict is about; ``id`` and ``path`` are None where the catalogue has it not.

    ``path`` is None too where no file holds it any more.
    """

    digest: str
    id: int | None
    path: str | None
    path_b64: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRow:
    """One verdict: on two images, or on one that is to be kept."""

    verdict: VerdictKind
    images: Sequence[VerdictImage]
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictPage:
    """A page of verdicts, the newest first; ``total`` counts all. ``next_cursor`` is None on the last."""

    verdicts: Sequence[VerdictRow]
    total: int
    next_cursor: str | None
    generation: int
