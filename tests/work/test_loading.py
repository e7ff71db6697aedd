"""What a daemon begins with, in a process of its own: the one of the tests may have a fork server already."""

import subprocess
import sys
from pathlib import Path

import pytest

ASK = """
import sys
from contextlib import ExitStack
from pathlib import Path

import psutil

from simd.core.answers.daemon import LoadingPhase
from simd.runtime.clock import SystemClock
from simd.work.loading import lay_foundation

with ExitStack() as running:
    foundation = lay_foundation(Path(sys.argv[1]), SystemClock(), lambda phase: None, running)
    print(any("forkserver" in word for child in psutil.Process().children() for word in child.cmdline()))
"""


@pytest.fixture
def begun(tmp_path: Path) -> list[bool]:
    """Whether the fork server had been begun, at the first and at the second start of one daemon."""
    command = [sys.executable, "-c", ASK, str(tmp_path)]
    answers = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(2)]
    return [answer.strip() == "True" for answer in answers]


def test_workers_are_prepared_early_where_nothing_is_known(begun: list[bool]) -> None:
    """Without a catalogue the workers' libraries are loaded beside it; with one, it has the processors."""
    assert begun == [True, False]
