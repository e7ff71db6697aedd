"""The client from its start to its end, beside the same interpreter that does nothing.

Each command is a whole process, as a person or a script runs it, and asks a running daemon.
The processes take turns.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from bench.photographs import small_pictures
from bench.table import Options, Row
from tests.daemon.running import RunningDaemon

PICTURES = 20
TURNS = 15
BAR = 5.0
NOTHING = "python -c pass"


def run(_options: Options) -> list[Row]:
    """Fifteen runs of each command; the medians."""
    with tempfile.TemporaryDirectory(prefix="simd-bench-") as scratch:
        library = Path(scratch, "library")
        pictures = small_pictures(library, PICTURES)
        stranger = small_pictures(Path(scratch, "elsewhere"), 1, first=PICTURES)[0]
        daemon = RunningDaemon(Path(scratch, "daemon"), library).start()
        try:
            daemon.sync()
            simctl = [
                os.fspath(Path(sys.executable).with_name("simctl")),
                "--socket",
                os.fspath(daemon.socket),
            ]
            commands = {
                NOTHING: [sys.executable, "-c", "pass"],
                "simctl status": [*simctl, "status"],
                "simctl query, a catalogued file": [*simctl, "query", os.fspath(pictures[0])],
                "simctl query, another file": [*simctl, "query", os.fspath(stranger)],
            }
            seconds = _medians(commands)
        finally:
            daemon.stop()
    nothing = seconds.pop(NOTHING)
    return [Row(name, ours, "s", NOTHING, nothing, BAR) for name, ours in seconds.items()]


def _medians(commands: Mapping[str, Sequence[str]]) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        _seconds(command)
    for _ in range(TURNS):
        for name, command in commands.items():
            times[name].append(_seconds(command))
    return {name: median(each) for name, each in times.items()}


def _seconds(command: Sequence[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun
