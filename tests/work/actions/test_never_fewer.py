"""Whatever is planned, done, undone and purged, and whatever people do meanwhile: simd loses no picture."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.work.actions.rummage import Rummage

EXAMPLES = 12
STEPS = 30


def test_there_is_never_a_picture_fewer() -> None:
    """On the disk, in quarantine and in the trash together; nothing is overwritten."""
    Rummage.done.clear()
    run_state_machine_as_test(
        Rummage,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert EXAMPLES <= Rummage.done[True], Rummage.done
