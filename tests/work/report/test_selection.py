"""Which groups get a card."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.answers import Category
from simd.work.outlines import Outline
from simd.work.report.selection import SAVINGS, Selection, select

CATEGORIES = st.lists(st.sampled_from(Category), max_size=40)


def choose(categories: list[Category], fresh: set[int], most: int) -> Selection:
    """Choose among as many groups, each of which frees less than the one before."""
    groups = [Outline((place,), 2, len(categories) - place) for place in range(len(categories))]
    return select(groups, categories, frozenset(fresh), most)


def test_news_come_before_what_is_known() -> None:
    """As many as there is room for, but the largest savings have a card in any case."""
    categories = [Category.NEAR] * 40
    found = choose(categories, set(range(20, 40)), 15)
    assert list(range(SAVINGS)) == found.savings
    assert [20, 21, 22, 23, 24] == found.news
    assert 15 == found.hidden_news
    assert list(range(10)) == found.sections[Category.NEAR]
    assert {Category.IDENTICAL: 0, Category.NEAR: 25, Category.DOUBTFUL: 0} == found.hidden


def test_no_section_crowds_out_another() -> None:
    """The room is shared evenly, and what one does not need goes to the others."""
    categories = [Category.IDENTICAL] * 100 + [Category.NEAR] * 100 + [Category.DOUBTFUL] * 4
    found = choose(categories, set(), 60)
    assert {Category.IDENTICAL: 28, Category.NEAR: 28, Category.DOUBTFUL: 4} == {
        category: len(places) for category, places in found.sections.items()
    }


def test_groups_that_free_nothing_are_no_savings() -> None:
    """Hard links: they are shown, but not praised."""
    groups = [Outline((1,), 2, 5), Outline((2,), 2, 0)]
    found = select(groups, [Category.IDENTICAL] * 2, frozenset(), 10)
    assert [0] == found.savings
    assert [0, 1] == found.sections[Category.IDENTICAL]


@pytest.mark.parametrize("most", [0, 1, 3])
def test_little_room_is_kept_to(most: int) -> None:
    """Even when it is less than the savings would take."""
    found = choose([Category.NEAR] * 20, {1, 2, 15}, most)
    assert most == len(found.places)
    assert set(found.savings) <= set(found.places)


@given(CATEGORIES, st.sets(st.integers(0, 39)), st.integers(0, 50))
def test_the_room_is_used_and_everything_is_accounted_for(
    categories: list[Category], drawn: set[int], most: int
) -> None:
    """No group has two cards, the largest come first, and what is not shown is counted."""
    fresh = {place for place in drawn if place < len(categories)}
    found = choose(categories, fresh, most)
    places = found.places
    assert min(most, len(categories)) == len(places) == len(set(places))
    assert set(found.savings) <= set(places)
    assert list(range(min(SAVINGS, most, len(categories)))) == found.savings
    assert set(found.news) <= fresh
    assert len(fresh) - len(found.news) == found.hidden_news
    for category, section in found.sections.items():
        assert sorted(section) == section
        assert {category} >= {categories[place] for place in section}
        assert fresh.isdisjoint(section)
    shown = Counter(categories[place] for place in places)
    assert Counter(categories) == shown + Counter(found.hidden)
