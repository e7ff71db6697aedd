"""What a person decided about pictures, and what follows from it for groups.

A verdict belongs to content: to two digests, or to one. What groups are worked out from are ids
of the catalogue, so that verdicts are turned into marks of the images that are there, see
:mod:`simd.core.marks`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations

KEPT = "marked to be kept"
"""Why an image is the keeper of its group when a verdict made it so."""


class VerdictKind(StrEnum):
    """What was decided: two pictures are different ones, or of a series; or one is to be kept."""

    DIFFERENT = "different"
    SERIES = "series"
    KEEP = "keep"


Images = tuple[bytes, ...]
"""The SHA-256 digests that a verdict is about: one to be kept, or a pair with the smaller first."""


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """One verdict. ``since`` is aware: when it was given."""

    kind: VerdictKind
    images: Images
    since: datetime


Standing = Mapping[Images, GivenVerdict]
"""All verdicts by what they are about: there is one for each pair, and one for each picture."""


def verdicts_on(kind: VerdictKind, digests: Iterable[bytes], since: datetime) -> list[GivenVerdict]:
    """What it means to mark these pictures: each to be kept, or every pair among them.

    Args:
        kind: what is decided.
        digests: of the pictures, each once.
        since: the moment, aware.
    """
    ascending = sorted(digests)
    about: Iterable[Images] = combinations(ascending, 2)
    if kind is VerdictKind.KEEP:
        about = ((digest,) for digest in ascending)
    return [GivenVerdict(kind, images, since) for images in about]


@dataclass(frozen=True, slots=True)
class Merged:
    """What becomes of verdicts that are given beside others.

    Attributes:
        added: those where there was none.
        replaced: those that take the place of another one.
        unchanged: how many of those that were given change nothing.
    """

    added: Sequence[GivenVerdict]
    replaced: Sequence[GivenVerdict]
    unchanged: int

    @property
    def changed(self) -> list[GivenVerdict]:
        """All that are to be kept from now on."""
        return [*self.added, *self.replaced]


def merge(standing: Standing, given: Sequence[GivenVerdict], *, by_age: bool = False) -> Merged:
    """Put verdicts beside those that stand. Of two about the same pictures, the later one holds.

    Args:
        standing: what was decided before.
        given: what is decided now.
        by_age: those that are given may be older than those that stand, and their moments tell.
            Else they are given now, and to say the same again changes nothing.
    """
    changed: dict[Images, GivenVerdict] = {}
    for new in given:
        old = changed.get(new.images) or standing.get(new.images)
        if old is None or (new.since > old.since if by_age else new.kind is not old.kind):
            changed[new.images] = new
    return Merged(
        added=[new for images, new in changed.items() if images not in standing],
        replaced=[new for images, new in changed.items() if images in standing],
        unchanged=len(given) - len(changed),
    )


def concerning(standing: Standing, digests: Iterable[bytes]) -> list[GivenVerdict]:
    """The verdicts that are taken back together: all on one picture, or those on the pairs among several."""
    meant = set(digests)
    if len(meant) == 1:
        return [it for it in standing.values() if not meant.isdisjoint(it.images)]
    pairs = combinations(sorted(meant), 2)
    return [standing[pair] for pair in pairs if pair in standing]
