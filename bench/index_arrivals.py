"""Searches beside a thread that brings a thousand images a second, as the daemon's threads do.

An arriving image is first sought and then added, a batch at a time, and whenever the live tier is
full, a third thread freezes the index. How long a search is kept waiting by that is a matter of
clocks, not of processor time, and other work on the machine shows in it: so all is measured in
rounds, still ones and busy ones in turn, and the best round of each kind counts.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path
from threading import Event, Thread
from time import perf_counter, sleep

import numpy as np

from bench.hashes import Hashes, uniform
from bench.table import Row
from simd.core.presets import STORED_RADIUS
from simd.index import HashIndex
from simd.work.arrivals import MOST_CANDIDATES
from simd.work.upkeep import CHECK_SECONDS

PER_SECOND = 1_000
BATCH = 50
FIRST_ID = 1 << 40
"""Of arriving images: above all others. The rounds use them again, with other hashes."""
ROUNDS = 3
STILL_SECONDS = 2.0

PAUSE_SECONDS = 0.001
"""Between two searches: people and programs that ask do not ask all the time."""

BAR = 5.0

SCHEDULED = Path("/proc/thread-self/schedstat")
"""Where Linux tells how long a thread ran and how long it waited to run, in nanoseconds."""


@dataclass(frozen=True, slots=True)
class _Tail:
    """99th percentiles of searches, in seconds.

    Attributes:
        clock: by the clock.
        own: the same without the waits for a processor that others had.
    """

    clock: float
    own: float


def beside_arrivals(index: HashIndex, hashes: Hashes, radius: int) -> Iterator[Row]:
    """The 99th percentile of searches while images arrive, beside that of a still index."""
    rng = np.random.default_rng(21)
    queries = rng.choice(hashes, 10_000).tolist()
    still, busy = [], []
    for _ in range(ROUNDS):
        still.append(_tail(index, queries, radius, _ends_after(STILL_SECONDS)))
        with _arrivals(index, rng) as frozen:
            busy.append(_tail(index, queries, radius, frozen.is_set))
    name = f"{len(hashes):,}, radius {radius}, {PER_SECOND:,} images a second: p99"
    note = f"by the clock, with a freeze in each; the best of {ROUNDS} rounds"
    clocks = [min(tail.clock for tail in tails) for tails in (busy, still)]
    yield Row(name, clocks[0], "s", "p99 of a still index", clocks[1], BAR, note)
    if SCHEDULED.exists():
        own = [min(tail.own for tail in tails) for tails in (busy, still)]
        note = "without the waits for a processor"
        yield Row(name, own[0], "s", "p99 of a still index", own[1], None, note)


def _ends_after(seconds: float) -> Callable[[], bool]:
    end = perf_counter() + seconds
    return lambda: perf_counter() > end


def _tail(index: HashIndex, queries: Sequence[int], radius: int, ended: Callable[[], bool]) -> _Tail:
    clock, own = [], []
    for query in cycle(queries):
        waited, begun = _waited(), perf_counter()
        index.find(query, radius)
        clock.append(perf_counter() - begun)
        own.append(clock[-1] - (_waited() - waited))
        if ended():
            return _Tail(float(np.percentile(clock, 99)), float(np.percentile(own, 99)))
        sleep(PAUSE_SECONDS)
    raise AssertionError("a cycle does not end")


def _waited() -> float:
    """Seconds that this thread was ready to run and had no processor; 0 where nothing tells it."""
    return int(SCHEDULED.read_text().split()[1]) / 1e9 if SCHEDULED.exists() else 0.0


@contextmanager
def _arrivals(index: HashIndex, rng: np.random.Generator) -> Iterator[Event]:
    """Images arrive while this lasts; the event is set when the index has been frozen once more."""
    stop, frozen = Event(), Event()

    def arrive() -> None:
        due = perf_counter()
        for first in count(FIRST_ID, BATCH):
            batch = uniform(BATCH, rng).tolist()
            index.find_many(batch, STORED_RADIUS, MOST_CANDIDATES)
            for image_id, hash_ in enumerate(batch, first):
                index.add(hash_, image_id)
            due += BATCH / PER_SECOND
            if stop.wait(max(0.0, due - perf_counter())):
                return

    def keep_up() -> None:
        while not stop.wait(CHECK_SECONDS):
            if index.needs_freeze():
                index.freeze()
                frozen.set()

    threads = [Thread(target=each) for each in (arrive, keep_up)]
    for thread in threads:
        thread.start()
    yield frozen
    stop.set()
    for thread in threads:
        thread.join()
