"""A catalogue of its own for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from simd.catalogue import Catalogue
from tests.catalogue.newborn import open_new
from tests.fakes import FakeClock
from tests.work.samples import enrol


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still."""
    return FakeClock()


@pytest.fixture
def catalogue(tmp_path: Path, clock: FakeClock) -> Iterator[Catalogue]:
    """An empty catalogue with the root ``/photos``."""
    state = tmp_path / "state"
    state.mkdir()
    opened = open_new(state, clock)
    enrol(opened)
    yield opened
    opened.close()
