"""Whatever acts on files is killed at each of its steps, and so is whatever settles what that leaves."""

from collections.abc import Iterator

import pytest

from tests.faults.form import Form
from tests.work.actions.test_walk import Walker, walking
from tests.work.actions.walker import SCENARIOS

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def walker() -> Iterator[Walker]:
    """A process that walks."""
    yield from walking()


def test_a_kill_at_each_step_of_an_action_loses_nothing(walker: Walker, form: Form) -> None:
    """In the long form each settling is killed at each of its steps as well; a walk by itself is no soak."""
    dice = form.dice()
    wanted = form.times("scenarios", short=1, long=len(SCENARIOS))
    kills = 0
    for scenario in dice.sample(list(SCENARIOS), wanted):
        walked = walker.walk(scenario, "every" if form.long else "sometimes", dice.randrange(2**32))
        kills += walked["points"] + 2 * walked["settlings"]
    form.note("kills", kills)
    assert 15 * wanted <= kills
