"""A report about a large library, while somebody asks the daemon about pictures.

How long it takes, how much memory its process and the daemon take beyond what the daemon had,
and how long queries wait meanwhile, beside the same queries before it. A second report
finds the previews of the first one.

Queries come at a steady pace, and each is timed from its start. Memory is the resident memory that
the kernel tells (``VmHWM``), which counts pages that the process shares with others; where
there is no such file, as on macOS, it is not measured.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import psutil

from bench.filled import FILES, build
from bench.photographs import KEPT, photographs
from bench.table import Options, Row
from simd.client.http import Client
from tests.daemon.running import RunningDaemon

MILLION = 1_000_000
PHOTOGRAPHS = 40
PATIENCE = 900.0
IDLE_SECONDS = 20.0
PACE = 0.05
"""Seconds between the beginnings of two queries."""

SECONDS_LIMIT = {FILES: 20.0, MILLION: 180.0}
COPY_EVERY = {FILES: 10, MILLION: 20}
MEMORY_LIMIT = 200_000_000
SLOWER = 3.0
PROC = Path("/proc")


def run(options: Options) -> list[Row]:
    """Two reports about 100,000 images with 10,000 groups, or as many as told."""
    return [row for count in options.sizes or (FILES,) for row in _measure(count)]


@dataclass(slots=True)
class _Load:
    """Somebody who asks at a steady pace, and how long each answer took, in seconds."""

    client: Client
    paths: list[str]
    seconds: list[float] = field(default_factory=list)

    def ask(self, stopping: Event) -> None:
        """Ask until it is over."""
        due = time.perf_counter()
        while not stopping.wait(max(0.0, due - time.perf_counter())):
            path = self.paths[len(self.seconds) % len(self.paths)]
            begun = time.perf_counter()
            self.client.post("/v1/query", {"path": path})
            self.seconds.append(time.perf_counter() - begun)
            due = max(due + PACE, begun)

    @property
    def p99(self) -> float:
        """What one in a hundred takes longer than."""
        return float(np.percentile(self.seconds, 99))


@dataclass(slots=True)
class _Cost:
    """What a report takes.

    Attributes:
        grown: by how much the daemon's resident memory exceeded what it was, in bytes.
        child: the greatest resident memory of the process of the report, in bytes.
        seconds: processor time of that process.
    """

    daemon: psutil.Process
    grown: int = 0
    child: int = 0
    seconds: float = 0.0

    def watch(self, stopping: Event) -> None:
        """Look often until it is over."""
        workers = {process.pid for process in self.daemon.children(recursive=True)}
        before = self.daemon.memory_info().rss
        while not stopping.wait(0.05):
            self.grown = max(self.grown, self.daemon.memory_info().rss - before)
            for process in self.daemon.children(recursive=True):
                if process.pid not in workers:
                    with suppress(psutil.NoSuchProcess):
                        self.child = max(self.child, _peak(process.pid))
                        self.seconds = max(self.seconds, sum(process.cpu_times()[:2]))


def _measure(count: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="simd-bench-") as scratch:
        folder = Path(scratch, "daemon")
        folder.mkdir()
        pictures = photographs(KEPT / "photographs", PHOTOGRAPHS)
        root = build(folder / "state", count, copy_every=COPY_EVERY.get(count, 10), pictures=pictures)
        daemon = RunningDaemon(folder, root).start()
        try:
            client = Client(os.fspath(daemon.socket), timeout=PATIENCE)
            client.post("/v1/sync", {"timeout": PATIENCE})
            yield from _reports(daemon, client, count)
        finally:
            daemon.stop()


def _reports(daemon: RunningDaemon, client: Client, count: int) -> Iterator[Row]:
    if daemon.process is None:
        raise RuntimeError("the daemon is not running")
    asked = [group["path"] for group in client.get("/v1/groups", {"limit": 500})["groups"]]
    idle, busy = _Load(client, asked), _Load(client, asked)
    with _beside(idle.ask):
        Event().wait(IDLE_SECONDS)
    cost = _Cost(psutil.Process(daemon.process.pid))
    with _beside(busy.ask, cost.watch):
        first, head = _timed_report(client)
    second, _ = _timed_report(client)
    limit = SECONDS_LIMIT.get(count)
    totals = head["totals"]
    name = f"report on {count:,} images"
    page = Path(head["paths"]["html"]).stat().st_size / 1e6
    note = f"{totals['groups']:,} groups, page of {page:.1f} MB, {cost.seconds:.1f} s of a processor"
    yield Row(f"{name}, with queries", first, "s", "limit", limit or first, limit and 1.0, note)
    yield Row(f"{name}, the next", second, "s", "limit", limit or second, limit and 1.0, "previews are kept")
    if cost.child:
        beside = f"{cost.grown / 1e6:.0f} MB of it in the daemon"
        extra = cost.child + cost.grown
        yield Row(
            f"{name}, memory", extra, "B", "limit", MEMORY_LIMIT, 1.0 if count == FILES else None, beside
        )
    note = f"{len(busy.seconds)} and {len(idle.seconds)} queries"
    yield Row(f"p99 of queries, {name}", busy.p99, "s", "before it", idle.p99, SLOWER, note)


def _timed_report(client: Client) -> tuple[float, dict[str, Any]]:
    begun = time.perf_counter()
    head: dict[str, Any] = client.post("/v1/reports", {})["report"]
    return time.perf_counter() - begun, head


@contextmanager
def _beside(*loops: Any) -> Iterator[None]:
    """Have these run in threads meanwhile."""
    stopping = Event()
    threads = [Thread(target=loop, args=(stopping,)) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def _peak(pid: int) -> int:
    """Greatest resident memory of a process so far, in bytes; 0 where nothing tells it."""
    try:
        lines = PROC.joinpath(str(pid), "status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
