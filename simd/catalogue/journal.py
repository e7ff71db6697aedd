"""The journal of what is done to a person's files: plans, their steps, and how far each has come.

It is a database of its own: a plan may have a hundred thousand steps, which would weigh on the few
decisions of a person, and nothing that is done to the catalogue may reach it. Whatever is noted is on
the disk before the call returns; so what was to be done is known after a crash at any moment.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any, Final

from simd.catalogue.backup import dated_backup
from simd.catalogue.faults import translating
from simd.catalogue.lasting import Lasting
from simd.catalogue.schema import MASK_64, signed
from simd.core.actions.model import ActionName, Known, PlanRecord, Step, Unit
from simd.core.actions.sheets import Draft
from simd.core.actions.summing import ENDED, Sum, Summary, sum_deeds
from simd.core.actions.words import Action, CompanionRole, StepState
from simd.core.answers.likeness import MatchKind
from simd.core.answers.reports import DeedTotals
from simd.core.errors import NotFound
from simd.core.model import Stamp
from simd.ports import Clock

JOURNAL: Final = "journal"
"""What the names of the database and of its copies begin with."""

_KIND: Final = Lasting(
    stem=JOURNAL,
    subject="The journal of actions",
    contents="The notes of what was done to files",
    landmark="step",
    # With FULL the log is synced at every commit, and so whatever was committed outlives a loss of power.
    pragmas=("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"),
    steps=(
        """CREATE TABLE plan (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            action TEXT NOT NULL,
            by_hand INTEGER NOT NULL,
            warnings TEXT NOT NULL,
            made_at TEXT NOT NULL
        )""",
        """CREATE TABLE step (
            plan INTEGER NOT NULL REFERENCES plan (id),
            number INTEGER NOT NULL,
            unit INTEGER,
            role TEXT,
            root BLOB NOT NULL,
            path BLOB NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            ctime_ns INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            digest BLOB,
            keeper BLOB,
            keeper_size INTEGER,
            keeper_mtime_ns INTEGER,
            keeper_ctime_ns INTEGER,
            keeper_inode INTEGER,
            keeper_digest BLOB,
            kind TEXT NOT NULL,
            why TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            state TEXT NOT NULL,
            place BLOB,
            reason TEXT,
            at TEXT,
            traits TEXT,
            PRIMARY KEY (plan, number)
        ) WITHOUT ROWID""",
        "CREATE INDEX step_unit ON step (plan, unit) WHERE unit IS NOT NULL",
        "CREATE INDEX step_open ON step (state) WHERE state IN ('doing', 'undoing', 'purging')",
        "CREATE INDEX step_path ON step (path) WHERE state = 'done'",
        "CREATE INDEX step_place ON step (place) WHERE state = 'done'",
        # Rises with every transaction that notes anything: what a report has told is not told again.
        "ALTER TABLE step ADD COLUMN noted INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX step_noted ON step (noted) WHERE noted > 0",
    ),
    lost="No copy of them was found: what lies in quarantine has to be put back by hand; its MANIFEST.txt "
    "says where it came from.",
    outdated="of what was done since only the quarantine's MANIFEST.txt tells",
)

_COLUMNS: Final = """
    plan, number, unit, role, root, path, size, mtime_ns, ctime_ns, inode, digest,
    keeper, keeper_size, keeper_mtime_ns, keeper_ctime_ns, keeper_inode, keeper_digest,
    kind, why, bytes, state, place, reason, at, traits
"""
_STEPS: Final = f"SELECT {_COLUMNS} FROM step"  # noqa: S608 - constants
_PUT: Final = f"INSERT INTO step ({_COLUMNS}) VALUES ({', '.join('?' * 25)})"  # noqa: S608 - constants
_NOTE: Final = """
    UPDATE step SET state = ?, place = ?, reason = ?, at = ?, traits = ?, noted = ?
    WHERE plan = ? AND number = ?
"""
_NOTED: Final = "SELECT ifnull(max(noted), 0) FROM step WHERE noted > 0"
_UNITS: Final = f"""
    {_STEPS} WHERE plan = :plan AND unit IS NULL AND number > :after
    AND state IN (SELECT value FROM json_each(:states)) ORDER BY number LIMIT :limit
"""  # noqa: S608 - constants
_COMPANIONS: Final = f"""
    {_STEPS} WHERE plan = ? AND unit IS NOT NULL AND unit IN (SELECT value FROM json_each(?)) ORDER BY number
"""  # noqa: S608 - constants
_COUNTS: Final = """
    SELECT state, sum(unit IS NULL), sum(bytes), max(at) FROM step WHERE plan = ? GROUP BY state
"""
_OPEN: Final = f"{_STEPS} WHERE state IN ('doing', 'undoing', 'purging') ORDER BY plan, number"
_LAST_DONE: Final = f"""
    {_STEPS} WHERE state = 'done' AND (path = :path OR place = :path) ORDER BY at DESC, plan DESC LIMIT 1
"""
_QUARANTINED: Final = f"""
    {_STEPS} WHERE plan = ? AND unit IS NULL AND state = 'done' AND at < ? ORDER BY number
"""

_ENDED: Final = f"""
    SELECT action, state, reason IS NOT NULL, sum(unit IS NULL), sum(bytes)
    FROM step INDEXED BY step_noted CROSS JOIN plan ON plan.id = step.plan
    WHERE noted > 0 AND noted > ? AND state IN ({", ".join(f"'{state}'" for state in ENDED)})
    GROUP BY 1, 2, 3
"""  # noqa: S608 - constants
_LYING: Final = """
    SELECT ifnull(sum(unit IS NULL), 0), ifnull(sum(bytes), 0)
    FROM plan JOIN step ON step.plan = plan.id
    WHERE state = 'done' AND action IN ('quarantine', 'delete')
"""

_FREED: Final = frozenset({StepState.PLANNED, StepState.DOING, StepState.DONE, StepState.PURGED})


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
        row = (draft.action, draft.by_hand, json.dumps(draft.warnings), _moment(self._clock.now()))
        with self._transaction() as connection:
            words = "INSERT INTO plan (action, by_hand, warnings, made_at) VALUES (?, ?, ?, ?)"
            number = connection.execute(words, row).lastrowid
            if number is None:
                raise RuntimeError("a row that was inserted has a number")
            steps = (step for sheet in draft.sheets for step in sheet.steps(number))
            connection.executemany(_PUT, (_row(number, step) for step in steps))
        return number

    def note(self, steps: Iterable[Step]) -> None:
        """Keep how far steps have come: their state, place, reason, moment and traits; all of them or none.

        Raises:
            CatalogueError: it cannot be kept.
        """
        moment = cache(_moment)  # there are few in many steps
        rows = [
            (
                (step.state.value, step.place, step.reason, moment(step.at), step.traits),
                (step.name.plan, step.name.step),
            )
            for step in steps
        ]
        if rows:
            with self._transaction() as connection:
                [(noted,)] = connection.execute(_NOTED)
                connection.executemany(_NOTE, ((*row, noted + 1, *name) for row, name in rows))

    def plan(self, number: int) -> PlanRecord:
        """One plan.

        Raises:
            NotFound: there is none of that number.
            CatalogueError: the journal cannot be read.
        """
        found = self._rows("SELECT * FROM plan WHERE id = ?", (number,))
        if not found:
            raise NotFound(f"There is no plan {number}.", hint="simctl history lists the plans.")
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
        given = {"plan": plan, "after": after, "limit": limit, "states": json.dumps(list(states))}
        return self._with_companions(plan, self._rows(_UNITS, given))

    def unit(self, name: ActionName) -> Unit:
        """One picture of a plan with its companions, by the number of any of them.

        Raises:
            NotFound: there is no such step.
        """
        words = f"{_STEPS} WHERE plan = ? AND number = ?"
        found = self._rows(words, (name.plan, name.step))
        if not found:
            raise NotFound(
                f"There is no action {name}.", hint=f"simctl history {name.plan} lists those of the plan."
            )
        step = _step(found[0])
        if step.unit is not None:
            found = self._rows(words, (name.plan, step.unit))
        return self._with_companions(name.plan, found)[0]

    def unfinished(self) -> list[Step]:
        """The steps that were begun and not ended, in order of their plans."""
        return [_step(row) for row in self._rows(_OPEN, ())]

    def last_done(self, path: bytes) -> Step | None:
        """The newest step that is done, of the file that was at a path or that lies there in quarantine."""
        found = self._rows(_LAST_DONE, {"path": path})
        return _step(found[0]) if found else None

    def done_before(self, plan: int, moment: datetime) -> list[Unit]:
        """The pictures of a plan that were done before a moment, in order."""
        return self._with_companions(plan, self._rows(_QUARANTINED, (plan, _moment(moment))))

    def summary(self, since: int) -> Summary:
        """What was done after a place in the journal, and what lies in quarantine by now.

        Args:
            since: ``noted`` of an earlier summary; all is told for 0, or for one of a journal that was lost.

        Raises:
            CatalogueError: the journal cannot be read.
        """
        with self._lock, translating(_KIND.subject):
            [(noted,)] = self._connection.execute(_NOTED)
            sums = self._connection.execute(_ENDED, (since if since <= noted else 0,)).fetchall()
            [(pictures, size)] = self._connection.execute(_LYING)
        found = [
            Sum(Action(action), StepState(state), bool(refused), *counted)
            for action, state, refused, *counted in sums
        ]
        return Summary(sum_deeds(found, DeedTotals(pictures=pictures, bytes=size)), noted)

    def _with_companions(self, plan: int, rows: Sequence[tuple[Any, ...]]) -> list[Unit]:
        pictures = [_step(row) for row in rows]
        numbers = json.dumps([picture.name.step for picture in pictures])
        belonging = [_step(row) for row in self._rows(_COMPANIONS, (plan, numbers))]
        of = {unit: tuple(steps) for unit, steps in groupby(belonging, lambda step: step.unit)}
        return [Unit(picture, of.get(picture.name.step, ())) for picture in pictures]

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


def _row(plan: int, step: Step) -> tuple[Any, ...]:
    return (
        plan,
        step.name.step,
        step.unit,
        None if step.role is None else step.role.value,
        step.root,
        *_known_row(step.file),
        *_known_row(step.keeper),
        step.kind.value,
        step.why,
        step.size,
        step.state.value,
        step.place,
        step.reason,
        _moment(step.at),
        step.traits,
    )


def _known_row(known: Known | None) -> tuple[Any, ...]:
    if known is None:
        return (None,) * 6
    stamp = known.stamp
    return (
        known.path, stamp.size, stamp.mtime_ns, stamp.ctime_ns, signed(stamp.inode), known.digest,
    )  # fmt: skip


def _step(row: tuple[Any, ...]) -> Step:
    plan, number, unit, role, root, *rest = row
    kind, why, size, state, place, reason, at, traits = rest[12:]
    file = _known(rest[:6])
    if file is None:
        raise RuntimeError("a step has a file")
    return Step(
        name=ActionName(plan, number),
        file=file,
        keeper=_known(rest[6:12]),
        root=root,
        kind=MatchKind(kind),
        why=why,
        size=size,
        unit=unit,
        role=None if role is None else CompanionRole(role),
        state=StepState(state),
        place=place,
        reason=reason,
        at=None if at is None else datetime.fromisoformat(at),
        traits=traits,
    )


def _known(row: Sequence[Any]) -> Known | None:
    path, size, mtime_ns, ctime_ns, inode, digest = row
    return None if path is None else Known(path, Stamp(size, mtime_ns, ctime_ns, inode & MASK_64), digest)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")
