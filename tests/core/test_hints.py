"""Hints that say the same are heeded once."""

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from simd.core.hints import Appeared, Cookie, Gone, Hint, Touched, merged

_PATHS = st.sampled_from([b"/a", b"/b", b"/c"])
_HINTS: st.SearchStrategy[Hint] = st.one_of(
    st.builds(Touched, _PATHS),
    st.builds(Touched, _PATHS),
    st.builds(Gone, _PATHS, st.booleans()),
    st.builds(Appeared, _PATHS),
    st.just(Cookie("x")),
)


@given(st.lists(_HINTS, max_size=20))
def test_touches_between_two_other_hints_count_once_for_each_file(hints: list[Hint]) -> None:
    """Everything else stays, in its order, and no touch goes before or behind anything else."""
    expected: list[Hint] = []
    for _, run in groupby(hints, key=lambda hint: hint if not isinstance(hint, Touched) else None):
        several = list(run)
        expected += dict.fromkeys(several) if isinstance(several[0], Touched) else several
    assert expected == list(merged(hints))
