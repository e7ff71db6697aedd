"""What verdicts mean, which of two holds, and which images they mark."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simd.core.marks import NO_MARKS, Marks, marks_of
from simd.core.verdicts import GivenVerdict, VerdictKind, concerning, merge, verdicts_on

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
A, B, C, D = (bytes([number]) * 32 for number in (1, 2, 3, 4))

DIGESTS = st.sampled_from([A, B, C, D])
KINDS = st.sampled_from(VerdictKind)
HOURS = st.integers(0, 3).map(lambda hours: NOON + timedelta(hours=hours))


@st.composite
def a_verdict(draw: st.DrawFn) -> GivenVerdict:
    """Any one verdict."""
    kind = draw(KINDS)
    count = 1 if kind is VerdictKind.KEEP else 2
    digests = draw(st.sets(DIGESTS, min_size=count, max_size=count))
    [one] = verdicts_on(kind, digests, draw(HOURS))
    return one


VERDICTS = st.lists(a_verdict(), max_size=8)


def standing(*verdicts: GivenVerdict) -> dict[tuple[bytes, ...], GivenVerdict]:
    """Verdicts by what they are about."""
    return {it.images: it for it in verdicts}


@pytest.mark.parametrize("kind", [VerdictKind.DIFFERENT, VerdictKind.SERIES])
def test_a_verdict_on_several_pictures_is_one_on_every_pair(kind: VerdictKind) -> None:
    """Whatever their order; each pair has the smaller digest first."""
    found = {it.images for it in verdicts_on(kind, [C, A, B], NOON)}
    assert {(A, B), (A, C), (B, C)} == found


def test_each_picture_is_kept_by_itself() -> None:
    """To keep two says nothing of the two together."""
    assert [(A,), (B,)] == [it.images for it in verdicts_on(VerdictKind.KEEP, [B, A], NOON)]


def test_the_later_word_holds() -> None:
    """Another kind takes the place of the one before; the same again changes nothing, not even its moment."""
    [different] = verdicts_on(VerdictKind.DIFFERENT, [A, B], NOON)
    [series] = verdicts_on(VerdictKind.SERIES, [A, B], NOON - timedelta(days=1))
    [again] = verdicts_on(VerdictKind.DIFFERENT, [A, B], NOON + timedelta(days=1))
    contradicted = merge(standing(different), [series])
    assert ([], [series], 0) == (contradicted.added, contradicted.replaced, contradicted.unchanged)
    repeated = merge(standing(different), [again])
    assert ([], 1) == (repeated.changed, repeated.unchanged)


@given(before=VERDICTS, given_=VERDICTS, data=st.data())
def test_of_old_verdicts_the_latest_holds_in_whatever_order_they_come(
    before: list[GivenVerdict], given_: list[GivenVerdict], data: st.DataObject
) -> None:
    """And whoever is asked twice to take the same ones changes nothing the second time."""
    known = standing(*merge({}, before, by_age=True).changed)
    shuffled = data.draw(st.permutations(given_))
    after = known | standing(*merge(known, shuffled, by_age=True).changed)
    for images in {it.images for it in [*known.values(), *given_]}:
        candidates = [it for it in [*known.values(), *given_] if it.images == images]
        latest = max(it.since for it in candidates)
        assert latest == after[images].since
        assert after[images] in candidates
    again = merge(after, shuffled, by_age=True)
    assert ([], len(given_)) == (again.changed, again.unchanged)


def test_one_picture_alone_means_all_that_was_said_of_it() -> None:
    """Several mean the pairs among them, and nothing beside."""
    known = standing(
        *verdicts_on(VerdictKind.DIFFERENT, [A, B, C], NOON), *verdicts_on(VerdictKind.KEEP, [A, B], NOON)
    )
    assert {(A,), (A, B), (A, C)} == {it.images for it in concerning(known, [A])}
    assert [(A, B)] == [it.images for it in concerning(known, [B, A])]
    assert [] == concerning(known, [D])


@given(verdicts=VERDICTS, ids=st.dictionaries(DIGESTS, st.integers(1, 99)))
def test_marks_are_verdicts_on_images_that_are_there(
    verdicts: list[GivenVerdict], ids: dict[bytes, int]
) -> None:
    """A verdict of which one picture is not in the catalogue marks nothing."""
    marks = marks_of(verdicts, ids)
    apart = {
        tuple(sorted(ids[digest] for digest in it.images))
        for it in verdicts
        if it.kind is not VerdictKind.KEEP and set(it.images) <= ids.keys()
    }
    kept = {ids[it.images[0]] for it in verdicts if it.kind is VerdictKind.KEEP and it.images[0] in ids}
    assert apart == set(marks.apart)
    assert kept == set(marks.kept)
    assert sorted(apart) == [tuple(row) for row in marks.pairs.tolist()]


@settings(deadline=None)
@given(images=st.lists(st.integers(1, 20), unique=True), kept=st.frozensets(st.integers(1, 20)))
def test_those_to_be_kept_rank_first(images: list[int], kept: frozenset[int]) -> None:
    """And nothing else about the order changes."""
    expected = sorted(images, key=lambda image: image not in kept)
    assert expected == Marks(kept=kept).rank(np.array(images, np.int64)).tolist()


MARKS = st.builds(
    Marks,
    st.frozensets(st.sampled_from(list(combinations(range(1, 6), 2)))),
    st.frozensets(st.integers(1, 5)),
)


@given(one=MARKS, other=MARKS)
def test_the_difference_of_marks_names_everyone_concerned(one: Marks, other: Marks) -> None:
    """Whoever it does not name is marked alike in both."""
    named = one.differing(other)
    for image in set(range(1, 6)) - named:
        assert (image in one.kept) == (image in other.kept)
        assert {pair for pair in one.apart if image in pair} == {
            pair for pair in other.apart if image in pair
        }
    assert frozenset() == one.differing(one)
    assert named == other.differing(one)


def test_no_marks_name_nobody() -> None:
    """The pairs are an array that fits all others."""
    assert (0, 2) == NO_MARKS.pairs.shape
