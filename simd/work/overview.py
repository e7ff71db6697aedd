"""The daemon at a glance: what ``status`` and ``/metrics`` say."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from threading import Lock

from simd import __version__
from simd.catalogue import DATABASE, Catalogue, Counts
from simd.core.answers import (
    CatalogueStatus,
    Check,
    DaemonState,
    FileCounts,
    IndexStatus,
    Metric,
    Note,
    ProblemSummary,
    Progress,
    QueueStatus,
    RootStatus,
    Status,
    view_of,
)
from simd.core.display import display_path, path_b64
from simd.core.errors import CatalogueError
from simd.core.model import RootState
from simd.imaging import DecodePool
from simd.index import HashIndex
from simd.render.holds import reasons, remedies
from simd.render.words import count
from simd.runtime.clock import SystemClock
from simd.work.checkup import Checkup
from simd.work.gauges import Gauges
from simd.work.ingest import Ingest
from simd.work.pulse import Beat
from simd.work.roots import Roots, Standing, remedy_of
from simd.work.upkeep import Upkeep


class Overview:
    """Gathers what the parts know of themselves.

    Attributes:
        beat: tells what is done at this moment.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        index: HashIndex,
        pool: DecodePool,
        roots: Roots,
        ingest: Ingest,
        upkeep: Upkeep,
        watcher_alive: Callable[[], bool],
        next_report: Callable[[], datetime | None],
        started: float,
    ) -> None:
        """``next_report`` tells when the next report is due; ``started`` is on the monotonic clock."""
        self._catalogue = catalogue
        self._index = index
        self._roots = roots
        self._ingest = ingest
        self._upkeep = upkeep
        self._watcher_alive = watcher_alive
        self._next_report = next_report
        self._started = started
        self.beat = Beat(catalogue, pool, started)
        self._checkup = Checkup(catalogue, pool, SystemClock())
        self._gauges = Gauges(catalogue, index, pool, roots, ingest, started)
        self._rate = _Rate()
        self._lock = Lock()
        self._held: tuple[int, Counts, dict[bytes, int]] | None = None

    def status(self, others: Sequence[Note] = ()) -> Status:
        """The daemon at a glance; ``others`` are notes of what the overview does not see itself."""
        next_report = self._next_report()
        generation, counts, files = self._counted()
        notes = [*self._notes(), *others]
        database = self._catalogue.folder / DATABASE
        return Status(
            version=__version__,
            uptime_seconds=round(time.monotonic() - self._started, 1),
            pid=os.getpid(),
            state=self._state(),
            paused=self._ingest.paused,
            holds=[view_of(hold) for hold in self._ingest.holding.holds],
            roots=[
                _describe_root(standing, files.get(standing.root.path, 0)) for standing in self._roots.all()
            ],
            files=FileCounts(present=counts.present, missing=counts.missing, offline=counts.offline),
            images=counts.images,
            pairs=counts.pairs,
            queue=self._queue(),
            progress=self._progress(),
            index=self._index_status(),
            next_report=None if next_report is None else next_report.isoformat(timespec="seconds"),
            problems=ProblemSummary(count=counts.problems, notes=notes),
            catalogue=CatalogueStatus(
                path=str(database),
                bytes=database.stat().st_size if database.exists() else 0,
                sqlite=self._catalogue.sqlite_version,
                recovery=self._catalogue.recovery.message if self._catalogue.recovery else None,
            ),
            generation=generation,
        )

    def activity(self) -> str:
        """What the daemon is doing, in a few words; costs no look into the catalogue."""
        state, progress = self._state(), self._progress()
        if state is DaemonState.PAUSED:
            return "paused"
        if progress is None:
            return "up to date" if state is DaemonState.READY else "up to date, with problems: simctl status"
        if progress.total is None:
            return "sweeping the folders"
        return f"reading {progress.done:,} of {progress.total:,} files"

    def notes(self) -> Sequence[Note]:
        """What is wrong with the daemon, and why it may not know the latest: for those who read it later."""
        return [*self._notes(), *self._gaps()]

    def checks(self, others: Sequence[Note]) -> list[Check]:
        """What ``doctor`` sees only from within; ``others`` are notes of what the overview does not see."""
        return self._checkup.checks([*self._notes(), *others])

    def metrics(self) -> Sequence[Metric]:
        """Every sample for Prometheus."""
        return list(self._gauges.samples(self._counted()[1]))

    def _counted(self) -> tuple[int, Counts, dict[bytes, int]]:
        """What the catalogue holds; counted once for each of its states.

        A catalogue that cannot be read is told as it was when it could: the notes say why that is so.

        Raises:
            CatalogueError: it never could.
        """
        try:
            return self._count()
        except CatalogueError:
            if self._held is None:
                raise
            return self._held

    def _count(self) -> tuple[int, Counts, dict[bytes, int]]:
        roots = [standing.root.path for standing in self._roots.all()]
        with self._lock, self._catalogue.read() as snapshot:
            held = self._held
            if held is None or held[0] != snapshot.generation or list(held[2]) != roots:
                files = {root: snapshot.count_under(root) for root in roots}
                held = self._held = (snapshot.generation, snapshot.counts(), files)
            return held

    def _state(self) -> DaemonState:
        states = {standing.state for standing in self._roots.all()}
        if self._ingest.paused:
            return DaemonState.PAUSED
        broken = self._ingest.trouble or self._upkeep.needs_a_person or not self._watcher_alive()
        if broken or RootState.DEGRADED in states:
            return DaemonState.DEGRADED
        counts = self._ingest.counts()
        if RootState.SCANNING in states or counts.waiting or counts.decoding:
            return DaemonState.SCANNING
        return DaemonState.READY

    def _notes(self) -> Iterator[Note]:
        yield from self._upkeep.notes()
        if self._ingest.trouble and self._catalogue.refusal is None:
            yield Note(
                message=self._ingest.trouble, hint="Is the disk of the state folder full or read-only?"
            )
        for standing in self._roots.all():
            if standing.state in {RootState.OFFLINE, RootState.DEGRADED}:
                yield Note(
                    message=f"{display_path(standing.root.path)} is {standing.state}: {standing.reason}",
                    hint=remedy_of(standing),
                )

    def _gaps(self) -> Iterator[Note]:
        unread = self._unread()
        if holds := [asdict(view_of(hold)) for hold in self._ingest.holding.holds]:
            message = f"Reading is paused, so the latest changes are not known: {reasons(holds)}."
            yield Note(message=message, hint=remedies(holds))
        elif any(standing.state is RootState.SCANNING for standing in self._roots.all()):
            yield Note(message="A folder was still being looked at.", hint="A later report knows all of it.")
        elif unread:
            yield Note(
                message=f"Still to be read: {count(unread, 'file')}.", hint="A later report has them too."
            )

    def _unread(self) -> int:
        counts = self._ingest.counts()
        return counts.waiting + counts.decoding

    def _queue(self) -> QueueStatus:
        counts = self._ingest.counts()
        return QueueStatus(settling=counts.settling, waiting=counts.waiting, decoding=counts.decoding)

    def _progress(self) -> Progress | None:
        counts = self._ingest.counts()
        scanning = any(standing.state is RootState.SCANNING for standing in self._roots.all())
        if counts.total == counts.done and not scanning:
            return None
        return Progress(
            phase="sweep" if scanning else "decode",
            done=counts.done,
            total=None if scanning else counts.total,
            per_second=self._rate.of(counts.done),
        )

    def _index_status(self) -> IndexStatus:
        sizes = self._index.sizes()
        return IndexStatus(
            images=len(self._index), distinct=self._index.distinct, live=sizes.live, frozen=sizes.frozen
        )


class _Rate:
    """Files a second, over the last few seconds."""

    def __init__(self) -> None:
        self._at = time.monotonic()
        self._done = 0

    def of(self, done: int) -> float | None:
        now = time.monotonic()
        elapsed, finished = now - self._at, done - self._done
        if finished < 0 or elapsed > 10.0:  # noqa: PLR2004 - seconds after which the old mark says nothing
            self._at, self._done = now, done
        return round(finished / elapsed, 1) if finished > 0 and elapsed > 0 else None


def _describe_root(standing: Standing, files: int) -> RootStatus:
    path = standing.root.path
    return RootStatus(
        path=display_path(path),
        path_b64=path_b64(path),
        state=standing.state,
        reason=standing.reason,
        files=files,
        network=standing.network,
    )
