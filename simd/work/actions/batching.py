"""Batches: units whose intents are noted together, and which are looked at in one go before."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self

from simd.core.actions.model import Unit
from simd.core.answers.likeness import MatchKind

AT_ONCE: Final = 256
"""Units of a batch, whose intents are synced together."""

NEAR_WEIGHT: Final = 8
"""A near-duplicate counts for so many units: a closer look takes a hundred times as long as a digest."""

HEAVY_BYTES: Final = 2**20
"""A file counts for as many units as it has these: what was read first should not be long ago at the end."""


Burden = tuple[Sequence[int], Sequence[MatchKind]]
"""Of each picture, in two columns, the size of its file in bytes, and how it is like the kept one."""


class Batch(Protocol):
    """Units that have not been made yet, or have. :class:`~simd.catalogue.Portion` is one."""

    def burden(self) -> Burden:
        """What it costs to look at its pictures."""
        ...

    def part(self, start: int, end: int) -> Self:
        """Some of it."""
        ...

    def units(self) -> Sequence[Unit]:
        """What it consists of."""
        ...


@dataclass(frozen=True, slots=True)
class Given:
    """Units that somebody has read."""

    given: Sequence[Unit]

    def burden(self) -> Burden:
        """As :meth:`Batch.burden`."""
        pictures = [unit.picture for unit in self.given]
        return [picture.file.stamp.size for picture in pictures], [picture.kind for picture in pictures]

    def part(self, start: int, end: int) -> "Given":
        """Some of them."""
        return Given(self.given[start:end])

    def units(self) -> Sequence[Unit]:
        """All of them."""
        return self.given


def batches(portions: Iterable[Batch]) -> Iterator[Batch]:
    """The same units in batches, smaller ones where much is read or looked at."""
    for portion in portions:
        sizes, kinds = portion.burden()
        if 0 < len(sizes) <= AT_ONCE and max(sizes) < 2 * HEAVY_BYTES and MatchKind.NEAR not in kinds:
            yield portion  # as most are: everything in it counts for one unit
            continue
        start = weight = 0
        for end, (size, kind) in enumerate(zip(sizes, kinds, strict=True), 1):
            weight += max(NEAR_WEIGHT if kind is MatchKind.NEAR else 1, size // HEAVY_BYTES)
            if weight >= AT_ONCE or end == len(sizes):
                yield portion.part(start, end)
                start, weight = end, 0


def units_of(batch: Batch) -> Sequence[Unit]:
    """Its units, without companions that are in another state: those were purged before a crash."""
    return [
        Unit(unit.picture, tuple(each for each in unit.companions if each.state is unit.picture.state))
        if unit.companions
        else unit
        for unit in batch.units()
    ]
