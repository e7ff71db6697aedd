"""Kills a process after each thing that it has done to the disk, and sees what the next start makes of it.

This is a process of its own, which imports everything once; for every point it forks a child, which kills
itself there with SIGKILL. What the kernel was told by then is all that such a death leaves: so the points are
the returns of whatever changes files or the journal. Scenarios come by lines on the input, answers go out so.
"""

import io
import json
import logging
import os
import random
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from simd.core.actions.words import Action
from simd.work.actions.actions import Actions
from tests.work.actions.walked import Place

Doing = Callable[[Place, Actions], None]

SCENARIOS: Mapping[str, tuple[Action, str]] = {
    "quarantine": (Action.QUARANTINE, "apply"),
    "trash": (Action.TRASH, "apply"),
    "hardlink": (Action.HARDLINK, "apply"),
    "delete": (Action.DELETE, "apply"),
    "purge": (Action.QUARANTINE, "purge"),
    "undo of quarantine": (Action.QUARANTINE, "undo"),
    "undo of trash": (Action.TRASH, "undo"),
    "undo of hardlink": (Action.HARDLINK, "undo"),
}

_SURVIVED, _DIED_OTHERWISE = 0, 3
_SOMETIMES = 0.3
_MANY = 1_000
"""More than there are points."""

_CHANGES: frozenset[Any] = frozenset(
    getattr(os, name)
    for name in (
        *("mkdir", "rmdir", "unlink", "link", "rename", "write", "utime", "fchmod", "chmod", "fchown"),
        *("setxattr", "removexattr"),
    )
    if hasattr(os, name)
)
_OPENERS = frozenset({"_write_new", "copy_back", "_note_in_manifests"})
"""Functions that open files in order to write them."""

_NOTERS = frozenset({"_transaction", "note_steps", "_note"})
"""Functions that write to the journal."""


class Reaper:
    """Counts what has changed the disk, and kills its process after so many of these."""

    def __init__(self, point: int) -> None:
        self._left = point

    def begin(self) -> None:
        """Count from now on."""
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        sys.setprofile(self._notice)

    def _notice(self, frame: FrameType, event: str, arg: Any) -> None:
        if is_change(frame, event, arg):
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def is_change(frame: FrameType, event: str, arg: Any) -> bool:
    """Whether what a profile function is told of is the end of a change to files or to the journal."""
    code = frame.f_code
    if event == "return":
        # The call that renames without replacing is no function that Python tells of.
        return code.co_name == "<lambda>" and code.co_filename.endswith("system/moving.py")
    if event != "c_return":
        return False
    if arg in _CHANGES:
        return True
    if arg in (os.open, io.open):
        return code.co_name in _OPENERS
    owner = getattr(arg, "__self__", None)
    if isinstance(owner, sqlite3.Connection):
        return code.co_name in _NOTERS
    return isinstance(owner, (io.TextIOWrapper, io.BufferedWriter)) and code.co_name in _OPENERS


def die_at(point: int, deed: Callable[[], None]) -> bool:
    """Have a child do something and be killed at a point; whether it has come so far."""
    child = os.fork()
    if child == 0:
        try:
            deed()
        except BaseException:  # noqa: BLE001 - the parent is told, and nothing of this process may go on
            traceback.print_exc()
            os._exit(_DIED_OTHERWISE)
        os._exit(_SURVIVED)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert signal.SIGKILL == os.WTERMSIG(status)
        return True
    assert _SURVIVED == os.WEXITSTATUS(status), f"point {point}: the child failed by itself"
    return False


def within(place: Place, deed: Doing, point: int) -> bool:
    """Do something with actions in a child that is killed at a point."""

    def do() -> None:
        with place.open() as (_, actions):
            reaper.begin()
            deed(place, actions)
            sys.setprofile(None)

    reaper = Reaper(point)
    return die_at(point, do)


def walk(folder: Path, scenario: str, again: str, seed: int, stride: int) -> dict[str, int]:
    """Kill at the points of a scenario, settle, look, and go on to the end and back.

    Args:
        folder: where to lay everything.
        scenario: of :data:`SCENARIOS`.
        again: whether the settling is killed as well, twice: ``sometimes`` at some point, or at ``every``.
        seed: for the points.
        stride: how far from one point to the next.

    Returns:
        How far the points go, and how many of settling.

    Raises:
        AssertionError: something is not as it has to be.
    """
    dice = random.Random(f"{seed} {scenario}")  # noqa: S311 - chance, not a secret
    points, settlings = dice.randrange(stride), 0
    while True:
        killings = _killings(again, dice)
        killed = True
        for first in killings:
            try:
                killed, reached = _walk_to(folder, scenario, points, first)
            except BaseException as error:
                error.add_note(f"{scenario}, killed at point {points}, settling at {first}")
                raise
            settlings += reached
            if not killed or not reached:
                break
        if not killed:
            return {"points": points, "settlings": settlings}
        points += stride


def _killings(again: str, dice: random.Random) -> Iterable[int | None]:
    """The points at which the settling is killed, one after the other until it comes to its end."""
    if again == "every":
        return range(_MANY)
    return [dice.randrange(12) if dice.random() < _SOMETIMES else None]


def _walk_to(folder: Path, scenario: str, point: int, settling: int | None) -> tuple[bool, bool]:
    """One death, and one or two of what settles it; whether they came."""
    action, verb = SCENARIOS[scenario]
    place = Place(folder, action)
    if verb != "apply":
        with place.open() as (_, actions):
            place.apply(actions)
    killed = within(place, getattr(Place, verb), point)
    reached = False
    if settling is not None:
        reached = within(place, lambda _, actions: actions.recover(), settling)
        within(place, lambda _, actions: actions.recover(), settling // 2)
    with place.open() as (journal, actions):
        actions.recover()
        place.check(journal)
        getattr(place, verb)(actions)
        place.check(journal)
        if verb == "purge" or action is Action.DELETE:
            place.check_gone()
        else:
            place.undo(actions)
            place.check(journal)
            place.check_untouched()
    return killed, reached


def main() -> None:
    """Answer each line with one."""
    logging.disable(logging.CRITICAL)  # what is settled is told each time
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = walk(
                Path(asked["folder"]), asked["scenario"], asked["again"], asked["seed"], asked["stride"]
            )
        except Exception:  # noqa: BLE001 - told to whoever asked
            sys.stdout.write(json.dumps({"failure": traceback.format_exc()}) + "\n")
        else:
            sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
