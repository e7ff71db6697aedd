"""The first scan of a folder of photographs, beside djpeg over the same files on all cores.

``djpeg -scale 1/8`` is what libjpeg-turbo needs for the smallest decode there is: it neither
hashes the bytes nor keeps anything. The files are in the page cache, and the two take turns.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.photographs import KEPT, photographs
from bench.table import Options, Row
from tests.daemon.running import RunningDaemon

PHOTOGRAPHS = 240
TURNS = 3
BAR = 1.25
YARDSTICK = "djpeg -scale 1/8"


def run(options: Options) -> list[Row]:
    """Scan so many photographs (240 unless told) with a fresh daemon, three times; the medians."""
    if shutil.which("djpeg") is None:
        print("skipped: djpeg is not installed (Debian: libjpeg-turbo-progs)")
        return []
    return [row for size in options.sizes or (PHOTOGRAPHS,) for row in _measure(size)]


def _measure(count: int) -> list[Row]:
    paths = photographs(KEPT / "photographs", count)
    cores = os.cpu_count() or 1
    whole, start, yardstick = [], [], []
    with tempfile.TemporaryDirectory(prefix="simd-bench-") as scratch:
        library = _library(paths, Path(scratch, "library"))
        for turn in range(TURNS):
            _warm(paths)
            yardstick.append(_djpeg(paths, cores))
            whole.append(_until_synced(Path(scratch, f"whole-{turn}"), library, cores, count))
            start.append(_until_synced(Path(scratch, f"empty-{turn}"), Path(scratch, "empty"), cores, 0))
    scan, decode = median(whole) - median(start), median(yardstick)
    megabytes = sum(path.stat().st_size for path in paths) / 1e6
    name, pace = f"{count} photographs, {megabytes:.0f} MB", f"{scan / count * 1e3:.1f} ms each"
    beside = f"{pace}; less the start on an empty folder, {median(start):.2f} s"
    return [
        Row(f"cold scan, {name}", scan, "s", YARDSTICK, decode, BAR, beside),
        Row(f"daemon's start to sync, {name}", median(whole), "s", YARDSTICK, decode, None, "start included"),
    ]


def _library(paths: Sequence[Path], folder: Path) -> Path:
    """A folder with exactly these photographs, whatever else is kept beside them."""
    folder.mkdir()
    for path in paths:
        try:
            folder.joinpath(path.name).hardlink_to(path)
        except OSError:  # on another filesystem
            shutil.copyfile(path, folder / path.name)
    return folder


def _warm(paths: Sequence[Path]) -> None:
    for path in paths:
        path.read_bytes()


def _djpeg(paths: Sequence[Path], cores: int) -> float:
    """Seconds that djpeg takes, one process a file and one at a time for each core."""
    command = ["xargs", "-0", "-P", str(cores), "-n", "1"]
    command += ["djpeg", "-grayscale", "-scale", "1/8", "-outfile", os.devnull]
    names = b"\0".join(os.fsencode(path) for path in paths)
    begun = time.perf_counter()
    subprocess.run(command, input=names, check=True)
    return time.perf_counter() - begun


def _until_synced(folder: Path, root: Path, workers: int, expected: int) -> float:
    """Seconds from the start of a daemon without a past until all of ``root`` is searchable."""
    daemon = RunningDaemon(folder, root, workers=workers)
    begun = time.perf_counter()
    daemon.start()
    try:
        daemon.sync()
        seconds = time.perf_counter() - begun
        found = daemon.status()["files"]["present"]
        if found != expected:
            raise RuntimeError(f"{found} files are catalogued instead of {expected}")
    finally:
        daemon.stop()
    return seconds
