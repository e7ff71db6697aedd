"""What is said of files."""

import pytest

from simd.core.model import FileRow, FileState, Stamp
from simd.work.describe import describe_file


@pytest.mark.parametrize(("seconds", "year"), [(-(2**62), "0002"), (2**62, "9998"), (0, "19")])
def test_any_time_of_a_file_can_be_told(seconds: int, year: str) -> None:
    """A filesystem that takes every number of seconds does not keep its files from being listed."""
    stamp = Stamp(1, seconds * 10**9, 0, 1)
    told = describe_file(FileRow(1, b"/photos/a.jpg", b"/photos", stamp, FileState.PRESENT, 1))
    assert told.mtime.startswith(year)
