"""A watched folder with real files for every test."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from simd.catalogue import Catalogue
from tests.fakes import FakeClock
from tests.work.actions.library import Library


@pytest.fixture
def library(
    tmp_path: Path, catalogue: Catalogue, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Library]:
    """An empty one, and a trash beside it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    made = Library(tmp_path, catalogue, clock)
    with closing(made.journal):
        yield made


@pytest.fixture
def filled(library: Library) -> Library:
    """``a`` with a copy that has a sidecar."""
    library.add("a.jpg", b"A" * 1_000)
    library.add("sub/a.jpg", b"A" * 1_000)
    library.write("sub/a.xmp", b"<x/>")
    return library
