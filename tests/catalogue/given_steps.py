"""Random units of steps: odd names, numbers of 64 bits, and whatever may be missing."""

from datetime import UTC

from hypothesis import strategies as st

from simd.core.actions.known import Known
from simd.core.actions.model import ActionName, Step, Unit
from simd.core.actions.words import CompanionRole, StepState
from simd.core.answers.likeness import MatchKind
from simd.core.stamp import Stamp

SIGNED = st.integers(-(2**63), 2**63 - 1)
PATHS = st.binary(min_size=1, max_size=9).filter(lambda path: b"\0" not in path)
TEXTS = st.text(st.characters(), max_size=5)
MOMENTS = st.datetimes(timezones=st.just(UTC))
KNOWN = st.builds(
    Known,
    path=PATHS,
    stamp=st.builds(Stamp, SIGNED, SIGNED, SIGNED, st.integers(0, 2**64 - 1)),
    digest=st.none() | st.binary(min_size=32, max_size=32),
)
PLANNED = st.builds(
    Step,
    name=st.just(ActionName(0, 0)),
    file=KNOWN,
    keeper=st.none() | KNOWN,
    root=PATHS,
    kind=st.sampled_from(MatchKind),
    why=TEXTS,
    size=st.integers(0, 2**40),
    # Hypothesis invents what a field with a default may be.
    unit=st.none(),
    role=st.none(),
    state=st.just(StepState.PLANNED),
    place=st.none(),
    reason=st.none(),
    at=st.none(),
    traits=st.none(),
)


@st.composite
def noted(draw: st.DrawFn, steps: st.SearchStrategy[Step]) -> Step:
    """A step that has come as far as may be."""
    return draw(steps)._replace(
        state=draw(st.sampled_from(StepState)),
        place=draw(st.none() | PATHS),
        reason=draw(st.none() | TEXTS),
        at=draw(st.none() | MOMENTS),
        traits=draw(st.none() | TEXTS),
    )


@st.composite
def units(draw: st.DrawFn, steps: st.SearchStrategy[Step] = PLANNED, at_most: int = 8) -> list[Unit]:
    """Pictures with up to two companions each, numbered from 1 on."""
    found: list[Unit] = []
    number = 1
    for parts in draw(st.lists(st.lists(steps, min_size=1, max_size=3), min_size=1, max_size=at_most)):
        named = [
            step._replace(name=ActionName(0, place), unit=None if place == number else number)
            for place, step in enumerate(parts, number)
        ]
        roles = [draw(st.sampled_from(CompanionRole)) for _ in named[1:]]
        companions = (step._replace(role=role) for step, role in zip(named[1:], roles, strict=True))
        found.append(Unit(named[0], tuple(companions)))
        number += len(named)
    return found
