"""Why no picture is read, for people."""

import pytest

from simd.core.holds import HoldReason
from simd.core.wire import Json
from simd.render.holds import reasons, remedies

SINCE, UNTIL = "2026-11-20T14:03:00+01:00", "2026-11-20T18:00:00+01:00"


def test_every_reason_is_told_with_its_end_or_its_beginning() -> None:
    """Who knows the end needs no beginning."""
    holds: list[Json] = [
        {"reason": "person", "since": SINCE, "until": None},
        {"reason": "quiet-hours", "since": SINCE, "until": UNTIL},
    ]
    assert "paused by hand since 2026-11-20 14:03; quiet hours until 2026-11-20 18:00" == reasons(holds)
    assert remedies(holds).startswith("simctl resume; ")


@pytest.mark.parametrize("reason", HoldReason)
def test_no_reason_is_without_words(reason: HoldReason) -> None:
    """A new reason needs a phrase and a remedy."""
    hold = [{"reason": reason, "since": SINCE, "until": None}]
    assert not reasons(hold).startswith(f"{reason} ")
    assert remedies(hold)


def test_a_reason_of_a_later_daemon_is_named() -> None:
    """And cannot write on the terminal what it likes."""
    hold = [{"reason": "flood\x1b", "since": SINCE, "until": None}]
    assert ("flood\\x1b since 2026-11-20 14:03", "") == (reasons(hold), remedies(hold))
