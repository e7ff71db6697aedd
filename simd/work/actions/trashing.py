"""Moving files to the trash of the desktop, where the person empties it or takes things back with it."""

import errno
import logging
import os
from datetime import datetime
from typing import ClassVar

from simd.core.actions.model import Step
from simd.core.actions.words import StepState
from simd.core.display import display_path
from simd.system.trash import Trash, home_trash, info_of, original_of, release, trash_for
from simd.work.actions.deeds import carry, open_folder_of, place_of, settle_move
from simd.work.actions.sighting import Unfit

# ruff: noqa: PTH118, PTH119, PTH120, PTH202 - pathlib does not take bytes

log = logging.getLogger(__name__)


class Trashing:
    """Moves a file to the trash. For one run: the trash of a folder is looked for once."""

    moves: ClassVar[bool] = True

    def __init__(self) -> None:
        """Know of no trash yet."""
        self._trashes: dict[bytes, Trash] = {}
        self._taken: set[bytes] = set()

    def begin(self, step: Step, at: datetime) -> Step:
        """Choose a place for it in the trash."""
        place = self._trash_for(step.file.path).propose(step.file.path, self._taken)
        self._taken.add(place)
        # A link may lead to the trash of the home folder; nothing is put back through one.
        real = os.path.join(os.path.realpath(os.path.dirname(place)), os.path.basename(place))
        return step._replace(state=StepState.DOING, place=real, at=at)

    def do(self, step: Step) -> None:
        """Write down where it comes from, then move it."""
        place, path, at = place_of(step), step.file.path, step.at
        if at is None:
            raise ValueError(f"step {step.name} has not begun")
        self._trash_for(path).claim(place, path, at)
        try:
            carry(step.file, path, place)
        except (OSError, Unfit):
            _forget(place)
            raise

    def _trash_for(self, path: bytes) -> Trash:
        folder = os.path.dirname(path)
        if folder not in self._trashes:
            self._trashes[folder] = trash_for(path, home=home_trash(os.environ), uid=os.getuid())
        return self._trashes[folder]

    def undo(self, step: Step) -> os.stat_result | None:
        """Move it back, and have the trash forget it."""
        open_folder_of(step)
        place = place_of(step)
        found = carry(step.file, place, step.file.path)
        _forget(place)
        return found

    def settle(self, step: Step) -> Step:
        """See where it is; the trash remembers only what it holds."""
        place = place_of(step)
        settled = settle_move(step)
        if settled.state is not StepState.DONE and _is_ours(place, step.file.path):
            _forget(place)
        return settled


def _forget(place: bytes) -> None:
    """Have the trash forget a place; if that fails, nothing is wrong but what a desktop shows of it."""
    try:
        release(place)
    except OSError as error:
        log.warning("the trash still lists %s: %s", display_path(place), error)


def _is_ours(place: bytes, path: bytes) -> bool:
    """Whether a place is empty, and the trash remembers the file of a step there and no other one.

    What the trash remembers without a word is what we had not come to write down.
    """
    if os.path.lexists(place):
        return False
    try:
        return os.path.realpath(original_of(place)) == os.path.realpath(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        return error.errno == errno.EINVAL and not os.path.getsize(info_of(place))
