"""What a daemon is while it loads, in the shape of its status."""

import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

import simd
from simd.core.answers.daemon import (
    CatalogueStatus,
    DaemonState,
    FileCounts,
    IndexStatus,
    LoadingPhase,
    ProblemSummary,
    Progress,
    QueueStatus,
    RootStatus,
    Status,
)
from simd.core.display import display_path, path_b64
from simd.core.model import RootState


class Loading:
    """How far the start of a daemon has come. Safe to use from every thread.

    Attributes:
        phase: what it is doing now.
    """

    def __init__(self, roots: Sequence[bytes], database: Path, started: float) -> None:
        """``started`` is the moment of the start on the monotonic clock."""
        self.phase = LoadingPhase.START
        self._roots = roots
        self._database = database
        self._started = started

    def status(self) -> Status:
        """The daemon at a glance; what is not known yet is counted as 0."""
        return Status(
            version=simd.__version__,
            uptime_seconds=round(time.monotonic() - self._started, 1),
            pid=os.getpid(),
            state=DaemonState.LOADING,
            paused=False,
            roots=[_not_looked_at(root) for root in self._roots],
            files=FileCounts(present=0, missing=0, offline=0),
            images=0,
            pairs=0,
            queue=QueueStatus(settling=0, waiting=0, decoding=0),
            progress=Progress(phase=self.phase, done=0, total=None, per_second=None),
            index=IndexStatus(images=0, distinct=0, live=0, frozen=0),
            next_report=None,
            problems=ProblemSummary(count=0, notes=()),
            catalogue=CatalogueStatus(
                path=str(self._database),
                bytes=_size(self._database),
                sqlite=sqlite3.sqlite_version,
                recovery=None,
            ),
            generation=0,
        )


def _not_looked_at(root: bytes) -> RootStatus:
    """A root of the settings, as it stands before its first sweep."""
    return RootStatus(
        path=display_path(root),
        path_b64=path_b64(root),
        state=RootState.SCANNING,
        reason=None,
        files=0,
        network=False,
    )


def _size(database: Path) -> int:
    """Bytes of the database, 0 while there is none."""
    try:
        return database.stat().st_size
    except FileNotFoundError:
        return 0
