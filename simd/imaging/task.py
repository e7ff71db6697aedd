"""What workers are given to do: single tasks, and small ones in bundles."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from simd.core.turns import NO_DISK, Disks, Lane, Turns
from simd.imaging import worker

_MOST_IN_BUNDLE = 8
"""To hand over a file costs about as much as to read a small one."""


@dataclass(eq=False, slots=True)
class Task:
    """One thing to do in a worker.

    Attributes:
        function, arguments: what to call; importable and picklable.
        seconds: the deadline, from the moment a worker takes the task.
        abandoned: the result if the pool is closed first.
        urgent: it goes before all that are not.
        light: it is expected to take no longer than to hand it over, and may share a bundle.
        disks: the spinning disks that it reads from, which serve one task at a time.
        fetch: the file whose bytes can be brought into memory first, while the task has its disks;
            what remains to be done needs them no longer.
        crashes: workers that died of this task.
        kills: workers that were killed from outside at this task.
        breaks: pools that broke while they held this task.
    """

    function: Callable[..., Any]
    arguments: tuple[object, ...]
    seconds: float
    abandoned: object
    urgent: bool = False
    light: bool = False
    disks: Disks = NO_DISK
    fetch: bytes | None = None
    future: "Future[Any]" = field(default_factory=Future)
    crashes: int = 0
    kills: int = 0
    breaks: int = 0

    def resolve(self, result: object) -> None:
        """Give the result, unless there is one."""
        if not self.future.done():
            self.future.set_result(result)

    def note_fetched(self) -> None:
        """The kernel keeps the bytes in memory for now: the disks are free for the next task."""
        self.disks, self.fetch = NO_DISK, None


@dataclass(frozen=True, eq=False, slots=True)
class Bundle:
    """Tasks that a worker does one after another. What fails with several is done again singly."""

    tasks: tuple[Task, ...]

    @property
    def disks(self) -> Disks:
        """The spinning disks that nobody else may read from meanwhile."""
        return self.tasks[0].disks

    @property
    def is_fetch(self) -> bool:
        """Whether the bytes of its files are only brought into memory."""
        return self.tasks[0].fetch is not None and bool(self.disks)

    @property
    def seconds(self) -> float:
        """The deadline of the whole, which is that of one: light tasks take a small part of theirs."""
        return max(task.seconds for task in self.tasks)

    @property
    def calls(self) -> list[tuple[Callable[..., Any], tuple[object, ...], float]]:
        """What :func:`simd.imaging.worker.run_all` is given."""
        if self.is_fetch:
            return [(worker.fetch_file, (task.fetch,), task.seconds) for task in self.tasks]
        return [(task.function, task.arguments, task.seconds) for task in self.tasks]

    def part(self) -> list[Task]:
        """The tasks, from now on each for itself."""
        for task in self.tasks:
            task.light = False
        return list(self.tasks)


URGENT, PATIENT = 0, 1
"""The ranks of tasks that wait."""


def lane_of(task: Task) -> Lane:
    """Where a task waits: behind others that are as urgent and read from the same disks."""
    return Lane(URGENT if task.urgent else PATIENT, task.disks)


def next_bundle(waiting: Turns[Task], sharers: int, may: Callable[[Lane], bool]) -> Bundle | None:
    """Take the task whose turn it is, and light ones behind it, so that ``sharers`` get about as many.

    None when no task may go; those that have been cancelled are dropped.
    """
    most = min(_MOST_IN_BUNDLE, max(1, len(waiting) // sharers))
    while (lane := waiting.turn(may)) is not None:
        if tasks := _taken(waiting, lane, most):
            return Bundle(tuple(tasks))
    return None


def _taken(waiting: Turns[Task], lane: Lane, most: int) -> list[Task]:
    tasks: list[Task] = []
    while (first := waiting.first(lane)) is not None:
        if tasks and not (len(tasks) < most and tasks[0].light and first.light):
            break
        task = waiting.take(lane)
        if task.future.running() or task.future.set_running_or_notify_cancel():
            tasks.append(task)
    return tasks
