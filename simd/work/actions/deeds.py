"""What each action does to one file, how that is undone, and how to tell after a crash what has been done.

A deed either succeeds or leaves everything as it was; it raises :class:`Unfit` or OSError then, and
:class:`Stuck` if it could not. Nothing is ever overwritten: files are moved to names that are free, and what
turns out to be another file than was meant is moved back.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import ClassVar, Protocol

from simd.core.actions.known import Known
from simd.core.actions.model import Step
from simd.core.actions.words import StepState
from simd.core.display import display_path
from simd.system.moving import inode_at, make_folders, move
from simd.work.actions.quarantine import Places, lies_in_quarantine
from simd.work.actions.sighting import Unfit, taking_back

# ruff: noqa: PTH108, PTH118, PTH120 - pathlib does not take bytes


class Deed(Protocol):
    """One action, on one file at a time.

    Attributes:
        moves: a file leaves its place, and comes back when that is undone.
    """

    moves: ClassVar[bool]

    def begin(self, step: Step, at: datetime) -> Step:
        """The step with all that has to be known before it is done; nothing is touched."""
        ...

    def do(self, step: Step) -> None:
        """Do it."""
        ...

    def undo(self, step: Step) -> os.stat_result | None:
        """Have everything as it was before; what has been seen of the file at its path, if anything."""
        ...

    def settle(self, step: Step) -> Step:
        """After a crash, finish or take back what was begun; the step as it stands then."""
        ...


class Quarantining:
    """Moves a file to the quarantine of its filesystem."""

    moves: ClassVar[bool] = True

    def __init__(self, places: Places) -> None:
        """``places`` finds where files go."""
        self._places = places

    def begin(self, step: Step, at: datetime) -> Step:
        """Choose a place for it."""
        return step.stands(StepState.DOING, place=self._places.place_for(step), at=at)

    def do(self, step: Step) -> None:
        """Move it away."""
        place = place_of(step)
        self._places.open(place)
        carry(step.file, step.file.path, place)

    def undo(self, step: Step) -> os.stat_result | None:
        """Move it back; the folder that it was in is made anew if it is gone."""
        try:
            return carry(step.file, place_of(step), step.file.path)
        except FileNotFoundError:
            open_folder_of(step)
            return carry(step.file, place_of(step), step.file.path)

    def settle(self, step: Step) -> Step:
        """See where it is."""
        return settle_move(step)


def place_of(step: Step) -> bytes:
    """Where the file of a step went."""
    if step.place is None:
        raise ValueError(f"step {step.name} has no place")
    return step.place


def open_folder_of(step: Step) -> None:
    """Make the folder that the file of a step was in, if it is gone.

    Raises:
        OSError: it cannot be made.
    """
    folder = os.path.dirname(step.file.path)
    if not os.path.isdir(folder):  # noqa: PTH112 - bytes
        make_folders(step.root, os.path.relpath(folder, step.root), mode=0o777)


def carry(known: Known, source: bytes, target: bytes) -> os.stat_result:
    """Move a file, and no other one that may stand there by now.

    It is looked at right before, and once more when it has its new name: nobody can replace it there.

    Returns:
        What was seen then.

    Raises:
        Unfit: it has changed, or another file is there, and is where it was; or the new name is taken.
        OSError: it cannot be moved.
        Stuck: another file was moved, and its name is taken by now.
    """
    if not known.stamp.is_of(os.lstat(source)):
        raise Unfit(f"{display_path(source)} has just changed.")
    try:
        move(source, target)
    except FileExistsError as error:
        raise Unfit(f"Something stands at {display_path(target)}, and nothing is overwritten.") from error
    found = _found_at(known, target)
    if found is not None:
        return found
    with taking_back():
        move(target, source)
    raise Unfit(f"{display_path(source)} has just been replaced.")


def _found_at(known: Known, path: bytes) -> os.stat_result | None:
    """What is seen of a file at a path, if it is there as it was."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found if known.stamp.is_of(found) else None


def _holds_stranger(step: Step) -> bool:
    """Whether another file lies in quarantine than was meant: somebody saved it right before the move."""
    path, place = step.file.path, place_of(step)
    lying = inode_at(place) if lies_in_quarantine(place) else None
    if lying is None or lying == inode_at(path):
        return False
    # By more than their numbers, which a new file takes over from one that is gone.
    return not any(_found_at(step.file, each) for each in (path, place))


def _send_back(step: Step) -> None:
    try:
        move(place_of(step), step.file.path)
    except FileExistsError as error:
        shown = display_path(place_of(step))
        raise Unfit(f"{shown} is another file than was meant, and its own place is taken.") from error


def stands_at(known: Known, path: bytes) -> bool:
    """Whether a file known by its inode is at a path."""
    found = inode_at(path)
    return found is not None and found[1] == known.stamp.inode


def settle_move(step: Step) -> Step:
    """What has become of a move that was under way, there or back, when simd was stopped.

    Where it was done by a hard link, and the file has two names, the one in its own folder stays.

    Raises:
        Unfit: that cannot be told: it may lie on a disk that is away; or another file than was meant was
            moved, and something stands where it belongs.
        OSError: such a file cannot be moved back.
    """
    path, place = step.file.path, place_of(step)
    if step.state is StepState.DOING and _holds_stranger(step):
        _send_back(step)
        return step._replace(state=StepState.PLANNED)
    at_path, at_place = stands_at(step.file, path), stands_at(step.file, place)
    # Its number alone does not tell: something may have been mounted meanwhile that has the same numbers.
    if at_path and at_place and inode_at(path) == inode_at(place):
        os.unlink(place)
        at_place = False
    if at_place:
        return step._replace(state=StepState.DONE)
    if at_path:
        undoing = step.state is StepState.UNDOING
        return step._replace(state=StepState.UNDONE if undoing else StepState.PLANNED)
    if not any(os.path.isdir(os.path.dirname(each)) for each in (path, place)):  # noqa: PTH112 - bytes
        raise Unfit(f"neither its folder nor that of {display_path(place)} is there.")
    reason = f"After a crash it was neither at its path nor at {display_path(place)}."
    return step._replace(state=StepState.REFUSED, reason=reason)


def folders_of(steps: Sequence[Step]) -> set[bytes]:
    """The folders in which names may have changed."""
    homes = {path[: path.rfind(b"/")] for path in [step.file.path for step in steps]}
    places = {place[: place.rfind(b"/")] for place in [step.place for step in steps] if place is not None}
    # A trash notes beside its files where they came from.
    notes = {
        os.path.join(os.path.dirname(folder), b"info") for folder in places if not lies_in_quarantine(folder)
    }
    return {folder or b"/" for folder in homes | places | notes}


def forget(path: bytes) -> None:
    """Remove a name, if it is there."""
    with suppress(FileNotFoundError):
        os.unlink(path)
