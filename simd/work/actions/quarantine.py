"""Where files wait that were taken away: on their own filesystem, in the shape of the tree they come from.

``.simd-quarantine`` lies in the highest folder of a watched folder that is on the filesystem of the file.
Every plan has a folder there, with a ``MANIFEST.txt`` that a person can read: should simd be gone one day,
it tells what came from where.
"""

import logging
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from typing import Final

from simd.core.actions.model import Step
from simd.core.actions.standing import Reached
from simd.core.actions.words import StepState
from simd.core.display import display_path
from simd.system.mounts import mount_points
from simd.system.moving import make_folders, remove_empty

# ruff: noqa: PTH108, PTH118, PTH120, PTH123 - pathlib does not take bytes

log = logging.getLogger(__name__)

QUARANTINE: Final = b".simd-quarantine"
MANIFEST: Final = b"MANIFEST.txt"

_WITHIN: Final = b"/%s/" % QUARANTINE

_WORDS: Final[Mapping[StepState, str]] = {
    StepState.DONE: "taken",
    StepState.UNDONE: "put back",
    StepState.PURGED: "deleted",
}
"""What a manifest is told of a file that has come so far; it may have been told before."""

_LONGEST_NAME: Final = 255
"""Bytes of a name, on every filesystem of today."""

_LONGEST_ENDING: Final = 32
"""What follows the last dot is kept when a name has to be shortened, unless it is longer than this."""

_ESCAPES: Final = ((b"\\", b"\\\\"), (b"\n", b"\\n"), (b"\r", b"\\r"), (b"\t", b"\\t"))
"""What would be taken for something else in a line of a manifest; the backslash first, which escapes."""

_BREAKING: Final = b"".join(byte for byte, _ in _ESCAPES)

_HEAD: Final = """\
What lies here was taken away by simd. Each line says when, what was done, where the file was, where it is
below this folder, what was kept instead, and the SHA-256 of its bytes; parted by tabs. In a name, backslash,
tab and the ends of lines are written \\\\, \\t, \\n and \\r, and bytes that are not UTF-8 like \\xff.
"simctl undo" puts it back; by hand, move a file to where it was.

"""


class Places:
    """Finds where files go. For one run: what it found is remembered."""

    def __init__(self, folder: str) -> None:
        """``folder`` is the name of the plan's folder."""
        self._folder = os.fsencode(folder)
        self._mounts = mount_points()
        self._shelves: dict[tuple[bytes, bytes], tuple[bytes, set[bytes]]] = {}
        self._opened: set[bytes] = set()

    def place_for(self, step: Step) -> bytes:
        """A place for a file of a plan at which nothing stands.

        Raises:
            OSError: the file's folder is gone, or that of its place cannot be read.
        """
        folder, _, name = step.file.path.rpartition(b"/")
        shelf = self._shelves.get((folder, step.root))
        if shelf is None:
            shelf = self._shelves[folder, step.root] = self._shelf_for(folder, step.root)
        place, taken = shelf
        free, number = name, 1
        # A file of this path may lie here already: it was put back, and taken away by the same plan again.
        while free in taken:
            number += 1
            free = _numbered(name, number)
        taken.add(free)
        return b"%s/%s" % (place, free)

    def _shelf_for(self, folder: bytes, root: bytes) -> tuple[bytes, set[bytes]]:
        """Where the files of a folder go, and the names that are taken there."""
        top = self._top(folder or b"/", root).rstrip(b"/")
        place = b"%s/%s/%s%s" % (top, QUARANTINE, self._folder, folder[len(top) :])
        return place, _names_in(place)

    def open(self, place: bytes) -> None:
        """Make the folders around a place, each once, and see that none of them is a link.

        Raises:
            OSError: they cannot be made.
        """
        folder = place[: place.rfind(b"/")]
        if folder not in self._opened:
            open_place(place)
            self._opened.add(folder)

    def _top(self, folder: bytes, root: bytes) -> bytes:
        """The highest folder at or below a root from which a folder in it is reached over no mount."""
        device = os.stat(folder).st_dev  # noqa: PTH116 - bytes
        top = folder
        # One disk may be mounted twice, and parts of one mount be told apart by their devices alone.
        while top != root and top not in self._mounts and os.stat(os.path.dirname(top)).st_dev == device:  # noqa: PTH116 - bytes
            top = os.path.dirname(top)
        return top


def _names_in(folder: bytes) -> set[bytes]:
    """What stands in a folder, which may not be there."""
    try:
        return set(os.listdir(folder))  # noqa: PTH208 - bytes
    except FileNotFoundError:
        return set()


def _numbered(name: bytes, number: int) -> bytes:
    """A name with a number in it, as short as names may be."""
    stem, ending = os.path.splitext(name)  # noqa: PTH122 - bytes
    if len(ending) > _LONGEST_ENDING:
        stem, ending = name, b""
    added = b"~%d%s" % (number, ending)
    return stem[: _LONGEST_NAME - len(added)] + added


def folder_of_plan(plan: int, made_at: datetime) -> str:
    """The name of the folder of a plan, by the day when it was made."""
    return f"{made_at.astimezone():%Y-%m-%d}-plan-{plan}"


def open_place(place: bytes) -> None:
    """Make the folders around a place.

    Raises:
        OSError: they cannot be made.
    """
    top, below = split(place)
    make_folders(top, os.path.dirname(os.path.join(QUARANTINE, below)))


def split(place: bytes) -> tuple[bytes, bytes]:
    """The folder that holds the quarantine of a place, and the path from there: ``PLAN/path/of/the/file``."""
    top, _, below = place.rpartition(_WITHIN)
    return top or b"/", below


def keep_in_order(reached: Reached) -> None:
    """Remove the folders that nothing lies in any more, and have the manifests that stay say what was done.

    ``reached`` is what was done; steps without a place in quarantine are passed over.
    """
    there, state = _in_quarantine(reached.steps), reached.state
    # Who has traits was there only until its link was made.
    lying = [step for step in there if step.traits is None]
    left = [step for step in there if step.traits is not None] if state is StepState.DONE else there
    with _warning():
        tidy(step.place for step in left if step.place is not None)
    with _warning():
        if state in _WORDS and any(os.path.isdir(plan) for plan, _ in _plan_folders(lying)):  # noqa: PTH112 - bytes
            _note_in_manifests(lying, _WORDS[state], reached.at)


def leave_tidy(steps: Sequence[Step]) -> None:
    """Remove the folders that nothing lies in because what was begun with these steps came to nothing."""
    there = _in_quarantine(steps)
    left = [step for step in there if step.traits is not None or step.state is not StepState.DONE]
    with _warning():
        tidy(step.place for step in left if step.place is not None)


def _in_quarantine(steps: Sequence[Step]) -> list[Step]:
    return [step for step in steps if step.place is not None and lies_in_quarantine(step.place)]


@contextmanager
def _warning() -> Iterator[None]:
    """Whatever fails within is only told: the journal knows, and manifests are for the day without simd."""
    try:
        yield
    except OSError as error:
        log.warning("a quarantine could not be kept in order: %s", error)


def lies_in_quarantine(place: bytes) -> bool:
    """Whether a place is in one of our own quarantines."""
    return _WITHIN in place


def _note_in_manifests(steps: Iterable[Step], word: str, at: datetime | None) -> None:
    moment = cache(_moment)  # there are few in many steps
    lines: defaultdict[tuple[bytes, bytes], list[str]] = defaultdict(list)
    for step in steps:
        if step.place is not None:
            top, below = split(step.place)
            folder, _, rest = below.partition(b"/")
            lines[top, folder].append(_line(step, moment(at or step.at), word, rest))
    for (top, folder), told in lines.items():
        manifest = os.path.join(top, QUARANTINE, folder, MANIFEST)
        is_new = not os.path.lexists(manifest)
        # Before a crash, the folder may have been removed already, for nothing lay there any more.
        with suppress(FileNotFoundError), open(manifest, "a", encoding="utf-8") as stream:
            stream.write((_HEAD if is_new else "") + "".join(told))


def tidy(places: Iterable[bytes]) -> None:
    """Remove the folders around places that hold nothing any more, and what is left of their plans' folders.

    Raises:
        OSError: an empty folder cannot be removed.
    """
    plans = set()
    for folder in _folders(places):
        plan, top = _plan_folder(folder)
        remove_empty(folder, plan)
        plans.add((plan, top))
    for plan, top in plans:
        with suppress(FileNotFoundError):
            if os.listdir(plan) == [MANIFEST]:  # noqa: PTH208 - bytes
                os.unlink(os.path.join(plan, MANIFEST))
        remove_empty(plan, top)


def _plan_folders(steps: Iterable[Step]) -> set[tuple[bytes, bytes]]:
    return {
        _plan_folder(folder) for folder in _folders(step.place for step in steps if step.place is not None)
    }


def _folders(places: Iterable[bytes]) -> set[bytes]:
    return {place[: place.rfind(b"/")] for place in places}


def _plan_folder(folder: bytes) -> tuple[bytes, bytes]:
    """The folder of a plan that a folder of its is in, and the one that holds the quarantine."""
    top, below = split(folder + b"/")
    return os.path.join(top, QUARANTINE, below.partition(b"/")[0]), top


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.astimezone().isoformat(timespec="seconds")


def _line(step: Step, at: str, word: str, rest: bytes) -> str:
    paths = (step.file.path, rest, b"" if step.keeper is None else step.keeper.path)
    told = b"\t".join(paths)
    if len(told.translate(None, _BREAKING)) != len(told) - (len(paths) - 1):
        told = b"\t".join(map(_on_one_line, paths))
    digest = "" if step.file.digest is None else step.file.digest.hex()
    return f"{at}\t{word}\t{display_path(told)}\t{digest}\n"


def _on_one_line(path: bytes) -> bytes:
    """A path without what breaks a line; and no backslash in it is taken for what escapes a byte."""
    for byte, escaped in _ESCAPES:
        path = path.replace(byte, escaped)
    return path
