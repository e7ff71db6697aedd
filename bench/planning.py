"""A plan over every group of a large library, beside reading the rows that it is made of.

The groups stand in memory, as in a daemon that runs; each is a picture and its near copy. Their savings are
drawn by lot, so that the plan, whose first groups save the most, asks for rows all over the catalogue. The
folders are real, with an empty file for each name, because every one is listed for what belongs to
pictures. The yardstick is what SQLite's driver takes for the same rows of files and images, as tuples.
"""

import gc
import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

from bench.actions import Acting, acting
from bench.filled import kept
from bench.table import Options, Outcome, Row, Skipped
from simd.catalogue import DATABASE
from simd.catalogue.file_reads import _FILES_OF_IMAGES
from simd.catalogue.image_reads import _IMAGES_BY_ID
from simd.core.actions.model import PlanRequest
from simd.core.questions import GroupOptions

GROUPS = 100_000
TURNS = 3
LIMIT_SECONDS = 3.0
IMAGES_AT_ONCE = 2_000
FIRST_STEPS = 1_000
PROC = Path("/proc/self")
SAVINGS = "UPDATE file SET size = 100000 + abs(random()) % 10000000"


def run(options: Options) -> list[Outcome]:
    """A hundred thousand groups, unless told otherwise."""
    return [row for count in options.sizes or (GROUPS,) for row in _measure(count)]


def _measure(groups: int) -> Iterator[Outcome]:
    source, root = kept(2 * groups, copy_every=2)
    with tempfile.TemporaryDirectory(prefix="simd-bench-", dir=source.parent) as scratch:
        state = Path(scratch, "state")
        shutil.copytree(source, state)
        with closing(sqlite3.connect(state / DATABASE)) as database, database:
            database.execute(SAVINGS)
        with acting(state, root) as it:
            with it.groups.survey(GroupOptions()) as survey:
                ids = [image for outline in survey.outlines for image in outline.images]
            took = [_plan(it, groups) for _ in range(TURNS)]
            grown = _growth(it, groups)
        size = state.joinpath(DATABASE).stat().st_size
        read = median(_read(state, ids) for _ in range(TURNS))
    drafted, added, told = (median(part) for part in zip(*took, strict=True))
    seconds = median(map(sum, took))
    name = f"plan over {groups:,} groups"
    note = f"{drafted:.1f} s for the steps, {added:.1f} s for the journal, {told:.2f} s for the first page"
    yield Row(name, seconds, "s", "limit", LIMIT_SECONDS, 1.0 if groups >= GROUPS else None, note)
    yield Row(name, seconds, "s", "the same rows", read, None, "files and images, from the catalogue")
    if grown is None:
        yield Skipped(f"{name}, memory", "this system does not tell the greatest memory of a process")
    else:
        note = "at its greatest, beyond what there was"
        yield Row(f"{name}, memory", grown, "B", "the catalogue", size, None, note)


def _plan(it: Acting, groups: int) -> tuple[float, float, float]:
    """Seconds for the steps of a plan, for keeping it, and for its first page."""
    begun = time.perf_counter()
    draft = it.planning.draft(PlanRequest())
    drafted = time.perf_counter()
    number = it.journal.add(draft)
    added = time.perf_counter()
    it.actions.plan_at(number, FIRST_STEPS, None, None)
    told = time.perf_counter()
    if (units := sum(sheet.pictures for sheet in draft.sheets)) != groups:
        raise RuntimeError(f"the plan has {units} units")
    return drafted - begun, added - drafted, told - added


def _growth(it: Acting, groups: int) -> int | None:
    """By how many bytes the memory of this process grew at most while it made a plan."""
    if not PROC.joinpath("clear_refs").exists():
        return None
    gc.collect()
    PROC.joinpath("clear_refs").write_text("5")  # the greatest so far is what there is now
    before = _kilobytes("VmRSS")
    _plan(it, groups)
    return max(0, _kilobytes("VmHWM") - before) * 1024


def _kilobytes(name: str) -> int:
    lines = PROC.joinpath("status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _read(state: Path, ids: Sequence[int]) -> float:
    """Seconds for the rows of these images and their files."""
    with closing(sqlite3.connect(os.fspath(state / DATABASE))) as database:
        begun = time.perf_counter()
        for start in range(0, len(ids), IMAGES_AT_ONCE):
            given = {"ids": json.dumps(ids[start : start + IMAGES_AT_ONCE])}
            for sql in (_IMAGES_BY_ID, _FILES_OF_IMAGES):
                database.execute(sql, given).fetchall()
        return time.perf_counter() - begun
