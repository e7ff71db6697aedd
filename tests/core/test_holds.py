"""Reasons to read nothing come and go independently of one another."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from simd.core.holds import Hold, HoldReason, Holds

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
REASONS = st.sampled_from(list(HoldReason))


@given(st.lists(st.tuples(st.booleans(), REASONS)))
def test_reading_is_held_while_any_reason_lasts(
    steps: list[tuple[bool, HoldReason]],
) -> None:
    """A set of reasons is the oracle; each tells when it began first, and the oldest comes first."""
    holds, expected = Holds(), dict[HoldReason, datetime]()
    for minute, (begins, reason) in enumerate(steps):
        now = BEGIN + timedelta(minutes=minute)
        if begins:
            holds = holds.begun(Hold(reason, now))
            expected.setdefault(reason, now)
        else:
            holds = holds.ended(reason)
            expected.pop(reason, None)
        assert bool(expected) == bool(holds)
        assert list(expected.items()) == [(hold.reason, hold.since) for hold in holds]


def test_a_reason_that_holds_learns_its_new_end() -> None:
    """Quiet hours may be put off while they last."""
    first, second = BEGIN + timedelta(hours=1), BEGIN + timedelta(hours=2)
    holds = Holds().begun(Hold(HoldReason.QUIET_HOURS, BEGIN, first))
    longer = holds.begun(Hold(HoldReason.QUIET_HOURS, first, second))
    assert [Hold(HoldReason.QUIET_HOURS, BEGIN, second)] == list(longer)
