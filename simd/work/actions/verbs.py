"""What can be done with the units of plans: they are applied, undone, or purged."""

import os
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol, TypeVar

from simd.catalogue import Catalogue
from simd.core.actions.known import Known
from simd.core.actions.model import PlanRecord, Step, Unit
from simd.core.actions.words import SHARING, Action, StepState
from simd.core.display import display_path
from simd.core.model import FileState
from simd.work.actions.checking import Checking, misfit
from simd.work.actions.deeds import Deed, Quarantining, place_of
from simd.work.actions.linking import Linking, Sharing
from simd.work.actions.quarantine import Places, folder_of_plan
from simd.work.actions.scouting import Ahead
from simd.work.actions.sighting import Demand, Sighter, Unfit, demand_back, taking_back
from simd.work.actions.trashing import Trashing

# ruff: noqa: PTH108 - pathlib does not take bytes

T = TypeVar("T")

LYING = frozenset({Action.QUARANTINE, Action.DELETE})
"""Actions whose files lie in our own quarantine, the second for a moment only."""


def deed_of(plan: PlanRecord) -> Deed:
    """What the action of a plan does to a file."""
    places = Places(folder_of_plan(plan.id, plan.made_at))
    match plan.action:
        case Action.QUARANTINE | Action.DELETE:
            return Quarantining(places)
        case Action.TRASH:
            return Trashing()
        case Action.HARDLINK:
            return Linking(places)
        case Action.REFLINK:
            return Sharing()


@dataclass(frozen=True, slots=True)
class Course:
    """What a verb is called, and where it leads.

    Attributes:
        name: for progress and the log.
        begun: the state of a unit from when it is begun until it has come to an end.
        done: the state of one with which it is done.
        refused: the state of one that is left alone.
    """

    name: str
    begun: StepState
    done: StepState
    refused: StepState


class Verb(Protocol):
    """Something that is done with units, one after the other."""

    course: ClassVar[Course]

    @property
    def ahead(self) -> Ahead | None:
        """What files may be looked at for before their turn; None where they may not."""
        ...

    def reasons(self, units: Sequence[Unit], sighter: Sighter) -> list[str | None]:
        """For each unit, why it must be left alone."""
        ...

    def begin(self, unit: Unit, at: datetime, /) -> Unit:
        """A unit with what has to be noted before it is touched, but for its state."""
        ...

    def perform(self, unit: Unit) -> os.stat_result | None:
        """Do it with a whole unit, or leave all of it as it was.

        Returns:
            What has been seen of the picture, if it is at its path again.

        Raises:
            Unfit, OSError: it cannot be done.
            Stuck: it can neither be done nor be left as it was.
        """
        ...


@dataclass(frozen=True, slots=True)
class Applying:
    """Does what a plan says; with ``keep_looks``, what closer looks find is kept in the catalogue."""

    plan: PlanRecord
    deed: Deed
    checking: Checking
    keep_looks: bool = True
    course: ClassVar[Course] = Course("apply", StepState.DOING, StepState.DONE, StepState.REFUSED)

    def reasons(self, units: Sequence[Unit], sighter: Sighter) -> list[str | None]:
        """Look at every file once more."""
        return self.checking.reasons(self.plan, units, sighter, keep=self.keep_looks)

    @property
    def ahead(self) -> Ahead | None:
        """Not where the kept file becomes another by each that links to it, or shares its bytes."""
        return None if self.plan.action in SHARING else Ahead.TAKING

    def begin(self, unit: Unit, at: datetime) -> Unit:
        """Have places chosen."""
        picture = self.deed.begin(unit.picture, at)
        if not unit.companions:
            return Unit(picture)
        return Unit(picture, tuple([self.deed.begin(step, at) for step in unit.companions]))

    def perform(self, unit: Unit) -> None:
        """Do each file; where one cannot be done, undo those before."""
        _all_or_nothing(unit, self.deed.do, self.deed.undo)


@dataclass(frozen=True, slots=True)
class Undoing:
    """Takes back what was done."""

    deed: Deed
    course: ClassVar[Course] = Course("undo", StepState.UNDOING, StepState.UNDONE, StepState.DONE)

    def reasons(self, units: Sequence[Unit], sighter: Sighter) -> list[str | None]:
        """Whether the files are where they went, as they were; moving them tells if their names are free."""
        if not self.deed.moves:
            return [None] * len(units)  # their files have never left; the deed looks at them
        return [misfit(unit, sighter, _demands_back) for unit in units]

    @property
    def ahead(self) -> Ahead | None:
        """Files where they lie, and the folders where they belong."""
        return Ahead.PUTTING_BACK if self.deed.moves else None

    def begin(self, unit: Unit, _at: datetime) -> Unit:
        """Its place is known; should it be left alone, it was done when it was done."""
        return unit

    def perform(self, unit: Unit) -> os.stat_result | None:
        """Take back each file; where one cannot be taken back, do those before again."""
        return _all_or_nothing(unit, self.deed.undo, self.deed.do)


@dataclass(frozen=True, slots=True)
class Purging:
    """Deletes for good what lies in quarantine, if the picture is somewhere else."""

    catalogue: Catalogue
    course: ClassVar[Course] = Course("purge", StepState.PURGING, StepState.PURGED, StepState.DONE)

    @property
    def ahead(self) -> Ahead | None:
        """What is deleted for good is looked at when its turn has come."""
        return None

    def reasons(self, units: Sequence[Unit], sighter: Sighter) -> list[str | None]:
        """Whether the picture of every unit is still to be found outside of the quarantine."""
        return [self._objection(unit, sighter) for unit in units]

    def begin(self, unit: Unit, _at: datetime) -> Unit:
        """Only that it is begun has to be known; should it be left alone, it lies there as long as before."""
        return unit

    def perform(self, unit: Unit) -> None:
        """Delete its files, the picture last: while that is there, the unit can be purged again."""
        there = [step for step in reversed(unit.steps) if os.path.lexists(place_of(step))]
        for step in there:
            if not step.file.stamp.is_of(os.lstat(place_of(step))):
                raise Unfit(f"{display_path(place_of(step))} has just changed.")
        for number, step in enumerate(there):
            with taking_back() if number else nullcontext():
                os.unlink(place_of(step))

    def _objection(self, unit: Unit, sighter: Sighter) -> str | None:
        try:
            self._require_witness(unit, sighter)
        except Unfit as unfit:
            return unfit.reason
        return None

    def _require_witness(self, unit: Unit, sighter: Sighter) -> None:
        """See that nothing is deleted that is nowhere else.

        Raises:
            Unfit: this would be the last copy; or what lies in quarantine is not what was put there.
        """
        for step in unit.steps:
            if step.unit is not None and not os.path.lexists(place_of(step)):
                continue  # somebody has deleted it
            sighter.see(_at_place(step))
        picture = unit.picture
        if not self._is_elsewhere(picture, sighter):
            raise Unfit(
                "It would be the last copy of the picture: the one that was kept is not there any more."
            )
        for step in unit.companions:
            if step.keeper is not None and os.path.lexists(place_of(step)):
                _require_counterpart(step, sighter)

    def _is_elsewhere(self, picture: Step, sighter: Sighter) -> bool:
        if picture.keeper is None or picture.keeper.digest is None or picture.file.digest is None:
            raise ValueError("a picture of a plan has a keeper, and both have digests")
        if _holds(picture.keeper.path, picture.keeper.digest, sighter):
            return True
        wanted = (picture.file.digest, picture.keeper.digest)
        with self.catalogue.read() as snapshot:
            ids = snapshot.ids_by_digest(wanted)
            files = snapshot.files_of(list(ids.values()))
        return any(
            _holds(row.path, digest, sighter)
            for digest, image_id in ids.items()
            for row in files[image_id]
            if row.state is FileState.PRESENT
        )


def _demands_back(unit: Unit) -> list[Demand]:
    return [demand_back(step.file, step.place) for step in unit.steps]


def _require_counterpart(step: Step, sighter: Sighter) -> None:
    """See that a raw file or a video has its equal beside the picture that is kept."""
    if step.keeper is not None and not _holds(step.keeper.path, sighter.digest(place_of(step)), sighter):
        raise Unfit(f"{display_path(step.file.path)} has no equal any more beside the picture that was kept.")


def _holds(path: bytes, digest: bytes, sighter: Sighter) -> bool:
    """Whether a file is there and has these bytes, read now."""
    try:
        return sighter.digest(path) == digest
    except Unfit:
        return False


def _at_place(step: Step) -> Known:
    """The file of a step where it lies now."""
    return Known(place_of(step), step.file.stamp, step.file.digest)


def _all_or_nothing(unit: Unit, do: Callable[[Step], T], take_back: Callable[[Step], object]) -> T:
    """Do something with every file of a unit; what comes of it for the picture, which is the first."""
    if not unit.companions:
        return do(unit.picture)
    came: list[T] = []
    try:
        for step in unit.steps:
            came.append(do(step))  # noqa: PERF401 - those before the one that fails have to be known
    except (OSError, Unfit):
        with taking_back():
            for step in reversed(unit.steps[: len(came)]):
                take_back(step)
        raise
    return came[0]
