"""The daemon's greatest memory with a large catalogue: after its start, and after questions.

And what the index and the groups of a million images take beyond the libraries, in bytes an image: in a
process that has loaded what the daemon loads, see :mod:`bench.footprint`.

The decode workers are processes of their own and not counted. The kernel keeps the greatest
figure (``VmHWM``); where there is no such file, as on macOS, nothing is measured.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.filled import FILES, build, kept
from bench.paging import all_groups
from bench.photographs import small_pictures
from bench.table import Options, Outcome, Row, Skipped
from tests.daemon.running import RunningDaemon

QUERIES = 100
LIMIT_BYTES = 250_000_000
MILLION = 1_000_000
LIMIT_EACH = 150.0
"""Bytes that the index and the groups may take for an image, of a million."""

PROC = Path("/proc")


def run(options: Options) -> Sequence[Outcome]:
    """Start on so many catalogued images (100,000 unless told), and ask of all that there is."""
    if not PROC.joinpath("self", "status").exists():
        return [Skipped("memory", "this system does not tell the greatest memory of a process")]
    peaks = [row for count in options.sizes or (FILES,) for row in _measure(count)]
    return [*peaks, *(row for count in options.sizes or (MILLION,) for row in _footprint(count))]


def _measure(count: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="simd-bench-") as scratch:
        folder = Path(scratch, "daemon")
        folder.mkdir()
        root = build(folder / "state", count)
        strangers = small_pictures(Path(scratch, "elsewhere"), QUERIES)
        daemon = RunningDaemon(folder, root).start()
        try:
            daemon.sync()
            after_start = _peak(daemon)
            if daemon.status()["images"] != count:
                raise RuntimeError(f"the daemon does not know {count} images")
            groups = sum(1 for _ in all_groups(daemon.client))
            for picture in strangers:
                daemon.query(picture)
            after_questions = _peak(daemon)
        finally:
            daemon.stop()
    name = f"peak memory with {count:,} images"
    note = f"status, {groups:,} groups and {QUERIES} queries included"
    return [
        Row(f"{name}, after the start", after_start, "B", "limit", LIMIT_BYTES),
        Row(name, after_questions, "B", "limit", LIMIT_BYTES, 1.0, note),
    ]


def _footprint(count: int) -> list[Row]:
    state, _ = kept(count)
    command = [sys.executable, "-m", "bench.footprint", os.fspath(state)]
    told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    if told["images"] != count:
        raise RuntimeError(f"the index has {told['images']} images instead of {count}")
    each = {name: told[name] / count for name in ("index", "both", "trimmed", "peak")}
    name = f"index and groups of {count:,} images, each image"
    bar = 1.0 if count >= MILLION else None
    note = (
        f"{told['groups']:,} groups; {each['index']:.0f} B with the index alone, "
        f"{each['trimmed']:.0f} B after malloc_trim"
    )
    pace = (
        f"{told['index_seconds']:.1f} s from the catalogue to the index, "
        f"{told['groups_seconds']:.1f} s to the groups"
    )
    return [
        Row(name, each["both"], "B", "limit", LIMIT_EACH, bar, note),
        Row(f"{name}, at its peak", each["peak"], "B", "limit", LIMIT_EACH, None, pace),
    ]


def _peak(daemon: RunningDaemon) -> int:
    """Greatest resident memory of the daemon's main process so far, in bytes."""
    if daemon.process is None:
        raise RuntimeError("the daemon is not running")
    lines = PROC.joinpath(str(daemon.process.pid), "status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
