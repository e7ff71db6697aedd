"""What the daemon does at this very moment."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class InHand:
    """A file that a worker is reading, and for how many seconds."""

    path: str
    path_b64: str | None = None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What has been done since the start: rates are the differences of two answers."""

    files: int
    bytes: int
    queries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryTimes:
    """The queries of the last minute, and how long they took: half of them, and 99 of a hundred."""

    count: int
    p50_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryUse:
    """Resident bytes of the daemon, and of the processes that it started; shared pages count in each."""

    daemon_bytes: int
    workers_bytes: int
    workers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What the daemon does at this very moment."""

    uptime_seconds: float
    reading: Sequence[InHand]
    done: Done
    queries: QueryTimes
    memory: MemoryUse
    generation: int
