"""Workers that hang, crash, are killed or run out of memory cost one file and nothing else."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

from simd.core.model import ProblemCode
from simd.imaging import AlreadyKnown, Changed, Decoded, DecodePool, FineLook, Limits, Outcome, Refused
from simd.imaging import keeper as keeper_module
from simd.imaging.signature import examine
from simd.imaging.task import Bundle, Task, lane_of
from tests.imaging import tasks
from tests.imaging.pictures import encoded, landscape, saved

_SOON = 60.0


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    """Two workers that all tests of this module share: each must leave them usable."""
    pool = DecodePool(2, Limits())
    pool.start()
    yield pool
    pool.close()


def run(pool: DecodePool, function: Any, *arguments: object, seconds: float = _SOON) -> "Future[Any]":
    """Have a worker call any function, as if it were a decoder."""
    return pool._submit(function, arguments, seconds, Changed())


def workers_of(pid: int) -> list[psutil.Process]:
    """Every process below this one, the fork server and its helper aside."""
    return [
        process
        for process in psutil.Process(pid).children(recursive=True)
        if process.is_running() and _is_worker(process)
    ]


def _is_worker(process: psutil.Process) -> bool:
    try:
        parent = process.parent()
        return parent is not None and "forkserver" in " ".join(parent.cmdline())
    except psutil.NoSuchProcess:
        return False


def test_a_worker_gives_what_the_function_gives(pool: DecodePool, tmp_path: Path) -> None:
    """Through the pool and in this process the outcome of a file is the same."""
    path = saved(tmp_path, "a.jpg", encoded(landscape(1, (600, 400)), "JPEG"))
    before = pool.decoded
    expected = examine(path)
    assert expected == pool.submit(path).result(_SOON)
    assert before + 1 == pool.decoded
    assert isinstance(expected, Decoded)
    known = frozenset({expected.signature.digest})
    assert AlreadyKnown(expected.signature.digest, expected.stamp) == pool.submit(path, known).result(_SOON)
    assert before + 1 == pool.decoded


def test_other_workers_take_over_what_is_in_hand(tmp_path: Path) -> None:
    """Two that one worker has for itself are begun anew by two, side by side, and nobody is blamed for it."""
    pool = DecodePool(1, Limits())
    pool.start()
    try:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        held = [run(pool, tasks.meet, os.fsencode(pipe), "reader") for _ in range(2)]
        pool.employ(2, Limits().memory_bytes)
        while len(pool.running()) < 2:
            assert not any(future.done() for future in held)
        # Open until all have met: a worker of before may come first.
        with pipe.open("wb"):
            assert ["met", "met"] == [future.result(_SOON) for future in held]
        assert 2 == pool.workers
        assert 0 == pool.restarts
    finally:
        pool.close()


def test_what_workers_have_in_hand_can_be_told(pool: DecodePool, tmp_path: Path) -> None:
    """The file is named from the moment that a worker has it until its result is there."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = run(pool, tasks.meet, bytes(pipe), "reader")
    while not (running := pool.running()):
        assert not reading.done()
    assert [(bytes(pipe), True)] == [(path, seconds >= 0) for path, seconds in running]
    os.close(os.open(pipe, os.O_WRONLY))
    assert "met" == reading.result(_SOON)
    assert [] == pool.running()


def test_bad_files_resolve(pool: DecodePool, tmp_path: Path) -> None:
    """Refusals and vanished files come back as values."""
    refused = pool.submit(saved(tmp_path, "empty.jpg", b"")).result(_SOON)
    assert isinstance(refused, Refused)
    assert ProblemCode.EMPTY == refused.code
    assert Changed() == pool.submit(bytes(tmp_path) + b"/none.jpg").result(_SOON)


def test_a_hanging_file_times_out(pool: DecodePool, tmp_path: Path) -> None:
    """The worker that hangs is ended; files beside and after it are decoded."""
    path = saved(tmp_path, "a.jpg", encoded(landscape(1, (300, 200)), "JPEG"))
    hanging = run(pool, signal.pause, seconds=0.5)
    others = [pool.submit(path) for _ in range(20)]
    assert all(isinstance(other.result(_SOON), Decoded) for other in others)
    refused = hanging.result(_SOON)
    assert ProblemCode.TIMEOUT == refused.code
    assert isinstance(pool.submit(path).result(_SOON), Decoded)


def test_a_crashing_file_is_blamed_after_a_second_try(pool: DecodePool, tmp_path: Path) -> None:
    """Two workers die of it, then it is refused; the rest is decoded."""
    path = saved(tmp_path, "a.jpg", encoded(landscape(1, (300, 200)), "JPEG"))
    crashing = run(pool, os.abort)
    others = [pool.submit(path) for _ in range(20)]
    refused = crashing.result(_SOON)
    assert ProblemCode.CRASHED == refused.code
    assert "SIGABRT" in refused.reason
    assert all(isinstance(other.result(_SOON), Decoded) for other in others)


def test_a_worker_killed_by_chance_is_no_fault_of_its_file(pool: DecodePool, tmp_path: Path) -> None:
    """SIGKILL in the middle of a task: it is tried again and again and succeeds, others are unaffected."""
    path = saved(tmp_path, "a.jpg", encoded(landscape(1, (300, 200)), "JPEG"))
    deaths = tmp_path / "deaths"
    deaths.mkdir()
    unlucky = run(pool, tasks.killed, bytes(deaths), keeper_module._KILLS_TO_BLAME - 1)
    others = [pool.submit(path) for _ in range(20)]
    assert unlucky.result(_SOON) == "survived"
    assert all(isinstance(other.result(_SOON), Decoded) for other in others)


def test_a_file_at_which_workers_are_always_killed_is_blamed_in_the_end(
    pool: DecodePool, tmp_path: Path
) -> None:
    """It may be what memory is short for."""
    hopeless = run(pool, tasks.killed, bytes(tmp_path), 99)
    refused = hopeless.result(_SOON)
    assert (ProblemCode.CRASHED, True) == (refused.code, "SIGKILL" in refused.reason)
    assert keeper_module._KILLS_TO_BLAME == len(list(tmp_path.iterdir()))


def test_killing_idle_workers_is_survived(pool: DecodePool, tmp_path: Path) -> None:
    """With every worker killed while nothing runs, the next files are decoded nevertheless."""
    path = saved(tmp_path, "a.jpg", encoded(landscape(1, (300, 200)), "JPEG"))
    for _ in range(3):
        victims = workers_of(os.getpid())
        for victim in victims:
            victim.kill()
        outcomes = [pool.submit(path).result(_SOON) for _ in range(4)]
        assert all(isinstance(outcome, Decoded) for outcome in outcomes)


def test_a_pool_that_says_nothing_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stopped worker takes no task and does not die: it is replaced, and its files are read."""
    monkeypatch.setattr(keeper_module, "_PATIENCE", 0.5)
    path = saved(tmp_path, "a.jpg", encoded(landscape(1, (300, 200)), "JPEG"))
    others = {process.pid for process in workers_of(os.getpid())}
    pool = DecodePool(1, Limits(deadline_seconds=1.0))
    pool.start()
    try:
        stopped = [process for process in workers_of(os.getpid()) if process.pid not in others]
        for process in stopped:
            process.suspend()
        assert isinstance(pool.submit(path).result(_SOON), Decoded)
        assert pool.restarts == 1
        assert [] == psutil.wait_procs(stopped, timeout=_SOON)[1]
    finally:
        pool.close()


@pytest.mark.parametrize(
    ("breaks", "held"),
    [(1, keeper_module._BREAKS_TO_BLAME), (keeper_module._BREAKS_OF_A_WEDGE, 3)],
    ids=["it breaks", "it says nothing"],
)
def test_a_pool_that_fails_again_and_again_blames_what_it_held_alone(breaks: int, held: int) -> None:
    """Not before: a pool breaks by chance as well. From the second time on, others go first."""
    keeper = keeper_module.Keeper(1, Limits().memory_bytes, None)
    suspect, other = (Task(tasks.killed, (), _SOON, Changed()) for _ in range(2))
    goes_first = []
    for _ in range(held - 1):
        keeper._waiting.append(other)
        keeper._requeue(Bundle((suspect,)), breaks)
        lane = lane_of(suspect)
        order = [keeper._waiting.take(lane), keeper._waiting.take(lane)]
        goes_first.append(order[0] is suspect)
    assert [breaks == 1] + [False] * (held - 2) == goes_first
    assert not suspect.future.done()
    keeper._requeue(Bundle((suspect,)), breaks)
    assert ProblemCode.CRASHED == suspect.future.result(0).code


def test_a_picture_beyond_the_memory_limit_is_refused(tmp_path: Path) -> None:
    """The limit holds for a worker, is reported as such, and the worker goes on."""
    large = Image.new("RGB", (8_000, 8_000))
    path = saved(tmp_path, "large.png", encoded(large, "PNG", compress_level=1))
    small = saved(tmp_path, "small.png", encoded(landscape(1, (64, 64)), "PNG"))
    pool = DecodePool(1, Limits(memory_bytes=450_000_000))
    pool.start()
    try:
        refused = pool.submit(path).result(_SOON)
        assert isinstance(refused, Refused)
        assert ProblemCode.MEMORY == refused.code
        assert isinstance(pool.submit(small).result(_SOON), Decoded)
        assert pool.restarts == 0
    finally:
        pool.close()


def test_urgent_files_go_first(tmp_path: Path) -> None:
    """A question does not wait behind a scan."""
    path = saved(tmp_path, "a.jpg", encoded(landscape(1, (300, 200)), "JPEG"))
    pool = DecodePool(1, Limits())
    pool.start()
    finished: list[str] = []
    try:
        scan = [pool.submit(path) for _ in range(30)]
        scan[-1].add_done_callback(lambda _: finished.append("scan"))
        question = pool.submit(path, urgent=True)
        question.add_done_callback(lambda _: finished.append("question"))
        assert all(isinstance(each.result(_SOON), Decoded) for each in (*scan, question))
    finally:
        pool.close()
    assert ["question", "scan"] == finished


def test_compare_reads_both_files(pool: DecodePool, tmp_path: Path) -> None:
    """A file equals itself; the one that cannot be read is named."""
    path = saved(tmp_path, "a.jpg", encoded(landscape(1, (300, 200)), "JPEG"))
    same = pool.compare(path, path).result(_SOON)
    assert isinstance(same, FineLook)
    assert pytest.approx(1.0) == same.ssim
    assert same.mean_difference == 0
    refused = pool.compare(path, bytes(tmp_path) + b"/gone.png").result(_SOON)
    assert isinstance(refused, Refused)
    assert "gone.png" in refused.reason


def test_close_ends_the_workers_and_resolves_what_waits(tmp_path: Path) -> None:
    """After close no worker is left, and every future has a value."""
    path = saved(tmp_path, "a.jpg", encoded(landscape(1, (300, 200)), "JPEG"))
    others = {process.pid for process in workers_of(os.getpid())}
    pool = DecodePool(2, Limits())
    pool.start()
    hanging = [run(pool, signal.pause) for _ in range(2)]
    waiting: list[Future[Outcome]] = [pool.submit(path) for _ in range(10)]
    mine = [process for process in workers_of(os.getpid()) if process.pid not in others]
    assert len(mine) == 2
    pool.close()
    assert [Changed()] * 12 == [future.result(0) for future in (*hanging, *waiting)]
    assert [] == psutil.wait_procs(mine, timeout=_SOON)[1]
    assert Changed() == pool.submit(path).result(_SOON)


def test_workers_are_bounded_and_polite(pool: DecodePool) -> None:
    """Niceness and resource limits are set, and Ctrl-C of the terminal does not reach them."""
    found = run(pool, tasks.conditions).result(_SOON)
    assert psutil.Process().nice() + 10 == found["nice"]
    if sys.platform == "linux":
        assert int(psutil.IOPRIO_CLASS_IDLE) == found["io_class"]
    assert [0, 0] == found["core"]
    assert [0, 0] == found["file_size"]
    assert found["open_files"][0] <= 64
    assert signal.SIG_IGN == found["interrupt"]
    assert found["threads"] == "1"
    if sys.platform == "linux":
        assert Limits().memory_bytes == found["address_space"][0]


def test_what_the_system_does_not_allow_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """Workers that a sandbox keeps from giving way work all the same."""
    pool = DecodePool(2, Limits())
    pool._warming = [Future(), Future()]
    for future in pool._warming:
        future.set_result(("nice: forbidden",))
    with caplog.at_level(logging.WARNING):
        pool.await_warm()
    pool.close()
    assert ["the decoding workers give way less than they should: nice: forbidden"] == caplog.messages


_PARENT = """
import json, os, signal, sys
from simd.imaging import DecodePool, Limits
from tests.imaging.test_pool import run, workers_of
pool = DecodePool(2, Limits())
pool.start()
for _ in range(2):
    run(pool, signal.pause)
print(json.dumps([process.pid for process in workers_of(os.getpid())]), flush=True)
sys.stdin.read()
"""


def test_workers_leave_with_a_parent_that_was_killed() -> None:
    """SIGKILL of the daemon leaves no process behind, not even one in the middle of a task."""
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd()
    )
    assert parent.stdout is not None
    assert parent.stdin is not None
    workers = [psutil.Process(pid) for pid in json.loads(parent.stdout.readline())]
    helpers = psutil.Process(parent.pid).children(recursive=True)
    assert len(workers) == 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    parent.stdin.close()
    assert [] == psutil.wait_procs([*workers, *helpers], timeout=_SOON)[1]


def test_the_daemon_does_not_carry_the_libraries() -> None:
    """Importing the room loads none of its image libraries into the daemon's own process."""
    code = "import sys, simd.imaging; print([m for m in ('PIL', 'scipy', 'imagehash') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"[]\n"
