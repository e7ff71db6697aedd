"""The one thread that writes the catalogue.

Jobs wait in line and run one after another, each within a savepoint. Jobs that are
already waiting when one is done share its commit, since a commit costs far more than a
small job; a future resolves only after the commit that holds its work.
"""

import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition, Event
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, update
from sqlalchemy.exc import SQLAlchemyError

from simd.catalogue.changes import ChangeLog, collect_touched, take_touched
from simd.catalogue.directories import Directories
from simd.catalogue.engines import driver_connection
from simd.catalogue.faults import is_corruption, is_refusal, translated
from simd.catalogue.schema import GENERATION, state
from simd.catalogue.transaction import Transaction
from simd.core.errors import CatalogueError
from simd.ports import Clock
from simd.runtime.heartbeat import Heart
from simd.runtime.instruments import QUICK, histogram
from simd.runtime.threads import NamedThread

T = TypeVar("T")

SHARED_COMMIT_SECONDS: Final = 0.05
"""A commit takes in waiting jobs for this long at most, so that the first does not wait for many."""

DRAIN_SECONDS: Final = 60.0

HEART: Final = "catalogue-writer"
COMMIT_SECONDS_ALLOWED: Final = 900.0
"""Deleting millions of rows on a slow disk takes minutes; what takes longer hangs."""
TASK_SECONDS_ALLOWED: Final = 6 * 3_600.0
"""A check reads the whole database, a copy writes it, from and to disks that may be slow."""

COMMIT_SECONDS: Final = histogram(
    "simd_commit_seconds", "Seconds of the jobs of a transaction and its commit.", QUICK
)

_COUNT_COMMIT: Final = (
    update(state).where(state.c.key == GENERATION).values(value=state.c.value + 1).returning(state.c.value)
)


@dataclass(frozen=True, slots=True)
class _Job:
    """Work in a transaction; its result is told after the commit."""

    run: Callable[[Transaction], Any]
    future: Future[Any] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Task:
    """Work outside any transaction, over the driver's connection: backup, checkpoint, check."""

    run: Callable[[sqlite3.Connection], Any]
    future: Future[Any] = field(default_factory=Future)


class _TransactionLost(Exception):
    """SQLite rolled the whole transaction back by itself, as it does when the disk is full."""


class Writer:
    """Runs jobs and tasks in order of arrival, on its own thread and connection.

    Attributes:
        changes: which images the last commits touched.
        heart: of the thread; at rest while nothing waits to be written.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.changes = ChangeLog()
        self.heart = Heart(HEART, COMMIT_SECONDS_ALLOWED)
        self._engine = engine
        self._clock = clock
        self._generation = 0
        self._waiting: deque[_Job | _Task] = deque()
        self._changed = Condition()
        self._closed = False
        self._suspects_damage = False
        self._refusal: CatalogueError | None = None
        self._thread = NamedThread("catalogue-writer", self._loop)

    @property
    def generation(self) -> int:
        """The number of the last commit that changed anything."""
        return self._generation

    @property
    def waiting(self) -> int:
        """How many jobs and tasks wait in line; may be asked by any thread."""
        return len(self._waiting)

    @property
    def suspects_damage(self) -> bool:
        """Whether anything has said since the start that the database file is damaged."""
        return self._suspects_damage

    @property
    def refusal(self) -> CatalogueError | None:
        """Why nothing can be written at present; None after a commit that changed something."""
        return self._refusal

    def start(self, generation: int) -> None:
        """Begin, counting commits from ``generation``."""
        self._generation = generation
        self.changes.begin(generation)
        self._thread.start()

    def write(self, job: Callable[[Transaction], T]) -> Future[T]:
        """Run ``job`` in a transaction; the future resolves after the commit."""
        return self._enter(_Job(job))

    def aside(self, task: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Run ``task`` between transactions, over the driver's own connection."""
        return self._enter(_Task(task))

    def refused(self, error: SQLAlchemyError | sqlite3.Error) -> CatalogueError:
        """What to tell of a fault of the database, whoever met it; it is remembered for the status."""
        told = translated(error)
        if is_corruption(error):
            self.suspect_damage()
        if is_refusal(error):
            self._refusal = told
        return told

    def suspect_damage(self) -> None:
        """Remember that the database file is damaged, whoever met that."""
        self._suspects_damage = True

    def close(self, last: Callable[[sqlite3.Connection], None]) -> None:
        """Take nothing more, finish what waits and then ``last``, and end.

        Raises:
            CatalogueError: ``last`` failed, or the thread did not come to it.
        """
        ending = _Task(last)
        with self._changed:
            if self._closed:
                return
            self._waiting.append(ending)
            self._closed = True
            self._changed.notify()
        self._thread.stop(DRAIN_SECONDS)
        if not ending.future.done():
            raise CatalogueError("The catalogue did not finish its work in time.")
        ending.future.result()

    def _enter(self, entry: _Job | _Task) -> Future[Any]:
        with self._changed:
            if self._closed:
                raise CatalogueError("The catalogue is closed.")
            self._waiting.append(entry)
            self._changed.notify()
        return entry.future

    def _loop(self, _stopping: Event) -> None:
        try:
            with self._engine.connect() as connection:
                directories = Directories(connection)
                collect_touched(driver_connection(connection))
                while (entry := self._next()) is not None:
                    if not entry.future.set_running_or_notify_cancel():
                        continue
                    if isinstance(entry, _Job):
                        with self.heart.during("writes", COMMIT_SECONDS_ALLOWED):
                            self._commit(entry, connection, directories)
                    else:
                        with self.heart.during("checks or copies the catalogue", TASK_SECONDS_ALLOWED):
                            self._perform(entry, connection)
        finally:
            self._abandon_waiting()

    def _next(self) -> _Job | _Task | None:
        """The entry whose turn it is, waiting for one; None when closed and all is done."""
        self.heart.rest()
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            return self._waiting.popleft() if self._waiting else None

    def _next_job(self) -> _Job | None:
        """The job whose turn it is, if one waits and no task stands before it."""
        with self._changed:
            while self._waiting and isinstance(job := self._waiting[0], _Job):
                self._waiting.popleft()
                if job.future.set_running_or_notify_cancel():
                    return job
            return None

    def _abandon_waiting(self) -> None:
        with self._changed:
            self._closed = True
            abandoned = list(self._waiting)
            self._waiting.clear()
        for entry in abandoned:
            if entry.future.set_running_or_notify_cancel():
                entry.future.set_exception(CatalogueError("The thread that writes the catalogue has ended."))

    def _perform(self, task: _Task, connection: Connection) -> None:
        try:
            result = task.run(driver_connection(connection))
        except Exception as error:  # noqa: BLE001 - told to the caller through the future
            task.future.set_exception(self._for_caller(error))
        else:
            task.future.set_result(result)

    def _commit(self, first: _Job, connection: Connection, directories: Directories) -> None:
        """Run a job, and those that wait behind it, and commit them together."""
        finished: list[tuple[Future[Any], Any]] = []
        began = self._clock.monotonic()
        try:
            with connection.begin():
                before = driver_connection(connection).total_changes
                self._run_waiting(first, finished, connection, directories)
                changed = driver_connection(connection).total_changes != before
                generation = self._advance(connection) if changed else self._generation
        except (SQLAlchemyError, sqlite3.Error, _TransactionLost) as error:
            directories.forget()
            for future in (first.future, *(future for future, _ in finished)):
                if not future.done():
                    future.set_exception(self._for_caller(error.__cause__ or error))
            return
        if generation != self._generation:
            self._refusal = None
        self._generation = generation
        COMMIT_SECONDS.observe(self._clock.monotonic() - began)
        for future, result in finished:
            future.set_result(result)

    def _advance(self, connection: Connection) -> int:
        """Count the commit, and say what it touches before anybody can see it."""
        generation = int(connection.execute(_COUNT_COMMIT).scalar_one())
        self.changes.note(generation, take_touched(driver_connection(connection)))
        return generation

    def _run_waiting(
        self,
        first: _Job,
        finished: list[tuple[Future[Any], Any]],
        connection: Connection,
        directories: Directories,
    ) -> None:
        deadline = self._clock.monotonic() + SHARED_COMMIT_SECONDS
        job: _Job | None = first
        while job is not None:
            self._run(job, finished, connection, directories)
            job = self._next_job() if self._clock.monotonic() < deadline else None

    def _run(
        self,
        job: _Job,
        finished: list[tuple[Future[Any], Any]],
        connection: Connection,
        directories: Directories,
    ) -> None:
        savepoint = connection.begin_nested()
        try:
            result = job.run(Transaction(connection, directories, self._clock.now()))
            savepoint.commit()
        except Exception as error:
            directories.forget()
            job.future.set_exception(self._for_caller(error))
            if not driver_connection(connection).in_transaction:
                raise _TransactionLost from error
            savepoint.rollback()
        else:
            finished.append((job.future, result))

    def _for_caller(self, error: BaseException) -> BaseException:
        """The error as the future gives it: the database's in the words of the house, others as they are."""
        if not isinstance(error, (SQLAlchemyError, sqlite3.Error)):
            return error
        told = self.refused(error)
        told.__cause__ = error
        return told
