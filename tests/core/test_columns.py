"""Choosing values from columns."""

from hypothesis import given
from hypothesis import strategies as st

from simd.core.columns import chosen


@given(st.lists(st.integers(0, 9), max_size=20))
def test_chosen_is_one_value_for_each_place(places: list[int]) -> None:
    """However many places, also none or one, and whichever comes twice: as if asked one by one."""
    column = [b"%d" % place for place in range(10)]
    assert [column[place] for place in places] == list(chosen(column, places))
