"""What the daemon does at this moment, for whoever watches it live."""

import time

from simd.catalogue import Catalogue
from simd.core.answers import Done, InHand, MemoryUse, Pulse, QueryTimes
from simd.core.display import display_path, path_b64
from simd.imaging import DecodePool
from simd.runtime.instruments import Recent
from simd.system import process
from simd.work.reading import BYTES_READ, FILES_READ

RECENT_SECONDS = 60.0
"""What counts as recent."""


class Beat:
    """Answers ``pulse``. Any thread may ask."""

    def __init__(self, catalogue: Catalogue, pool: DecodePool, started: float) -> None:
        """``started`` is on the monotonic clock."""
        self._catalogue = catalogue
        self._pool = pool
        self._started = started
        self._queries = Recent()

    def note_query(self, seconds: float) -> None:
        """A query was answered, so long after it had come."""
        self._queries.note(time.monotonic(), seconds)

    def pulse(self) -> Pulse:
        """What is in hand, what has been done, and what it costs."""
        now = time.monotonic()
        recent, family = self._queries.since(now - RECENT_SECONDS), process.family()
        return Pulse(
            uptime_seconds=round(now - self._started, 3),
            reading=[
                InHand(path=display_path(path), path_b64=path_b64(path), seconds=round(seconds, 3))
                for path, seconds in self._pool.running()
            ],
            done=Done(files=int(FILES_READ.total), bytes=int(BYTES_READ.total), queries=self._queries.noted),
            queries=QueryTimes(
                count=recent.count, p50_ms=_milliseconds(recent.p50), p99_ms=_milliseconds(recent.p99)
            ),
            memory=MemoryUse(
                daemon_bytes=process.resident_bytes(),
                workers_bytes=family.bytes,
                workers=family.processes,
            ),
            generation=self._catalogue.generation(),
        )


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(1e3 * seconds, 3)
