"""The search for cycles is put off, and taken up again."""

import gc

import pytest

from simd.runtime.collecting import no_collecting


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
