"""Which files of groups may go: by columns as file by file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.actions.drafting import MARKED, SAME_BYTES, Losses, Roster, Terms, Untouched, losses
from simd.core.actions.inventory import Inventory
from simd.core.answers import MatchKind
from simd.core.keeping import decide
from simd.core.keeprules import KeepOrder, completed, parse_rules
from simd.core.protection import lies_within
from tests.core.test_holdings import PLAIN, Content, Held, best_of, columns, libraries, one_by_one, orders
from tests.examples import brief


class Going(NamedTuple):
    """A file that may go."""

    path: bytes
    keeper: bytes
    near: bool
    freed: int
    why: str


@dataclass(frozen=True)
class Group:
    """Images, the one that is worth keeping first, of which the first few are marked."""

    images: tuple[int, ...]
    marked: int = 0


@dataclass(frozen=True)
class Case:
    """What is asked of some files."""

    known: dict[int, Content]
    files: list[Held]
    present: list[bool]
    groups: list[Group]
    order: KeepOrder
    terms: Terms

    @property
    def stock(self) -> Inventory:
        """The files by columns."""
        return Inventory(
            holdings=columns(self.known, self.files, self.order),
            present=np.array(self.present, np.bool_),
            ctimes=np.array([file.mtime + 1 for file in self.files], np.int64),
            roots=[b"/"] * len(self.files),
            hashes=np.array([hash_of(file.image) for file in self.files], np.uint64),
            digests=[bytes([file.image]) * 32 for file in self.files],
        )

    def found(self) -> Losses:
        """What may go."""
        files = [sum(file.image in group.images for file in self.files) for group in self.groups]
        images, marked = zip(*((group.images, group.marked) for group in self.groups), strict=True)
        return losses(Roster.of(images, files, marked), self.stock, self.terms)


def hash_of(image: int) -> int:
    """Another one for each image, with the highest bit set."""
    return (1 << 63) + (1 << image) - 1


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Up to six images in one group or two, some of whose files are away."""
    known, files = draw(libraries())
    images = draw(st.permutations(sorted({file.image for file in files})))
    cut = draw(st.integers(0, len(images)))
    parts = [tuple(part) for part in (images[:cut], images[cut:]) if part]
    order = draw(orders)
    terms = Terms(
        kind=draw(st.sampled_from([None, *MatchKind])),
        equal_only=draw(st.booleans()),
        under=draw(st.sampled_from([(), (b"/a",), (b"/a/b", b"/b/c.jpg")])),
        doubtful=draw(st.frozensets(st.sampled_from([(10, 11), (10, 12), (11, 12), (13, 14)]))),
    )
    present = draw(st.lists(st.sampled_from([True, True, False]), min_size=len(files), max_size=len(files)))
    groups = [Group(part, draw(st.integers(0, len(part)))) for part in parts]
    return Case(known, files, present, groups, order, terms)


def at_hand(case: Case, image: int) -> list[Held]:
    """The files of an image that are present: the best first, the others by path."""
    there = [it for it, here in zip(case.files, case.present, strict=True) if here and it.image == image]
    if not there:
        return []
    best = best_of(there, image, case.order)
    return [best, *sorted((file for file in there if file != best), key=lambda file: file.path)]


def outranked(case: Case, group: Group) -> Iterator[tuple[Held, Held]]:
    """The files of a group for which something better stays, each with that."""
    held = [(image, files) for image in group.images if (files := at_hand(case, image))]
    wanted = max(1, sum(image in group.images[: group.marked] for image, _ in held))
    alike = not case.terms.equal_only and case.terms.kind is not MatchKind.IDENTICAL
    for place, (_, files) in enumerate(held):
        instead = held[0][1][0] if alike and place >= wanted else files[0]
        for file in files:
            near = file.image != instead.image
            if file != instead and case.terms.kind in {None, MatchKind.NEAR if near else MatchKind.IDENTICAL}:
                yield file, instead


def why(case: Case, file: Held, keeper: Held) -> str:
    """The reason for a person."""
    if file.image == keeper.image:
        return SAME_BYTES
    kept, gone = (one_by_one(each.image, case.known[each.image], each) for each in (keeper, file))
    try:
        reason = decide(kept, gone, case.order).reason
    except ValueError:
        reason = MARKED
    distance = (hash_of(file.image) ^ hash_of(keeper.image)).bit_count()
    return f"{distance} bits apart; what is kept: {reason}"


def expected(case: Case) -> tuple[list[Going], Untouched]:
    """What may go and what is left alone, gone through one by one."""
    found: list[Going] = []
    away = protected = doubtful = linked = 0
    for group in case.groups:
        everything = [file for file in case.files if file.image in group.images]
        if not at_hand(case, group.images[0]):
            away += len(everything) - 1
            continue
        away += len(everything) - sum(len(at_hand(case, image)) for image in group.images)
        going = []
        for file, keeper in outranked(case, group):
            if case.terms.under and not any(lies_within(file.path, place) for place in case.terms.under):
                continue
            if case.order.protection.covers(file.path):
                protected += 1
            elif (min(file.image, keeper.image), max(file.image, keeper.image)) in case.terms.doubtful:
                doubtful += 1
            elif (file.device, file.inode) == (keeper.device, keeper.inode):
                linked += 1
            else:
                going.append((file, keeper))
        found += freeing(case, going)
    return found, Untouched(away, protected, doubtful, linked)


def freeing(case: Case, going: Sequence[tuple[Held, Held]]) -> Iterator[Going]:
    """With what each frees: of several names of one file the last that goes, if all of them go."""
    images = {file.image for file, _ in going}
    left = [(file.device, file.inode) for file in case.files if file.image in images]
    for file, keeper in going:
        left.remove((file.device, file.inode))
        size = 10 * file.inode + 100 * file.device
        freed = 0 if (file.device, file.inode) in left else size
        yield Going(file.path, keeper.path, file.image != keeper.image, freed, why(case, file, keeper))


@brief(120)
@given(case=cases())
def test_by_columns_as_one_by_one(case: Case) -> None:
    """Whatever is marked, protected, away, linked or doubted, and by whatever rules."""
    found, paths = case.found(), case.stock.holdings.paths
    rows = zip(found.rows, found.keepers, found.near, found.freed, found.whys, strict=True)
    told = [Going(paths[row], paths[keeper], *others) for row, keeper, *others in rows]
    assert expected(case) == (told, found.untouched)


@pytest.mark.parametrize(
    ("taken_at", "reason"), [("2020-01-01T00:00:00", "taken earlier"), (None, "has a date taken")]
)
def test_what_was_taken_earlier_is_told_from_what_has_no_date(taken_at: str | None, reason: str) -> None:
    """The rule is one, and the reason depends on the picture that goes."""
    known = {1: replace(PLAIN, taken_at="2019-05-04T03:02:01"), 2: replace(PLAIN, taken_at=taken_at)}
    files = [Held(1, 1, b"/a", 1, 1), Held(2, 1, b"/b", 2, 1)]
    order = KeepOrder(completed(parse_rules("taken:oldest")))
    case = Case(known, files, [True, True], [Group((1, 2))], order, Terms())
    assert [f"1 bits apart; what is kept: {reason}"] == list(case.found().whys)


def plainly(groups: list[Group], files: list[Held], terms: Terms) -> dict[str, str]:
    """What goes, and what stays instead, of pictures that differ in nothing but their files."""
    known = {file.image: PLAIN for file in files}
    case = Case(known, files, [True] * len(files), groups, KeepOrder(), terms)
    paths, found = case.stock.holdings.paths, case.found()
    return {
        paths[row].decode(): paths[keeper].decode()
        for row, keeper in zip(found.rows, found.keepers, strict=True)
    }


FILES = [
    Held(image, number, b"/%s%d" % (name, number), 10 * image + number, 1)
    for image, name in ((1, b"a"), (2, b"b"), (3, b"c"))
    for number in (1, 2)
]
THREE = (1, 2, 3)


def test_every_picture_that_is_marked_to_be_kept_keeps_its_best_file() -> None:
    """Two are marked: of the second only its further copies go, for its own best file."""
    found = plainly([Group(THREE, marked=2)], FILES, Terms())
    assert {"/a2": "/a1", "/b2": "/b1", "/c1": "/a1", "/c2": "/a1"} == found


def test_without_marks_all_give_way_to_the_keeper_of_the_group() -> None:
    """And with one mark, which is the keeper's, nothing is otherwise."""
    found = plainly([Group(THREE)], FILES, Terms())
    assert dict.fromkeys(("/a2", "/b1", "/b2", "/c1", "/c2"), "/a1") == found
    assert found == plainly([Group(THREE, marked=1)], FILES, Terms())


def test_where_equal_bytes_are_meant_every_picture_keeps_its_best_file() -> None:
    """For links, and for files of that kind; of near ones, copies of the keeper stay."""
    copies = {"/a2": "/a1", "/b2": "/b1", "/c2": "/c1"}
    for terms in (Terms(equal_only=True), Terms(kind=MatchKind.IDENTICAL)):
        assert copies == plainly([Group(THREE)], FILES, terms)
    near = plainly([Group(THREE)], FILES, Terms(kind=MatchKind.NEAR))
    assert dict.fromkeys(("/b1", "/b2", "/c1", "/c2"), "/a1") == near
