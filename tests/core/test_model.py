"""Stamps, as the catalogue can keep them."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from simd.core.stamp import Stamp


def test_a_stamp_is_what_stat_says(tmp_path: Path) -> None:
    """Bytes, times and inode of an ordinary file come through as they are."""
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    found = path.stat()
    assert (3, found.st_mtime_ns, found.st_ctime_ns, found.st_ino) == Stamp.of(found)


@pytest.mark.parametrize("year_ns", [9_300_000_000 * 10**9, 10_413_792_000 * 10**9], ids=["2264", "2300"])
def test_a_time_beyond_64_bits_counts_as_the_last_that_fits(tmp_path: Path, year_ns: int) -> None:
    """A camera with a wrong clock must not keep its pictures out of the catalogue."""
    path = tmp_path / "a"
    path.touch()
    os.utime(path, ns=(year_ns, year_ns))
    found = path.stat()
    if found.st_mtime_ns != year_ns:
        pytest.skip("this filesystem keeps no times after 2262")
    assert (0, 2**63 - 1, found.st_ctime_ns, found.st_ino) == Stamp.of(found)
    assert Stamp.of(found).is_of(found)


def test_a_change_time_beyond_64_bits_counts_as_the_last_that_fits(tmp_path: Path) -> None:
    """As where the clock of the machine itself is wrong."""
    found = tmp_path.stat()
    beyond: Any = SimpleNamespace(
        st_size=5, st_ino=found.st_ino, st_mtime_ns=found.st_mtime_ns, st_ctime_ns=2**63
    )
    assert (5, found.st_mtime_ns, 2**63 - 1, found.st_ino) == Stamp.of(beyond)


def test_a_stamp_is_of_a_file_under_any_name_until_it_is_written_to(tmp_path: Path) -> None:
    """A new name alters the change time, which does not count; bytes, time and inode do."""
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"abc")
    stamp = Stamp.of(path.stat())
    path.rename(other)
    assert stamp.is_of(other.stat())
    other.with_name("c").write_bytes(b"abc")
    os.utime(other.with_name("c"), ns=(0, stamp.mtime_ns))
    assert not stamp.is_of(other.with_name("c").stat())
    os.utime(other, ns=(0, stamp.mtime_ns + 1))
    assert not stamp.is_of(other.stat())
    other.write_bytes(b"abcd")
    os.utime(other, ns=(0, stamp.mtime_ns))
    assert not stamp.is_of(other.stat())
