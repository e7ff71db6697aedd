"""What a service manager is to be made to do, as values: nothing happens here."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

UNIT_MODE = 0o644
"""Units and agents hold no secret, and launchd refuses those that others may write."""


@dataclass(frozen=True, slots=True)
class Write:
    """Put a file in its place, as a whole; folders on the way are made."""

    path: Path
    content: bytes = field(repr=False)
    mode: int = UNIT_MODE


@dataclass(frozen=True, slots=True)
class MakeFolder:
    """Make a folder that only its owner can enter, and those on the way; one that is there stays as it is."""

    path: Path


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a file away, if it is there."""

    path: Path


@dataclass(frozen=True, slots=True)
class Run:
    """Run a program and wait for its end.

    Attributes:
        words: the program and its arguments.
        accepted: the exit codes after which the next step is taken.
        starts: the program returns when the daemon is ready, which can take its time.
    """

    words: tuple[str, ...]
    accepted: frozenset[int] = frozenset({0})
    starts: bool = False


Step = MakeFolder | Write | Remove | Run
Plan = tuple[Step, ...]
"""What to do, in this order, up to the first step that fails."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended, and what it said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Program:
    """The daemon as a service manager has to call it.

    Attributes:
        run: the words that run it in the foreground.
        reload: the words that have it read its settings again, and return when it has.
        environment: variables that it needs beside those that the manager sets.
    """

    run: tuple[str, ...]
    reload: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()


class UnitState(StrEnum):
    """How a service fares in the eyes of its manager."""

    ABSENT = "absent"
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitReport:
    """What a manager says of the service.

    Attributes:
        state: how it fares.
        enabled: it is started at log-in.
        pid: its process, if it has one.
        detail: what it says itself, or how it ended.
    """

    state: UnitState
    enabled: bool = False
    pid: int | None = None
    detail: str | None = None
