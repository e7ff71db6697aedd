"""The first scan of a folder of photographs, beside djpeg over the same files on all cores.

``djpeg -scale 1/8`` is what libjpeg-turbo needs for the smallest decode there is: it neither
hashes the bytes nor keeps anything. The files are in the page cache.

Processors that others share change their pace from one ten seconds to the next. So each scan is
compared only with the djpeg runs right before and after it, and with the start on an empty folder
that follows; the figure is the turn with the median ratio.

Other programs that look for duplicates take turns with simd over fewer of the photographs, each less what it
takes over an empty folder; the figures are the medians. They read, hash and compare. simd also
makes thumbnails, digests the bytes and keeps it all.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from statistics import mean, median

from bench.photographs import KEPT, photographs
from bench.programs import Program, left_out, programs
from bench.table import Options, Outcome, Row, Skipped
from tests.daemon.running import RunningDaemon

PHOTOGRAPHS = 240
TURNS = 9
"""An odd number, so that one of them is the median."""

FEWER = 24
"""Photographs for the other programs, which take longer."""

PROGRAM_TURNS = 3
BAR = 1.25
YARDSTICK = "djpeg -scale 1/8"


@dataclass(frozen=True, slots=True)
class _Turn:
    """What was measured side by side, in seconds."""

    djpeg: tuple[float, float]
    whole: float
    start: float

    @property
    def scan(self) -> float:
        """The scan less the start."""
        return self.whole - self.start

    @property
    def yardstick(self) -> float:
        """What djpeg took about that time."""
        return mean(self.djpeg)

    @property
    def ratio(self) -> float:
        """The scan as a multiple of djpeg's time."""
        return self.scan / self.yardstick


def run(options: Options) -> Sequence[Outcome]:
    """Scan so many photographs (240 unless told) with a fresh daemon in each of nine turns."""
    if shutil.which("djpeg") is None:
        return [Skipped("djpeg", "not installed (Debian: libjpeg-turbo-progs)")]
    rows = [row for size in options.sizes or (PHOTOGRAPHS,) for row in _measure(size)]
    fewer = min(options.sizes or (FEWER,))
    return [*rows, *_beside_programs(min(fewer, FEWER)), *left_out()]


def _measure(count: int) -> list[Row]:
    paths = photographs(KEPT / "photographs", count)
    with tempfile.TemporaryDirectory(prefix="simd-bench-") as scratch:
        library = _library(paths, Path(scratch, "library"))
        _warm(paths)
        turns = [_turn(paths, library, Path(scratch, str(number))) for number in range(TURNS)]
    return _rows(sorted(turns, key=attrgetter("ratio")), paths)


def _turn(paths: Sequence[Path], library: Path, folder: Path) -> _Turn:
    cores = os.cpu_count() or 1
    before = _djpeg(paths, cores)
    whole = _until_synced(folder / "whole", library, cores, len(paths))
    after = _djpeg(paths, cores)
    start = _until_synced(folder / "start", folder / "empty", cores, 0)
    return _Turn((before, after), whole, start)


def _rows(turns: Sequence[_Turn], paths: Sequence[Path]) -> list[Row]:
    """The figures of the median turn; ``turns`` are in order of their ratios."""
    turn, least, most = turns[len(turns) // 2], turns[0].ratio, turns[-1].ratio
    megabytes = sum(path.stat().st_size for path in paths) / 1e6
    count = len(paths)
    name = f"{count} photographs, {megabytes:.0f} MB"
    spread = f"the median of {len(turns)} turns, ratios from {least:.3g} to {most:.3g}"
    pace = f"{turn.scan / count * 1e3:.1f} ms each; less the start on an empty folder, {turn.start:.2f} s"
    whole = f"daemon's start to sync, {name}"
    return [
        Row(f"cold scan, {name}", turn.scan, "s", YARDSTICK, turn.yardstick, BAR, f"{spread}; {pace}"),
        Row(whole, turn.whole, "s", YARDSTICK, turn.yardstick, None, "the same turn, start included"),
    ]


def _beside_programs(count: int) -> list[Row]:
    """Scan so many photographs by turns with every other program that is here."""
    paths = photographs(KEPT / "photographs", count)
    here = [program for program in programs() if not program.missing]
    with tempfile.TemporaryDirectory(prefix="simd-bench-") as scratch:
        library = _library(paths, Path(scratch, "library"))
        empty = Path(scratch, "empty")
        empty.mkdir()
        _warm(paths)
        turns = []
        for number in range(PROGRAM_TURNS):
            folder = Path(scratch, str(number))
            folder.mkdir()
            turns.append([_turn_of_simd(folder, library, empty, count)])
            turns[-1] += [_turn_of(program, folder, library, empty) for program in here]
    ours, *theirs = (median(each) for each in zip(*turns, strict=True))
    name = f"cold scan, {count} photographs"
    return [
        Row(name, ours, "s", program.name, seconds, None, program.note)
        for program, seconds in zip(here, theirs, strict=True)
    ]


def _turn_of_simd(folder: Path, library: Path, empty: Path, count: int) -> float:
    cores = os.cpu_count() or 1
    whole = _until_synced(folder / "whole", library, cores, count)
    return whole - _until_synced(folder / "start", empty, cores, 0)


def _turn_of(program: Program, folder: Path, library: Path, empty: Path) -> float:
    whole = program.seconds(library, folder / program.name)
    return whole - program.seconds(empty, folder / f"{program.name}-start")


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
