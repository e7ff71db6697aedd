"""What ``/metrics`` says: what the parts are now, beside what the instruments have counted."""

import platform
import time
from collections.abc import Iterator

from simd import __version__
from simd.catalogue import Catalogue, Counts
from simd.core.answers import Metric, MetricKind
from simd.core.model import RootState
from simd.imaging import DecodePool
from simd.index import HashIndex
from simd.runtime.instruments import INSTRUMENTS
from simd.system import process
from simd.work.ingest import Ingest
from simd.work.roots import Roots

JOBS = ("report", "backup", "integrity", "forget", "crowds", "sweep")
"""The timed work whose last success is told."""


class Gauges:
    """Asks every part once for each scrape."""

    def __init__(
        self,
        catalogue: Catalogue,
        index: HashIndex,
        pool: DecodePool,
        roots: Roots,
        ingest: Ingest,
        started: float,
    ) -> None:
        """``started`` is on the monotonic clock."""
        self._catalogue = catalogue
        self._index = index
        self._pool = pool
        self._roots = roots
        self._ingest = ingest
        self._started = started

    def samples(self, counts: Counts) -> Iterator[Metric]:
        """Every sample, those of the instruments last; ``counts`` is what the catalogue holds."""
        yield from self._library(counts)
        yield from self._queues()
        yield from self._jobs()
        yield from self._process()
        yield from INSTRUMENTS.samples()

    def _library(self, counts: Counts) -> Iterator[Metric]:
        for state in ("present", "missing", "offline"):
            value = getattr(counts, state)
            yield _gauge("simd_files", "Catalogued files by state.", value, state=state)
        standings = [standing.state for standing in self._roots.all()]
        for root_state in RootState:
            value = standings.count(root_state)
            yield _gauge("simd_roots", "Watched folders by state.", value, state=root_state.value)
        sizes = self._index.sizes()
        for tier in ("live", "frozen"):
            yield _gauge(
                "simd_index_hashes",
                "Images by the tier of the index that their hash is in.",
                getattr(sizes, tier),
                tier=tier,
            )
        yield _gauge("simd_images", "Images that a file holds.", counts.images)
        yield _gauge("simd_pairs", "Verified pairs of images.", counts.pairs)
        yield _gauge("simd_problems", "Files that could not be read.", counts.problems)
        yield _gauge("simd_generation", "Number of the last commit.", self._catalogue.generation())

    def _queues(self) -> Iterator[Metric]:
        queue = self._ingest.counts()
        for stage in ("settling", "waiting", "decoding"):
            value = getattr(queue, stage)
            yield _gauge("simd_queue_files", "Files on their way, by stage.", value, stage=stage)
        yield _gauge(
            "simd_mailbox_hints", "Signs of change that nobody has looked at yet.", len(self._ingest.mailbox)
        )
        yield _gauge(
            "simd_writer_jobs", "Jobs that wait for the catalogue's writer.", self._catalogue.jobs_waiting
        )
        yield _gauge("simd_paused", "1 while reading is held, else 0.", float(self._ingest.paused))

    def _jobs(self) -> Iterator[Metric]:
        with self._catalogue.read() as snapshot:
            successes = {name: snapshot.job_success(name) for name in JOBS}
        for name, at in successes.items():
            yield _gauge(
                "simd_job_last_success_timestamp_seconds",
                "When a timed job last succeeded, in seconds of Unix time; 0 if never.",
                at.timestamp() if at else 0.0,
                job=name,
            )

    def _process(self) -> Iterator[Metric]:
        yield _gauge(
            "simd_build_info",
            "1, with the versions of what runs.",
            1,
            version=__version__,
            python=platform.python_version(),
            sqlite=self._catalogue.sqlite_version,
        )
        yield _gauge("simd_uptime_seconds", "Seconds since the start.", time.monotonic() - self._started)
        yield _counter("simd_decoded_total", "Pictures decoded since the start.", self._pool.decoded)
        family = process.family()
        yield _gauge("simd_children", "Processes that the daemon has started.", family.processes)
        yield _gauge("simd_children_resident_bytes", "What they hold in memory.", family.bytes)
        yield _gauge("process_resident_memory_bytes", "Resident memory.", process.resident_bytes())
        yield _gauge("process_open_fds", "Open file descriptors.", process.open_descriptors())
        yield _gauge("process_max_fds", "Most descriptors there may be.", process.most_descriptors())
        yield _gauge("process_start_time_seconds", "Start, in Unix time.", process.started_at())
        yield _counter("process_cpu_seconds_total", "Processor time.", process.processor_seconds())


def _gauge(name: str, text: str, value: float, **labels: str) -> Metric:
    return Metric(name=name, kind=MetricKind.GAUGE, help=text, value=value, labels=labels)


def _counter(name: str, text: str, value: float) -> Metric:
    return Metric(name=name, kind=MetricKind.COUNTER, help=text, value=value)
