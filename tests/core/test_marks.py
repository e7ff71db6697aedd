"""Which images of a catalogue verdicts mark."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simd.core.marks import NO_MARKS, Marks, marks_of
from simd.core.verdicts import GivenVerdict, VerdictKind
from tests.core.given_verdicts import DIGESTS, VERDICTS


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
