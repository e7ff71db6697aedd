"""Verdicts on a few pictures, for properties."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from simd.core.verdicts import GivenVerdict, VerdictKind, verdicts_on

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
A, B, C, D = (bytes([number]) * 32 for number in (1, 2, 3, 4))

DIGESTS = st.sampled_from([A, B, C, D])
KINDS = st.sampled_from(VerdictKind)
HOURS = st.integers(0, 3).map(lambda hours: NOON + timedelta(hours=hours))


@st.composite
def a_verdict(draw: st.DrawFn) -> GivenVerdict:
    """Any one verdict."""
    kind = draw(KINDS)
    count = 1 if kind is VerdictKind.KEEP else 2
    digests = draw(st.sets(DIGESTS, min_size=count, max_size=count))
    [one] = verdicts_on(kind, digests, draw(HOURS))
    return one


VERDICTS = st.lists(a_verdict(), max_size=8)
