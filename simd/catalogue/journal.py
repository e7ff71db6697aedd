"""The journal of what is done to a person's files: plans, their steps, and how far each has come.

It is a database of its own: a plan may have a hundred thousand steps, which would weigh on the few
decisions of a person, and nothing that is done to the catalogue may reach it. Whatever is noted is on
the disk before the call returns; so what was to be done is known after a crash at any moment.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, Final

from simd.catalogue.backup import dated_backup
from simd.catalogue.faults import translating
from simd.catalogue.journal_tables import LANDMARK, TABLES
from simd.catalogue.lasting import Lasting
from simd.catalogue.sheet_codec import moment_text
from simd.catalogue.sheet_reads import (
    Portion,
    open_sheets,
    sheet_at,
    sheets_backwards,
    sheets_done_at,
    sheets_of_plan,
)
from simd.catalogue.sheet_writes import add_sheet, drop_unbegun, last_noted, note_steps
from simd.core.actions.model import ActionName, PlanRecord, Step, Unit
from simd.core.actions.sheets import Draft
from simd.core.actions.standing import Reached
from simd.core.actions.summing import ENDED, Sum, Summary, sum_deeds
from simd.core.actions.words import Action, StepState
from simd.core.answers.reports import DeedTotals
from simd.core.errors import NotFound
from simd.ports import Clock
from simd.runtime.collecting import no_collecting

JOURNAL: Final = "journal"
"""What the names of the database and of its copies begin with."""

_KIND: Final = Lasting(
    stem=JOURNAL,
    subject="The journal of actions",
    contents="The notes of what was done to files",
    landmark=LANDMARK,
    # With FULL the log is synced at every commit, and so whatever was committed outlives a loss of power.
    # Many builds of SQLite overwrite pages that come free: with every note that is renewed as well.
    pragmas=("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = FAST"),
    steps=TABLES,
    lost="No copy of them was found: what lies in quarantine has to be put back by hand; its MANIFEST.txt "
    "says where it came from.",
    outdated="of what was done since only the quarantine's MANIFEST.txt tells",
)

_COUNTS: Final = """
    SELECT state, sum(pictures), sum(bytes), max(last_at) FROM tally WHERE plan = ? GROUP BY state
"""
_ENDED: Final = f"""
    SELECT action, state, refused, sum(pictures), sum(bytes)
    FROM tally INDEXED BY tally_noted CROSS JOIN plan ON plan.id = tally.plan
    WHERE noted > 0 AND noted > ? AND state IN ({", ".join(f"'{state}'" for state in ENDED)})
    GROUP BY 1, 2, 3
"""  # noqa: S608 - constants
_LYING: Final = """
    SELECT ifnull(sum(pictures), 0), ifnull(sum(bytes), 0)
    FROM plan JOIN tally ON tally.plan = plan.id
    WHERE state = 'done' AND action IN ('quarantine', 'delete')
"""

_FREED: Final = frozenset({StepState.PLANNED, StepState.DOING, StepState.DONE, StepState.PURGED})

UNBEGUN_KEPT: Final = timedelta(days=30)
"""How long a plan is kept that nobody applies. A script may make one of a hundred thousand files a day."""

_ROOMY: Final = 16 * 2**20
"""Bytes that may lie idle in the database; beyond, it is written anew where that is more than half of it."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Journal:
    """Plans and steps. Any thread may use it.

    Attributes:
        recovery: what was done about a damaged journal at the start, None when nothing was.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Open the journal of a state folder, whose process lock the caller holds.

        Raises:
            NewerCatalogue: a later simd wrote it.
            CatalogueError: it cannot be read, or not be written.
        """
        self._clock = clock
        self._lock = Lock()
        self.recovery = _KIND.prepare(folder, clock.now())
        with translating(_KIND.subject):
            self._connection = _KIND.connect(folder, any_thread=True)

    def close(self) -> None:
        """Fold the log into the database; nothing may be asked afterwards."""
        with self._lock, translating(_KIND.subject):
            self._connection.close()

    def backup(self, folder: Path, keep: int) -> Path:
        """Copy the database, and keep the newest ``keep`` copies.

        Raises:
            CatalogueError: there is no room for a copy, or it cannot be written.
        """
        with self._lock, translating(_KIND.subject):
            return dated_backup(self._connection, folder, self._clock.now(), keep, stem=JOURNAL)

    def add(self, draft: Draft) -> int:
        """Keep a new plan; its number.

        Raises:
            CatalogueError: it cannot be kept.
        """
        row = (draft.action, draft.by_hand, json.dumps(draft.warnings), moment_text(self._clock.now()))
        with self._transaction() as connection:
            words = "INSERT INTO plan (action, by_hand, warnings, made_at) VALUES (?, ?, ?, ?)"
            number = connection.execute(words, row).lastrowid
            if number is None:
                raise RuntimeError("a row that was inserted has a number")
            for sheet in draft.sheets:
                add_sheet(connection, number, sheet)
        return number

    def note(self, steps: Iterable[Step], reached: Reached | None = None) -> None:
        """Keep how far steps have come: their state, place, reason, moment and traits; all of them or none.

        Args:
            steps: as they stand now.
            reached: other steps, which have all come equally far.

        Raises:
            CatalogueError: it cannot be kept.
        """
        noted = list(steps)
        if noted or (reached is not None and reached.steps):
            with self._transaction() as connection:
                note_steps(connection, noted, reached)

    def forget_unbegun(self) -> int:
        """Drop the old plans of which nothing is done or was refused; how many there were.

        Their room goes back to the disk where it is much. No run may be under way.

        Raises:
            CatalogueError: the journal cannot be written; or the plans are dropped, and their room is kept.
        """
        with self._transaction() as connection:
            dropped = drop_unbegun(connection, self._clock.now() - UNBEGUN_KEPT)
        with self._lock, translating(_KIND.subject):
            _give_back_room(self._connection)
        return dropped

    def plan(self, number: int) -> PlanRecord:
        """One plan.

        Raises:
            NotFound: there is none of that number.
            CatalogueError: the journal cannot be read.
        """
        found = self._rows("SELECT * FROM plan WHERE id = ?", (number,))
        if not found:
            raise NotFound(
                f"There is no plan {number}.",
                hint="simctl history lists the plans; one that nobody applies is forgotten after "
                f"{UNBEGUN_KEPT.days} days.",
            )
        return self._record(found[0])

    def plans(self, limit: int, before: int | None = None) -> list[PlanRecord]:
        """Up to ``limit`` plans, the newest first; only those with a number less than ``before``."""
        words = "SELECT * FROM plan WHERE id < ? ORDER BY id DESC LIMIT ?"
        return [self._record(row) for row in self._rows(words, (before or 1 << 62, limit))]

    def units(
        self, plan: int, states: Iterable[StepState] = tuple(StepState), after: int = 0, limit: int = -1
    ) -> list[Unit]:
        """Pictures of a plan with their companions, in order.

        Args:
            plan: its number.
            states: of the pictures.
            after: only those with a greater number.
            limit: at most so many; all when negative.
        """
        wanted = tuple(states)
        found: list[Unit] = []
        with no_collecting():
            for kept in sheets_of_plan(self._rows, plan, wanted, after):
                found += kept.units(wanted, after)
                if 0 <= limit <= len(found):
                    return found[:limit]
        return found

    def portions(
        self, plan: int, states: Iterable[StepState], *, backwards: bool = False
    ) -> Iterator[Portion]:
        """Pictures of a plan with their companions, a sheet at a time.

        Each is read when it is asked for: the longest plans are not to be in memory at once. What is noted
        meanwhile of those before changes nothing.

        Args:
            plan: its number.
            states: of the pictures.
            backwards: the last comes first.
        """
        wanted = tuple(states)
        sheets = (sheets_backwards if backwards else sheets_of_plan)(self._rows, plan, wanted)
        return (kept.portion(wanted, backwards=backwards) for kept in sheets)

    def unit(self, name: ActionName) -> Unit:
        """One picture of a plan with its companions, by the number of any of them.

        Raises:
            NotFound: there is no such step.
        """
        kept = None if name.step is None else sheet_at(self._rows, name.plan, name.step)
        if kept is None or name.step is None:
            raise NotFound(
                f"There is no action {name}.", hint=f"simctl history {name.plan} lists those of the plan."
            )
        return kept.unit(name.step)

    def unfinished(self) -> list[Step]:
        """The steps that were begun and not ended, in order of their plans."""
        with no_collecting():
            return [step for kept in open_sheets(self._rows) for step in kept.open_steps()]

    def last_done(self, path: bytes) -> Step | None:
        """The newest step that is done, of the file that was at a path or that lies there in quarantine."""
        found = (step for kept in sheets_done_at(self._rows, path) for step in kept.done_at(path))
        return max(found, key=lambda step: (step.at or _NEVER, step.name), default=None)

    def done_before(self, plan: int, moment: datetime) -> list[Unit]:
        """The pictures of a plan that were done before a moment, in order."""
        states = (StepState.DONE,)
        sheets = sheets_of_plan(self._rows, plan, states)
        with no_collecting():
            return [unit for kept in sheets for unit in kept.units(states, before=moment)]

    def summary(self, since: int) -> Summary:
        """What was done after a place in the journal, and what lies in quarantine by now.

        Args:
            since: ``noted`` of an earlier summary; all is told for 0, or for one of a journal that was lost.

        Raises:
            CatalogueError: the journal cannot be read.
        """
        with self._lock, translating(_KIND.subject):
            noted = last_noted(self._connection)
            sums = self._connection.execute(_ENDED, (since if since <= noted else 0,)).fetchall()
            [(pictures, size)] = self._connection.execute(_LYING)
        found = [
            Sum(Action(action), StepState(state), bool(refused), *counted)
            for action, state, refused, *counted in sums
        ]
        return Summary(sum_deeds(found, DeedTotals(pictures=pictures, bytes=size)), noted)

    def _record(self, row: tuple[Any, ...]) -> PlanRecord:
        number, action, by_hand, warnings, made_at = row
        counted = self._rows(_COUNTS, (number,))
        moments = [datetime.fromisoformat(at) for *_, at in counted if at is not None]
        return PlanRecord(
            id=number,
            action=Action(action),
            by_hand=bool(by_hand),
            warnings=tuple(json.loads(warnings)),
            made_at=datetime.fromisoformat(made_at),
            counts={StepState(state): pictures for state, pictures, _, _ in counted},
            size=sum(size for state, _, size, _ in counted if StepState(state) in _FREED),
            last_at=max(moments, default=None),
        )

    def _rows(self, words: str, given: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
        with self._lock, translating(_KIND.subject):
            return self._connection.execute(words, given).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, translating(_KIND.subject):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _give_back_room(connection: sqlite3.Connection) -> None:
    asked = ("freelist_count", "page_count", "page_size")
    idle, pages, size = (connection.execute(f"PRAGMA {each}").fetchone()[0] for each in asked)
    if idle * size > _ROOMY and 2 * idle > pages:
        connection.execute("VACUUM")
