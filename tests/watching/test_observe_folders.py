"""Folders that come, go and move, under the eyes of inotify."""

import os
from collections.abc import Iterable
from threading import Event

import pytest

from simd.core.hints import Appeared, Gone, Hint, Moved, Touched
from simd.core.stamp import Stamp
from simd.watching.observe.watches import WatchGroup
from simd.watching.sweep import sweep
from tests.watching.conftest import PATIENCE, Watched


def test_a_moved_folder_is_announced_and_goes_on_being_watched(watched: Watched) -> None:
    """Its files are told of under the new path, and it is swept in case it was not yet known."""
    (watched.root / "old" / "deep").mkdir(parents=True)
    hints = watched.after(lambda: (watched.root / "old").rename(watched.root / "new"))
    new = watched.path("new")
    assert [Moved(watched.path("old"), new, directory=True), Appeared(new)] == hints
    later = watched.after(lambda: (watched.root / "new" / "deep" / "a.jpg").write_bytes(b"1"))
    assert [Touched(watched.path("new", "deep", "a.jpg"))] == later


def test_a_folder_moved_in_is_watched_to_its_depths(watched: Watched) -> None:
    """One hint announces it all; later changes in it are told one by one."""
    (watched.outside / "d" / "deep").mkdir(parents=True)
    (watched.outside / "d" / "deep" / "a.jpg").write_bytes(b"1")
    hints = watched.after(lambda: (watched.outside / "d").rename(watched.root / "d"))
    assert [Appeared(watched.path("d"))] == hints
    later = watched.after(lambda: (watched.root / "d" / "deep" / "b.jpg").write_bytes(b"1"))
    assert [Touched(watched.path("d", "deep", "b.jpg"))] == later


def test_a_folder_moved_out_is_gone_and_no_longer_watched(watched: Watched) -> None:
    """Emptying the trash later must not speak of files at the old place."""
    (watched.root / "d" / "deep").mkdir(parents=True)
    hints = watched.after(lambda: (watched.root / "d").rename(watched.outside / "d"))
    assert [Gone(watched.path("d"), directory=True)] == hints
    assert [] == watched.after(lambda: (watched.outside / "d" / "deep" / "a.jpg").write_bytes(b"1"))


def test_a_folder_moved_out_and_back_at_once_stays_watched(watched: Watched) -> None:
    """The departure is told half a second late, when the folder has long returned."""
    (watched.root / "d").mkdir()

    def there_and_back() -> None:
        (watched.root / "d").rename(watched.outside / "d")
        (watched.outside / "d").rename(watched.root / "d")

    watched.after(there_and_back)
    later = watched.after(lambda: (watched.root / "d" / "a.jpg").write_bytes(b"1"))
    assert [Touched(watched.path("d", "a.jpg"))] == later


def test_a_folder_that_replaces_one_that_left_does_not_stop_the_reader(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For half a second two watches have one path; watchdog's reader fails when both are removed."""
    again, watch = Event(), WatchGroup._watch

    def noted(self: WatchGroup, path: bytes) -> bool:
        result = watch(self, path)
        again.set()
        return result

    (watched.root / "d").mkdir()
    watched.hints()
    monkeypatch.setattr(WatchGroup, "_watch", noted)
    (watched.root / "d").rename(watched.outside / "d")
    (watched.root / "d").mkdir()
    assert again.wait(PATIENCE)
    (watched.root / "d").rmdir()
    (watched.outside / "d").rmdir()
    assert Gone(watched.path("d"), directory=True) in watched.hints()
    assert watched.watcher.alive()
    assert [Touched(watched.path("a.jpg"))] == watched.after(
        lambda: (watched.root / "a.jpg").write_bytes(b"1")
    )


def test_skipped_folders_are_not_even_watched(watched: Watched) -> None:
    """Nothing is said of them, whether they were there before or not."""

    def fill() -> None:
        (watched.root / ".git" / "deep").mkdir(parents=True)
        (watched.root / ".git" / "deep" / "a.jpg").write_bytes(b"1")

    assert [] == watched.after(fill)
    assert [] == watched.after(lambda: (watched.root / ".git" / "deep" / "b.jpg").write_bytes(b"1"))


def test_skipped_folders_cost_no_watch(watched: Watched) -> None:
    """The system's limit is shared with every other program of the user."""
    for name in ("album/2019", ".git/objects", "@eaDir/album"):
        (watched.root / name).mkdir(parents=True)
    watched.watcher.add_root(watched.path())
    emitter = watched.emitter()
    expected = {watched.path(), watched.path("album"), watched.path("album", "2019")}
    assert expected == set(emitter._inotify._active_callbacks_by_path)


def reached(watched: Watched, hints: Iterable[Hint]) -> set[bytes]:
    """The pictures that hints lead to: touched ones, and those in folders that appeared."""
    found: set[bytes] = set()
    for hint in hints:
        if isinstance(hint, Touched):
            found.add(hint.path)
        elif isinstance(hint, Appeared):
            found |= swept(watched, hint.path)
    return found


def swept(watched: Watched, start: bytes) -> set[bytes]:
    """The pictures at or below a folder."""
    parts = sweep(watched.path(), start, watched.skip, frozenset({b".jpg"}), nothing_known, lambda: False)
    return {path for part in parts for path, _ in part.changed}


def nothing_known(directories: Iterable[bytes]) -> dict[bytes, dict[bytes, Stamp]]:
    """An empty catalogue."""
    del directories
    return {}


def test_an_unpacked_archive_is_found_completely(watched: Watched) -> None:
    """900 folders and 1,500 files within a second: every file is told of, or its folder is."""
    expected = set()
    for number in range(900):
        folder = watched.root / f"{number // 30:02}" / f"{number:03}"
        folder.mkdir(parents=True)
        for copy in range(1 + (number % 3 != 0)):
            (folder / f"{copy}.jpg").write_bytes(b"1")
            expected.add(os.fsencode(folder / f"{copy}.jpg"))
    assert len(expected) == 1_500
    assert expected <= reached(watched, watched.hints())
    assert watched.watcher.alive()
    assert watched.watcher.failures == 0
