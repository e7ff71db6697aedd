"""What workers are given to do: single tasks, and small ones in bundles."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

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
    future: "Future[Any]" = field(default_factory=Future)
    crashes: int = 0
    kills: int = 0
    breaks: int = 0

    def resolve(self, result: object) -> None:
        """Give the result, unless there is one."""
        if not self.future.done():
            self.future.set_result(result)


@dataclass(frozen=True, eq=False, slots=True)
class Bundle:
    """Tasks that a worker does one after another. What fails with several is done again singly."""

    tasks: tuple[Task, ...]

    @property
    def seconds(self) -> float:
        """The deadline of the whole, which is that of one: light tasks take a small part of theirs."""
        return max(task.seconds for task in self.tasks)

    @property
    def calls(self) -> list[tuple[Callable[..., Any], tuple[object, ...], float]]:
        """What :func:`simd.imaging.worker.run_all` is given."""
        return [(task.function, task.arguments, task.seconds) for task in self.tasks]

    def part(self) -> list[Task]:
        """The tasks, from now on each for itself."""
        for task in self.tasks:
            task.light = False
        return list(self.tasks)


def next_bundle(waiting: deque[Task], sharers: int) -> Bundle | None:
    """Take the first waiting task, and light ones behind it, so that ``sharers`` get about as many.

    None when all that waited has been cancelled.
    """
    most = min(_MOST_IN_BUNDLE, max(1, len(waiting) // sharers))
    tasks: list[Task] = []
    while waiting and (not tasks or (len(tasks) < most and tasks[0].light and waiting[0].light)):
        task = waiting.popleft()
        if task.future.running() or task.future.set_running_or_notify_cancel():
            tasks.append(task)
    return Bundle(tuple(tasks)) if tasks else None
