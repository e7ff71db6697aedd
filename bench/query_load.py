"""Questions by image id over the socket, from several programs at once.

Each client is a process of its own with one connection that it keeps, as a script would have, and
asks for the near-duplicates of random images as fast as answers come. Each answer is timed from the
request's first byte to its parsed JSON. Meanwhile somebody asks for the status ten times a second.

The daemon has every image in its catalogue and its index. What it spends on an answer is its own
processor time, shared out over the answers.
"""

import http.client
import json
import multiprocessing
import os
import random
import socket
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import Event, Thread

import numpy as np
import psutil
from numpy.typing import NDArray

from bench.filled import FILES, kept
from bench.table import Options, Row
from simd.catalogue import DATABASE
from simd.system.folders import private_folder
from tests.daemon.running import RunningDaemon

CLIENTS = 4
SECONDS = 10.0
STATUS_PACE = 0.1
"""Seconds between two questions for the status."""

PATIENCE = 900.0
LOOK_SECONDS = 0.5
RATE = 300.0
"""Answers a second, of all clients together, that must be reached."""

P99_LIMIT = 0.030

_SPAWN = multiprocessing.get_context("spawn")


def run(options: Options) -> list[Row]:
    """Ask a daemon with 100,000 images, or as many as told."""
    return [row for count in options.sizes or (FILES,) for row in _measure(count)]


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a while of asking.

    Attributes:
        seconds: how long every answer took, in seconds.
        lasted: from the first question to the last answer.
        matched: answers with at least one match.
        processor: what the daemon spent on all of it, in seconds of a processor.
        status_seconds: how long the status took meanwhile.
    """

    seconds: NDArray[np.float64]
    lasted: float
    matched: int
    processor: float
    status_seconds: Sequence[float]

    @property
    def median(self) -> float:
        """Half of the answers take longer than this, in seconds."""
        return float(np.median(self.seconds))

    @property
    def p99(self) -> float:
        """One answer in a hundred takes longer than this, in seconds."""
        return _p99(self.seconds)


class _UnixConnection(http.client.HTTPConnection):
    """HTTP/1.1 over a Unix socket, kept from one question to the next."""

    def __init__(self, path: Path) -> None:
        super().__init__("simd")
        self._path = path

    def connect(self) -> None:
        """Open the connection; the first request does."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(os.fspath(self._path))

    def query(self, image_id: int) -> int:
        """Ask for the near-duplicates of an image; how many matches there are."""
        self.request("POST", "/v1/query", json.dumps({"id": image_id}), {"content-type": "application/json"})
        response = self.getresponse()
        answer = json.loads(response.read())
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(answer["error"]["message"])
        return len(answer["matches"])


@dataclass(slots=True)
class _Status:
    """Somebody who looks at the daemon now and then."""

    daemon: RunningDaemon
    seconds: list[float] = field(default_factory=list)

    def ask(self, stopping: Event) -> None:
        """Ask until it is over."""
        while not stopping.wait(STATUS_PACE):
            begun = time.perf_counter()
            self.daemon.status()
            self.seconds.append(time.perf_counter() - begun)


def _measure(count: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="simd-bench-") as scratch:
        folder = Path(scratch, "daemon")
        folder.mkdir()
        root = lay_out(folder / "state", count)
        daemon = RunningDaemon(folder, root).start()
        try:
            await_rest(daemon)
            alone = ask(daemon, count, 1)
            together = ask(daemon, count, CLIENTS)
        finally:
            daemon.stop()
    yield from rows(count, alone, together)


def lay_out(state: Path, count: int) -> Path:
    """A copy of a kept catalogue in the new folder ``state``; gives the folder of its files."""
    private_folder(state)
    source, root = kept(count)
    with (
        closing(sqlite3.connect(f"file:{source / DATABASE}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(state / DATABASE)) as copy,
    ):
        original.backup(copy)
    return root


def await_rest(daemon: RunningDaemon) -> None:
    """Return once the daemon has looked through its folders."""
    for _ in range(int(PATIENCE / LOOK_SECONDS)):
        if daemon.status()["state"] == "ready":
            return
        time.sleep(LOOK_SECONDS)
    raise RuntimeError("the daemon does not come to rest")


def rows(count: int, alone: Load, together: Load) -> Iterator[Row]:
    """The figures of one client and of all."""
    name = f"query by id, {count:,} images"
    answers, crowd = len(together.seconds), f"{name}, {CLIENTS} clients"
    spent = f"{together.processor / answers * 1e3:.2f} ms of a processor for each in the daemon"
    each, limit = together.lasted / answers, 1 / RATE
    note = f"{1 / each:.0f} a second; {spent}"
    yield Row(f"{crowd}, time for each", each, "s", f"{RATE:.0f} a second", limit, 1.0, note)
    note = f"median {together.median * 1e3:.1f} ms; {together.matched} of {answers} with matches"
    yield Row(f"{crowd}, p99", together.p99, "s", "limit", P99_LIMIT, 1.0, note)
    note = f"median {alone.median * 1e3:.1f} ms; {len(alone.seconds) / alone.lasted:.0f} a second"
    yield Row(f"{name}, 1 client, p99", alone.p99, "s", "limit", P99_LIMIT, 1.0, note)
    note = f"{len(together.status_seconds)} and {len(alone.status_seconds)} times"
    busy, calm = _p99(together.status_seconds), _p99(alone.status_seconds)
    yield Row(f"status beside {CLIENTS} clients, p99", busy, "s", "beside 1", calm, None, note)


def ask(daemon: RunningDaemon, count: int, clients: int) -> Load:
    """Have so many clients ask at once for a while."""
    if daemon.process is None:
        raise RuntimeError("the daemon is not running")
    process = psutil.Process(daemon.process.pid)
    status, stopping = _Status(daemon), Event()
    looking = Thread(target=status.ask, args=(stopping,))
    start = _SPAWN.Barrier(clients + 1)
    with ProcessPoolExecutor(clients, _SPAWN, initializer=_await_all, initargs=(start,)) as programs:
        asked = [programs.submit(_client, daemon.socket, count, seed) for seed in range(clients)]
        start.wait(PATIENCE)
        spent, begun = _processor(process), time.perf_counter()
        looking.start()
        found = [each.result() for each in asked]
        lasted, spent = time.perf_counter() - begun, _processor(process) - spent
    stopping.set()
    looking.join()
    return Load(
        seconds=np.concatenate([seconds for seconds, _ in found]),
        lasted=lasted,
        matched=sum(matched for _, matched in found),
        processor=spent,
        status_seconds=status.seconds,
    )


def _await_all(start: Barrier) -> None:
    """Start with the others: a process takes its time to begin."""
    start.wait(PATIENCE)


def _client(path: Path, count: int, seed: int) -> tuple[list[float], int]:
    """How long every answer took, and how many had matches."""
    dice = random.Random(seed)
    connection = _UnixConnection(path)
    seconds, matched = [], 0
    ended = time.perf_counter()
    until = ended + SECONDS
    while ended < until:
        begun = ended
        matched += connection.query(dice.randint(1, count)) > 0
        ended = time.perf_counter()
        seconds.append(ended - begun)
    return seconds, matched


def _processor(process: psutil.Process) -> float:
    """Seconds of a processor that a process has spent."""
    return float(sum(process.cpu_times()[:2]))


def _p99(seconds: Sequence[float] | NDArray[np.float64]) -> float:
    return float(np.percentile(seconds, 99))
