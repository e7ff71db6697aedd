"""Roots that come, go and are replaced: with the real watcher, the real sweeper, and real folders."""

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import Any, Self

import pytest
from watchdog.observers.inotify_c import InotifyFD

from simd.catalogue import Catalogue
from simd.core.hints import Cookie, Hint, Touched
from simd.core.model import RootState
from simd.core.skipping import SkipRules
from simd.imaging import DecodePool, Limits
from simd.runtime.broadcast import Broadcast, Subscription
from simd.watching.observe import Watcher
from simd.work import rootkeeping
from simd.work.mishaps import Mishaps
from simd.work.rootkeeping import RootKeeper
from simd.work.roots import Roots, Standing
from simd.work.sweeping import Sweeper
from tests.catalogue.test_refusals import no_file_grows
from tests.fakes import FakeClock
from tests.work.loops import Loop
from tests.work.samples import fill, stamp

PATIENCE = 20.0


class House:
    """A sweeper over one root; what it finds goes to an ingest loop that does nothing with it."""

    def __init__(self, catalogue: Catalogue, clock: FakeClock, folder: Path) -> None:
        self.catalogue = catalogue
        self.folder = folder / "photos"
        self.folder.mkdir()
        self.path = os.fsencode(self.folder)
        self.hints: Queue[Hint] = Queue()
        self.skip = SkipRules(frozenset())
        self.watcher = Watcher(self.hints.put, self.skip, folder / "canary")
        self.roots = Roots()
        self.keeper = RootKeeper(catalogue, self.roots, self.watcher, lambda _path: False)
        self.mishaps = Mishaps(clock)
        self.broadcast = Broadcast()
        loop = Loop(catalogue, clock, DecodePool(1, Limits()))
        extensions = frozenset({b".jpg"})
        self.sweeper = Sweeper(
            catalogue,
            self.roots,
            self.keeper,
            loop.ingest,
            self.skip,
            extensions,
            self.broadcast,
            self.mishaps,
        )
        self.watcher.start()
        self.keeper.enrol(self.path, "ext4")
        self.keeper.watch_all()

    def standing(self) -> Standing:
        """How the root stands."""
        return self.roots[self.path]

    def sweep_due(self) -> dict[bytes, str]:
        """Look after the roots as the sweeper does, and sweep those that deserve it; which, and why."""
        due = dict(self.keeper.check())
        for path, reason in due.items():
            self.sweep(path, reason)
        return due

    def sweep(self, path: bytes, reason: str = "asked for") -> None:
        """Sweep a root."""
        self.sweeper.request([path], reason)
        request = self.sweeper._next()
        assert request is not None
        self.sweeper._serve(request)

    def is_watched(self) -> bool:
        """Whether a new file in the root is noticed."""
        (self.folder / "new.jpg").write_bytes(b"1")
        cookie = Cookie(self.watcher.ring())
        hints = set(iter(lambda: self.hints.get(timeout=PATIENCE), cookie))
        return Touched(self.path + b"/new.jpg") in hints


@pytest.fixture
def house(catalogue: Catalogue, clock: FakeClock, tmp_path: Path) -> Iterator[House]:
    """A watched and swept folder."""
    house = House(catalogue, clock, tmp_path)
    house.sweep(house.path)
    yield house
    house.watcher.stop()


def mount(folder: Path) -> None:
    """Mount an empty disk."""
    done = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("mounting is not allowed here")


def test_a_root_that_stays_is_left_alone(house: House) -> None:
    """Nothing is swept for no reason."""
    assert {} == house.sweep_due()
    assert RootState.WATCHING is house.standing().state


def test_whether_a_root_is_there_is_seen_on_the_disk(house: House) -> None:
    """Not if it is gone, or if another folder stands at its place, though no sweep has noticed by then."""
    assert house.keeper.is_there(house.path)
    away = house.folder.rename(house.folder.parent / "away")
    assert not house.keeper.is_there(house.path)
    house.folder.mkdir()
    assert not house.keeper.is_there(house.path)
    house.folder.rmdir()
    away.rename(house.folder)
    assert house.keeper.is_there(house.path)
    assert not house.keeper.is_there(b"/nowhere")


def test_a_disk_that_is_mounted_over_a_root_is_noticed_and_watched(house: House) -> None:
    """No event tells of it, and none would come from the disk; its unmounting is noticed as well."""
    mount(house.folder)
    try:
        assert {house.path: "another folder stands at its place"} == house.sweep_due()
        assert house.is_watched()
        assert {} == house.sweep_due()
        assert any("another folder" in note.message for note in house.mishaps.notes())
    finally:
        subprocess.run(["umount", house.folder], check=True)
    assert {house.path: "another folder stands at its place"} == house.sweep_due()
    assert house.is_watched()


def test_a_root_that_was_unmounted_is_offline_and_comes_back(house: House) -> None:
    """What is known of it is kept, and it is watched again as soon as it is mounted."""
    mount(house.folder)
    try:
        house.sweep_due()
        fill(house.catalogue, [], [(house.path + b"/a.jpg", stamp(1), None)])
    finally:
        subprocess.run(["umount", house.folder], check=True)
    house.sweep_due()
    assert RootState.OFFLINE is house.standing().state
    assert {} == house.sweep_due()
    mount(house.folder)
    try:
        (house.folder / "a.jpg").touch()
        assert {house.path: "the folder is there again"} == house.sweep_due()
        assert RootState.WATCHING is house.standing().state
        assert house.is_watched()
    finally:
        subprocess.run(["umount", house.folder], check=True)


def test_what_the_catalogue_refused_is_owed(house: House, tmp_path: Path) -> None:
    """Neither a sweep nor a look at the roots ends the thread; both are done when the disk is well again."""
    pending = house.sweeper._ingest.pending
    waiting = len(pending)
    house.folder.rename(tmp_path / "elsewhere")
    with no_file_grows():
        house.sweeper._look_after_roots()
        house.sweep(house.path)
    assert RootState.DEGRADED is house.standing().state
    assert waiting + 1 == len(pending)
    house.sweeper._look_after_roots()
    request = house.sweeper._next()
    assert request is not None
    house.sweeper._serve(request)
    assert RootState.OFFLINE is house.standing().state
    assert waiting == len(pending)


def test_a_root_that_was_replaced_by_an_empty_folder_is_offline(house: House) -> None:
    """An empty folder proves nothing; its files stay known."""
    fill(house.catalogue, [], [(house.path + b"/a.jpg", stamp(1), None)])
    house.folder.rename(house.folder.with_name("elsewhere"))
    house.folder.mkdir()
    assert {house.path: "another folder stands at its place"} == house.sweep_due()
    assert RootState.OFFLINE is house.standing().state
    with house.catalogue.read() as snapshot:
        assert snapshot.count_under(house.path) == 1


def test_a_root_that_goes_and_comes_is_watched_again_at_once(house: House) -> None:
    """The first look after its return is enough."""
    house.folder.rename(house.folder.with_name("elsewhere"))
    assert {} == house.sweep_due()
    assert RootState.OFFLINE is house.standing().state
    house.folder.with_name("elsewhere").rename(house.folder)
    assert {house.path: "the folder is there again"} == house.sweep_due()
    assert house.is_watched()


@pytest.fixture
def scarce(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """A kernel without a watch for folders named ``full``, until this list is emptied."""
    limited = [b"full"]
    original = InotifyFD._get_or_create_watch

    def create(self: InotifyFD, path: bytes, mask: Any) -> Any:
        if limited and path.endswith(limited[0]):
            raise OSError(errno.ENOSPC, "inotify watch limit reached")
        return original(self, path, mask)

    monkeypatch.setattr(InotifyFD, "_get_or_create_watch", create)
    return limited


def test_a_root_that_is_watched_in_part_says_so_and_is_watched_in_full_when_it_can_be(
    house: House, scarce: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is swept by the clock meanwhile; its watches are set anew at a sweep, though not at every one."""
    (house.folder / "full").mkdir()
    house.keeper._watcher.add_root(house.path)
    house.sweep(house.path)
    assert RootState.DEGRADED is house.standing().state
    assert "max_user_watches" in (house.standing().reason or "")
    assert "sudo sysctl" in (house.standing().remedy or "")
    house.sweeper.request_unwatched()
    request = house.sweeper._next()
    assert request is not None
    assert house.path == request.start
    house.sweeper._serve(request)
    scarce.clear()
    house.sweep(house.path)
    assert RootState.DEGRADED is house.standing().state
    monkeypatch.setattr(rootkeeping, "REWATCH_SECONDS", 0.0)
    house.sweep(house.path)
    assert RootState.WATCHING is house.standing().state
    assert house.standing().remedy is None


def test_without_a_watcher_roots_are_swept_all_the_same(house: House) -> None:
    """They count as degraded, so that the clock sweeps them, until there is a watcher again."""
    house.watcher.stop()
    (house.folder / "a.jpg").touch()
    with Listening(house.broadcast) as heard:
        house.sweep(house.path)
        assert 1 == heard.next("scanned")["changed"]
    assert RootState.DEGRADED is house.standing().state
    house.keeper.rebuild_watcher()
    house.sweep(house.path)
    assert RootState.WATCHING is house.standing().state
    assert house.is_watched()


def test_a_root_that_is_dropped_in_the_middle_of_its_sweep(house: House) -> None:
    """The sweep is given up, what was known is missing, and events that still come do no harm."""
    fill(house.catalogue, [], [(house.path + b"/a.jpg", stamp(1), None)])
    (house.folder / "a.jpg").touch()
    dropped = house.sweeper.errand(lambda: house.keeper.drop(house.path))
    house.sweep(house.path)
    assert dropped.result(PATIENCE) is None
    assert [] == house.roots.all()
    assert frozenset() == house.watcher.roots
    house.sweeper.notice(house.path + b"/a.jpg", "folder appeared")
    house.sweeper.degrade(house.path, "too late")
    assert not house.sweeper._requests
    with house.catalogue.read() as snapshot:
        assert (0, 1) == (snapshot.counts().present, snapshot.counts().missing)


def test_a_rebuild_is_done_by_the_sweepers_thread_and_followed_by_sweeps(house: House) -> None:
    """Nothing that happened in between is missed."""
    stop = Event()
    thread = Thread(target=house.sweeper.loop, args=(stop,))
    with Listening(house.broadcast) as heard:
        thread.start()
        house.sweeper.rebuild_watcher("the reader was dead").result(PATIENCE)
        assert os.fsdecode(house.path) == heard.next("scanned")["root"]
    stop.set()
    house.sweeper.wake()
    thread.join(PATIENCE)
    assert house.is_watched()
    assert ["the watcher was started anew: the reader was dead"] == list(house.mishaps._held)


class Listening:
    """What is told to listeners."""

    def __init__(self, broadcast: Broadcast) -> None:
        self._broadcast = broadcast
        self._subscription: Subscription

    def __enter__(self) -> Self:
        self._subscription = self._broadcast.subscribe()
        return self

    def __exit__(self, *_error: object) -> None:
        self._broadcast.unsubscribe(self._subscription)

    def next(self, event: str) -> dict[str, Any]:
        """The next notice of a sort, for which it waits."""
        while True:
            for notice in self._subscription.take(PATIENCE):
                if notice.event == event:
                    return dict(notice.data)


def test_a_part_of_a_root_in_whose_place_another_folder_stands_proves_nothing(house: House) -> None:
    """The whole root is swept instead, and judged as a whole."""
    (house.folder / "x").mkdir()
    fill(house.catalogue, [], [(house.path + b"/x/a.jpg", stamp(1), None)])
    house.folder.rename(house.folder.with_name("aside"))
    house.folder.mkdir()
    house.sweep(house.path + b"/x", "folder came back")
    request = house.sweeper._next()
    assert request is not None
    assert house.path == request.start
    house.sweeper._serve(request)
    assert RootState.OFFLINE is house.standing().state
    with house.catalogue.read() as snapshot:
        assert 1 == snapshot.count_under(house.path)
