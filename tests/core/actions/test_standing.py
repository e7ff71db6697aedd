"""Sums over the steps of a sheet, however many of them stand alike."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from simd.core.actions.standing import Standing
from simd.core.actions.words import StepState

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)

Kind = tuple[StepState, str | None, int]
Runs = list[tuple[Kind, list[int]]]

# Few, so that some come again after others.
KINDS: list[Kind] = [
    (StepState.PLANNED, None, 0),
    (StepState.PLANNED, "why", 0),
    (StepState.DONE, None, 0),
    (StepState.DONE, None, 1),
]


@given(
    st.lists(
        st.tuples(st.sampled_from(KINDS), st.lists(st.integers(0, 3), min_size=1, max_size=5)), max_size=6
    )
)
def test_tallies_add_up_what_stands_alike(runs: Runs) -> None:
    """Pictures, bytes and last moment of each state, refusal and note, in one run or many: as one by one."""
    rows = [(*kind, day) for kind, days in runs for day in days]
    moments = [MOMENT + timedelta(days=day) if day else None for *_, day in rows]
    standing = Standing(
        states=[state for state, *_ in rows],
        places=[None] * len(rows),
        reasons=[reason for _, reason, *_ in rows],
        moments=moments,
        traits=[None] * len(rows),
        noted=[noted for *_, noted, _ in rows],
    )
    sizes = list(range(10, 10 + len(rows)))
    units = [None if place % 3 else 1 for place in range(len(rows))]

    pictures: Counter[tuple[StepState, bool, int]] = Counter()
    total: Counter[tuple[StepState, bool, int]] = Counter()
    last: dict[tuple[StepState, bool, int], datetime] = {}
    for (state, reason, noted, _), size, unit, at in zip(rows, sizes, units, moments, strict=True):
        alike = state, reason is not None, noted
        pictures[alike] += unit is None
        total[alike] += size
        if at is not None:
            last[alike] = max(last.get(alike, at), at)
    expected = {(*alike, pictures[alike], total[alike], last.get(alike)) for alike in total}
    assert expected == set(standing.tallies(sizes, units))
