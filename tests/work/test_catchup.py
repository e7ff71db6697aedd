"""A nightly report waits until the catalogue is in step, and never keeps a stop waiting."""

import logging
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event

import pytest

from simd.core.errors import Unavailable
from simd.work.barrier import Barrier
from simd.work.catchup import CatchUp
from simd.work.pending import Pending

PATIENCE = 10.0


class Stand:
    """A barrier over open work, and somebody who waits for it."""

    def __init__(self) -> None:
        self.pending = Pending()
        self.rung = Event()
        self.answering = True
        self.barrier = Barrier(self._ring, self.pending, lambda: None)
        self._threads = ThreadPoolExecutor(1)

    def waiting(self, catch_up: CatchUp) -> Future[None]:
        """Begin to wait; when this returns, the barrier has been asked."""
        future = self._threads.submit(catch_up.wait)
        assert self.rung.wait(PATIENCE)
        return future

    def close(self) -> None:
        """Let everybody go."""
        self.pending.close()
        self._threads.shutdown()

    def _ring(self) -> str:
        if self.answering:
            self.barrier.note("cookie")
        self.rung.set()
        return "cookie"


@pytest.fixture
def stand() -> Iterator[Stand]:
    """A stand whose watcher answers."""
    made = Stand()
    yield made
    made.close()


def is_waiting(future: Future[None]) -> bool:
    """Whether it is not over even after a moment."""
    return not wait([future], timeout=0.2).done


def always() -> bool:
    """Waiting leads somewhere."""
    return True


def test_open_work_is_waited_for(stand: Stand) -> None:
    """What was noticed before is done when the wait is over; what comes later is not waited for."""
    stand.pending.enter("sweep")
    waiting = stand.waiting(CatchUp(stand.barrier, always))
    assert is_waiting(waiting)
    stand.pending.enter("later")
    stand.pending.leave("sweep")
    waiting.result(PATIENCE)


def test_a_wait_has_an_end(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    """When the time is over, the report is of what is known, and the log says so."""
    stand.pending.enter("sweep")
    with caplog.at_level(logging.WARNING):
        CatchUp(stand.barrier, always, longest_seconds=0.05).wait()
    assert "not everything is known that changed" in caplog.text


def test_nobody_waits_in_vain(stand: Stand) -> None:
    """While reading is paused or the watcher is dead, the barrier is not even asked."""
    stand.pending.enter("sweep")
    CatchUp(stand.barrier, lambda: False).wait()
    assert not stand.rung.is_set()


def test_nobody_waits_on_when_it_leads_nowhere_any_more(stand: Stand) -> None:
    """Quiet hours may begin while a report waits; and what it waited for ends no later wait."""
    leads_somewhere = Event()
    leads_somewhere.set()
    catch_up = CatchUp(stand.barrier, leads_somewhere.is_set, look_seconds=0.01)
    stand.pending.enter("sweep")
    waiting = stand.waiting(catch_up)
    assert is_waiting(waiting)
    leads_somewhere.clear()
    waiting.result(PATIENCE)
    leads_somewhere.set()
    stand.pending.enter("another")
    again = stand.waiting(catch_up)
    stand.pending.leave("sweep")
    assert is_waiting(again)
    stand.pending.leave("another")
    again.result(PATIENCE)


@pytest.mark.parametrize("answering", [True, False], ids=["work is open", "the watcher is silent"])
def test_a_stop_ends_the_wait_at_once(stand: Stand, *, answering: bool) -> None:
    """Closing lets go whoever waits, with an error that is no success, and nobody waits afterwards."""
    stand.answering = answering
    stand.pending.enter("sweep")
    catch_up = CatchUp(stand.barrier, always, longest_seconds=2 * PATIENCE if answering else 1.0)
    waiting = stand.waiting(catch_up)
    catch_up.close()
    with pytest.raises(Unavailable):
        waiting.result(PATIENCE)
    with pytest.raises(Unavailable):
        catch_up.wait()


def test_it_can_be_waited_again(stand: Stand) -> None:
    """Each night waits for itself."""
    catch_up = CatchUp(stand.barrier, always)
    catch_up.wait()
    stand.rung.clear()
    stand.pending.enter("sweep")
    waiting = stand.waiting(catch_up)
    assert is_waiting(waiting)
    stand.pending.leave("sweep")
    waiting.result(PATIENCE)
