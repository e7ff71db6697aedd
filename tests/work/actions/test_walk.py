"""``kill -9`` at each step: after every change to the disk, in every action and in what settles it."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import pytest

from tests.work.actions.walker import SCENARIOS

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
STRIDE = 2
"""Every second point, from here or there; the soak takes them all, and a failure tells at which it was."""


class Walker:
    """A process that walks: it imports everything once, and forks for every point."""

    def __init__(self, folder: Path) -> None:
        """Start it; it may lay whatever it wants into a folder."""
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.work.actions.walker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def walk(self, scenario: str, again: str, seed: int, stride: int = 1) -> dict[str, int]:
        """How far the points go; see :func:`tests.work.actions.walker.walk`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked: dict[str, Any] = {"scenario": scenario, "again": again, "seed": seed, "stride": stride}
        asked["folder"] = str(self._folder / "place")
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "failure" in answer:
            pytest.fail(answer["failure"])
        return answer

    def end(self) -> None:
        """Have it end."""
        self._process.communicate()


def walking() -> Iterator[Walker]:
    """One that works in memory, where there is a folder for that."""
    folder = Path(mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
    walker = Walker(folder)
    yield walker
    walker.end()
    rmtree(folder)


walker = pytest.fixture(walking, scope="module")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_kill_at_each_step_loses_nothing(walker: Walker, scenario: str) -> None:
    """The next start finishes or takes back, also if that is killed in its turn, twice.

    Then the journal is true of every file, units are whole, nothing is left over, and it can be gone on
    with and taken back: to the bytes, modes, times and attributes that were there before.
    """
    seed = random.randrange(2**32)  # noqa: S311 - chance, not a secret
    walked = walker.walk(scenario, "sometimes", seed, STRIDE)
    assert 15 <= walked["points"]
