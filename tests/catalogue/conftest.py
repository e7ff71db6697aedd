"""An open catalogue with one root."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from simd.catalogue import Catalogue
from simd.core.model import Root
from tests.catalogue.newborn import open_new
from tests.catalogue.samples import ROOT
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still."""
    return FakeClock()


@pytest.fixture
def catalogue(tmp_path: Path, clock: FakeClock) -> Iterator[Catalogue]:
    """An empty catalogue."""
    opened = open_new(tmp_path, clock)
    yield opened
    opened.close()


@pytest.fixture
def root(catalogue: Catalogue) -> Root:
    """The enrolled folder ``/photos``."""
    return catalogue.write(lambda to: to.enrol_root(ROOT, 1, 2, "ext4")).result()
