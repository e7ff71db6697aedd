"""What verdicts mean, and which of two holds."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.verdicts import GivenVerdict, VerdictKind, concerning, merge, verdicts_on
from tests.core.given_verdicts import NOON, VERDICTS, A, B, C, D


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
