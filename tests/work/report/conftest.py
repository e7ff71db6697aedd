"""A library and a bureau for every test; the decode workers are shared."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from simd.imaging import DecodePool, Limits
from simd.runtime.broadcast import Broadcast
from simd.work.report.reports import Reports
from tests.catalogue.newborn import open_new
from tests.fakes import FakeClock
from tests.work.report.library import Bureau, Library


@pytest.fixture(scope="session")
def pool() -> Iterator[DecodePool]:
    """Two workers; each test must leave them usable."""
    pool = DecodePool(2, Limits())
    pool.start()
    yield pool
    pool.close()


@pytest.fixture
def library(tmp_path: Path, clock: FakeClock) -> Iterator[Library]:
    """An empty library."""
    photos, state = tmp_path / "photos", tmp_path / "state"
    photos.mkdir()
    state.mkdir()
    catalogue = open_new(state, clock)
    found = photos.stat()
    catalogue.write(
        lambda to: to.enrol_root(os.fsencode(photos), found.st_dev, found.st_ino, "ext4")
    ).result()
    yield Library(catalogue, photos, state)
    catalogue.close()


@pytest.fixture
def bureau(library: Library, pool: DecodePool, clock: FakeClock, tmp_path: Path) -> Bureau:
    """Reports about the library, with nothing special about them."""
    return Bureau(library, pool, clock, tmp_path / "reports", Broadcast())


@pytest.fixture
def reports(bureau: Bureau) -> Iterator[Reports]:
    """The use case."""
    reports = bureau.open()
    yield reports
    reports.close()


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for next to nothing."""
    place = tmp_path / "tiny"
    place.mkdir()
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        pytest.skip("needs root and Linux to mount a small tmpfs")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "simd-test", place], check=False)
    if mounted.returncode:
        pytest.skip("this system does not let root mount a tmpfs")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """Ends what a test opens."""
    with ExitStack() as stack:
        yield stack
