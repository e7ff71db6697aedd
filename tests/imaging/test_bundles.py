"""Small files are handed over together, and each still answers for itself alone."""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.model import ProblemCode
from simd.core.turns import NO_DISK, Lane, Turns
from simd.imaging import Changed, DecodePool, Limits, Refused
from simd.imaging.task import Task, lane_of, next_bundle
from tests.imaging import tasks

_SOON = 60.0


@pytest.fixture
def pool() -> Iterator[DecodePool]:
    """One worker, so that whatever waits behind its first task is bundled."""
    pool = DecodePool(1, Limits())
    pool.start()
    yield pool
    pool.close()


def light(
    pool: DecodePool, function: Callable[..., object], *arguments: object, seconds: float = _SOON
) -> "Future[Any]":
    """Have a worker call a function as if it were a decoder at work on a small file."""
    return pool._submit(function, arguments, seconds, Changed(), light=True)


def in_turn(*tasks: Task) -> Turns[Task]:
    """Tasks as they wait."""
    waiting: Turns[Task] = Turns(lane_of)
    for task in tasks:
        waiting.append(task)
    return waiting


def anybody(_lane: Lane) -> bool:
    """Every disk is free."""
    return True


def _light_task(number: int = 0) -> Task:
    return Task(abs, (number,), 1.0, None, light=True)


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 8))
def test_bundles_keep_the_order_and_lose_nothing(lights: list[bool], sharers: int) -> None:
    """Taken apart again, the bundles are the tasks as they waited; heavy ones go alone."""
    queued = [Task(abs, (number,), 1.0, None, light=light) for number, light in enumerate(lights)]
    waiting = in_turn(*queued)
    taken: list[Task] = []
    while bundle := next_bundle(waiting, sharers, anybody):
        assert len(bundle.tasks) == 1 or all(task.light for task in bundle.tasks)
        taken += bundle.tasks
    assert queued == taken


@pytest.mark.parametrize(("waiting", "sharers", "size"), [(3, 4, 1), (8, 4, 2), (16, 4, 4), (100, 4, 8)])
def test_few_tasks_are_shared_among_many_workers(waiting: int, sharers: int, size: int) -> None:
    """A bundle is no larger than a fair share of what waits, and never larger than eight."""
    bundle = next_bundle(in_turn(*(_light_task() for _ in range(waiting))), sharers, anybody)
    assert bundle is not None
    assert size == len(bundle.tasks)


def test_cancelled_tasks_are_left_out() -> None:
    """Nobody reads what nobody waits for any more."""
    cancelled, kept = _light_task(1), _light_task(2)
    cancelled.future.cancel()
    bundle = next_bundle(in_turn(cancelled, kept), 1, anybody)
    assert bundle is not None
    assert (kept,) == bundle.tasks
    cancelled = _light_task(3)
    cancelled.future.cancel()
    assert next_bundle(in_turn(cancelled), 1, anybody) is None


def test_a_bundle_reads_from_one_disk() -> None:
    """Its tasks are of one lane; those of another disk, and those of a person, go by themselves."""
    tasks = [_light_task(number) for number in range(40)]
    for number, task in enumerate(tasks):
        task.disks = frozenset({"sda"}) if number % 2 else NO_DISK
    tasks[-1].urgent = True
    waiting = in_turn(*tasks)
    urgent = next_bundle(waiting, 1, anybody)
    assert urgent is not None
    assert (tasks[-1],) == urgent.tasks
    solid = next_bundle(waiting, 1, lambda lane: not lane.disks)
    assert solid is not None
    assert tuple(tasks[:16:2]) == solid.tasks
    spinning = next_bundle(waiting, 1, lambda lane: bool(lane.disks))
    assert spinning is not None
    assert tuple(tasks[1:17:2]) == spinning.tasks


def test_every_task_of_a_bundle_gets_its_own_result(pool: DecodePool) -> None:
    """Results come back in the order of the tasks."""
    futures = [light(pool, abs, -number) for number in range(100)]
    assert list(range(100)) == [future.result(_SOON) for future in futures]


def test_a_crash_costs_only_the_task_that_crashes(pool: DecodePool) -> None:
    """The bundle dies with its worker; done again singly, all but one succeed."""
    before = [light(pool, abs, -number) for number in range(20)]
    crashing = light(pool, os.abort)
    after = [light(pool, abs, -number) for number in range(20)]
    assert [*range(20), *range(20)] == [future.result(_SOON) for future in (*before, *after)]
    assert ProblemCode.CRASHED == crashing.result(_SOON).code


def test_an_error_costs_only_the_task_that_raised_it(pool: DecodePool) -> None:
    """An exception that no decoder should raise is blamed on one file."""
    before = [light(pool, abs, -number) for number in range(20)]
    raising = light(pool, abs, "a word")
    after = [light(pool, abs, -number) for number in range(20)]
    assert [*range(20), *range(20)] == [future.result(_SOON) for future in (*before, *after)]
    refused = raising.result(_SOON)
    assert isinstance(refused, Refused)
    assert "TypeError" in refused.reason


def test_a_hanging_task_holds_its_bundle_up_once(pool: DecodePool, tmp_path: Path) -> None:
    """Past the deadline the others are done and it is refused; a kill by chance is nobody's fault."""
    before = [light(pool, abs, -number, seconds=0.5) for number in range(20)]
    hanging = light(pool, signal.pause, seconds=0.5)
    unlucky = light(pool, tasks.killed, bytes(tmp_path), 1, seconds=0.5)
    after = [light(pool, abs, -number, seconds=0.5) for number in range(20)]
    assert [*range(20), *range(20)] == [future.result(_SOON) for future in (*before, *after)]
    assert ProblemCode.TIMEOUT == hanging.result(_SOON).code
    assert unlucky.result(_SOON) == "survived"
