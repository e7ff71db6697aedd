"""Daemons that end with their test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.daemon.library import Library, fill
from tests.daemon.running import RunningDaemon, ending, place_for_daemons


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with a path short enough for a socket."""
    with place_for_daemons() as folder:
        yield folder


@pytest.fixture
def daemons() -> Iterator[Callable[[RunningDaemon], RunningDaemon]]:
    """Starts a daemon, and kills it after the test if it still runs."""
    with ExitStack() as started:
        yield lambda daemon: started.enter_context(ending(daemon)).start()


@pytest.fixture
def daemon(place: Path, daemons: Callable[[RunningDaemon], RunningDaemon]) -> RunningDaemon:
    """A running daemon that watches the empty folder ``photos``."""
    return daemons(RunningDaemon(place / "simd", place / "photos"))


@pytest.fixture(scope="module")
def shared_place() -> Iterator[Path]:
    """A folder that the tests of one module share."""
    with place_for_daemons() as folder:
        yield folder


@pytest.fixture(scope="module")
def library(shared_place: Path) -> Iterator[Library]:
    """The library, catalogued."""
    daemon = RunningDaemon(shared_place / "simd", shared_place / "photos")
    outside = shared_place / "outside"
    fill(daemon.roots[0], outside)
    with ending(daemon):
        daemon.start()
        daemon.sync()
        yield Library(daemon, daemon.roots[0], outside)
