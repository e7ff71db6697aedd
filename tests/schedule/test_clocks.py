"""The real clock and the one of the tests keep the same promises."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest

from simd.ports import Clock
from simd.runtime.clock import SystemClock
from tests.fakes import POLL_SECONDS, FakeClock

SOON = 0.05

Patience = Callable[[Thread], None]


def real() -> tuple[Clock, Patience]:
    """Real time passes by itself."""
    return SystemClock(), lambda waiter: waiter.join(5)


def fake() -> tuple[Clock, Patience]:
    """The hands are moved until the waiting thread has had enough."""
    clock = FakeClock()

    def move(waiter: Thread) -> None:
        while waiter.is_alive():
            clock.advance(SOON)
            waiter.join(POLL_SECONDS)

    return clock, move


@pytest.fixture(params=[real, fake])
def clock_and_patience(request: pytest.FixtureRequest) -> tuple[Clock, Patience]:
    """A clock, and how to see a waiting thread through."""
    made: tuple[Clock, Patience] = request.param()
    return made


def test_now_has_an_offset(clock_and_patience: tuple[Clock, Patience]) -> None:
    """A moment without an offset could not be compared with what the catalogue remembers."""
    clock, _ = clock_and_patience
    assert clock.now().utcoffset() is not None


def test_waiting_passes_time(clock_and_patience: tuple[Clock, Patience]) -> None:
    """A wait for an event that never comes is False, and both clocks have moved by the time waited."""
    clock, see_through = clock_and_patience
    steady, wall = clock.monotonic(), clock.now()
    answers: list[bool] = []
    waiter = Thread(target=lambda: answers.append(clock.wait(Event(), SOON)))
    waiter.start()
    see_through(waiter)
    assert [False] == answers
    assert clock.monotonic() - steady > SOON * 0.99
    assert clock.now() - wall > timedelta(seconds=SOON * 0.99)


def test_waiting_ends_with_the_event(clock_and_patience: tuple[Clock, Patience]) -> None:
    """A wait is True as soon as the event is set, with an end and without."""
    clock, _ = clock_and_patience
    for seconds in (3_600.0, None):
        event = Event()
        answers: list[bool] = []
        waiter = Thread(
            target=lambda end=seconds, done=event, said=answers: said.append(clock.wait(done, end))
        )
        waiter.start()
        event.set()
        waiter.join(5)
        assert [True] == answers


def test_set_event_needs_no_waiting(clock_and_patience: tuple[Clock, Patience]) -> None:
    """A wait for what has happened returns at once, even with no time left."""
    clock, _ = clock_and_patience
    event = Event()
    event.set()
    assert clock.wait(event, 0.0)
    assert clock.wait(event, None)


def test_sleep_moves_the_wall_clock_alone() -> None:
    """A suspended machine finds its wall clock later and its steady clock where it was."""
    clock = FakeClock(datetime(2026, 5, 1, tzinfo=UTC))
    steady = clock.monotonic()
    clock.suspend(3_600)
    assert datetime(2026, 5, 1, 1, tzinfo=UTC) == clock.now()
    assert steady == clock.monotonic()
