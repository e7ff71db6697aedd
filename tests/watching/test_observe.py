"""What the watcher says of everything that people and programs do to files."""

import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from threading import Event, Thread

import pytest

from simd.core.errors import Failed, Unavailable
from simd.core.hints import Cookie, Gone, Hint, Lost, Moved, Touched
from simd.core.skipping import SkipRules
from simd.watching.observe import Watcher
from simd.watching.observe.watches import WatchGroup
from tests.watching.conftest import PATIENCE, Watched


def test_a_new_file_and_a_written_file_are_touched(watched: Watched) -> None:
    """Creation and writing both tell of the path."""
    target = watched.root / "a.jpg"
    assert [Touched(watched.path("a.jpg"))] == watched.after(lambda: target.write_bytes(b"1"))
    assert [Touched(watched.path("a.jpg"))] == watched.after(lambda: target.write_bytes(b"2"))


def test_reading_gives_no_hint(watched: Watched) -> None:
    """The daemon's own reads must not make it look again."""
    target = watched.root / "a.jpg"
    target.write_bytes(b"1")
    assert [] == watched.after(target.read_bytes)


def test_a_temporary_file_that_gets_its_final_name_is_touched(watched: Watched) -> None:
    """Programs that synchronize write a hidden name, which nobody is told of, and rename it."""

    def synchronize() -> None:
        (watched.root / ".a.jpg.Xy12").write_bytes(b"1")
        (watched.root / ".a.jpg.Xy12").rename(watched.root / "a.jpg")

    assert [Touched(watched.path("a.jpg"))] == watched.after(synchronize)


def test_a_rename_within_the_root_is_a_move(watched: Watched) -> None:
    """A moved file keeps what is known of it."""
    (watched.root / "a.jpg").write_bytes(b"1")
    moved = Moved(watched.path("a.jpg"), watched.path("b.jpg"), directory=False)
    assert [moved] == watched.after(lambda: (watched.root / "a.jpg").rename(watched.root / "b.jpg"))


def test_a_file_renamed_to_a_skipped_name_is_gone(watched: Watched) -> None:
    """What is renamed out of sight has left."""
    (watched.root / "a.jpg").write_bytes(b"1")
    gone = Gone(watched.path("a.jpg"), directory=False)
    assert [gone] == watched.after(lambda: (watched.root / "a.jpg").rename(watched.root / "a.jpg.part"))


def test_moves_across_the_border_are_arrivals_and_departures(watched: Watched) -> None:
    """A file from outside is touched, one that leaves is gone."""
    (watched.outside / "a.jpg").write_bytes(b"1")
    inside, outside = watched.root / "a.jpg", watched.outside / "a.jpg"
    assert [Touched(watched.path("a.jpg"))] == watched.after(lambda: outside.rename(inside))
    assert [Gone(watched.path("a.jpg"), directory=False)] == watched.after(lambda: inside.rename(outside))


def test_deleted_files_and_folders_are_gone(watched: Watched) -> None:
    """Both say what they were."""
    (watched.root / "d").mkdir()
    (watched.root / "d" / "a.jpg").write_bytes(b"1")
    expected = [Gone(watched.path("d", "a.jpg"), directory=False), Gone(watched.path("d"), directory=True)]
    assert expected == watched.after(lambda: shutil.rmtree(watched.root / "d"))


def test_links_are_touched_and_left_to_the_reader_to_judge(watched: Watched) -> None:
    """A hard link arrives without ever being closed."""
    (watched.outside / "a.jpg").write_bytes(b"1")
    assert [Touched(watched.path("b.jpg"))] == watched.after(
        lambda: os.link(watched.outside / "a.jpg", watched.root / "b.jpg")
    )


def test_names_that_are_not_utf8_come_back_byte_for_byte(watched: Watched) -> None:
    """A name is bytes, whatever they are."""
    name = b"\xff\xfe caf\xe9.jpg"
    path = watched.path() + b"/" + name

    def create() -> None:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY))

    assert [Touched(path)] == watched.after(create)


def test_a_cookie_follows_every_earlier_hint_of_every_root(watched: Watched, tmp_path: Path) -> None:
    """Also when one root is held up: a departure keeps its line waiting for half a second."""
    slow = tmp_path / "slow"
    slow.mkdir()
    watched.watcher.add_root(os.fsencode(slow))
    for round_ in range(3):
        (slow / "leaving.jpg").write_bytes(b"1")
        (slow / "leaving.jpg").rename(watched.outside / "left.jpg")
        (slow / f"{round_}.jpg").write_bytes(b"1")
        hints = watched.hints()
        assert Gone(os.fsencode(slow / "leaving.jpg"), directory=False) in hints
        assert Touched(os.fsencode(slow / f"{round_}.jpg")) in hints


def test_cookies_come_back_in_the_order_of_ringing_and_leave_no_file(watched: Watched) -> None:
    """Many rings at once are answered one by one."""
    names = [watched.watcher.ring() for _ in range(50)]
    answers = [watched.next_hint() for _ in names]
    assert [Cookie(name) for name in names] == answers
    assert [] == list(watched.canary.iterdir())


def test_removing_a_root_releases_the_cookies_that_waited_for_it(watched: Watched) -> None:
    """A sync must not hang because a folder was taken out of the configuration."""
    (watched.root / "a.jpg").write_bytes(b"1")
    (watched.root / "a.jpg").rename(watched.outside / "a.jpg")
    name = watched.watcher.ring()
    watched.watcher.remove_root(watched.path())
    watched.until(Cookie(name))
    assert [] == watched.after(lambda: (watched.root / "b.jpg").write_bytes(b"1"))


def test_a_removed_root_is_lost_and_can_be_added_again(watched: Watched) -> None:
    """Losing the folder is never told as the departure of everything in it."""
    (watched.root / "a.jpg").write_bytes(b"1")
    hints = watched.after(lambda: shutil.rmtree(watched.root))
    assert Lost(watched.path(), "the folder was removed") == hints[-1]
    assert Gone(watched.path(), directory=True) not in hints
    assert frozenset() == watched.watcher.roots
    assert watched.watcher.alive()
    watched.root.mkdir()
    watched.watcher.add_root(watched.path())
    assert [Touched(watched.path("b.jpg"))] == watched.after(
        lambda: (watched.root / "b.jpg").write_bytes(b"1")
    )


def test_a_root_that_is_renamed_is_lost(watched: Watched) -> None:
    """Its later changes are not told under a path where they are not."""
    away = watched.outside / "root"
    assert [Lost(watched.path(), "the folder was moved away")] == watched.after(
        lambda: watched.root.rename(away)
    )
    assert [] == watched.after(lambda: (away / "a.jpg").write_bytes(b"1"))


def test_adding_a_root_anew_keeps_one_voice(watched: Watched) -> None:
    """A root that is added twice is not told of twice."""
    watched.watcher.add_root(watched.path())
    watched.hints()
    (watched.root / "a.jpg").touch()
    assert 2 >= watched.hints().count(Touched(watched.path("a.jpg")))
    assert frozenset({watched.path()}) == watched.watcher.roots


def test_what_cannot_be_watched_is_refused_with_advice(watched: Watched, tmp_path: Path) -> None:
    """A missing folder, a file, a link and a relative path are told apart from silence."""
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(watched.root)
    for path in (tmp_path / "absent", tmp_path / "file", tmp_path / "link", Path("relative")):
        with pytest.raises(Unavailable) as refusal:
            watched.watcher.add_root(os.fsencode(path))
        assert refusal.value.hint
        assert os.fspath(path) == refusal.value.path
    assert frozenset({watched.path()}) == watched.watcher.roots


def test_an_error_of_the_receiver_does_not_end_the_watching(tmp_path: Path) -> None:
    """It is counted, and the next hint comes all the same."""
    seen, arrived = [], Event()

    def receive(hint: Hint) -> None:
        seen.append(hint)
        if len(seen) == 1:
            raise RuntimeError("the receiver is at fault")
        arrived.set()

    root = tmp_path / "root"
    root.mkdir()
    watcher = Watcher(receive, SkipRules(frozenset()), tmp_path / "canary")
    watcher.start()
    watcher.add_root(os.fsencode(root))
    (root / "a.jpg").write_bytes(b"1")
    assert arrived.wait(PATIENCE)
    assert watcher.failures == 1
    assert watcher.alive()
    watcher.stop()


def test_a_dead_reader_is_noticed(watched: Watched) -> None:
    """The library itself would go on saying that all is well."""
    chain = watched.watcher._chain
    assert chain is not None
    reader: Thread = chain.observer._inotify_fd  # type: ignore[attr-defined]  # the real observer has it
    assert watched.watcher.alive()
    reader.stop()  # type: ignore[attr-defined]  # a watchdog thread
    reader.join(PATIENCE)
    assert chain.observer.is_alive()
    assert not watched.watcher.alive()


def test_a_lost_canary_folder_is_noticed(watched: Watched) -> None:
    """Without it no cookie comes back; a restart makes it anew."""
    shutil.rmtree(watched.canary)
    with pytest.raises(Unavailable):
        watched.watcher.ring()
    watched.watcher.stop()
    assert not watched.watcher.alive()
    watched.start()
    assert [Touched(watched.path("a.jpg"))] == watched.after(
        lambda: (watched.root / "a.jpg").write_bytes(b"1")
    )


def test_after_a_restart_cookies_wait_for_the_new_lines(watched: Watched, tmp_path: Path) -> None:
    """What is known of the lines before the restart must not close those after it."""
    second = tmp_path / "second"
    second.mkdir()
    watched.watcher.add_root(os.fsencode(second))
    watched.watcher.stop()
    watched.watcher.start()
    for root in (os.fsencode(second), watched.path()):
        watched.watcher.add_root(root)
    (second / "a.jpg").touch()
    (second / "a.jpg").rename(watched.outside / "a.jpg")
    assert Gone(os.fsencode(second / "a.jpg"), directory=False) in watched.hints()


def test_a_stopped_watcher_says_so(watched: Watched) -> None:
    """Stopping twice is harmless; asking a stopped watcher is an error."""
    watched.watcher.stop()
    watched.watcher.stop()
    assert not watched.watcher.alive()
    with pytest.raises(Failed):
        watched.watcher.ring()


def test_a_cookie_is_waited_for_until_it_is_back(watched: Watched) -> None:
    """Since when tells how long, and nothing is waited for afterwards."""
    before = time.monotonic()
    with watched.emitter()._inotify._lock:
        (watched.root / "a.jpg").touch()
        cookie = watched.watcher.ring()
        waiting_since = watched.watcher.waiting_since
    assert waiting_since is not None
    assert before <= waiting_since <= time.monotonic()
    watched.until(Cookie(cookie))
    assert watched.watcher.waiting_since is None
    assert watched.watcher.heard_at >= before


def test_setting_watches_is_no_silence(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """The observer lets nothing through meanwhile, however long that takes."""
    said: list[float | None] = []
    original = WatchGroup._children

    def children(self: WatchGroup, directory: bytes) -> Iterable[bytes]:
        watched.watcher.ring()
        said.append(watched.watcher.waiting_since)
        return original(self, directory)

    monkeypatch.setattr(WatchGroup, "_children", children)
    watched.watcher.add_root(os.fsencode(watched.outside))
    set_at = time.monotonic()
    assert [None] == said
    since = watched.watcher.waiting_since
    assert since is None or since <= set_at


def test_nobody_waits_for_watches_that_are_needed_no_more(watched: Watched) -> None:
    """A daemon that stops does not go through a hundred thousand folders first."""
    (watched.outside / "a" / "b").mkdir(parents=True)
    watched.watcher.hurry()
    watched.watcher.add_root(os.fsencode(watched.outside))
    assert [] == watched.after((watched.outside / "a" / "b" / "c.jpg").touch)


def test_a_watcher_that_is_started_anew_watches_again(watched: Watched) -> None:
    """With the cookies of before forgotten: nobody is to wait for them."""
    reader = watched.watcher._chain
    assert reader is not None
    thread = reader.observer._inotify_fd  # type: ignore[attr-defined]  # whose death nobody else notices
    thread.stop()
    thread.join(PATIENCE)
    assert not watched.watcher.alive()
    watched.watcher.stop()
    watched.start()
    assert watched.watcher.alive()
    assert watched.watcher.waiting_since is None
    assert [Touched(watched.path("a.jpg"))] == watched.after((watched.root / "a.jpg").touch)
