"""The pictures that go by a plan, as columns, and the sheets that they become with what belongs to them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple, cast

from simd.core.actions.drafting import Losses
from simd.core.actions.inventory import Inventory
from simd.core.actions.model import ActionName, Companion, Known, Step
from simd.core.actions.sheets import UNITS_AT_MOST, Files, Sheet, sheet_of
from simd.core.actions.words import CompanionRole
from simd.core.answers.likeness import MatchKind

_Part = Callable[[Sequence[Any]], Sequence[Any]]
"""Gives some of the values of a column."""


class Belongings(NamedTuple):
    """What belongs to a picture that goes.

    Attributes:
        companions: what goes with it.
        equals: by the path of a companion the one beside the picture that stays which may equal it.
    """

    companions: Sequence[Companion]
    equals: Mapping[bytes, Companion]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """Pictures that go, in the order of a plan; the columns are parallel.

    Attributes:
        files: what goes; none is missing, and so with what stays.
        keepers: what stays instead.
        roots, kinds, whys, sizes: as in :class:`~simd.core.actions.model.Step`.
        taken_at, kept_taken_at: when the two were taken, as the catalogue has it.
    """

    files: Files
    keepers: Files
    roots: Sequence[bytes]
    kinds: Sequence[MatchKind]
    whys: Sequence[str]
    sizes: Sequence[int]
    taken_at: Sequence[str | None]
    kept_taken_at: Sequence[str | None]

    @classmethod
    def of(cls, stock: Inventory, found: Losses) -> "Leaving":
        """Those that were found among some files."""
        rows, keepers, taken_at = found.rows.tolist(), found.keepers.tolist(), stock.holdings.taken_at
        return cls(
            files=stock.files(found.rows),
            keepers=stock.files(found.keepers),
            roots=list(map(stock.roots.__getitem__, rows)),
            kinds=[MatchKind.NEAR if near else MatchKind.IDENTICAL for near in found.near.tolist()],
            whys=found.whys,
            sizes=found.freed.tolist(),
            taken_at=list(map(taken_at.__getitem__, rows)),
            kept_taken_at=list(map(taken_at.__getitem__, keepers)),
        )

    @property
    def pictures(self) -> "Iterator[tuple[bytes, str | None]]":
        """The paths of what goes, each with the time at which it was taken."""
        return zip(cast("Sequence[bytes]", self.files.paths), self.taken_at, strict=True)

    @property
    def kept(self) -> "Iterator[tuple[bytes, str | None]]":
        """The same of what stays instead."""
        return zip(cast("Sequence[bytes]", self.keepers.paths), self.kept_taken_at, strict=True)

    def __len__(self) -> int:
        return len(self.roots)

    def take(self, places: Sequence[int]) -> "Leaving":
        """Some of them."""
        return self._each(lambda column: [column[place] for place in places])

    def sheets(self, belongings: Mapping[int, Belongings], first: int) -> Iterator[Sheet]:
        """The sheets of all of them, with what belongs to each.

        Args:
            belongings: by places; those that have none may be left out.
            first: number of the first step.
        """
        for start in range(0, len(self), UNITS_AT_MOST):
            places = range(start, min(start + UNITS_AT_MOST, len(self)))
            portion = self._each(itemgetter(slice(places.start, places.stop)))
            sheet = portion.sheet([belongings.get(place) for place in places], first)
            yield sheet
            first += len(sheet.units)

    def sheet(self, belongings: Sequence[Belongings | None], first: int) -> Sheet:
        """One sheet of all of them, from number ``first`` on, with what belongs to each."""
        if any(belongings):
            return sheet_of(list(self._steps(belongings, first)))
        nothing = [None] * len(self)
        return Sheet(
            first=first,
            files=self.files,
            keepers=self.keepers,
            roots=self.roots,
            kinds=self.kinds,
            whys=self.whys,
            sizes=self.sizes,
            units=nothing,
            roles=nothing,
        )

    def _each(self, part: _Part) -> "Leaving":
        """The same part of each column."""
        return Leaving(
            files=_each(self.files, part),
            keepers=_each(self.keepers, part),
            roots=part(self.roots),
            kinds=part(self.kinds),
            whys=part(self.whys),
            sizes=part(self.sizes),
            taken_at=part(self.taken_at),
            kept_taken_at=part(self.kept_taken_at),
        )

    def _steps(self, belongings: Sequence[Belongings | None], first: int) -> Iterator[Step]:
        """All of them, from number ``first`` on, each followed by what belongs to it."""
        columns = (self.files.known(), self.keepers.known(), self.roots, self.kinds, self.whys, self.sizes)
        number = first
        for file, keeper, root, kind, why, size, its in zip(*columns, belongings, strict=True):
            if file is None:
                raise ValueError("what goes is a file")
            name = ActionName(0, number)
            yield Step(name=name, file=file, keeper=keeper, root=root, kind=kind, why=why, size=size)
            if its is not None:
                yield from _companions(its, name, root)
                number += len(its.companions)
            number += 1


def _companions(its: Belongings, picture: ActionName, root: bytes) -> Iterator[Step]:
    """The steps of what belongs to a picture."""
    for number, each in enumerate(its.companions, (picture.step or 0) + 1):
        equal = its.equals.get(each.path)
        # An equal sidecar is not asked for: what matters of it is that it goes with its picture.
        beside = None if equal is None or each.role is CompanionRole.SIDECAR else equal
        yield Step(
            name=ActionName(0, number),
            file=Known(each.path, each.stamp, None),
            keeper=None if beside is None else Known(beside.path, beside.stamp, None),
            root=root,
            kind=MatchKind.NEAR if beside is None else MatchKind.IDENTICAL,
            why="belongs to the picture",
            size=each.stamp.size,
            unit=picture.step,
            role=each.role,
        )


def _each(files: Files, part: _Part) -> Files:
    columns = (files.paths, files.sizes, files.mtimes, files.ctimes, files.inodes, files.digests)
    return Files(*map(part, columns))
