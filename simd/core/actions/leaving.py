"""The pictures that go by a plan, as columns, and the sheets that they become with what belongs to them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar, cast

from simd.core.actions.drafting import Losses
from simd.core.actions.files import Files
from simd.core.actions.inventory import Inventory
from simd.core.actions.known import Known
from simd.core.actions.model import ActionName, Companion, Step
from simd.core.actions.sheets import UNITS_AT_MOST, Sheet, sheet_of
from simd.core.actions.words import CompanionRole
from simd.core.answers.likeness import MatchKind
from simd.core.columns import chosen

T = TypeVar("T")


class Belongings(NamedTuple):
    """What belongs to a picture that goes.

    Attributes:
        companions: what goes with it.
        equals: by the path of a companion the one beside the picture that stays which may equal it.
    """

    companions: Sequence[Companion]
    equals: Mapping[bytes, Companion]


@dataclass(frozen=True, slots=True)
class Leaving:
    """Pictures that go, in the order of a plan; the columns are parallel.

    Attributes:
        sheet: what goes and what stays instead, none of which is missing, as if nothing belonged to it.
        taken_at, kept_taken_at: when the two were taken, as the catalogue has it.
    """

    sheet: Sheet
    taken_at: Sequence[str | None]
    kept_taken_at: Sequence[str | None]

    @classmethod
    def of(cls, stock: Inventory, found: Losses) -> "Leaving":
        """Those that were found among some files."""
        rows, keepers, taken_at = found.rows.tolist(), found.keepers.tolist(), stock.holdings.taken_at
        sheet = alone(
            files=stock.files(found.rows),
            keepers=stock.files(found.keepers),
            roots=chosen(stock.roots, rows),
            kinds=[MatchKind.NEAR if near else MatchKind.IDENTICAL for near in found.near.tolist()],
            whys=found.whys,
            sizes=found.freed.tolist(),
        )
        return cls(sheet, chosen(taken_at, rows), chosen(taken_at, keepers))

    @property
    def pictures(self) -> "Iterator[tuple[bytes, str | None]]":
        """The paths of what goes, each with the time at which it was taken."""
        return zip(cast("Sequence[bytes]", self.sheet.files.paths), self.taken_at, strict=True)

    @property
    def kept(self) -> "Iterator[tuple[bytes, str | None]]":
        """The same of what stays instead."""
        return zip(cast("Sequence[bytes]", self.sheet.keepers.paths), self.kept_taken_at, strict=True)

    def sheets(
        self, places: Sequence[int], belongings: Mapping[int, Belongings], first: int
    ) -> Iterator[Sheet]:
        """The sheets of some of them, with what belongs to each.

        Args:
            places: of those that go, ascending.
            belongings: by places; those that have none may be left out.
            first: number of the first step.
        """
        going = self.sheet if len(places) == len(self.taken_at) else _part(self.sheet, places, first)
        for start in range(0, len(places), UNITS_AT_MOST):
            portion = slice(start, start + UNITS_AT_MOST)
            sheet = _part(going, portion, first)
            if not belongings.keys().isdisjoint(places[portion]):
                its = [belongings.get(place) for place in places[portion]]
                sheet = sheet_of(list(_with_companions(sheet.steps(0), its, first)))
            yield sheet
            first += len(sheet.units)


def alone(
    *,
    files: Files,
    keepers: Files,
    roots: Sequence[bytes],
    kinds: Sequence[MatchKind],
    whys: Sequence[str],
    sizes: Sequence[int],
    first: int = 1,
) -> Sheet:
    """A sheet of pictures to which nothing belongs, of any length."""
    nothing = [None] * len(roots)
    return Sheet(
        first=first,
        files=files,
        keepers=keepers,
        roots=roots,
        kinds=kinds,
        whys=whys,
        sizes=sizes,
        units=nothing,
        roles=nothing,
    )


def _part(sheet: Sheet, places: Sequence[int] | slice, first: int) -> Sheet:
    """Some pictures of a sheet, numbered anew."""
    return alone(
        files=_some_files(sheet.files, places),
        keepers=_some_files(sheet.keepers, places),
        roots=_some(sheet.roots, places),
        kinds=_some(sheet.kinds, places),
        whys=_some(sheet.whys, places),
        sizes=_some(sheet.sizes, places),
        first=first,
    )


def _with_companions(
    pictures: Iterator[Step], belongings: Sequence[Belongings | None], first: int
) -> Iterator[Step]:
    """Pictures, numbered anew, each followed by what belongs to it."""
    number = first
    for picture, its in zip(pictures, belongings, strict=True):
        name = ActionName(0, number)
        yield picture._replace(name=name)
        if its is not None:
            yield from _companions(its, name, picture.root)
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


def _some(column: Sequence[T], places: Sequence[int] | slice) -> Sequence[T]:
    # Most plans take all pictures in order, and cutting them apart costs a tenth of choosing one by one.
    return column[places] if isinstance(places, slice) else chosen(column, places)


def _some_files(files: Files, places: Sequence[int] | slice) -> Files:
    return Files(
        paths=_some(files.paths, places),
        sizes=_some(files.sizes, places),
        mtimes=_some(files.mtimes, places),
        ctimes=_some(files.ctimes, places),
        inodes=_some(files.inodes, places),
        digests=_some(files.digests, places),
    )
