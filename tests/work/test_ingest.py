"""The order in which the ingest loop heeds its hints, and how it reads files while they settle."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from simd.catalogue import Catalogue
from simd.core.hints import Appeared, Cookie, Gone, Hint, Lost, Moved, Touched
from simd.core.holds import HoldReason
from simd.core.model import FileState
from simd.core.stamp import Stamp
from simd.imaging import DecodePool, Limits
from simd.work.examine import stamp_of
from tests.fakes import FakeClock
from tests.work.loops import CAPACITY, QUIET, Loop
from tests.work.samples import ROOT


@pytest.fixture
def loop(catalogue: Catalogue, clock: FakeClock) -> Iterator[Loop]:
    """A loop that nothing was said to yet."""
    pool = DecodePool(1, Limits())
    yield Loop(catalogue, clock, pool)
    pool.close()


@pytest.fixture
def pool() -> Iterator[DecodePool]:
    """Readers that a test starts when it wants outcomes."""
    pool = DecodePool(1, Limits())
    yield pool
    pool.close()


@pytest.fixture
def road(catalogue: Catalogue, clock: FakeClock, pool: DecodePool, tmp_path: Path) -> Loop:
    """A loop on a folder that exists."""
    folder = tmp_path / "photos"
    folder.mkdir()
    return Loop(catalogue, clock, pool, bytes(folder))


@pytest.fixture
def photo(road: Loop, tmp_path: Path) -> Path:
    """A picture that was just written, and calm for a while."""
    path = paint(tmp_path / "photos" / "a.jpg", 80)
    road.turn(Touched(bytes(path)))
    road.turn(after=QUIET / 4)
    return path


def paint(path: Path, grey: int) -> Path:
    """A small picture of one grey."""
    Image.new("L", (64, 48), grey).save(path)
    return path


def standing(road: Loop) -> tuple[int, int, int, int]:
    """How many files are settling, waiting, being decoded, and on their way at all."""
    counts = road.ingest.counts()
    return counts.settling, counts.waiting, counts.decoding, counts.total


def catalogued(catalogue: Catalogue, *paths: Path) -> dict[str, FileState]:
    """What the catalogue says of these files, by their names."""
    with catalogue.read() as snapshot:
        rows = snapshot.files_at([bytes(path) for path in paths])
    return {Path(path.decode()).name: row.state for path, row in rows.items()}


def test_a_folder_that_appeared_is_asked_for_before_a_later_cookie_is_told(loop: Loop) -> None:
    """Else whoever waits for the cookie would be told that all is done before its sweep was noted."""
    expected = [("sweep", ROOT + b"/new"), ("cookie", "c")]
    assert expected == loop.heed(Appeared(ROOT + b"/new"), Cookie("c"))


def test_a_file_that_appeared_and_was_closed_is_looked_at_once(
    road: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every new file is announced twice, and each look costs as much as the rest of the announcement."""
    path = bytes(paint(tmp_path / "photos" / "new.jpg", 80))
    looked: list[bytes] = []

    def seen(path: bytes) -> Stamp | None:
        looked.append(path)
        return stamp_of(path)

    monkeypatch.setattr("simd.work.ingest.stamp_of", seen)
    road.turn(Touched(path), Touched(path))
    assert [path] == looked
    assert (1, 0, 0, 1) == standing(road)


def test_folders_within_folders_that_appeared_are_covered_by_one_sweep(loop: Loop) -> None:
    """An unpacked archive announces each of its folders."""
    deep: list[Hint] = [
        Appeared(ROOT + b"/new/deep"),
        Appeared(ROOT + b"/new"),
        Appeared(ROOT + b"/new/other"),
    ]
    assert [("sweep", ROOT + b"/new"), ("cookie", "c")] == loop.heed(*deep, Cookie("c"))


def test_an_overflow_sweeps_everything_before_anything_else(loop: Loop) -> None:
    """What was dropped may be anywhere, and whoever waits must wait for it too."""
    hints: list[Hint] = [
        Lost(ROOT, "the folder was removed"),
        Cookie("c"),
        *(Cookie("x") for _ in range(CAPACITY)),
    ]
    assert ("sweep all", None) == loop.heed(*hints)[0]
    assert ("sweep", ROOT) == loop.asked[1]


def test_a_file_is_read_while_it_settles_and_written_when_it_has_settled(
    road: Loop, pool: DecodePool, catalogue: Catalogue, photo: Path
) -> None:
    """It counts once, as settling, and no second reading follows."""
    assert (1, 0, 0, 1) == standing(road)
    pool.start()
    road.await_outcome()
    road.turn()
    assert ((1, 0, 0, 1), {}) == (standing(road), catalogued(catalogue, photo))
    road.turn(after=QUIET)
    assert ((0, 0, 0, 0), {"a.jpg": FileState.PRESENT}) == (standing(road), catalogued(catalogue, photo))
    assert 1 == pool.decoded


def test_a_file_that_settles_while_it_is_read_is_written_once_it_is_read(
    road: Loop, pool: DecodePool, catalogue: Catalogue, photo: Path
) -> None:
    """It is not handed out again."""
    road.turn(after=QUIET)
    assert (0, 0, 1, 1) == standing(road)
    pool.start()
    road.await_outcome()
    road.turn()
    assert ((0, 0, 0, 0), {"a.jpg": FileState.PRESENT}) == (standing(road), catalogued(catalogue, photo))
    assert 1 == pool.decoded


def test_a_file_that_changes_after_it_was_read_is_read_again_once(
    road: Loop, pool: DecodePool, catalogue: Catalogue, photo: Path
) -> None:
    """What was read before the last write is not written."""
    pool.start()
    road.await_outcome()
    paint(photo, 200)
    road.turn(Touched(bytes(photo)))
    road.turn(after=QUIET / 4)
    assert (1, 0, 0, 1) == standing(road)
    road.turn(after=QUIET)
    assert (0, 0, 1, 1) == standing(road)
    road.await_outcome()
    road.turn()
    with catalogue.read() as snapshot:
        row = snapshot.file_at(bytes(photo))
    assert row is not None
    assert photo.stat().st_mtime_ns == row.stamp.mtime_ns
    assert ((0, 0, 0, 0), 2) == (standing(road), pool.decoded)


def test_a_sweep_alone_is_no_progress_of_reading(road: Loop, photo: Path) -> None:
    """Listeners hear of files that are to be read, not of a sweep that finds none."""
    listener = road.broadcast.subscribe()
    road.ingest.pending.leave(bytes(photo))
    road.ingest.pending.enter("sweep")
    road.turn(after=QUIET / 4)
    assert [] == [notice.event for notice in listener.take(0)]
    road.ingest.pending.enter(bytes(photo))
    road.turn(after=QUIET / 4)
    assert ["progress"] == [notice.event for notice in listener.take(0)]


def test_a_file_of_the_far_future_is_catalogued(
    road: Loop, pool: DecodePool, catalogue: Catalogue, photo: Path
) -> None:
    """A time that no 64 bits of nanoseconds hold stops neither this file nor those beside it."""
    pool.start()
    road.await_outcome()
    os.utime(photo, ns=(0, 10_413_792_000 * 10**9))
    road.turn(Touched(bytes(photo)))
    road.turn(after=QUIET)
    road.await_outcome()
    road.turn()
    assert ((0, 0, 0, 0), {"a.jpg": FileState.PRESENT}) == (standing(road), catalogued(catalogue, photo))


@pytest.mark.parametrize("settled", [False, True])
def test_a_file_that_vanishes_while_it_is_read_is_not_heard_of_again(
    road: Loop, pool: DecodePool, catalogue: Catalogue, photo: Path, *, settled: bool
) -> None:
    """The outcome comes later, and concerns nobody."""
    if settled:
        road.turn(after=QUIET)
    photo.unlink()
    road.turn(Gone(bytes(photo), directory=False))
    pool.start()
    road.await_outcome()
    road.turn(after=QUIET)
    assert ((0, 0, 0, 0), {}) == (standing(road), catalogued(catalogue, photo))


def test_a_file_that_is_renamed_while_it_is_read_is_read_under_its_new_name(
    road: Loop, pool: DecodePool, catalogue: Catalogue, photo: Path
) -> None:
    """The rename is a sign of change, so the new name settles for a whole quiet time."""
    target = photo.rename(photo.with_name("b.jpg"))
    road.turn(Moved(bytes(photo), bytes(target), directory=False))
    pool.start()
    road.await_outcome()
    road.turn()
    road.turn(after=QUIET / 4)
    road.await_outcome()
    road.turn(after=QUIET)
    assert {"b.jpg": FileState.PRESENT} == catalogued(catalogue, photo, target)
    assert (0, 0, 0, 0) == standing(road)


def test_nothing_is_read_ahead_during_a_pause(
    road: Loop, pool: DecodePool, catalogue: Catalogue, tmp_path: Path
) -> None:
    """What settles meanwhile is read afterwards."""
    road.ingest.holding.hold(HoldReason.PERSON)
    path = paint(tmp_path / "photos" / "a.jpg", 80)
    road.turn(Touched(bytes(path)))
    road.turn(after=QUIET / 4)
    road.turn(after=QUIET)
    assert (0, 1, 0, 1) == standing(road)
    pool.start()
    road.mailbox.rung.clear()
    road.ingest.holding.lift(HoldReason.PERSON)
    road.turn()
    road.mailbox.rung.clear()
    while not pool.decoded:
        road.await_outcome()
    road.turn()
    assert {"a.jpg": FileState.PRESENT} == catalogued(catalogue, path)


def test_a_copy_of_a_file_that_was_read_ahead_is_not_decoded(
    road: Loop, pool: DecodePool, catalogue: Catalogue, photo: Path
) -> None:
    """Nor does it have to wait for the original, which may vanish before it is written."""
    pool.start()
    road.await_outcome()
    copy = photo.with_name("b.jpg")
    copy.write_bytes(photo.read_bytes())
    road.turn(Touched(bytes(copy)))
    road.turn(after=QUIET / 4)
    road.await_outcome()
    road.turn()
    photo.unlink()
    road.turn(Gone(bytes(photo), directory=False))
    road.turn(after=QUIET)
    assert {"b.jpg": FileState.PRESENT} == catalogued(catalogue, photo, copy)
    assert 1 == pool.decoded


def test_a_file_is_missing_only_while_its_root_is_what_it_was_enrolled_as(
    road: Loop, pool: DecodePool, catalogue: Catalogue, photo: Path
) -> None:
    """A disk that was pulled out takes each of its files away, and a sweep has to see that as a whole."""
    pool.start()
    road.await_outcome()
    road.turn(after=QUIET)
    root = photo.parent
    aside = root.rename(root.with_name("aside"))
    for stands_in in (False, True):
        if stands_in:
            root.mkdir()
        road.asked.clear()
        road.turn(Gone(bytes(photo), directory=False))
        road.turn(after=QUIET)
        assert ("check", bytes(photo)) in road.asked
        assert {"a.jpg": FileState.PRESENT} == catalogued(catalogue, photo)
        assert (0, 0, 0, 0) == standing(road)
    root.rmdir()
    aside.rename(root)
    photo.unlink()
    road.turn(Gone(bytes(photo), directory=False))
    road.turn(after=QUIET)
    assert {"a.jpg": FileState.MISSING} == catalogued(catalogue, photo)
