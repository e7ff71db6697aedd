"""Lost events, folders that cannot be watched, and a watchdog whose insides have changed."""

import errno
import logging
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from watchdog.observers.inotify_c import InotifyFD

from simd.core.errors import Unavailable
from simd.core.hints import Appeared, Cookie, Degraded, Lost, Touched
from simd.watching.observe import inotify
from simd.watching.observe.marks import Marks
from tests.watching.conftest import PATIENCE, Watched

QUEUE_LIMIT = Path("/proc/sys/fs/inotify/max_queued_events")
LARGEST_LIMIT = 65_536
READ_AT_ONCE = 2_048
"""As many events may have left the kernel's queue when the reader is held up."""
OVERFLOWED = "the kernel's event queue ran over"


def overflow(watched: Watched, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Hold the reader up until the kernel's queue has run over, and do something before it goes on."""
    limit = int(QUEUE_LIMIT.read_text())
    if limit > LARGEST_LIMIT:
        pytest.skip(f"the kernel queues {limit:,} events here")
    paths = [watched.path("a.jpg"), watched.path("b.jpg")]
    with watched.emitter()._inotify._lock:
        for _ in range((limit + READ_AT_ONCE) // 2 + 200):
            for path in paths:  # two in turn, because equal events become one
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        meanwhile()


def test_an_overflow_is_told(watched: Watched) -> None:
    """The root is named as lost, so that it can be swept."""
    overflow(watched)
    assert Lost(watched.path(), OVERFLOWED) in watched.hints()
    assert watched.watcher.alive()


def test_folders_made_during_an_overflow_are_watched_afterwards(watched: Watched) -> None:
    """Their creation was never told, but what happens in them later is."""
    overflow(watched, (watched.root / "d").mkdir)
    hints = watched.hints()
    assert Appeared(watched.path("d")) not in hints
    assert [Touched(watched.path("d", "c.jpg"))] == watched.after(
        lambda: (watched.root / "d" / "c.jpg").write_bytes(b"1")
    )


def test_an_overflow_ends_no_watch_of_a_folder_that_stays(watched: Watched) -> None:
    """Every watch that ends causes an event: with many folders the queue would run over again and again."""
    for name in ("stays", "stays too", "goes"):
        (watched.root / name).mkdir()
    watched.hints()
    group = watched.emitter()._inotify
    before = dict(group._active_callbacks_by_watch)
    overflow(watched, (watched.root / "goes").rmdir)
    watched.hints()
    after = {wd: path for wd, path in before.items() if path != watched.path("goes")}
    assert after == group._active_callbacks_by_watch
    assert {path: wd for wd, path in after.items()} == group._active_callbacks_by_path


def test_a_cookie_that_was_lost_in_an_overflow_comes_back_all_the_same(watched: Watched) -> None:
    """And it comes after the message that events were lost."""
    rung = []
    overflow(watched, lambda: rung.append(watched.watcher.ring()))
    assert Lost(watched.path(), OVERFLOWED) in watched.until(Cookie(rung[0]))


def test_a_mark_that_an_overflow_threw_away_is_sent_again(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cookie was seen in time, but its mark stood behind a departure that is told late."""
    sent, send = Event(), Marks.send

    def noted(self: Marks, mark: str) -> None:
        send(self, mark)
        sent.set()

    monkeypatch.setattr(Marks, "send", noted)
    (watched.root / "a.jpg").touch()
    (watched.root / "a.jpg").rename(watched.outside / "a.jpg")
    name = watched.watcher.ring()
    assert sent.wait(PATIENCE)
    watched.emitter()._inotify.on_queue_overflow()
    assert Lost(watched.path(), OVERFLOWED) in watched.until(Cookie(name))


def test_a_root_that_vanishes_during_an_overflow_is_lost(watched: Watched) -> None:
    """Nothing can be watched there any more, and this is said instead of staying silent."""
    overflow(watched, lambda: shutil.rmtree(watched.root))
    assert any(isinstance(hint, Lost) for hint in watched.hints())
    assert frozenset() == watched.watcher.roots
    assert watched.watcher.alive()


@pytest.fixture
def scarce(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """A kernel that has no watch left for folders named ``full``; the paths that asked for one."""
    asked: list[bytes] = []
    original = InotifyFD._get_or_create_watch

    def limited(self: InotifyFD, path: bytes, mask: Any) -> Any:
        if path.endswith(b"full"):
            asked.append(path)
            raise OSError(errno.ENOSPC, "inotify watch limit reached")
        return original(self, path, mask)

    monkeypatch.setattr(InotifyFD, "_get_or_create_watch", limited)
    return asked


def test_reaching_the_limit_of_watches_degrades_the_root_once(watched: Watched, scarce: list[bytes]) -> None:
    """The root is named, with the limit, and no second time for the same reason."""

    def fill() -> None:
        for name in "abc":
            (watched.root / name / "full").mkdir(parents=True)

    hints = watched.after(fill)
    degraded = [hint for hint in hints if isinstance(hint, Degraded)]
    assert [watched.path()] == [hint.root for hint in degraded]
    assert "max_user_watches" in degraded[0].reason
    assert {watched.path(): degraded[0].reason} == watched.watcher.degraded
    assert len(scarce) >= 3


def test_a_root_without_any_watch_is_refused_with_the_command_that_helps(
    watched: Watched, scarce: list[bytes]
) -> None:
    """The hint can be pasted into a terminal."""
    (watched.outside / "full").mkdir()
    with pytest.raises(Unavailable) as refusal:
        watched.watcher.add_root(os.fsencode(watched.outside / "full"))
    assert "sysctl fs.inotify.max_user_watches" in (refusal.value.hint or "")
    assert len(scarce) == 1


def test_an_unreadable_folder_degrades_its_root(unprivileged: Path) -> None:
    """The rest of the root is watched all the same."""
    watched = Watched(unprivileged)
    (watched.root / "closed").mkdir(mode=0o000)
    watched.start()
    assert [Degraded(watched.path(), "some folders may not be read")] == watched.hints()
    assert [Touched(watched.path("a.jpg"))] == watched.after(
        lambda: (watched.root / "a.jpg").write_bytes(b"1")
    )
    assert [watched.path()] == list(watched.watcher.degraded)
    watched.watcher.stop()


def test_an_unreadable_root_is_refused(unprivileged: Path) -> None:
    """Nothing would ever be told of it, so that this must not look like success."""
    watched = Watched(unprivileged)
    watched.root.chmod(0o000)
    with pytest.raises(Unavailable) as refusal:
        watched.start()
    assert "permission" in (refusal.value.hint or "")
    assert watched.watcher.alive()
    watched.watcher.stop()


def test_an_unusable_canary_folder_is_refused_at_the_start(tmp_path: Path) -> None:
    """A watcher that cannot prove its health does not start."""
    watched = Watched(tmp_path)
    watched.canary.parent.touch()
    with pytest.raises(Unavailable):
        watched.watcher.start()
    assert not watched.watcher.alive()


def test_an_unmounted_root_is_lost(watched: Watched) -> None:
    """The files are gone with their disk, which is not the same as deleted."""
    disk = watched.outside / "disk"
    disk.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", disk], capture_output=True, check=False)
    if mount.returncode:
        pytest.skip("mounting is not allowed here")
    watched.watcher.add_root(os.fsencode(disk))
    hints = watched.after(lambda: subprocess.run(["umount", disk], check=True))
    assert [Lost(os.fsencode(disk), "the folder was removed or its disk unmounted")] == hints
    assert frozenset({watched.path()}) == watched.watcher.roots


def test_another_filesystem_below_a_root_is_not_watched(watched: Watched) -> None:
    """It is left out by the sweep as well."""
    disk = watched.root / "disk"
    disk.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", disk], capture_output=True, check=False)
    if mount.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        watched.watcher.add_root(watched.path())
        assert [] == watched.after(lambda: (disk / "a.jpg").write_bytes(b"1"))
    finally:
        subprocess.run(["umount", disk], check=True)


def test_the_private_names_of_watchdog_are_where_they_were() -> None:
    """The contract with the pinned version: when this fails, read its changelog."""
    assert [] == inotify.missing_names()


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Watched]:
    """A watcher over a watchdog whose private names are gone."""
    monkeypatch.setattr(inotify, "missing_names", lambda: ["_gone"])
    watched = Watched(tmp_path)
    watched.start()
    yield watched
    watched.watcher.stop()


def test_an_unknown_watchdog_is_used_without_its_insides(unknown: Watched) -> None:
    """Hints and cookies come as ever."""
    assert unknown.watcher.alive()
    name = unknown.watcher.ring()
    unknown.until(Cookie(name))
    (unknown.root / "a.jpg").write_bytes(b"1")
    assert Touched(unknown.path("a.jpg")) == unknown.next_hint()


def test_an_unknown_watchdog_tells_of_overflows_through_its_log(unknown: Watched) -> None:
    """The warning that it has always logged becomes a lost root."""
    overflow(unknown)
    found = iter(unknown.next_hint, Lost(unknown.path(), OVERFLOWED))
    assert all(isinstance(hint, Touched) for hint in found)
    unknown.watcher.stop()
    assert [] == logging.getLogger("watchdog.observers.inotify_c").handlers
