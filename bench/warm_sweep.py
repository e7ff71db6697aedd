"""The sweep of a tree in which nothing has changed, beside a bare walk that stats every file.

Both run in one thread and find everything in memory, so processor time is what they take; it
is the same on a machine that has other work to do. The two take turns.
"""

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import thread_time

from bench.filled import FILES, FILES_PER_FOLDER, build
from bench.table import Options, Row
from simd.catalogue import Catalogue
from simd.core.skipping import SkipRules
from simd.core.stamp import Stamp
from simd.imaging import SUPPORTED_EXTENSIONS
from simd.runtime.clock import SystemClock
from simd.watching.sweep import sweep

TURNS = 7
BAR = 4.0


def run(options: Options) -> list[Row]:
    """Sweep so many files (100,000 unless told), all of them known; the median of seven turns."""
    return [_measure(count) for count in options.sizes or (FILES,)]


def _measure(count: int) -> Row:
    ours, bare = [], []
    with tempfile.TemporaryDirectory(prefix="simd-bench-") as scratch:
        state = Path(scratch, "state")
        root = build(state, count)
        catalogue = Catalogue.open(state, SystemClock())
        try:
            for _ in range(TURNS):
                bare.append(_seconds(lambda: _walk(os.fsencode(root)), count))
                ours.append(_seconds(lambda: _sweep(root, catalogue), count))
        finally:
            catalogue.close()
    name = f"sweep of {count:,} unchanged files in {-(-count // FILES_PER_FOLDER):,} folders"
    return Row(name, median(ours), "s", "os.scandir and stat", median(bare), BAR, "processor time")


def _seconds(work: Callable[[], int], expected: int) -> float:
    begun = thread_time()
    found = work()
    seconds = thread_time() - begun
    if found != expected:
        raise RuntimeError(f"{found} files were found instead of {expected}")
    return seconds


def _walk(folder: bytes) -> int:
    """Stat everything below a folder; how many files there are."""
    files = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                files += _walk(entry.path)
            else:
                files += 1
    return files


def _sweep(root: Path, catalogue: Catalogue) -> int:
    """Sweep as the daemon does; how many files there are.

    Raises:
        RuntimeError: something seems to have changed.
    """

    def known(directories: Sequence[bytes]) -> Mapping[bytes, Mapping[bytes, Stamp]]:
        with catalogue.read() as snapshot:
            return snapshot.stamps(directories)

    path, files = os.fsencode(root), 0
    for part in sweep(path, path, SkipRules(frozenset()), SUPPORTED_EXTENSIONS, known, lambda: False):
        if part.changed or part.missing or part.problems:
            raise RuntimeError("the sweep found changes in an unchanged tree")
        files += part.files
    return files
