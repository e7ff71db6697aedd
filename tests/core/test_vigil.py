"""Who is late, and who is excused."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from simd.core.vigil import STALL_SECONDS, Late, LifeSign, Vigil

START = 1_000.0
AGREED = 10.0
ALLOWED = 60.0


def sign(
    at: float, *, name: str = "ingest", doing: str | None = None, allowed: float = ALLOWED, awaits: str = ""
) -> LifeSign:
    """A sign of life of a thread that has a minute."""
    return LifeSign(name=name, at=at, allowed=allowed, doing=doing, awaits=awaits.split())


def looks(until: float, *signs: LifeSign) -> tuple[Vigil, list[Late]]:
    """Look in time, again and again, while nobody beats; what the last look says."""
    late: list[Late] = []
    vigil, now = Vigil(START, AGREED), START
    while now < until:
        now = min(now + AGREED, until)
        vigil, late = vigil.look(now, signs)
    return vigil, late


def names(late: Sequence[Late]) -> list[str]:
    """Who is late."""
    return [one.name for one in late]


def test_a_thread_is_late_when_its_time_is_over() -> None:
    """Not a moment before, and it is told by how much."""
    assert [] == looks(START + ALLOWED, sign(START))[1]
    assert [Late(name="ingest", silent=ALLOWED + 1, allowed=ALLOWED, doing=None)] == (
        looks(START + ALLOWED + 1, sign(START))[1]
    )


def test_a_declared_step_has_its_own_limit() -> None:
    """An hour of checking is no fault, and beyond what was declared it is one."""
    checking = sign(START, doing="checks the catalogue", allowed=3_600)
    assert [] == looks(START + 3_600, checking)[1]
    late = looks(START + 3_601, checking)[1]
    assert ["checks the catalogue"] == [one.doing for one in late]


def test_who_waits_for_a_declared_step_is_excused_with_it() -> None:
    """A loop that waits for the writer is not stuck while the writer works, nor right after."""
    waiting = sign(START, awaits="writer")
    vigil, late = looks(START + 600, waiting, sign(START, name="writer", doing="backs up", allowed=3_600))
    assert [] == late
    rested = sign(START + 601, name="writer")
    vigil, late = vigil.look(START + 601, [waiting, rested])
    assert [] == late
    for seconds in range(10, 70, 10):
        vigil, late = vigil.look(START + 600 + seconds, [waiting])
    assert [] == late
    assert ["ingest"] == names(vigil.look(START + 670, [waiting])[1])


def test_a_step_beyond_its_limit_excuses_nobody() -> None:
    """The one that hangs and the one that waits for it are both late in the end."""
    late = looks(
        START + 200,
        sign(START, awaits="writer"),
        sign(START, name="writer", doing="writes", allowed=90.0),
    )[1]
    assert ["ingest", "writer"] == names(late)


def test_a_machine_that_stood_still_is_nobodys_fault() -> None:
    """After a stopped process or a frozen machine everybody gets the whole of his time again."""
    vigil, _ = Vigil(START, AGREED).look(START + AGREED, [sign(START + AGREED)])
    asleep = START + 10_000
    vigil, late = vigil.look(asleep, [sign(START + AGREED)])
    assert [] == late
    now = asleep
    while now < asleep + ALLOWED:
        now += AGREED
        vigil, late = vigil.look(now, [sign(START + AGREED)])
        assert [] == late
    assert ["ingest"] == names(vigil.look(now + AGREED, [sign(START + AGREED)])[1])


def test_a_little_delay_of_the_look_excuses_nobody() -> None:
    """Else a busy machine would hide a stuck thread for ever."""
    vigil, now = Vigil(START, AGREED), START
    late: list[Late] = []
    while now <= START + ALLOWED:
        now += AGREED + STALL_SECONDS
        vigil, late = vigil.look(now, [sign(START)])
    assert ["ingest"] == names(late)


@given(st.lists(st.floats(0.1, AGREED + STALL_SECONDS), min_size=1, max_size=60))
def test_whoever_beats_in_time_is_never_late(steps: list[float]) -> None:
    """However irregular the looks, a thread that has just beaten is not late."""
    vigil, now = Vigil(START, AGREED), START
    for step in steps:
        now += step
        vigil, late = vigil.look(now, [sign(now - ALLOWED)])
        assert [] == late
