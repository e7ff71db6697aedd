"""Files are read while they settle, and what counts is what they hold in the end."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from simd.imaging import drawing
from tests.daemon.running import RunningDaemon, ending

LONG = 3.0
"""A settle time that leaves a test time to do something before it is over."""


def draw(path: Path, seed: int) -> Path:
    """A small drawn picture, another one for every seed."""
    drawing.save(drawing.landscape(seed, 320, 240), path, quality=90)
    return path


def await_decoded(daemon: RunningDaemon, count: int) -> None:
    """Return once so many pictures were decoded."""
    assert daemon.process is not None
    while daemon.decoded() < count:
        assert daemon.process.poll() is None


@pytest.fixture(scope="module")
def resident(shared_place: Path) -> Iterator[RunningDaemon]:
    """A daemon whose files take their time to settle, and whose workers have started."""
    daemon = RunningDaemon(shared_place / "simd", shared_place / "photos", settle_seconds=LONG)
    with ending(daemon):
        daemon.start().query(draw(shared_place / "stranger.jpg", 9))
        yield daemon


def test_a_file_that_changes_after_it_was_read_ahead_is_catalogued_as_it_is_in_the_end(
    resident: RunningDaemon, shared_place: Path
) -> None:
    """It counts once, and what it held before was never an image."""
    images, decoded = resident.status()["images"], resident.decoded()
    photo = draw(resident.roots[0] / "photo.jpg", 1)
    await_decoded(resident, decoded + 1)
    status = resident.status()
    assert images == status["images"]
    assert {"settling": 1, "waiting": 0, "decoding": 0} == status["queue"]
    shutil.copyfile(draw(shared_place / "other.jpg", 2), photo)
    expected = draw(resident.roots[0] / "expected.jpg", 2)
    resident.sync()

    assert images + 1 == resident.status()["images"]
    assert resident.image(expected)["id"] == resident.image(photo)["id"]


def test_a_file_that_is_written_once_is_decoded_once(resident: RunningDaemon) -> None:
    """Neither its settling, nor a sweep meanwhile, nor a copy of it has it read again."""
    before, decoded = resident.status(), resident.decoded()
    photo = draw(resident.roots[0] / "once.jpg", 3)
    await_decoded(resident, decoded + 1)
    shutil.copyfile(photo, resident.roots[0] / "copy.jpg")
    resident.scan()

    after = resident.status()
    assert (1, 2) == (
        after["images"] - before["images"],
        after["files"]["present"] - before["files"]["present"],
    )
    assert decoded + 1 == resident.decoded()
