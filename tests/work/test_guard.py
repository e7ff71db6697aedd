"""The guard and the canary: with the real watcher, real notices, and a clock that is turned by hand."""

import logging
import socket
from collections.abc import Iterator
from concurrent.futures import Future
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

import pytest

from simd.core.canary import LONGEST_SECONDS, PATIENCE_SECONDS, RING_SECONDS, Sight, fault_of, rest_after
from simd.core.errors import Unavailable
from simd.core.hints import Cookie, Hint
from simd.core.skipping import SkipRules
from simd.runtime.heartbeat import Heart
from simd.system.notify import ServiceNotices
from simd.watching.observe import Watcher
from simd.work.canary import VAIN_REBUILDS, Canary
from simd.work.guard import Guard
from simd.work.mishaps import Mishaps
from simd.work.roots import Roots
from tests.fakes import FakeClock

PATIENCE = 20.0


class Post:
    """Where the watcher's hints go, and a way to wait for a cookie."""

    def __init__(self) -> None:
        self.came = Event()

    def put(self, hint: Hint) -> None:
        """Take a hint."""
        if isinstance(hint, Cookie):
            self.came.set()


class House:
    """A watcher, a canary, and a guard whose service manager is this test."""

    def __init__(self, folder: Path, clock: FakeClock, manager: socket.socket) -> None:
        self.clock = clock
        self.post = Post()
        self.manager = manager
        self.watcher = Watcher(self.post.put, SkipRules(frozenset()), folder / "canary")
        self.rebuilt: list[str] = []
        self.refusal: Exception | None = None
        self.canary = Canary(self.watcher, self.rebuild)
        self.mishaps = Mishaps(clock)
        notices = ServiceNotices(manager.getsockname(), 4.0)
        self.heart = Heart("ingest", 60.0, (), clock.monotonic)
        self.guard = Guard(self.canary, self.mishaps, Roots(), notices, lambda: "up to date", clock.monotonic)
        self.guard.watch(self.heart)

    def rebuild(self, why: str) -> Future[None]:
        """Start the watcher anew, or refuse to."""
        self.rebuilt.append(why)
        future: Future[None] = Future()
        self.watcher.stop()
        if self.refusal is not None:
            future.set_exception(self.refusal)
            return future
        self.watcher.start()
        future.set_result(None)
        return future

    def look(self, after: float) -> None:
        """Look at the canary so many seconds later."""
        self.clock.advance(after)
        self.canary.look(self.clock.monotonic(), float("-inf"))

    def await_cookie(self) -> None:
        """Wait until a cookie is back."""
        assert self.post.came.wait(PATIENCE)
        self.post.came.clear()

    def kill_reader(self) -> None:
        """End the thread that reads from the kernel, as an error in it would."""
        chain = self.watcher._chain
        assert chain is not None
        reader = chain.observer._inotify_fd  # type: ignore[attr-defined]
        reader.stop()
        reader.join(PATIENCE)

    def notices(self) -> list[str]:
        """What the service manager was told since it was last asked."""
        said = []
        while True:
            try:
                said.append(self.manager.recv(1_000).decode())
            except BlockingIOError:
                return said


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A running watcher."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "n"))
        manager.setblocking(False)  # noqa: FBT003 - the library's own signature
        house = House(tmp_path, FakeClock(), manager)
        house.watcher.start()
        yield house
        house.watcher.stop()


def test_a_silent_chain_is_at_fault_and_a_busy_one_is_not() -> None:
    """While other events come through the cookie may wait, though not for ever."""
    silent = Sight(alive=True, waiting_since=100.0, heard_at=100.0)
    assert fault_of(silent, 100.0 + PATIENCE_SECONDS, 0.0) is None
    assert fault_of(silent, 101.0 + PATIENCE_SECONDS, 0.0) is not None
    busy = Sight(alive=True, waiting_since=100.0, heard_at=100.0 + LONGEST_SECONDS)
    assert fault_of(busy, 100.0 + LONGEST_SECONDS, 0.0) is None
    assert fault_of(busy, 101.0 + LONGEST_SECONDS, 0.0) is not None


def test_a_quiet_library_is_no_fault() -> None:
    """Nobody is waited for, so nobody is late; a dead thread is a fault at once."""
    assert fault_of(Sight(alive=True, waiting_since=None, heard_at=0.0), 1e9, 0.0) is None
    assert fault_of(Sight(alive=False, waiting_since=None, heard_at=0.0), 1.0, 0.0) is not None


def test_a_machine_that_stood_still_is_no_fault_of_the_chain() -> None:
    """The time up to the excuse does not count."""
    sight = Sight(alive=True, waiting_since=100.0, heard_at=100.0)
    assert fault_of(sight, 5_000.0 + PATIENCE_SECONDS, 5_000.0) is None
    assert fault_of(sight, 5_001.0 + PATIENCE_SECONDS, 5_000.0) is not None


def test_rebuilds_grow_rarer() -> None:
    """Each rest is twice the one before, up to half an hour."""
    rests = [rest_after(attempts) for attempts in range(1, 40)]
    assert sorted(rests) == rests
    assert rests[1] == 2 * rests[0]
    assert rests[-1] == 1_800.0


def test_a_cookie_is_laid_from_time_to_time(house: House) -> None:
    """The first at once, the next when its time has come."""
    house.look(0.0)
    house.await_cookie()
    house.look(RING_SECONDS - 1.0)
    assert house.watcher.waiting_since is None
    house.look(1.0)
    house.await_cookie()
    assert [] == house.rebuilt
    assert house.canary.fault is None


def test_a_dead_reader_is_noticed_and_the_watcher_rebuilt(house: House) -> None:
    """Until a cookie has come through the new one, a person is told."""
    house.look(0.0)
    house.await_cookie()
    house.kill_reader()
    house.look(5.0)
    assert ["one of the threads that watch has ended"] == house.rebuilt
    note = house.canary.note()
    assert note is not None
    assert "one of the threads" in note.message
    house.look(5.0)
    house.await_cookie()
    house.look(5.0)
    assert house.canary.note() is None
    assert len(house.rebuilt) == 1


def test_a_refused_rebuild_is_tried_again_ever_more_rarely(house: House) -> None:
    """What the system refuses is told with its remedy, and is no reason for a restart."""
    house.look(0.0)
    house.await_cookie()
    house.refusal = Unavailable("no instance is left", hint="raise the limit")
    house.kill_reader()
    moments: list[int] = []
    for second in range(2_000):
        house.look(1.0)
        if len(house.rebuilt) > len(moments):
            moments.append(second)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert len(gaps) > VAIN_REBUILDS
    assert all(later >= 2 * earlier - 2 for earlier, later in pairwise(gaps))
    note = house.canary.note()
    assert note is not None
    assert "no instance is left" in note.message
    assert note.hint == "raise the limit"
    assert not house.canary.hopeless
    house.refusal = None
    for _ in range(2_000):
        house.look(1.0)
        if house.watcher.alive():
            break
    house.look(1.0)
    house.await_cookie()
    house.look(1.0)
    assert house.canary.note() is None


def test_a_watcher_that_stays_dead_for_no_reason_is_hopeless(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new process may do better, so the service manager is told no more that all is well."""
    monkeypatch.setattr(house.watcher, "alive", lambda: False)
    for _ in range(300):
        house.clock.advance(2.0)
        house.heart.beat()
        house.guard.look()
    assert house.canary.hopeless
    house.notices()
    house.guard.look()
    assert "WATCHDOG=1" not in house.notices()


def test_the_manager_hears_of_life_while_there_is_some(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """A stuck thread silences the guard, is shown with its stack, and is forgotten when it goes on."""
    stuck, go_on = Event(), Event()

    def hang() -> None:
        house.heart.beat()
        stuck.set()
        go_on.wait(PATIENCE)
        house.heart.beat()

    thread = Thread(target=hang)
    thread.start()
    assert stuck.wait(PATIENCE)
    house.guard._note_ready()
    assert ["READY=1", "WATCHDOG=1", "STATUS=up to date"] == house.notices()
    house.guard.look()
    assert ["WATCHDOG=1"] == house.notices()
    said = []
    with caplog.at_level(logging.ERROR):
        for _ in range(31):
            house.clock.advance(2.0)
            house.guard.look()
            said += house.notices()
    assert "STATUS=stuck: the thread ingest has not moved for 62 s (of 60)" == said[-1]
    assert said.count("WATCHDOG=1") == 30
    assert "go_on.wait(PATIENCE)" in caplog.text
    assert not all(check.ok for check in house.guard.checks())
    assert ["the thread ingest has not moved for 62 s (of 60)."] == [n.message for n in house.guard.notes()]
    go_on.set()
    thread.join()
    house.guard.look()
    assert ["WATCHDOG=1", "STATUS=up to date"] == house.notices()
    assert [] == house.guard.notes()


def test_ready_is_told_when_all_conditions_hold(house: House) -> None:
    """Until then the manager is asked to wait, and hears what goes on."""
    answers, watches = Event(), Event()
    house.guard.expect(answers, watches)
    answers.set()
    house.guard._note_ready()
    house.guard.look()
    assert ["EXTEND_TIMEOUT_USEC=60000000", "STATUS=setting watches"] == house.notices()
    watches.set()
    house.guard._note_ready()
    assert ["READY=1", "WATCHDOG=1", "STATUS=up to date"] == house.notices()


def test_mishaps_are_told_for_an_hour(house: House) -> None:
    """With what can be done about them; sweeps by the clock are none."""
    mishaps = house.mishaps
    mishaps.note("timed", b"/a")
    mishaps.note("the kernel's event queue ran over", b"/a")
    mishaps.note("the kernel's event queue ran over", b"/a")
    mishaps.note("resumed from sleep", b"/a")
    mishaps.note("resumed from sleep", b"/b")
    first, second = mishaps.notes()
    assert (
        "/a was swept, because: the kernel's event queue ran over (2 times, the last at 12:00)."
        == first.message
    )
    assert "max_queued_events" in (first.hint or "")
    assert "2 folders were swept at 12:00, because: resumed from sleep." == second.message
    house.clock.advance(3_600)
    assert [] == mishaps.notes()
