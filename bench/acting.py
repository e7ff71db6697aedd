"""Quarantining many small files and putting them back, beside bare renames with a synced journal.

A tenth of the files are kept, each has nine equal copies in other folders, and these go. Everything that
simd does is in the figure: each file and what is kept instead of it are opened, and their bytes read and
digested; intents and outcomes are noted and synced; places are chosen, folders made and synced, manifests
written, and the loop that knows the files is told. The yardstick moves as many files by ``os.rename`` into
folders that are there already, and appends a line for each to a file, synced as often as simd ends a batch.
Both lie on the same disk; the pages of the files are in memory. They take nine turns, and the figure is the
turn with the median ratio. The bar is a rate of 0.3.

Bare renames look at nothing. So they are done once more with the calls that looking takes at the least: each
file is opened, read and compared with the kept one, whose bytes are digested, and is looked at again at its
new name. That is the floor for whoever checks all that an action has to check, one file after the other.
"""

import hashlib
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

from bench.actions import acting
from bench.photographs import KEPT
from bench.table import Options, Row
from simd.catalogue import Catalogue, Journal
from simd.core.actions.model import ActionName, PlanRequest
from simd.core.answers import Outcome
from simd.core.model import Signature, Thumbs
from simd.core.stamp import Stamp
from simd.imaging import RECIPE
from simd.runtime.clock import SystemClock
from simd.system.folders import private_folder
from simd.work.actions import running
from simd.work.actions.batching import AT_ONCE
from simd.work.actions.telling import Telling
from simd.work.actions.verbs import Applying, Undoing

MOVES = 10_000
COPIES = 9
FOLDERS = 100
SIZE = 20_000
CONTENT = bytes(SIZE)
"""What the files of the yardstick hold."""

TURNS = 9
"""An odd number, so that one of them is the median."""

_PLACES = ("here", "there")
"""Between which the files of the yardsticks go."""

LEAST_RATE = 0.3
SLOWEST = 1 / LEAST_RATE
"""Seconds of simd to seconds of bare renames at which the rate is the least that passes."""

PARTS: tuple[tuple[Any, str, str], ...] = (
    (Applying, "reasons", "reading and digests"),
    (Undoing, "reasons", "reading and digests"),
    (running, "_perform", "moving"),
    (Journal, "note", "journal"),
    (running, "sync_folders", "syncing folders"),
    (running, "keep_in_order", "manifests"),
    (Telling, "tell", "telling"),
)
"""What a run consists of: whose function, its name, and what it is called here.

None of them is called for each file: the clock would be a part of what is measured.
"""


def run(options: Options) -> Iterator[Row]:
    """Ten thousand moves, unless told otherwise, there and back."""
    for count in options.sizes or (MOVES,):
        yield from _measure(count)


@dataclass(frozen=True, slots=True)
class _Turn:
    """One run and what it is measured against, right before: seconds each.

    Attributes:
        seconds: of the run.
        parts: which part of them went where.
        renames, looking: of bare renames, and of those that look at each file.
    """

    seconds: float
    parts: str
    renames: float
    looking: float

    @property
    def ratio(self) -> float:
        """How many times as long as bare renames it takes."""
        return self.seconds / self.renames


def _measure(count: int) -> Iterator[Row]:
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="acting-", dir=KEPT) as scratch:
        root, state, bare = Path(scratch, "photos"), Path(scratch, "state"), Path(scratch, "bare")
        private_folder(state)
        _fill(root, state, count)
        _fill_bare(bare, count)
        there, back = [], []
        with _timed() as spent, acting(state, root) as it:
            for _ in range(TURNS):
                number = int(it.actions.plan(PlanRequest()).id)
                there.append(_turn(partial(it.actions.apply, number, dry_run=False), count, bare, spent))
                undo = partial(it.actions.undo, ActionName(number))
                back.append(_turn(undo, count, bare, spent))
    yield from _rows(f"quarantine of {count:,} files", there, count)
    yield from _rows(f"undo of {count:,} files", back, count)


def _rows(name: str, turns: Sequence[_Turn], count: int) -> Iterator[Row]:
    """The figures of the turn with the median ratio."""
    by_ratio = sorted(turns, key=attrgetter("ratio"))
    turn, bar = by_ratio[len(turns) // 2], SLOWEST if count >= MOVES else None
    spread = (
        f"the median of {len(turns)} turns, ratios from {by_ratio[0].ratio:.3g} to {by_ratio[-1].ratio:.3g}"
    )
    note = f"{count / turn.seconds:,.0f} files a second; {turn.parts}; {spread}"
    yield Row(name, turn.seconds, "s", "renames", turn.renames, bar, note)
    yield Row(
        name, turn.seconds, "s", "renames and looks", turn.looking, None, "the floor, if each file is read"
    )


def _turn(verb: Callable[[], Outcome], count: int, bare: Path, spent: Counter[str]) -> _Turn:
    renames, looking = _bare(bare, count), _bare(bare, count, looking=True)
    return _Turn(*_act(verb, count, spent), renames, looking)


def _act(verb: Callable[[], Outcome], count: int, spent: Counter[str]) -> tuple[float, str]:
    """Seconds for a whole run, and which part of them went where."""
    spent.clear()
    begun = time.perf_counter()
    outcome = verb()
    seconds = time.perf_counter() - begun
    if outcome.done != count or outcome.refused:
        raise RuntimeError(f"{outcome.done} were done, {outcome.refused} refused")
    return seconds, ", ".join(f"{part} {took / seconds:.0%}" for part, took in spent.most_common())


@contextmanager
def _timed() -> Iterator[Counter[str]]:
    """Have the parts of a run timed, by their names, until the context ends."""
    spent: Counter[str] = Counter()
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in PARTS]
    for (owner, name, part), (_, _, function) in zip(PARTS, before, strict=True):
        setattr(owner, name, _timing(function, part, spent))
    try:
        yield spent
    finally:
        for owner, name, function in before:
            setattr(owner, name, function)


def _timing(function: Callable[..., Any], part: str, spent: Counter[str]) -> Callable[..., Any]:
    def timed(*given: Any, **named: Any) -> Any:
        begun = time.perf_counter()
        try:
            return function(*given, **named)
        finally:
            # Seconds, in a counter that is sorted by them.
            spent[part] += time.perf_counter() - begun  # type: ignore[assignment]

    return timed


def _fill(root: Path, state: Path, count: int) -> None:
    """Files on the disk, and a catalogue that knows them."""
    pictures, files = [], []
    for number in range(count // COPIES + (count % COPIES > 0)):
        content = number.to_bytes(4, "big") * (SIZE // 4)
        digest = hashlib.sha256(content).digest()
        pictures.append((number + 1, _signature(digest, number)))
        for copy in range(min(COPIES, count - number * COPIES) + 1):
            folder = f"folder-{(number * 7 + copy * 11) % FOLDERS:03d}"
            path = root / folder / f"picture-{number:05d}-{copy}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            files.append((os.fsencode(path), Stamp.of(path.lstat()), number + 1))
    catalogue = Catalogue.open(state, SystemClock())
    found = root.stat()
    catalogue.write(lambda to: to.enrol_root(os.fsencode(root), found.st_dev, found.st_ino, "")).result()
    catalogue.write(lambda to: to.put_images(pictures)).result()
    catalogue.write(lambda to: to.put_files(files)).result()
    catalogue.close()
    os.sync()


def _signature(digest: bytes, number: int) -> Signature:
    thumbs = Thumbs(number << 20, bytes(32), bytes(1_024), bytes(768), 40.0, 640, 480)
    return Signature(digest, SIZE, "JPEG", thumbs, None, None, RECIPE)


def _fill_bare(folder: Path, count: int) -> None:
    """As many files for the yardsticks, and folders for them to go to."""
    for place in _PLACES:
        for number in range(FOLDERS):
            (folder / place / f"{number:03d}").mkdir(parents=True)
    for number in range(count):
        (folder / _PLACES[0] / f"{number % FOLDERS:03d}" / f"{number:05d}.jpg").write_bytes(CONTENT)
    os.sync()


def _bare(folder: Path, count: int, *, looking: bool = False) -> float:
    """Seconds for renaming as many files, with a line for each in a file that is synced.

    They go there, and come back when they are looked at as well.
    """
    source, target = (folder / place for place in (reversed(_PLACES) if looking else _PLACES))
    names = [f"{number % FOLDERS:03d}/{number:05d}.jpg" for number in range(count)]
    begun = time.perf_counter()
    with (folder / "journal").open("w") as journal:
        for number, name in enumerate(names, 1):
            if looking:
                _look(f"{source}/{name}", kept_as_well=number % COPIES == 0)
            os.rename(f"{source}/{name}", f"{target}/{name}")  # noqa: PTH104 - the bare call
            if looking:
                os.lstat(f"{target}/{name}")
            journal.write(f"{source}/{name}\t{target}/{name}\n")
            if number % AT_ONCE == 0 or number == count:
                journal.flush()
                os.fsync(journal.fileno())
    return time.perf_counter() - begun


def _look(path: str, *, kept_as_well: bool) -> None:
    """Compare a file with what its copies hold; with ``kept_as_well``, read and digest one like it before."""
    if kept_as_well:
        hashlib.sha256(_content(path)).digest()
    if _content(path) != CONTENT:
        raise RuntimeError("a copy differs")


def _content(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        content = os.pread(descriptor, os.fstat(descriptor).st_size + 1, 0)
        os.fstat(descriptor)
    finally:
        os.close(descriptor)
    return content
