"""Files are read while they settle, and what counts is what they hold in the end."""

import shutil
from collections.abc import Callable
from pathlib import Path

from simd.imaging import drawing
from tests.daemon.running import RunningDaemon

Daemons = Callable[[RunningDaemon], RunningDaemon]
LONG = 3.0
"""A settle time that leaves a test time to do something before it is over."""


def draw(path: Path, seed: int) -> Path:
    """A small drawn picture, another one for every seed."""
    drawing.save(drawing.landscape(seed, 320, 240), path, quality=90)
    return path


def warmed(daemon: RunningDaemon, stranger: Path) -> int:
    """Have the workers start, which the daemon does not wait for; how many pictures they decoded."""
    daemon.query(stranger)
    return daemon.decoded()


def await_decoded(daemon: RunningDaemon, count: int) -> None:
    """Return once so many pictures were decoded."""
    assert daemon.process is not None
    while daemon.decoded() < count:
        assert daemon.process.poll() is None


def test_a_file_that_changes_after_it_was_read_ahead_is_catalogued_as_it_is_in_the_end(
    place: Path, daemons: Daemons
) -> None:
    """It counts once, and what it held before was never an image."""
    daemon = daemons(RunningDaemon(place / "simd", place / "photos", settle_seconds=LONG))
    other = draw(place / "other.jpg", 2)
    before = warmed(daemon, other)
    photo = draw(daemon.roots[0] / "photo.jpg", 1)
    await_decoded(daemon, before + 1)
    status = daemon.status()
    assert 0 == status["images"]
    assert {"settling": 1, "waiting": 0, "decoding": 0} == status["queue"]
    shutil.copyfile(other, photo)
    expected = draw(daemon.roots[0] / "expected.jpg", 2)
    daemon.sync()

    status = daemon.status()
    assert (1, 2) == (status["images"], status["files"]["present"])
    assert daemon.image(expected)["id"] == daemon.image(photo)["id"]


def test_a_file_that_is_written_once_is_decoded_once(place: Path, daemons: Daemons) -> None:
    """Neither its settling, nor a sweep meanwhile, nor a copy of it has it read again."""
    daemon = daemons(RunningDaemon(place / "simd", place / "photos", settle_seconds=LONG))
    before = warmed(daemon, draw(place / "other.jpg", 2))
    photo = draw(daemon.roots[0] / "photo.jpg", 1)
    await_decoded(daemon, before + 1)
    shutil.copyfile(photo, daemon.roots[0] / "copy.jpg")
    daemon.scan()

    assert (1, 2) == (daemon.status()["images"], daemon.status()["files"]["present"])
    assert before + 1 == daemon.decoded()
