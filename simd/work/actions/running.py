"""Doing something with many units: noted before, noted after, a batch at a time."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from simd.catalogue import Journal
from simd.core.actions.model import Step, Unit
from simd.core.actions.words import StepState
from simd.core.answers.likeness import MatchKind
from simd.ports import Clock
from simd.runtime.broadcast import Broadcast
from simd.runtime.collecting import seldom_collecting
from simd.system.moving import sync_folders
from simd.work.actions.deeds import folders_of
from simd.work.actions.quarantine import keep_in_order
from simd.work.actions.scouting import Turn, looking_ahead
from simd.work.actions.sighting import Sighter, Stuck, Unfit, reason_of
from simd.work.actions.verbs import Verb

log = logging.getLogger(__name__)

AT_ONCE = 256
"""Units of a batch, whose intents are synced together."""

NEAR_WEIGHT = 8
"""A near-duplicate counts for so many units: a closer look takes a hundred times as long as a digest."""

HEAVY_BYTES = 2**20
"""A file counts for as many units as it has these: what was read first should not be long ago at the end."""

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
    portions: Iterable[Sequence[Unit]]


@dataclass(frozen=True, slots=True)
class Runner:
    """Does things with units, one run at a time.

    Attributes:
        journal: where everything is noted before and after.
        clock: dates it.
        broadcast: tells how far a run has come.
        go_on: asked before each batch; raises to stop there.
        tell: told of the pictures whose files were taken away, put back, or became others; and what has been
            seen of those that were put back, by their paths.
    """

    journal: Journal
    clock: Clock
    broadcast: Broadcast
    go_on: Callable[[], None]
    tell: Callable[[Sequence[Step], Mapping[bytes, os.stat_result]], None]

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
        acted: list[Unit] = []
        noted_at = self.clock.monotonic()
        with self._turns(verb, load, tally) as turns:
            try:
                for batch, sighter in turns:
                    done, refused, failed = self._act(verb, batch, sighter)
                    acted += [*done, *failed]
                    tally.note(done, [*refused, *failed])
                    if len(acted) >= NOTED_AT_ONCE or self.clock.monotonic() >= noted_at + NOTED_EVERY:
                        self._note_outcomes(verb, acted)
                        acted, noted_at = [], self.clock.monotonic()
            finally:
                self._note_outcomes(verb, acted)
                acted = []  # before the search for cycles is taken up, which would go through them

    def rehearse(self, verb: Verb, load: Load, tally: Tally) -> None:
        """Look at everything as :meth:`run` does, and write nothing."""
        with self._turns(verb, load, tally) as turns:
            for batch, sighter in turns:
                tally.note(*_parted(verb, batch, sighter))

    @contextmanager
    def _turns(self, verb: Verb, load: Load, tally: Tally) -> Iterator[Iterator[Turn]]:
        """Units batch by batch, for as long as simd does not stop; between two it is told how far it is."""
        demands = verb.demands if load.total >= WORTH_LOOKING_AHEAD else None
        # The search for cycles is not put off for a whole run, which may look at pictures for hours.
        with (
            seldom_collecting() as collect,
            looking_ahead(_batches(load.portions), demands, self.go_on) as turns,
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
        self.journal.note(step for unit in (*begun, *refused) for step in unit.steps)
        done, failed, found = _perform(verb, begun, at)
        self.tell([unit.picture for unit in done], found)
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


def _followed(turns: Iterator[Turn], follow: Callable[[], None]) -> Iterator[Turn]:
    """The same turns, with something that is done after each."""
    for turn in turns:
        yield turn
        follow()


def _batches(portions: Iterable[Sequence[Unit]]) -> Iterator[Sequence[Unit]]:
    """Units in batches, smaller ones where much is read or looked at."""
    for units in portions:
        start = weight = 0
        for end, unit in enumerate(units, 1):
            weight += _weight(unit)
            if weight >= AT_ONCE or end == len(units):
                yield units[start:end]
                start, weight = end, 0


def _weight(unit: Unit) -> int:
    least = NEAR_WEIGHT if unit.picture.kind is MatchKind.NEAR else 1
    return max(least, unit.picture.file.stamp.size // HEAVY_BYTES)


def _parted(verb: Verb, batch: Sequence[Unit], sighter: Sighter) -> tuple[list[Unit], list[Unit]]:
    """Those that may be done, and those that must be left alone, with their reasons."""
    reasons = verb.reasons(batch, sighter)
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


def _perform(
    verb: Verb, begun: Iterable[Unit], at: datetime
) -> tuple[list[Unit], list[Unit], dict[bytes, os.stat_result]]:
    """Those that were done, and those that were not, of which some may stay open, with the reason.

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
            failed.append(in_state(unit, unit.picture.state, stuck.reason))
        else:
            done.append(in_state(unit, verb.course.done, at=at))
            if seen is not None:
                found[unit.picture.file.path] = seen
    return done, failed, found


def _refused(unit: Unit, verb: Verb, error: OSError | Unfit) -> Unit:
    return in_state(unit, verb.course.refused, reason_of(error))


def in_state(unit: Unit, state: StepState, reason: str | None = None, at: datetime | None = None) -> Unit:
    """A unit whose steps have all come so far; at the moment of before where none is given."""
    picture = unit.picture.stands(state, reason=reason, at=at)
    if not unit.companions:
        return Unit(picture)
    return Unit(picture, tuple(step.stands(state, reason=reason, at=at) for step in unit.companions))
