"""The fork server that workers come from: a program that has their libraries, and starts nothing."""

import multiprocessing
import multiprocessing.forkserver
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from simd.imaging import worker

# Read when NumPy and the C library are loaded: one thread for algebra on 64x64 pixels, and few
# allocation arenas, each of which would count with 64 MB against the limit on address space.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


def begin_fork_server() -> None:
    """Have the fork server load what workers need, unless it runs already, and return at once.

    It is a fresh program, so it matters to nobody which threads run here already. It copies the
    environment of this moment, and stays until this process ends; it holds no picture and no file.
    """
    with _environment(_ENVIRONMENT):
        multiprocessing.get_context("forkserver").set_forkserver_preload(list(worker.PRELOADED))
        multiprocessing.forkserver.ensure_running()


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Have these in the environment for as long as the fork server takes to copy it."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
