"""Counting folders and what the kernel allows."""

import os
import sys
from pathlib import Path

import pytest
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer

from simd.system.limits import count_directories, inotify_limits, inotify_use

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux has inotify")


def test_limits_are_those_of_the_kernel() -> None:
    """The numbers are those under /proc/sys."""
    limits = inotify_limits()
    assert limits is not None
    assert int(Path("/proc/sys/fs/inotify/max_user_watches").read_text()) == limits.watches
    assert int(Path("/proc/sys/fs/inotify/max_user_instances").read_text()) == limits.instances
    assert int(Path("/proc/sys/fs/inotify/max_queued_events").read_text()) == limits.queued_events


def test_system_without_inotify_has_no_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel names none there are none."""
    monkeypatch.setattr("simd.system.limits.INOTIFY", tmp_path)
    assert inotify_limits() is None


def test_use_counts_other_processes(tmp_path: Path) -> None:
    """A watcher's instance and its watches are counted, unless they are this process's own."""
    for name in ("a", "b/c"):
        (tmp_path / name).mkdir(parents=True)
    observer = Observer()
    observer.schedule(FileSystemEventHandler(), str(tmp_path), recursive=True)
    before = inotify_use()
    observer.start()
    try:
        assert before == inotify_use()
        counted = inotify_use(leave_out=0)
    finally:
        observer.stop()
        observer.join()
    assert counted.watches >= 4
    assert counted.instances >= 1


def test_folders_are_counted_as_they_are_watched(tmp_path: Path) -> None:
    """The root counts; hidden folders, links and files do not."""
    for name in ("a/b/c", "d", ".hidden/e", "@eaDir/f"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert (5, True) == count_directories(os.fsencode(tmp_path), 1_000, 60)
    assert (1, True) == count_directories(os.fsencode(tmp_path / "gone"), 1_000, 60)


def test_counting_is_bounded(tmp_path: Path) -> None:
    """Counting ends at the bound or when time is up, and says that there are more."""
    for number in range(20):
        (tmp_path / str(number)).mkdir()
    root = os.fsencode(tmp_path)
    assert [(10, False), (21, True), (0, False)] == [
        count_directories(root, 10, 60),
        count_directories(root, 22, 60),
        count_directories(root, 22, -1),
    ]
