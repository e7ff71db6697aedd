"""How the tests are spread over processes."""

import os

import pytest


@pytest.hookimpl
def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: the tests of daemons wait for other processes most of their time."""
    return 2 * (os.cpu_count() or 1)
