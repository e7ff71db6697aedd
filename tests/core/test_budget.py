"""Work is paid for by rest, so that a share of the processors is kept on average."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.budget import CpuBudget

COSTS = st.lists(st.floats(0.001, 2.0), min_size=1, max_size=50)


@given(COSTS, st.sampled_from([0.1, 0.4, 0.9, 1.5, 3.0]), st.integers(1, 3), st.floats(0, 1))
def test_the_share_is_kept(costs: list[float], cores: float, slots: int, idle: float) -> None:
    """Until the next piece may begin, the time that was used is at most the share of the time that passed."""
    budget, now, spent = CpuBudget(cores), 100.0, 0.0
    for first in range(0, len(costs), slots):
        now += budget.wait(now)
        assert spent <= cores * (now - 100.0) * (1 + 1e-9)
        together = costs[first : first + slots]
        for cost in together:
            budget.spend(cost, now)
        spent += sum(together)
        now += max(together) + idle
    now += budget.wait(now)
    assert spent <= cores * (now - 100.0) * (1 + 1e-9)


@given(COSTS, st.sampled_from([0.1, 0.4, 0.9]))
def test_no_more_rest_than_needed(costs: list[float], cores: float) -> None:
    """Whoever is never idle by itself uses just the share."""
    budget, now = CpuBudget(cores), 100.0
    for cost in costs:
        budget.spend(cost, now)
        now += cost
        now += budget.wait(now)
    assert sum(costs) == pytest.approx(cores * (now - 100.0))


def test_no_limit() -> None:
    """Then nothing waits."""
    budget = CpuBudget(None)
    budget.spend(1_000.0, 0.0)
    assert (None, 0.0) == (budget.cores, budget.wait(0.0))
