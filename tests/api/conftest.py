"""A server for tests that do not disturb one another, and a fresh one for those that do."""

from collections.abc import Iterator

import pytest

from tests.api.door import Door, serving


@pytest.fixture(scope="module")
def shared_door() -> Iterator[Door]:
    """One server for all tests of a file."""
    with serving() as door:
        yield door


@pytest.fixture
def door(shared_door: Door) -> Iterator[Door]:
    """The file's server, with a service that has not been asked anything yet."""
    shared_door.service.asked.clear()
    shared_door.service.error = None
    yield shared_door
    shared_door.service.error = None
    shared_door.service.synced.set()
