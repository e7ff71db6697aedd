"""The thread that hands tasks to pebble and answers for whatever becomes of them.

Only this thread knows the state of the tasks, so nothing here is locked. At most two bundles a
worker are with pebble at a time; a pool that breaks therefore takes few tasks with it.
"""

import logging
import math
import multiprocessing
import queue
import signal
import threading
import time
from collections.abc import Collection, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from typing import Any

from pebble import ProcessExpired, ProcessPool

from simd.core.budget import CpuBudget
from simd.core.model import ProblemCode
from simd.core.turns import Lane, Turns
from simd.imaging import worker
from simd.imaging.outcome import Decoded, Refused
from simd.imaging.task import URGENT, Bundle, Task, lane_of, next_bundle
from simd.runtime.instruments import QUICK, counter, histogram

log = logging.getLogger(__name__)

_BUNDLES_PER_WORKER = 2_000
"""After so many bundles a worker is replaced, with whatever memory its libraries have lost."""

_IN_FLIGHT_PER_WORKER = 2
_CRASHES_TO_BLAME = 2
_KILLS_TO_BLAME = 5
"""No decoder ends by SIGKILL of itself. The kernel, short of memory, may have meant another process, and a
person none of the files; only one at which it happens again and again has to do with it."""

_BREAKS_TO_BLAME = 8
"""A pool breaks at nearly every second worker that is killed from outside, and again at the next one while it
begins anew, with the same files in hand."""

_BREAKS_OF_A_WEDGE = 3
"""A pool that says nothing costs a minute, and nobody from outside: it counts as so many breaks."""

_PATIENCE = 15.0
"""Seconds beyond the longest deadline without any news after which the pool counts as wedged."""

_TICK = 1.0

DECODE_SECONDS = histogram("simd_decode_seconds", "Seconds that a worker took to read a picture.", QUICK)
WORKER_DEATHS = counter("simd_worker_deaths_total", "Decoding workers that died of a file.")
POOL_RESTARTS = counter("simd_pool_restarts_total", "Times that all decoding workers were replaced.")


@dataclass(frozen=True, slots=True)
class _Handed:
    """When a bundle was given to the pool, on the monotonic clock, and what tells whether it has begun."""

    at: float
    inner: "Future[Any] | None" = None


@dataclass(frozen=True, slots=True)
class _Finished:
    bundle: Bundle
    inner: "Future[Any]"
    generation: int


@dataclass(frozen=True, slots=True)
class _Terms:
    """Other workers than so far."""

    workers: int
    memory_bytes: int


class Keeper:
    """Owns the process pool. ``submit`` and ``close`` may be called from any thread.

    Attributes:
        decoded: pictures decoded so far.
        restarts: pools that had to be replaced so far.
    """

    def __init__(self, workers: int, memory_bytes: int, cores: float | None) -> None:
        """``cores`` is the number of processors that the workers may use on average; None for all."""
        self.decoded = 0
        self.restarts = 0
        self._workers = workers
        self._memory_bytes = memory_bytes
        self._most = workers * _IN_FLIGHT_PER_WORKER
        self._inbox: queue.SimpleQueue[Task | _Finished | _Terms | None] = queue.SimpleQueue()
        self._waiting: Turns[Task] = Turns(lane_of)
        self.allow(cores)
        self._in_flight: dict[Bundle, _Handed] = {}
        self._generation = 0
        self._last_news = time.monotonic()
        self._pool = self._new_pool()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="decode-keeper", daemon=True)

    def allow(self, cores: float | None) -> None:
        """Keep to another share of the processors; what was used before is forgotten."""
        self._cores = cores
        self._budget = CpuBudget(cores)
        # What is begun is finished, so the fewer at a time, the more even the use of the processors.
        self._most_patient = self._most if cores is None else min(self._most, math.ceil(cores))
        self._inbox.put(None)

    def employ(self, workers: int, memory_bytes: int) -> None:
        """Work with so many workers of such a size from now on; what is in hand is begun anew by them."""
        self._inbox.put(_Terms(workers, memory_bytes))

    def start(self) -> None:
        """Begin to hand out tasks."""
        self._thread.start()

    def submit(self, task: Task) -> None:
        """Queue a task; an urgent one goes before all that are not."""
        self._inbox.put(task)
        if self._closing.is_set() and not self._thread.is_alive():
            self._abandon_inbox()

    def running(self) -> list[tuple[Task, float]]:
        """The first task of each bundle that a worker has, and the seconds since it was given to the pool.

        May be called from any thread: copying a dictionary is atomic.
        """
        now = time.monotonic()
        return [
            (bundle.tasks[0], now - handed.at)
            for bundle, handed in self._in_flight.copy().items()
            if handed.inner is not None and handed.inner.running()
        ]

    def close(self) -> None:
        """Abandon every task and end every worker."""
        self._closing.set()
        self._inbox.put(None)
        if self._thread.ident is not None:
            self._thread.join()
        self._abandon_inbox()

    def _loop(self) -> None:
        while not self._closing.is_set():
            try:
                self._receive(self._inbox.get(timeout=self._patience()))
            except queue.Empty:
                self._replace_if_wedged()
            self._dispatch()
        held = [task for bundle in self._in_flight for task in bundle.tasks]
        for task in (*held, *self._waiting):
            task.resolve(task.abandoned)
        _retire(self._pool)

    def _abandon_inbox(self) -> None:
        while True:
            try:
                message = self._inbox.get_nowait()
            except queue.Empty:
                return
            if isinstance(message, Task):
                message.resolve(message.abandoned)

    def _receive(self, message: Task | _Finished | _Terms | None) -> None:
        if isinstance(message, Task):
            self._waiting.append(message)
        elif isinstance(message, _Terms):
            self._workers, self._memory_bytes = message.workers, message.memory_bytes
            self._most = message.workers * _IN_FLIGHT_PER_WORKER
            self.allow(self._cores)
            for bundle in self._exchange_pool():
                self._put_back(bundle.tasks)
        # News of an earlier pool concerns tasks that have been handed out anew.
        elif message is not None and message.generation == self._generation:
            self._last_news = time.monotonic()
            self._settle(message.bundle, message.inner)

    def _patience(self) -> float:
        """Seconds until there may be something to do without any news."""
        rest = self._budget.wait(time.monotonic())
        return min(rest, _TICK) if rest and len(self._waiting) else _TICK

    def _dispatch(self) -> None:
        while bundle := next_bundle(self._waiting, self._most, self._may_go):
            self._hand_out(bundle)

    def _may_go(self, lane: Lane) -> bool:
        """Whether the next task of a lane may be handed out; a person need not wait for the budget."""
        if any(bundle.disks & lane.disks for bundle in self._in_flight):
            return False
        if lane.rank == URGENT:
            return len(self._in_flight) < self._most
        return len(self._in_flight) < self._most_patient and not self._budget.wait(time.monotonic())

    def _hand_out(self, bundle: Bundle) -> None:
        if not self._in_flight:
            self._last_news = time.monotonic()
        now = time.monotonic()
        self._in_flight[bundle] = _Handed(now)
        try:
            inner = self._pool.schedule(worker.run_all, args=(bundle.calls,), timeout=bundle.seconds)
        except RuntimeError as error:
            self._replace(str(error))
            return
        self._in_flight[bundle] = _Handed(now, inner)
        inner.add_done_callback(partial(self._tell, bundle, self._generation))

    def _tell(self, bundle: Bundle, generation: int, inner: "Future[Any]") -> None:
        self._inbox.put(_Finished(bundle, inner, generation))

    def _settle(self, bundle: Bundle, inner: "Future[Any]") -> None:
        error = CancelledError() if inner.cancelled() else inner.exception()
        if isinstance(error, BrokenProcessPool | CancelledError):
            self._replace(str(error) or "its tasks were cancelled")
            return
        began = self._in_flight.pop(bundle).at
        if error is None:
            self._budget.spend(sum(used for _, _, used in inner.result()), began)
            self._conclude(bundle, inner.result())
            return
        # Nobody says what a worker used that died; it cannot be more than the time that went by.
        self._budget.spend(time.monotonic() - began, began)
        if len(bundle.tasks) > 1:
            self._put_back(bundle.part())
        else:
            self._judge(bundle.tasks[0], error)

    def _conclude(self, bundle: Bundle, results: list[tuple[Any, float, float]]) -> None:
        if bundle.is_fetch:
            for task in bundle.tasks:
                task.note_fetched()
            self._put_back(bundle.tasks)
            return
        for task, (result, seconds, _) in zip(bundle.tasks, results, strict=True):
            if isinstance(result, Decoded):
                self.decoded += 1
                DECODE_SECONDS.observe(seconds)
            task.resolve(result)

    def _put_back(self, tasks: Sequence[Task]) -> None:
        """Let these go next, in this order."""
        for task in reversed(tasks):
            self._waiting.appendleft(task)

    def _judge(self, task: Task, error: BaseException) -> None:
        """Find out what a task has to do with the failure that it was alone with."""
        if isinstance(error, ProcessExpired) and not _overran(error):
            self._count_crash(task, error)
        else:
            task.resolve(_verdict(task, error))

    def _count_crash(self, task: Task, error: ProcessExpired) -> None:
        """Try again: the worker may have been killed by chance, by hand or for want of memory."""
        WORKER_DEATHS.add()
        log.warning("a decoding worker died (%s) at %r", _death(error), task.arguments)
        if error.exitcode == -signal.SIGKILL:
            task.kills += 1
            times, most = task.kills, _KILLS_TO_BLAME
        else:
            task.crashes += 1
            times, most = task.crashes, _CRASHES_TO_BLAME
        if times >= most:
            reason = f"The decoder died of it, {times} times ({_death(error)})."
            task.resolve(Refused(ProblemCode.CRASHED, reason, None))
        else:
            self._try_again(task, times)

    def _try_again(self, task: Task, times: int) -> None:
        """Have a task done at which something failed so many times."""
        if times > 1 and not task.urgent:
            # Whoever kills may go on for a while, and others have waited.
            self._waiting.append(task)
        else:
            self._waiting.appendleft(task)

    def _replace_if_wedged(self) -> None:
        if not self._in_flight:
            return
        patience = max(bundle.seconds for bundle in self._in_flight) + _PATIENCE
        if time.monotonic() - self._last_news > patience:
            self._replace(f"no news for {patience:.0f} s", _BREAKS_OF_A_WEDGE)

    def _replace(self, why: str, breaks: int = 1) -> None:
        """Exchange a broken pool for a new one, which gets the tasks of the old one."""
        log.warning("the decoding workers are replaced: %s", why)
        self.restarts += 1
        POOL_RESTARTS.add()
        for bundle in self._exchange_pool():
            self._requeue(bundle, breaks)

    def _exchange_pool(self) -> "Collection[Bundle]":
        """Begin a new pool and let the old one end; what the old one held."""
        self._generation += 1
        threading.Thread(target=_retire, args=(self._pool,), name="decode-retire", daemon=True).start()
        self._pool = self._new_pool()
        self._last_news = time.monotonic()
        held, self._in_flight = self._in_flight, {}
        return held

    def _requeue(self, bundle: Bundle, breaks: int) -> None:
        """Have the tasks of a broken pool done; one that was alone is blamed in the end."""
        blamed = len(bundle.tasks) == 1
        for task in bundle.part():
            task.breaks += breaks * blamed
            if task.breaks < _BREAKS_TO_BLAME:
                self._try_again(task, task.breaks)
            else:
                reason = "The decoding workers failed again and again while they held it."
                task.resolve(Refused(ProblemCode.CRASHED, reason, None))

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._workers,
            max_tasks=_BUNDLES_PER_WORKER,
            initializer=worker.prepare,
            initargs=(self._memory_bytes,),
            context=multiprocessing.get_context("forkserver"),
        )


def _retire(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates most of its methods, not this one
    try:
        pool.join()
    except (RuntimeError, OSError):
        log.exception("some decoding workers could not be ended")


def _verdict(task: Task, error: BaseException) -> Refused:
    if isinstance(error, TimeoutError | ProcessExpired):
        return Refused(ProblemCode.TIMEOUT, f"Decoding it took longer than {task.seconds:.0f} s.", None)
    if isinstance(error, MemoryError):
        return Refused(ProblemCode.MEMORY, "Decoding it takes more memory than one worker may use.", None)
    log.error("unexpected error at %r", task.arguments, exc_info=error)
    return Refused(ProblemCode.CRASHED, f"The decoder failed: {type(error).__name__}.", None)


def _overran(error: ProcessExpired) -> bool:
    return bool(error.exitcode == -signal.SIGXCPU)


def _death(error: ProcessExpired) -> str:
    code = error.exitcode
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"
