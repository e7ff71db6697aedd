"""Doing something with many units: noted before, noted after, a batch at a time."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from simd.catalogue import Journal
from simd.core.actions.model import Step, Unit
from simd.core.actions.words import StepState
from simd.core.answers.likeness import MatchKind
from simd.ports import Clock
from simd.runtime.broadcast import Broadcast
from simd.runtime.collecting import no_collecting
from simd.system.moving import sync_folders
from simd.work.actions.deeds import folders_of
from simd.work.actions.quarantine import keep_in_order
from simd.work.actions.sighting import Stuck, Unfit, reason_of
from simd.work.actions.verbs import Verb

log = logging.getLogger(__name__)

AT_ONCE = 256
"""Units of a batch, whose intents are synced together."""

NEAR_WEIGHT = 8
"""A near-duplicate counts for so many units: a closer look takes a hundred times as long as a digest."""

NOTED_AT_ONCE = 4_096
"""Units whose outcomes are noted together. Their folders are synced before, of which there may be as many."""

MOST_TROUBLES = 100
"""Units that were left alone and are told one by one."""


@dataclass(slots=True)
class Tally:
    """What has come of a run so far.

    Attributes:
        done: how many units were done.
        refused: how many were left alone.
        size: bytes of the files of those that were done.
        troubles: the first of those that were left alone.
    """

    done: int = 0
    refused: int = 0
    size: int = 0
    troubles: list[Unit] = field(default_factory=list)

    def note(self, done: Sequence[Unit], refused: Sequence[Unit]) -> None:
        """Count some more."""
        self.done += len(done)
        self.refused += len(refused)
        self.size += sum(unit.size for unit in done)
        self.troubles += refused[: MOST_TROUBLES - len(self.troubles)]


@dataclass(frozen=True, slots=True)
class Runner:
    """Does things with units, one run at a time.

    Attributes:
        journal: where everything is noted before and after.
        clock: dates it.
        broadcast: tells how far a run has come.
        go_on: asked before each batch; raises to stop there.
        tell: told of the pictures whose files were taken away, put back, or became others.
    """

    journal: Journal
    clock: Clock
    broadcast: Broadcast
    go_on: Callable[[], None]
    tell: Callable[[Sequence[Step]], None]

    def run(self, verb: Verb, units: Sequence[Unit], tally: Tally) -> None:
        """Do something with units.

        Args:
            verb: what.
            units: of one plan.
            tally: counts what comes of it.

        Raises:
            CatalogueError: the journal cannot be written. What was begun is finished or taken back before
                the next run, or at the next start.
            Unavailable: simd is stopping.
        """
        total = tally.done + tally.refused + len(units)
        acted: list[Unit] = []
        self._tell_progress(verb, units, tally, total)
        try:
            for batch in _batches(units):
                self.go_on()
                done, refused, failed = self._act(verb, batch)
                acted += [*done, *failed]
                tally.note(done, [*refused, *failed])
                self._tell_progress(verb, units, tally, total)
                if len(acted) >= NOTED_AT_ONCE:
                    self._note_outcomes(verb, acted)
                    acted = []
        finally:
            self._note_outcomes(verb, acted)

    def rehearse(self, verb: Verb, units: Sequence[Unit], tally: Tally) -> None:
        """Look at everything as :meth:`run` does, and write nothing."""
        total = tally.done + tally.refused + len(units)
        self._tell_progress(verb, units, tally, total)
        for batch in _batches(units):
            self.go_on()
            fit, refused = _parted(verb, batch)
            tally.note(fit, refused)
            self._tell_progress(verb, units, tally, total)

    def _tell_progress(self, verb: Verb, units: Sequence[Unit], tally: Tally, total: int) -> None:
        self.broadcast.tell(
            "action",
            plan=str(units[0].picture.name.plan),
            verb=verb.course.name,
            done=tally.done,
            refused=tally.refused,
            total=total,
        )

    def _act(self, verb: Verb, batch: Sequence[Unit]) -> tuple[list[Unit], list[Unit], list[Unit]]:
        """Do what may be done; those that were done, were left alone, and could not be done."""
        # Not for a whole run, which may look at pictures for hours, while others make garbage.
        with no_collecting():
            fit, refused = _parted(verb, batch)
            at = self.clock.now()
            begun = list(_begin(verb, fit, refused, at))
            self.journal.note(step for unit in (*begun, *refused) for step in unit.steps)
            done, failed = _perform(verb, begun, at)
            self.tell([unit.picture for unit in done])
        return done, refused, failed

    def _note_outcomes(self, verb: Verb, acted: Sequence[Unit]) -> None:
        """Have everything that was done on the disk, and then the word of it."""
        steps = [step for unit in acted for step in unit.steps]
        try:
            sync_folders(folders_of(steps))
        except OSError as error:
            log.warning("the folders of what was done could not be synced: %s", error)
        keep_in_order([step for step in steps if step.state is verb.course.done], verb.course.manifest)
        keep_in_order([step for step in steps if step.state is not verb.course.done], None)
        self.journal.note(steps)


def _batches(units: Sequence[Unit]) -> Iterator[Sequence[Unit]]:
    """Units in batches, which are smaller where pictures are looked at."""
    start = weight = 0
    for end, unit in enumerate(units, 1):
        weight += NEAR_WEIGHT if unit.picture.kind is MatchKind.NEAR else 1
        if weight >= AT_ONCE or end == len(units):
            yield units[start:end]
            start, weight = end, 0


def _parted(verb: Verb, batch: Sequence[Unit]) -> tuple[list[Unit], list[Unit]]:
    """Those that may be done, and those that must be left alone, with their reasons."""
    reasons = verb.reasons(batch)
    fit = [unit for unit, reason in zip(batch, reasons, strict=True) if reason is None]
    refused = [
        in_state(unit, verb.course.refused, reason)
        for unit, reason in zip(batch, reasons, strict=True)
        if reason is not None
    ]
    return fit, refused


def _begin(verb: Verb, fit: Iterable[Unit], refused: list[Unit], at: datetime) -> Iterator[Unit]:
    """Units with what has to be noted beforehand; where that cannot be found out, they are refused."""
    for unit in fit:
        try:
            picture = verb.begin(unit.picture, at)
            companions = tuple([verb.begin(step, at) for step in unit.companions])
        except (OSError, Unfit) as error:
            refused.append(_refused(unit, verb, error))
        else:
            yield Unit(picture, companions)


def _perform(verb: Verb, begun: Iterable[Unit], at: datetime) -> tuple[list[Unit], list[Unit]]:
    """Those that were done, and those that were not; of the latter some may stay open, with the reason."""
    done, failed = [], []
    for unit in begun:
        try:
            verb.perform(unit)
        except (OSError, Unfit) as error:
            failed.append(_refused(unit, verb, error))
        except Stuck as stuck:
            log.warning("action %s stays open: %s", unit.picture.name, stuck.reason)
            failed.append(in_state(unit, unit.picture.state, stuck.reason))
        else:
            done.append(in_state(unit, verb.course.done, at=at))
    return done, failed


def _refused(unit: Unit, verb: Verb, error: OSError | Unfit) -> Unit:
    return in_state(unit, verb.course.refused, reason_of(error))


def in_state(unit: Unit, state: StepState, reason: str | None = None, at: datetime | None = None) -> Unit:
    """A unit whose steps have all come so far; at the moment of before where none is given."""
    picture = unit.picture.stands(state, reason=reason, at=at)
    if not unit.companions:
        return Unit(picture)
    return Unit(picture, tuple(step.stands(state, reason=reason, at=at) for step in unit.companions))
