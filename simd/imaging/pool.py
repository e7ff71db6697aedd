"""Decoding in worker processes, which may hang, crash or be killed at the cost of one file."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

from simd.core.errors import Failed
from simd.core.judgement import FineLook
from simd.core.model import ProblemCode
from simd.core.report.value import Preview
from simd.core.stamp import Stamp
from simd.core.turns import NO_DISK, Disks
from simd.imaging import worker
from simd.imaging.forking import begin_fork_server
from simd.imaging.keeper import Keeper
from simd.imaging.outcome import AlreadyKnown, Changed, Decoded, Framed, Outcome, Refused
from simd.imaging.recipe import MAX_IN_MEMORY
from simd.imaging.task import Task

log = logging.getLogger(__name__)

__all__ = ["AlreadyKnown", "Changed", "DecodePool", "Decoded", "FineLook", "Limits", "Outcome", "Refused"]

_START_SECONDS = 60.0
_BYTES_PER_SECOND = 4 * 1024 * 1024
_LIGHT_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost.

    Attributes:
        deadline_seconds: wall time of a small file; a second is added for every 4 MiB.
        memory_bytes: address space of a worker, its libraries (some 300 MB) included.
    """

    deadline_seconds: float = 30.0
    memory_bytes: int = 1_500_000_000

    def seconds_for(self, size: int) -> float:
        """The deadline of a file of ``size`` bytes."""
        return self.deadline_seconds + size / _BYTES_PER_SECOND


class DecodePool:
    """Worker processes behind a queue. Every future resolves, with a value, whatever the file.

    Attributes:
        workers: how many processes decode.
        disks_under: tells the spinning disks that a file lies on.
    """

    def __init__(
        self,
        workers: int,
        limits: Limits,
        *,
        cores: float | None = None,
        disks_under: Callable[[bytes], Disks] = lambda _: NO_DISK,
    ) -> None:
        """What the workers may use.

        Args:
            workers: processes, at least one.
            limits: of one file.
            cores: processors that all workers together may use on average; None for all there are.
            disks_under: the spinning disks that a file lies on; each has one reader at a time.
        """
        self.workers = max(1, workers)
        self.disks_under = disks_under
        self._limits = limits
        self._keeper = Keeper(self.workers, limits.memory_bytes, cores)
        self._warming: list[Future[Any]] = []

    @property
    def decoded(self) -> int:
        """Pictures decoded so far."""
        return self._keeper.decoded

    @property
    def restarts(self) -> int:
        """How often all workers had to be replaced."""
        return self._keeper.restarts

    def running(self) -> list[tuple[bytes, float]]:
        """The files that workers are reading, each with the seconds since it was given to the workers.

        Of small files that were given together, the first stands for all.
        """
        return [
            (task.arguments[0], seconds)
            for task, seconds in self._keeper.running()
            if task.arguments and isinstance(task.arguments[0], bytes)
        ]

    def start(self) -> None:
        """Start the workers and wait until they are warm: :meth:`begin`, then :meth:`await_warm`."""
        self.begin()
        self.await_warm()

    def give(self, deadline_seconds: float) -> None:
        """Give every file that is submitted from now on so much time."""
        self._limits = replace(self._limits, deadline_seconds=deadline_seconds)

    def employ(self, workers: int, memory_bytes: int) -> None:
        """Work with so many workers of such a size from now on; what is in hand is begun anew by them."""
        self.workers = max(1, workers)
        self._limits = replace(self._limits, memory_bytes=memory_bytes)
        self._keeper.employ(self.workers, memory_bytes)

    def allow(self, cores: float | None) -> None:
        """Let all workers together use so many processors on average from now on; None for all there are."""
        self._keeper.allow(cores)

    def begin(self) -> None:
        """Have the workers started, and return at once; what is submitted waits for them."""
        begin_fork_server()
        self._keeper.start()
        # Urgent, so that a budget which is soon used up does not let all but one wait.
        self._warming = [
            self._submit(worker.warm_up, (), _START_SECONDS, Changed(), urgent=True)
            for _ in range(self.workers)
        ]

    def await_warm(self) -> None:
        """Wait until every worker has answered once.

        Raises:
            Failed: one did not.
        """
        results = [future.result() for future in self._warming]
        if not all(isinstance(result, tuple) for result in results):
            self.close()
            raise Failed("The decoding workers do not start.", hint="The log says why.")
        if refused := sorted({refusal for result in results for refusal in result}):
            log.warning("the decoding workers give way less than they should: %s", "; ".join(refused))

    def submit(
        self,
        path: bytes,
        known: frozenset[bytes] = frozenset(),
        *,
        size: int | None = None,
        urgent: bool = False,
        disks: Disks | None = None,
    ) -> "Future[Outcome]":
        """Look into a file.

        Args:
            path: a regular file; symbolic links are refused.
            known: digests whose pictures need no decode.
            size: of the file in bytes where it is known; large files get more time, small ones
                are handed over together, and one that has another size by then is not decoded.
            urgent: go before everything that waits, because a person does.
            disks: the spinning disks that it lies on, where somebody has asked already.
        """
        length = size or 0
        seconds = self._limits.seconds_for(length)
        task = Task(worker.examine_file, (path, known, size), seconds, Changed(), urgent)
        task.light = 0 < length <= _LIGHT_BYTES and not urgent
        task.fetch = path if 0 < length <= MAX_IN_MEMORY and not urgent else None
        task.disks = self.disks_under(path) if disks is None else disks
        return self._queue(task)

    def compare(self, a: bytes, b: bytes) -> "Future[FineLook | Refused]":
        """Compare the pixels of two files; urgent."""
        stopping = Refused(ProblemCode.IO, "The daemon is stopping.", None)
        task = Task(worker.compare_files, (a, b), 2 * self._limits.deadline_seconds, stopping, urgent=True)
        task.disks = self.disks_under(a) | self.disks_under(b)
        return self._queue(task)

    def frame(self, path: bytes, size: int = 0) -> "Future[Framed | Refused]":
        """What parting pictures needs of a file; urgent. ``size`` in bytes gives large ones more time."""
        stopping = Refused(ProblemCode.IO, "The daemon is stopping.", None)
        task = Task(worker.frame_file, (path,), self._limits.seconds_for(size), stopping, urgent=True)
        task.disks = self.disks_under(path)
        return self._queue(task)

    def preview(self, path: bytes, expected: Stamp | None = None) -> "Future[Preview | Refused | Changed]":
        """A small picture of a file, if it still is what was ``expected``; it waits for its turn."""
        size = 0 if expected is None else expected.size
        seconds = self._limits.seconds_for(size)
        task = Task(worker.preview_file, (path, expected), seconds, Changed())
        task.disks = self.disks_under(path)
        return self._queue(task)

    def close(self) -> None:
        """End the workers. What still waits resolves to :class:`Changed`: look again later."""
        self._keeper.close()

    def _submit(
        self,
        function: Callable[..., Any],
        arguments: tuple[object, ...],
        seconds: float,
        abandoned: object,
        *,
        urgent: bool = False,
        light: bool = False,
    ) -> "Future[Any]":
        return self._queue(Task(function, arguments, seconds, abandoned, urgent, light))

    def _queue(self, task: Task) -> "Future[Any]":
        self._keeper.submit(task)
        return task.future
