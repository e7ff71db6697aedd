"""Having equal files share their bytes: as hard links, or as files of their own over the same extents."""

import os
from datetime import datetime
from typing import ClassVar

from simd.core.actions.model import Step
from simd.core.actions.words import StepState
from simd.core.display import display_path
from simd.system.moving import inode_at, move, sync_folders
from simd.system.sharing import Differs, copy_back, link_into, same_bytes, share_extents, traits_of
from simd.work.actions.deeds import carry, forget, place_of, settle_move, stands_at
from simd.work.actions.quarantine import Places, open_place
from simd.work.actions.sighting import Sighter, Unfit, taking_back

# ruff: noqa: PTH108, PTH118, PTH120 - pathlib does not take bytes


class Linking:
    """Puts a hard link to the kept file in the place of an equal one.

    The file is moved aside into the quarantine, the link takes its name, and only when the bytes of both
    were found equal is the file removed. What only it had, such as its date, is noted for undoing.
    """

    moves: ClassVar[bool] = False

    def __init__(self, places: Places) -> None:
        """``places`` finds where files wait while they are compared."""
        self._places = places

    def begin(self, step: Step, at: datetime) -> Step:
        """Choose a place for the file, and note its traits."""
        with Sighter().open(step.file.path) as descriptor:
            traits = traits_of(descriptor)
        place = self._places.place_for(step)
        return step._replace(state=StepState.DOING, place=place, at=at, traits=traits)

    def do(self, step: Step) -> None:
        """Put the link in its place."""
        place, path, keeper = place_of(step), step.file.path, keeper_of(step)
        open_place(place)
        carry(step.file, path, place)
        linked = False
        try:
            link_into(keeper, path)
            linked = True
            _require_equal(place, path, keeper)
            sync_folders([os.path.dirname(path)])
            forget(place)
        except (OSError, Unfit):
            with taking_back():
                if linked:
                    _drop_link(path, keeper, place)
                move(place, path)
            raise

    def undo(self, step: Step) -> None:
        """Have it be a file of its own again, with the traits that it had."""
        place, path, aside = place_of(step), step.file.path, _aside(step)
        linked = inode_at(path)
        # The kept file may have another name by now, or none: it is the same file all the same.
        if linked is None or step.keeper is None or not stands_at(step.keeper, path):
            raise Unfit(f"{display_path(path)} is not the link any more that simd made.")
        if Sighter().digest(path) != step.file.digest:
            raise Unfit(f"{display_path(path)} holds other bytes than when it was linked.")
        open_place(place)
        copy_back(path, place, step.traits or "{}")
        try:
            move(path, aside)
            _require_at(aside, linked, path)
            move(place, path)
        except (OSError, Unfit):
            with taking_back():
                if os.path.lexists(aside):
                    move(aside, path)
                forget(place)
            raise
        with taking_back():
            sync_folders([os.path.dirname(path)])
            os.unlink(aside)

    def settle(self, step: Step) -> Step:
        """Finish if the file and its link both stand, else take back."""
        return self._settle_undoing(step) if step.state is StepState.UNDOING else self._settle_doing(step)

    def _settle_doing(self, step: Step) -> Step:
        place, path = place_of(step), step.file.path
        if not stands_at(step.file, place) or inode_at(place) == inode_at(path):
            if self._is_linked(step):
                return step._replace(state=StepState.DONE)
            return settle_move(step)
        if self._is_linked(step) and equal(place, path):
            sync_folders([os.path.dirname(path)])
            os.unlink(place)
            return step._replace(state=StepState.DONE)
        if os.path.lexists(path):
            _drop_link(path, keeper_of(step), place)
        move(place, path)
        return step._replace(state=StepState.PLANNED)

    def _settle_undoing(self, step: Step) -> Step:
        """While there is a copy, it has not got its name yet; while there is only the link, it has."""
        place, path, aside = place_of(step), step.file.path, _aside(step)
        if os.path.lexists(aside) and not os.path.lexists(path):
            move(aside, path)
        if os.path.lexists(aside):
            if os.path.lexists(place) or not (
                inode_at(aside) == inode_at(keeper_of(step)) or equal(aside, path)
            ):
                raise Unfit(f"another file has its name by now; it lies at {display_path(aside)}.")
            sync_folders([os.path.dirname(path)])
            os.unlink(aside)
            return step._replace(state=StepState.UNDONE)
        if os.path.lexists(place):
            if not self._is_linked(step) and Sighter().digest(path) != step.file.digest:
                raise Unfit(f"another file has its name by now; a copy of it lies at {display_path(place)}.")
            os.unlink(place)
            return step._replace(state=StepState.DONE)
        return step._replace(state=StepState.DONE if self._is_linked(step) else StepState.UNDONE)

    def _is_linked(self, step: Step) -> bool:
        """Whether its name is one of the kept file, whatever has become of the name that was kept."""
        return step.keeper is not None and stands_at(step.keeper, step.file.path)


class Sharing:
    """Has the filesystem store the bytes of two equal files once; each stays a file of its own."""

    moves: ClassVar[bool] = False

    def begin(self, step: Step, at: datetime) -> Step:
        """Nothing has to be known."""
        return step._replace(state=StepState.DOING, at=at)

    def do(self, step: Step) -> None:
        """Have the kernel compare the files and share their extents."""
        sighter = Sighter()
        with sighter.open(keeper_of(step)) as keeper, sighter.open(step.file.path) as file:
            try:
                share_extents(keeper, file)
            except Differs as error:
                raise Unfit("The files are not equal any more.") from error

    def undo(self, step: Step) -> None:
        """There is nothing that anybody could tell from before.

        Raises:
            Unfit: always.
        """
        raise Unfit(
            f"{display_path(step.file.path)} is a file of its own all the time: nothing is to be undone."
        )

    def settle(self, step: Step) -> Step:
        """To be done again does no harm, and nothing undoes it."""
        return step._replace(state=StepState.DONE if step.state is StepState.UNDOING else StepState.PLANNED)


def _aside(step: Step) -> bytes:
    """Where the link waits while the file's own copy takes its name again."""
    return os.path.join(os.path.dirname(place_of(step)), b"~%d.link" % (step.name.step or 0))


def keeper_of(step: Step) -> bytes:
    """The file that is kept instead of that of a step."""
    if step.keeper is None:
        raise ValueError(f"step {step.name} has no keeper")
    return step.keeper.path


def _drop_link(path: bytes, keeper: bytes, place: bytes) -> None:
    """Remove a link, unless it is the last name of its file, or another file by now.

    Raises:
        Unfit: it is.
    """
    found = inode_at(path)
    if found is None:
        return
    if found != inode_at(keeper):
        raise Unfit(f"another file has its name by now; it lies at {display_path(place)}.")
    os.unlink(path)


def _require_at(aside: bytes, inode: tuple[int, int], path: bytes) -> None:
    """See that what was moved aside is the link, and no file that took its name in the last moment."""
    if inode_at(aside) != inode:
        raise Unfit(f"{display_path(path)} has just been replaced.")


def _require_equal(file: bytes, link: bytes, keeper: bytes) -> None:
    if not equal(file, link):
        raise Unfit(f"{display_path(keeper)} holds other bytes by now.")


def equal(one: bytes, other: bytes) -> bool:
    """Whether two files hold the same bytes, read now.

    Raises:
        Unfit: one of them cannot be read.
    """
    sighter = Sighter()
    with sighter.open(one) as first, sighter.open(other) as second:
        return same_bytes(first, second)
