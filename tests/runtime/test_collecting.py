"""The search for cycles is put off, and taken up again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from simd.runtime import collecting
from simd.runtime.collecting import no_collecting, seldom_collecting


def test_nothing_is_collected_until_the_last_has_left() -> None:
    """Those that are within may be several threads; here one is within twice."""
    with no_collecting():
        with no_collecting():
            inside = gc.isenabled()
        between = gc.isenabled()
    assert [False, False, True] == [inside, between, gc.isenabled()]


def test_what_fails_within_leaves_it_as_it_was() -> None:
    """The error goes on its way."""
    with pytest.raises(KeyError), no_collecting():
        raise KeyError
    assert gc.isenabled()


def test_what_was_off_stays_off() -> None:
    """Somebody else has put the search off, and takes it up again."""
    gc.disable()
    try:
        with no_collecting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """When the search was put off, and taken up again."""
    told: list[str] = []

    @contextmanager
    def telling() -> Iterator[None]:
        told.append("off")
        with no_collecting():
            yield
        told.append("on")

    monkeypatch.setattr(collecting, "no_collecting", telling)
    return told


@pytest.mark.parametrize(("seconds", "expected"), [(0.0, 4), (3_600.0, 1)])
def test_between_pieces_of_work_there_is_a_search_once_in_a_while(
    rests: list[str], seconds: float, expected: int
) -> None:
    """After each if none is to be put off; while one is worked on, and until all has ended, there is none."""
    within = []
    with seldom_collecting(seconds) as collect:
        for _ in range(3):
            within.append(gc.isenabled())
            collect()
        within.append(gc.isenabled())
    assert [False] * 4 == within
    assert (["off", "on"] * expected, True) == (rests, gc.isenabled())


def test_after_a_search_there_is_none_for_as_long_as_before(
    rests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time counts from when it was."""
    now = 0.0
    monkeypatch.setattr(collecting, "monotonic", lambda: now)
    searches = []
    with seldom_collecting(2.0) as collect:
        for now in (1.0, 2.0, 3.0, 4.0, 5.0):  # noqa: B007 - it is the clock
            collect()
            searches.append(rests.count("on"))
    assert [0, 1, 1, 2, 2] == searches


def test_the_search_is_taken_up_when_work_fails() -> None:
    """The error goes on its way."""
    with pytest.raises(KeyError), seldom_collecting():
        raise KeyError
    assert gc.isenabled()
