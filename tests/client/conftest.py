"""A canned server on a socket of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.canned import CannedServer, canned_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[CannedServer]:
    """A real HTTP server on a Unix socket."""
    with canned_server(tmp_path / "s.sock") as running:
        yield running
