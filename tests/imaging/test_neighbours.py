"""Workers share spinning disks and processors with others: one reader a disk, a share of the processors."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from simd.core.turns import NO_DISK, Disks
from simd.imaging import Changed, Decoded, DecodePool, FineLook, Limits, Refused
from simd.imaging.signature import examine
from simd.imaging.task import Task
from tests.imaging import tasks
from tests.imaging.pictures import encoded, landscape, saved

SOON = 60.0
SPINNING = frozenset({"sda"})


def on_disks(path: bytes) -> Disks:
    """Folders with this name lie on a disk that spins."""
    return SPINNING if b"/spinning/" in path else NO_DISK


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    """Three workers; some folders lie on a spinning disk."""
    pool = DecodePool(3, Limits(), disks_under=on_disks)
    pool.start()
    yield pool
    pool.close()


@pytest.fixture
def frugal(request: pytest.FixtureRequest) -> Iterator[DecodePool]:
    """Two workers that may use so many processors."""
    pool = DecodePool(2, Limits(), cores=request.param)
    pool.start()
    yield pool
    pool.close()


def run(pool: DecodePool, function: Any, *arguments: object, **attributes: Any) -> "Future[Any]":
    """Have a worker call any function, as if it were a decoder at work on some disks."""
    task = Task(function, arguments, SOON, Changed())
    for name, value in attributes.items():
        setattr(task, name, value)
    return pool._queue(task)


def test_a_spinning_disk_has_one_reader_at_a_time(pool: DecodePool, tmp_path: Path) -> None:
    """Whoever else looked into the folder meanwhile would be found out; small files and others alike."""
    futures = [
        run(pool, tasks.alone, bytes(tmp_path), disks=SPINNING, light=bool(number % 3))
        for number in range(30)
    ]
    assert ["alone"] * 30 == [future.result(SOON) for future in futures]


def test_files_that_were_fetched_are_decoded_side_by_side(pool: DecodePool, tmp_path: Path) -> None:
    """The disk is needed for the bytes alone: two tasks on it can wait for each other."""
    pipe, file = tmp_path / "pipe", saved(tmp_path, "x.jpg", b"bytes")
    os.mkfifo(pipe)
    reader = run(pool, tasks.meet, bytes(pipe), "reader", disks=SPINNING, fetch=file)
    writer = run(pool, tasks.meet, bytes(pipe), "writer", disks=SPINNING, fetch=file)
    assert ("met", "met") == (reader.result(SOON), writer.result(SOON))


def test_pictures_on_a_spinning_disk_are_read_as_any(pool: DecodePool, tmp_path: Path) -> None:
    """Small ones, large ones, damaged ones, and one that is not there; also compared."""
    (tmp_path / "spinning").mkdir()
    good = [
        saved(tmp_path / "spinning", f"{number}.{form}", encoded(landscape(number, (300, 200)), form))
        for number, form in enumerate(("JPEG", "BMP") * 6)
    ]
    bad = saved(tmp_path / "spinning", "bad.jpg", b"no picture")
    futures = [pool.submit(path, size=Path(path.decode()).stat().st_size) for path in good]
    refused, gone = pool.submit(bad, size=10), pool.submit(bad + b".none", size=10)
    assert [examine(path) for path in good] == [future.result(SOON) for future in futures]
    assert isinstance(refused.result(SOON), Refused)
    assert Changed() == gone.result(SOON)
    assert isinstance(pool.compare(good[0], good[1]).result(SOON), FineLook)
    assert isinstance(pool.submit(good[0], urgent=True).result(SOON), Decoded)


@pytest.mark.parametrize("frugal", [0.1], indirect=True)
def test_workers_keep_to_their_share_of_the_processors(frugal: DecodePool) -> None:
    """What was used is at most the share of the time that went by, but for the last piece."""
    began = time.monotonic()
    futures = [run(frugal, tasks.burn, 0.02) for _ in range(8)]
    used = [future.result(SOON) for future in futures]
    assert sum(used[:-1]) <= 0.1 * (time.monotonic() - began)


@pytest.mark.parametrize("frugal", [0.002], indirect=True)
def test_a_person_does_not_wait_for_the_budget(frugal: DecodePool) -> None:
    """What is urgent goes at once, although everything else has to wait for minutes, or for more budget."""
    run(frugal, tasks.burn, 0.2, urgent=True).result(SOON)
    patient = run(frugal, abs, -1)
    assert 2 == run(frugal, abs, -2, urgent=True).result(SOON)
    assert not patient.done()
    frugal.allow(None)
    assert 1 == patient.result(SOON)


@pytest.mark.parametrize("frugal", [0.002], indirect=True)
def test_a_stop_does_not_wait_for_the_budget(frugal: DecodePool) -> None:
    """Whoever waits for it is told to look again later."""
    run(frugal, tasks.burn, 0.2, urgent=True).result(SOON)
    patient = run(frugal, abs, -1)
    frugal.close()
    assert Changed() == patient.result(SOON)
