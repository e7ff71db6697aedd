"""Whatever is planned, done, undone and purged, and whatever people do meanwhile: simd loses no picture."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.examples import brief
from tests.work.actions.rummage import Rummage

EXAMPLES = 12
STEPS = 30
ENOUGH = EXAMPLES // 3
"""Actions that have come to something; else nothing was tried. Hypothesis draws upon the modules that happen
to be loaded, so that it is another number when the test runs alone."""


@pytest.mark.hypothesis
def test_there_is_never_a_picture_fewer() -> None:
    """On the disk, in quarantine and in the trash together; nothing is overwritten."""
    form = brief(EXAMPLES)
    Rummage.done.clear()
    run_state_machine_as_test(
        Rummage,
        settings=settings(
            form,
            stateful_step_count=STEPS,
            derandomize=form.max_examples == EXAMPLES,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert ENOUGH <= Rummage.done[True], Rummage.done
