"""Doing something with many units: noted before, noted after, a batch at a time."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from simd.catalogue import Journal
from simd.core.actions.model import Step, Unit
from simd.core.actions.standing import Reached
from simd.core.actions.words import StepState
from simd.ports import Clock
from simd.runtime.broadcast import Broadcast
from simd.runtime.collecting import seldom_collecting
from simd.system.moving import sync_folders
from simd.work.actions.batching import AT_ONCE, Batch, batches
from simd.work.actions.deeds import folders_of
from simd.work.actions.quarantine import keep_in_order, leave_tidy
from simd.work.actions.scouting import Turn, looking_ahead
from simd.work.actions.sighting import Sighter, Stuck, Unfit, reason_of
from simd.work.actions.verbs import Verb

log = logging.getLogger(__name__)

WORTH_LOOKING_AHEAD = 2 * AT_ONCE
"""With fewer units, all would be done before another process has begun to look."""

NOTED_EVERY = 2.0
"""Seconds after which outcomes are noted, together: the folders of all are synced before, each once."""

NOTED_AT_ONCE = 16_384
"""Units whose outcomes are noted in any case: they are in memory until then, and looked at after a crash."""

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


@dataclass(slots=True)
class Acted:
    """What has been acted on, until the outcome is noted.

    Attributes:
        done: units as they were noted when they were begun; a second state of each would take time and room.
        failed: those that could not be done, as they stand now.
    """

    done: list[Unit] = field(default_factory=list)
    failed: list[Unit] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.done) + len(self.failed)


@dataclass(frozen=True, slots=True)
class Load:
    """What a run is about.

    Attributes:
        plan: number of the plan.
        total: how many units there are.
        portions: all of them, a few hundred at a time, read when their turn comes.
    """

    plan: int
    total: int
    portions: Iterable[Batch]


@dataclass(frozen=True, slots=True)
class Runner:
    """Does things with units, one run at a time.

    Attributes:
        journal: where everything is noted before and after.
        clock: dates it.
        broadcast: tells how far a run has come.
        go_on: asked before each batch; raises to stop there.
        tell: told of the pictures whose files were taken away, put back, or became others; how far they have
            come; and what has been seen of those that were put back, by their paths.
    """

    journal: Journal
    clock: Clock
    broadcast: Broadcast
    go_on: Callable[[], None]
    tell: Callable[[Sequence[Step], StepState, Mapping[bytes, os.stat_result]], None]

    def run(self, verb: Verb, load: Load, tally: Tally) -> None:
        """Do something with units.

        Args:
            verb: what.
            load: the units.
            tally: counts what comes of it.

        Raises:
            CatalogueError: the journal cannot be read, or not be written. What was begun is finished or taken
                back before the next run, or at the next start.
            Unavailable: simd is stopping.
        """
        acted = Acted()
        noted_at = self.clock.monotonic()
        with self._turns(verb, load, tally) as turns:
            try:
                for batch, sighter in turns:
                    done, refused, failed = self._act(verb, batch, sighter)
                    acted.done += done
                    acted.failed += failed
                    tally.note(done, [*refused, *failed])
                    if len(acted) >= NOTED_AT_ONCE or self.clock.monotonic() >= noted_at + NOTED_EVERY:
                        self._note_outcomes(verb, acted)
                        acted, noted_at = Acted(), self.clock.monotonic()
            finally:
                self._note_outcomes(verb, acted)
                acted = Acted()  # before the search for cycles is taken up, which would go through them

    def rehearse(self, verb: Verb, load: Load, tally: Tally) -> None:
        """Look at everything as :meth:`run` does, and write nothing."""
        with self._turns(verb, load, tally) as turns:
            for batch, sighter in turns:
                tally.note(*_parted(verb, batch, sighter))

    @contextmanager
    def _turns(self, verb: Verb, load: Load, tally: Tally) -> Iterator[Iterator[Turn]]:
        """Units batch by batch, for as long as simd does not stop; between two it is told how far it is."""
        ahead = verb.ahead if load.total >= WORTH_LOOKING_AHEAD else None
        # The search for cycles is not put off for a whole run, which may look at pictures for hours.
        with (
            seldom_collecting() as collect,
            looking_ahead(batches(load.portions), ahead, self.go_on) as turns,
        ):
            yield self._told(verb, load, tally, _followed(turns, collect))

    def _told(self, verb: Verb, load: Load, tally: Tally, turns: Iterator[Turn]) -> Iterator[Turn]:
        """The same turns; before and after each it is told how far the run has come."""
        total = tally.done + tally.refused + load.total
        told = {"plan": str(load.plan), "verb": verb.course.name, "total": total}
        self.broadcast.tell("action", **told, done=tally.done, refused=tally.refused)
        for turn in turns:
            yield turn
            self.broadcast.tell("action", **told, done=tally.done, refused=tally.refused)

    def _act(
        self, verb: Verb, batch: Sequence[Unit], sighter: Sighter
    ) -> tuple[list[Unit], list[Unit], list[Unit]]:
        """Do what may be done; those that were done, were left alone, and could not be done."""
        fit, refused = _parted(verb, batch, sighter)
        at = self.clock.now()
        begun = list(_begin(verb, fit, refused, at))
        self.journal.note(_steps_of(refused), Reached(_steps_of(begun), verb.course.begun))
        done, failed, found = _perform(verb, begun)
        self.tell([unit.picture for unit in done], verb.course.done, found)
        return done, refused, failed

    def _note_outcomes(self, verb: Verb, acted: Acted) -> None:
        """Have everything that was done on the disk, and then the word of it."""
        done = Reached(_steps_of(acted.done), verb.course.done, self.clock.now())
        failed = _steps_of(acted.failed)
        try:
            sync_folders(folders_of([*done.steps, *failed]))
        except OSError as error:
            log.warning("the folders of what was done could not be synced: %s", error)
        keep_in_order(done)
        leave_tidy(failed)
        self.journal.note(failed, done)


def _followed(turns: Iterator[Turn], follow: Callable[[], None]) -> Iterator[Turn]:
    """The same turns, with something that is done after each."""
    for turn in turns:
        yield turn
        follow()


def _parted(verb: Verb, batch: Sequence[Unit], sighter: Sighter) -> tuple[list[Unit], list[Unit]]:
    """Those that may be done, and those that must be left alone, with their reasons."""
    fit, refused = [], []
    for unit, reason in zip(batch, verb.reasons(batch, sighter), strict=True):
        if reason is None:
            fit.append(unit)
        else:
            refused.append(in_state(unit, verb.course.refused, reason))
    return fit, refused


def _begin(verb: Verb, fit: Iterable[Unit], refused: list[Unit], at: datetime) -> Iterator[Unit]:
    """Units with what has to be noted beforehand; where that cannot be found out, they are refused."""
    for unit in fit:
        try:
            yield verb.begin(unit, at)
        except (OSError, Unfit) as error:
            refused.append(_refused(unit, verb, error))


def _perform(verb: Verb, begun: Iterable[Unit]) -> tuple[list[Unit], list[Unit], dict[bytes, os.stat_result]]:
    """Those that were done, as they were begun, and those that were not, with the reason; some may stay open.

    Third, what has been seen of pictures that are at their paths again.
    """
    done, failed, found = [], [], {}
    for unit in begun:
        try:
            seen = verb.perform(unit)
        except (OSError, Unfit) as error:
            failed.append(_refused(unit, verb, error))
        except Stuck as stuck:
            log.warning("action %s stays open: %s", unit.picture.name, stuck.reason)
            failed.append(in_state(unit, verb.course.begun, stuck.reason))
        else:
            done.append(unit)
            if seen is not None:
                found[unit.picture.file.path] = seen
    return done, failed, found


def _refused(unit: Unit, verb: Verb, error: OSError | Unfit) -> Unit:
    return in_state(unit, verb.course.refused, reason_of(error))


def in_state(unit: Unit, state: StepState, reason: str) -> Unit:
    """A unit whose steps have all come so far, and why no further."""
    picture = unit.picture.stands(state, reason=reason)
    return Unit(picture, tuple(step.stands(state, reason=reason) for step in unit.companions))


def _steps_of(units: Iterable[Unit]) -> list[Step]:
    return [step for unit in units for step in unit.steps]
