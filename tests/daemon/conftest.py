"""Daemons that end with their test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.daemon.running import RunningDaemon


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with a path short enough for a socket."""
    with TemporaryDirectory(prefix="simd-") as folder:
        yield Path(folder).resolve()


@pytest.fixture
def daemons() -> Iterator[Callable[[RunningDaemon], RunningDaemon]]:
    """Starts a daemon, and kills it after the test if it still runs."""
    started: list[RunningDaemon] = []

    def start(daemon: RunningDaemon) -> RunningDaemon:
        started.append(daemon)
        return daemon.start()

    yield start
    for daemon in started:
        if daemon.process is not None and daemon.process.poll() is None:
            daemon.kill()


@pytest.fixture
def daemon(place: Path, daemons: Callable[[RunningDaemon], RunningDaemon]) -> RunningDaemon:
    """A running daemon that watches the empty folder ``photos``."""
    return daemons(RunningDaemon(place / "simd", place / "photos"))
