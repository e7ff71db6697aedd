"""Groups in full, from their outlines."""

from collections import Counter

import pytest

from simd.catalogue import Catalogue
from simd.core.answers import Group
from simd.core.grouping import Grouping
from simd.core.keeping import Candidate, Decision, decide
from simd.core.keeprules import KeepOrder
from simd.core.marks import Marks
from simd.core.presets import PRESETS
from simd.work import groupviews
from simd.work.groupviews import FILES_AT_ONCE, GroupRows, hydrate, portions, show_group
from simd.work.outlines import Outline, outline_all
from tests.work.samples import ROOT, fill, pair, picture, signature, stamp


def names(group: Group) -> list[str]:
    """The names of a group's files."""
    return [member.path.removeprefix("/photos/") for member in group.members]


def copies(catalogue: Catalogue, number: int, count: int, *, pixels: int = 640) -> None:
    """An image with so many files, which are named after it."""
    files = [(ROOT + b"/%d-%05d" % (number, n), stamp(10**6 * number + n), number) for n in range(count)]
    fill(catalogue, [(number, signature(picture(number), number, pixels=pixels))], files)


def test_portions_hold_every_outline_in_order() -> None:
    """They are cut behind the group with which files become many."""
    outlines = [
        Outline((number,), files, 0)
        for number, files in enumerate([2, FILES_AT_ONCE, 3, 4, 9 * FILES_AT_ONCE, 5])
    ]
    assert [outlines[:2], outlines[2:5], outlines[5:]] == list(portions(outlines))
    assert [] == list(portions([]))


def test_a_copy_of_each_image_is_shown_before_further_copies(catalogue: Catalogue) -> None:
    """In their usual order; what there is no room for is left out."""
    for number, count in enumerate([4, 3, 1], start=1):
        copies(catalogue, number, count, pixels=1_000 - number)
    catalogue.write(lambda to: to.put_pairs([pair(1, 2), pair(1, 3)])).result()
    with catalogue.read() as snapshot:
        found = outline_all(PRESETS["default"], Grouping.STAR, snapshot)
        [outline] = found.groups
        rows = GroupRows.of([outline], snapshot)
        shown = {
            most: names(show_group(outline, rows, found.pairs, most)) for most in (1, 2, 3, 5, 8, 9, None)
        }
    first, second, third = (f"{number}-00000" for number in (1, 2, 3))
    every = ["1-00000", "1-00001", "1-00002", "1-00003", "2-00000", "2-00001", "2-00002", "3-00000"]
    assert {
        1: [first],
        2: [first, second],
        3: [first, second, third],
        5: ["1-00000", "1-00001", "1-00002", second, third],
        8: every,
        9: every,
        None: every,
    } == shown


def test_the_rules_are_asked_once_for_all_copies_of_an_image(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand copies on either side cost a row each, and not a comparison of all with all."""
    asked: list[int] = []

    def counted(keeper: Candidate, other: Candidate, order: KeepOrder) -> Decision:
        asked.append(other.image_id)
        return decide(keeper, other, order)

    monkeypatch.setattr(groupviews, "decide", counted)
    copies(catalogue, 1, 1_000, pixels=900)
    copies(catalogue, 2, 1_000, pixels=800)
    catalogue.write(lambda to: to.put_pairs([pair(1, 2)])).result()
    with catalogue.read() as snapshot:
        found = outline_all(PRESETS["default"], Grouping.STAR, snapshot)
        [group] = hydrate(found.groups, found.pairs, snapshot)
    assert 2_000 == len(group.members)
    assert [2] == asked
    assert {"keeper": 1, "same bytes": 999, "keeper: more pixels": 1_000} == Counter(
        member.reason for member in group.members
    )


def test_a_verdict_is_named_where_it_decided(catalogue: Catalogue) -> None:
    """In place of a rule; what the other image lacks is told all the same, and may be nothing."""
    copies(catalogue, 1, 1, pixels=900)
    copies(catalogue, 2, 1, pixels=800)
    catalogue.write(lambda to: to.put_pairs([pair(1, 2)])).result()
    found = {}
    for kept in (1, 2):
        marks = Marks(kept=frozenset({kept}))
        with catalogue.read() as snapshot:
            outlines = outline_all(PRESETS["default"], Grouping.STAR, snapshot, marks)
            [group] = hydrate(outlines.groups, outlines.pairs, snapshot)
        found[group.id] = (group.decided_by, group.members[1].lacks)
    assert {"1": ("verdict", ("fewer pixels", "newer")), "2": ("verdict", ())} == found
