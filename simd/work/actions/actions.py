"""Plans made, applied, undone, and what is left of them purged: all that is done to a person's files."""

import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from threading import Event, Lock

from simd.catalogue import Catalogue, Journal
from simd.core.actions.model import ActionName, PlanRecord, PlanRequest, Step, Unit
from simd.core.actions.words import UNDER_WAY, Action, StepState
from simd.core.answers import Note, Outcome, Plan, PlanPage
from simd.core.display import display_path
from simd.core.errors import BadRequest, NotFound, Unavailable
from simd.ports import Clock
from simd.runtime.broadcast import Broadcast
from simd.work.actions.batching import Given
from simd.work.actions.checking import Checking
from simd.work.actions.describing import describe_plan, describe_units
from simd.work.actions.planning import Planning
from simd.work.actions.recovering import settle_unfinished
from simd.work.actions.running import Load, Runner, Tally
from simd.work.actions.verbs import LYING, Applying, Purging, Undoing, Verb, deed_of

log = logging.getLogger(__name__)

FIRST_STEPS = 1_000
"""So many steps of a new plan are told at once; the others by pages."""

_CURSOR = re.compile(r"[0-9]{1,18}")

_TO_DO = (StepState.PLANNED, StepState.REFUSED)


class Actions:
    """Answers for everything that is done to files. Any thread may ask; one thing is done at a time.

    Args:
        journal: keeps plans, and what has become of them.
        catalogue: knows the files.
        planning: makes plans.
        checking: looks at every file before it is touched.
        clock: dates everything.
        broadcast: tells how far a run has come.
        tell: told of pictures whose files were taken away, put back, or became others, as in :class:`Runner`.
        is_online: tells of a watched folder whether it can be reached.
    """

    def __init__(
        self,
        journal: Journal,
        catalogue: Catalogue,
        planning: Planning,
        checking: Checking,
        clock: Clock,
        broadcast: Broadcast,
        tell: Callable[[Sequence[Step], StepState, Mapping[bytes, os.stat_result]], None],
        is_online: Callable[[bytes], bool],
    ) -> None:
        self._journal = journal
        self._catalogue = catalogue
        self._planning = planning
        self._checking = checking
        self._clock = clock
        self._is_online = is_online
        self._tell = tell
        self._closed = Event()
        self._acting = Lock()
        self._runner = Runner(journal, clock, broadcast, self._go_on, tell)
        self._settled = 0

    def recover(self) -> None:
        """Finish or take back what was begun before a crash.

        Raises:
            CatalogueError: the journal cannot be used.
        """
        with self._alone():
            self._settle()

    def close(self) -> None:
        """Have a run end after the files that it is at."""
        self._closed.set()
        with self._acting:
            return

    def notes(self) -> Sequence[Note]:
        """What a person should know."""
        if not self._settled:
            return ()
        files = "file was" if self._settled == 1 else "files were"
        return [
            Note(
                message=f"{self._settled} {files} in the midst of an action when simd was stopped; "
                "each was finished or put back.",
                hint="simctl history shows how every plan stands; the log names each file.",
            )
        ]

    def plan(self, request: PlanRequest) -> Plan:
        """Make a plan and keep it, unless it is empty; that has no id.

        Raises:
            BadRequest, NotFound: see :meth:`Planning.draft`.
            CatalogueError: it cannot be kept.
        """
        draft = self._planning.draft(request)
        if draft.sheets:
            return self.plan_at(self._journal.add(draft), FIRST_STEPS, None, None)
        empty = PlanRecord(
            id=0,
            action=draft.action,
            by_hand=draft.by_hand,
            warnings=draft.warnings,
            made_at=self._clock.now(),
            counts={},
            size=0,
            last_at=None,
        )
        head = asdict(describe_plan(empty)) | {"id": ""}
        return Plan(**head, steps=[], next_cursor=None, generation=self._catalogue.generation())

    def plan_at(self, plan: int, limit: int, cursor: str | None, state: StepState | None) -> Plan:
        """A plan with a page of its steps.

        Raises:
            NotFound: there is none of that number.
            BadRequest: a cursor that no page gave.
        """
        record = self._journal.plan(plan)
        states = tuple(StepState) if state is None else (state,)
        units = self._journal.units(plan, states, _position(cursor) or 0, limit + 1)
        head = describe_plan(record)
        return Plan(
            **{name: getattr(head, name) for name in head.__dataclass_fields__},
            steps=describe_units(units[:limit]),
            next_cursor=str(units[limit - 1].picture.name.step) if len(units) > limit else None,
            generation=self._catalogue.generation(),
        )

    def plans(self, limit: int, cursor: str | None) -> PlanPage:
        """A page of plans, the newest first.

        Raises:
            BadRequest: a cursor that no page gave.
        """
        records = self._journal.plans(limit + 1, _position(cursor))
        return PlanPage(
            plans=[describe_plan(record) for record in records[:limit]],
            next_cursor=str(records[limit - 1].id) if len(records) > limit else None,
            generation=self._catalogue.generation(),
        )

    def apply(self, plan: int, *, dry_run: bool) -> Outcome:
        """Do what a plan says, file by file; what was refused before is tried again.

        Raises:
            NotFound: there is no such plan.
            BadRequest: nothing of it is left to do.
            Unavailable: something else is being done, or simd is stopping.
            CatalogueError: the journal cannot be written.
        """
        with self._alone():
            if not dry_run:
                self._settle()
            record = self._journal.plan(plan)
            load = self._load(record, _TO_DO)
            if not load.total:
                raise BadRequest(
                    f"Nothing of plan {plan} is left to do: it is {record.state}.",
                    hint=f"simctl history {plan} tells what came of it; simctl plan makes a new one.",
                )
            applying = Applying(record, deed_of(record), self._checking, keep_looks=not dry_run)
            tally = self._done(applying, load, dry_run=dry_run)
            if record.action is Action.DELETE and not dry_run:
                done = self._load(self._journal.plan(plan), [StepState.DONE])
                if done.total:
                    tally = self._done(Purging(self._catalogue), done, tally=_only_troubles(tally))
        return self._outcome([plan], tally, dry_run=dry_run)

    def undo(self, name: ActionName) -> Outcome:
        """Take back a whole plan, the last step first, or one step.

        Raises:
            NotFound: there is no such plan or step.
            BadRequest: nothing of it was done, or it cannot be undone.
            Unavailable: something else is being done, or simd is stopping.
            CatalogueError: the journal cannot be written.
        """
        with self._alone():
            self._settle()
            record = self._journal.plan(name.plan)
            load = self._done_load(record, name)
            if not load.total:
                raise BadRequest(
                    f"Nothing of {name} is done: there is nothing to undo.",
                    hint=f"simctl history {name.plan} tells what came of it.",
                )
            tally = self._done(Undoing(deed_of(record)), load)
        return self._outcome([name.plan], tally)

    def restore(self, paths: Sequence[bytes]) -> Outcome:
        """Put files back, named by where they were or by where they are.

        Raises:
            NotFound: no file was taken away from such a path, or lies there; nothing is put back.
            Unavailable: something else is being done, or simd is stopping.
            CatalogueError: the journal cannot be written.
        """
        with self._alone():
            self._settle()
            # Several of the paths may belong to one picture.
            units = {unit.picture.name: unit for unit in map(self._taken, paths)}
            by_plan: dict[int, list[Unit]] = {}
            for name, unit in units.items():
                by_plan.setdefault(name.plan, []).append(unit)
            tally = Tally()
            for plan, taken in by_plan.items():
                self._done(Undoing(deed_of(self._journal.plan(plan))), _load_of(taken), tally=tally)
        return self._outcome(sorted(by_plan), tally)

    def purge(self, older_than: timedelta, *, dry_run: bool) -> Outcome:
        """Delete for good what has lain in quarantine for so long, if each picture is somewhere else.

        Raises:
            Unavailable: something else is being done, or simd is stopping.
            CatalogueError: the journal cannot be written.
        """
        before = self._clock.now() - older_than
        tally, plans = Tally(), []
        with self._alone():
            if not dry_run:
                self._settle()
            for record in reversed(self._journal.plans(-1)):
                if record.action not in LYING or not record.counts.get(StepState.DONE):
                    continue
                load = _load_of(self._journal.done_before(record.id, before))
                if load.total:
                    plans.append(record.id)
                    self._done(Purging(self._catalogue), load, tally=tally, dry_run=dry_run)
        return self._outcome(plans, tally, dry_run=dry_run)

    def forget_unbegun(self) -> None:
        """Drop old plans that nobody has applied: of each file they hold as much as of one that was moved.

        Raises:
            Unavailable: something is being done to files, or simd is stopping.
            CatalogueError: the journal cannot be written.
        """
        with self._alone():
            dropped = self._journal.forget_unbegun()
        if dropped:
            log.info("forgot %d plans that nobody has applied", dropped)

    def _done(self, verb: Verb, load: Load, *, tally: Tally | None = None, dry_run: bool = False) -> Tally:
        counted = tally or Tally()
        if dry_run:
            self._runner.rehearse(verb, load, counted)
        else:
            self._runner.run(verb, load, counted)
            log.info("%s: %d done, %d left alone", verb.course.name, counted.done, counted.refused)
        return counted

    def _load(self, record: PlanRecord, states: Sequence[StepState], *, backwards: bool = False) -> Load:
        """The pictures of a plan that are in certain states."""
        portions = self._journal.portions(record.id, states, backwards=backwards)
        total = sum(record.counts.get(state, 0) for state in states)
        return Load(record.id, total, portions)

    def _done_load(self, record: PlanRecord, name: ActionName) -> Load:
        """What is done of a plan, or of one step, the last first."""
        if name.step is None:
            return self._load(record, [StepState.DONE], backwards=True)
        unit = self._journal.unit(name)
        return _load_of([unit] if unit.picture.state is StepState.DONE else [])

    def _taken(self, path: bytes) -> Unit:
        step = self._journal.last_done(path)
        unit = None if step is None else self._journal.unit(step.name)
        if unit is None or unit.picture.state is not StepState.DONE:
            shown = display_path(path)
            raise NotFound(
                f"simd has taken no file away from {shown}, and none that lies there.",
                hint="simctl history PLAN lists the files of a plan.",
                path=shown,
            )
        return unit

    def _settle(self) -> None:
        found = settle_unfinished(self._journal, self._is_online, self._clock.now())
        settled = [step for step in found if step.state not in UNDER_WAY]
        self._settled += len(settled)
        for state in StepState:
            self._tell([step for step in settled if step.unit is None and step.state is state], state, {})

    def _go_on(self) -> None:
        if self._closed.is_set():
            raise Unavailable(
                "simd is stopping.", hint="What was done so far is noted; apply the plan again to go on."
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._acting.acquire(blocking=False):
            raise Unavailable(
                "Something else is being done to files at this moment.",
                hint="Wait until it has ended: simctl history shows how far it is.",
            )
        try:
            self._go_on()
            yield
        finally:
            self._acting.release()

    def _outcome(self, plans: Sequence[int], tally: Tally, *, dry_run: bool = False) -> Outcome:
        return Outcome(
            plans=[str(plan) for plan in plans],
            done=tally.done,
            refused=tally.refused,
            bytes=tally.size,
            troubles=describe_units(tally.troubles),
            dry_run=dry_run,
            generation=self._catalogue.generation(),
        )


def _load_of(units: Sequence[Unit]) -> Load:
    """Units of one plan that have been read."""
    return Load(units[0].picture.name.plan if units else 0, len(units), [Given(units)])


def _only_troubles(tally: Tally) -> Tally:
    """What a deletion goes on with: what was put aside is counted when it is deleted."""
    return Tally(refused=tally.refused, troubles=tally.troubles)


def _position(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not _CURSOR.fullmatch(cursor):
        raise BadRequest(
            f"There is no page at cursor {cursor!r}.", hint="Pass next_cursor of the page before."
        )
    return int(cursor)
