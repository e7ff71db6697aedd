"""Previews are made of the file that was catalogued, within a time, a few at once, and kept."""

import os
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from simd.core.errors import CatalogueError
from simd.core.report.value import Preview, PreviewKind
from simd.core.stamp import Stamp
from simd.imaging import DecodePool
from simd.imaging.preview import restore
from simd.work.report.child import PreviewsWanted
from simd.work.report.order import Wanted
from simd.work.report.pictures import MOST_PICTURES, Pictures
from simd.work.report.previews import IN_FLIGHT_PER_WORKER, Previews
from tests.imaging.pictures import landscape
from tests.work.report.library import Library

_SOON = 60.0


class StandInPool:
    """Workers that never come to an end.

    Attributes:
        flying: what is in their hands.
    """

    workers = 2

    def __init__(self) -> None:
        self.flying: list[Future[Any]] = []

    def preview(self, _path: bytes, _expected: Stamp) -> "Future[Any]":
        """Take a file."""
        self.flying.append(Future())
        return self.flying[-1]


class QuickPool(StandInPool):
    """Workers that give every file the same preview.

    Attributes:
        most: the most files that were in their hands at once.
    """

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        super().__init__()
        self.most = 0
        self._threads = threads

    def preview(self, _path: bytes, _expected: Stamp) -> "Future[Any]":
        """Take a file."""
        self.flying.append(self._threads.submit(Preview, b"webp", 1, 1, PreviewKind.PICTURE))
        self.most = max(self.most, sum(not each.done() for each in self.flying))
        return self.flying[-1]


def wanted(library: Library, *image_ids: int) -> PreviewsWanted:
    """All of these, in this order."""
    with library.catalogue.read() as snapshot:
        files = snapshot.files_of(list(image_ids))
    each = [Wanted(image_id, files[image_id][0].path, files[image_id][0].stamp) for image_id in image_ids]
    return PreviewsWanted(absent=each, shown=list(image_ids))


def untold(_done: int, _total: int) -> None:
    """Nobody wants to know."""


@pytest.fixture
def previews(library: Library, pool: DecodePool) -> Previews:
    """With real workers and every disk online."""
    return Previews(library.catalogue, pool, lambda _: True)


def test_previews_are_made_and_kept(library: Library, previews: Previews) -> None:
    """Each image gets a preview of its own picture in the catalogue."""
    wide, high = (
        library.add("a.png", landscape(1, (600, 300))),
        library.add("b.png", landscape(2, (300, 600))),
    )
    told: list[tuple[int, int]] = []
    made = previews.provide(wanted(library, wide, high), _SOON, lambda *how_far: told.append(how_far))
    assert 2 == made
    kept = {image_id: restore(webp) for image_id, webp in library.kept([wide, high]).items()}
    assert {wide: (240, 120), high: (120, 240)} == {key: (it.width, it.height) for key, it in kept.items()}
    assert (2, 2) == told[-1]


def test_what_is_not_shown_any_more_goes(library: Library, previews: Previews) -> None:
    """The catalogue does not grow with every picture that ever was in a report."""
    a, b = library.add("a.png", landscape(1, (60, 30))), library.add("b.png", landscape(2, (60, 30)))
    previews.provide(wanted(library, a, b), _SOON, untold)
    previews.provide(PreviewsWanted(absent=[], shown=[b]), _SOON, untold)
    assert {b} == library.kept([a, b]).keys()


def test_files_that_are_not_what_they_were_have_none(
    library: Library, previews: Previews, tmp_path: Path
) -> None:
    """Gone, changed, damaged: the others are made all the same, and nothing is raised."""
    names = ("gone.png", "changed.png", "damaged.png", "good.png")
    ids = [library.add(name, landscape(number, (60, 30))) for number, name in enumerate(names)]
    (library.photos / "gone.png").unlink()
    landscape(9, (60, 30)).save(library.photos / "changed.png")
    damaged = library.photos / "damaged.png"
    found = damaged.stat()
    question = wanted(library, *ids)
    damaged.write_bytes(b"x" * found.st_size)
    stamp = damaged.stat()
    now = Stamp(stamp.st_size, stamp.st_mtime_ns, stamp.st_ctime_ns, stamp.st_ino)
    absent = [
        each if each.path != os.fsencode(damaged) else Wanted(each.image_id, each.path, now)
        for each in question.absent
    ]
    assert 1 == previews.provide(PreviewsWanted(absent=absent, shown=ids), _SOON, untold)
    assert {ids[3]} == library.kept(ids).keys()


def test_a_disk_that_is_away_is_not_touched(library: Library) -> None:
    """Neither a file on an offline root nor one that is known to be out of reach is tried."""
    a = library.add("a.png", landscape(1, (60, 30)))
    pool = StandInPool()
    question = wanted(library, a)
    unreachable = PreviewsWanted(absent=[Wanted(a, b"/a.png", None)], shown=[a])
    offline = Previews(library.catalogue, pool, lambda _: False)  # type: ignore[arg-type]  # a stand-in
    online = Previews(library.catalogue, pool, lambda _: True)  # type: ignore[arg-type]  # a stand-in
    assert 0 == offline.provide(question, _SOON, untold)
    assert 0 == online.provide(unreachable, _SOON, untold)
    assert [] == pool.flying


def test_few_are_in_flight(library: Library) -> None:
    """Hundreds are handed out a few at a time, so that a file that arrives is not behind them all."""
    a = library.add("a.png", landscape(1, (60, 30)))
    question = PreviewsWanted(absent=[*wanted(library, a).absent] * 200, shown=[a])
    with ThreadPoolExecutor(1) as threads:
        pool = QuickPool(threads)
        previews = Previews(library.catalogue, pool, lambda _: True)  # type: ignore[arg-type]  # a stand-in
        assert 200 == previews.provide(question, _SOON, untold)
    assert 200 == len(pool.flying)
    assert IN_FLIGHT_PER_WORKER * pool.workers >= pool.most


def test_time_runs_out(library: Library) -> None:
    """With workers that are stuck it ends in time, and gives back what they have not begun."""
    a = library.add("a.png", landscape(1, (60, 30)))
    pool = StandInPool()
    question = PreviewsWanted(absent=[*wanted(library, a).absent] * 50, shown=[a])
    begun = time.monotonic()
    made = Previews(library.catalogue, pool, lambda _: True).provide(question, 0.2, untold)  # type: ignore[arg-type]  # a stand-in
    assert 0 == made
    assert 0.2 <= time.monotonic() - begun < 5
    assert all(future.cancelled() for future in pool.flying)


def test_a_catalogue_that_refuses_costs_no_report(
    library: Library, previews: Previews, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With a full disk the page has sketches; the log says why."""
    a = library.add("a.png", landscape(1, (60, 30)))
    question = wanted(library, a)
    refused: Future[None] = Future()
    refused.set_exception(CatalogueError("The disk is full."))
    monkeypatch.setattr(library.catalogue, "write", lambda _: refused)
    assert 0 == previews.provide(question, _SOON, untold)
    assert "previews are not kept: The disk is full." in caplog.text


def test_pages_show_previews_or_sketches(library: Library, previews: Previews) -> None:
    """What was made is shown; the rest is sketched, be it absent or damaged; strangers have nothing."""
    ids = [library.add(f"{number}.png", landscape(number, (60, 30))) for number in range(3)]
    previews.provide(wanted(library, ids[0]), _SOON, untold)
    library.catalogue.write(lambda to: to.put_previews([(ids[1], b"no picture")])).result()
    with library.catalogue.read() as snapshot:
        pictures = Pictures(snapshot, ids)
        kinds = [pictures[image_id].kind for image_id in ids]
        assert [PreviewKind.PICTURE, PreviewKind.SKETCH, PreviewKind.SKETCH] == kinds
        assert pictures[ids[2]] is pictures[ids[2]]
        assert pictures.get(max(ids) + 1) is None
        assert ids == list(pictures)
        assert MOST_PICTURES > len(pictures)


def test_an_image_that_went_meanwhile_has_none(library: Library) -> None:
    """Between gathering and writing the catalogue goes on."""
    with library.catalogue.read() as snapshot:
        assert Pictures(snapshot, [77]).get(77) is None
