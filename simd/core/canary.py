"""Whether the chain that brings events still brings them: the decision about a cookie that is late.

simd lays a file in a folder of its own, which the same observer watches as all others. A chain that
has died says nothing, and looks like a quiet library; the cookie that does not come back tells them
apart. A chain that brings other events meanwhile is busy, not dead: a storm of events stands before
the cookie.
"""

from dataclasses import dataclass

RING_SECONDS = 45.0
"""Between two cookies, so that a dead chain is noticed within a minute or two."""

PATIENCE_SECONDS = 30.0
"""How long the chain may be silent while a cookie is under way."""

LONGEST_SECONDS = 600.0
"""How long a cookie may be under way at all."""

LEAST_REST_SECONDS = 15.0
LONGEST_REST_SECONDS = 1_800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What can be seen of the chain. Moments are on the steady clock.

    Attributes:
        alive: whether every thread of it runs.
        waiting_since: when the oldest cookie was laid that is not back; None when all are.
        heard_at: when the last event of any sort came through.
    """

    alive: bool
    waiting_since: float | None
    heard_at: float


def fault_of(sight: Sight, now: float, excused_until: float) -> str | None:
    """Why the chain cannot be trusted any more, None when it can.

    Args:
        sight: what is seen of it.
        now: the present moment.
        excused_until: up to when the whole machine stood still, which is not the chain's fault.
    """
    if not sight.alive:
        return "one of the threads that watch has ended"
    if sight.waiting_since is None:
        return None
    since = max(sight.waiting_since, excused_until)
    silent = now - max(since, sight.heard_at)
    if silent > PATIENCE_SECONDS:
        return f"nothing has come through for {silent:.0f} s, although something happened"
    if now - since > LONGEST_SECONDS:
        return f"a sign of life has been under way for {now - since:.0f} s"
    return None


def rest_after(attempts: int) -> float:
    """Seconds from a rebuild to the next one, after so many in a row that did not help."""
    return float(min(LEAST_REST_SECONDS * 2 ** min(attempts, 20), LONGEST_REST_SECONDS))
