"""Why no picture is read."""

from dataclasses import dataclass

from simd.core.holds import Hold, HoldReason


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldView:
    """One reason, since when it holds, and until when; null where nobody knows."""

    reason: HoldReason
    since: str
    until: str | None


def view_of(hold: Hold) -> HoldView:
    """A hold as it is told."""
    return HoldView(
        reason=hold.reason,
        since=hold.since.isoformat(timespec="seconds"),
        until=None if hold.until is None else hold.until.isoformat(timespec="seconds"),
    )
