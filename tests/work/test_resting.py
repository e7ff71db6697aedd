"""The two clocks of a file keep step, whatever becomes of it."""

from pathlib import Path

import pytest

from simd.core.settling import Settling
from simd.work.examine import stamp_of
from simd.work.resting import Resting
from tests.fakes import FakeClock

QUIET = 1.0


@pytest.fixture
def resting(clock: FakeClock) -> Resting:
    """Clocks for files that rest a second."""
    return Resting(Settling(QUIET, 60.0), clock)


@pytest.fixture
def photo(resting: Resting, tmp_path: Path) -> Path:
    """A file that was just written."""
    path = tmp_path / "a.jpg"
    path.write_bytes(b"picture")
    touch(resting, path)
    return path


def touch(resting: Resting, path: Path) -> None:
    """Note that a file was written."""
    stamp = stamp_of(bytes(path))
    assert stamp is not None
    resting.touch(bytes(path), stamp)


def test_a_file_that_is_forgotten_has_no_clock_left(resting: Resting, photo: Path) -> None:
    """Neither of them."""
    resting.forget(bytes(photo))
    assert (0, 0, None) == (len(resting), len(resting.ahead), resting.next_due())


def test_only_the_settle_clock_of_a_renamed_file_goes_on(resting: Resting, photo: Path) -> None:
    """Whoever renames it says himself whether the new name is one of ours."""
    target = photo.with_name("b.jpg")
    resting.rename(bytes(photo), bytes(target))
    assert (True, 0) == (bytes(target) in resting, len(resting.ahead))


def test_a_file_that_vanishes_silently_leaves_nothing_behind(
    resting: Resting, clock: FakeClock, photo: Path
) -> None:
    """As the files of a folder that was moved away do, of which no event tells one by one."""
    clock.advance(QUIET / 4)
    resting.settle()
    photo.unlink()
    clock.advance(QUIET)
    assert [bytes(photo)] == resting.settle().gone
    assert (0, 0, False, None) == (
        len(resting),
        len(resting.ahead),
        resting.ahead.has_calm,
        resting.next_due(),
    )
