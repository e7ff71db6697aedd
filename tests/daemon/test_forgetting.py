"""What is of no use any more leaves by night: rows of files that are gone, and plans that nobody applied."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from simd.catalogue import DATABASE, Journal
from simd.imaging import drawing
from tests.catalogue.test_journal import draft, some
from tests.daemon.running import PATIENCE, QUIET_NIGHTS, RunningDaemon
from tests.fakes import FakeClock

Started = Callable[[RunningDaemon], RunningDaemon]

AT_ONCE = f"{QUIET_NIGHTS}catalogue: {{forget_missing_after: 0.001s}}\n"


def test_what_is_of_no_use_any_more_is_forgotten(place: Path, daemons: Started) -> None:
    """An image that no file holds is found no more; of two plans the young one stays."""
    daemon = RunningDaemon(place / "simd", place / "photos", more=AT_ONCE)
    outside = place / "outside.jpg"
    for number in (1, 2):
        picture = drawing.landscape(number, 320, 240)
        drawing.save(picture, daemon.roots[0] / f"{number}.jpg", quality=90)
        drawing.save(drawing.resized(picture, 0.5), daemon.roots[0] / f"{number}-small.jpg", quality=80)
    drawing.save(drawing.landscape(2, 320, 240), outside, quality=70)
    daemons(daemon).sync()
    assert 2 == len(daemon.query(outside)["matches"])
    for name in ("2.jpg", "2-small.jpg"):
        (daemon.roots[0] / name).unlink()
    daemon.sync()
    assert 0 == daemon.simctl("plan").returncode
    assert 0 == daemon.stop()

    _as_if_long_ago(daemon.folder / "state")
    daemons(daemon)
    _await_forgotten(daemon)
    files = daemon.status()["files"]
    assert (2, 0) == (files["present"], files["missing"])
    assert [] == daemon.query(outside)["matches"]
    with closing(sqlite3.connect(daemon.folder / "state" / DATABASE)) as catalogue:
        assert [(2,)] == catalogue.execute("SELECT count(*) FROM image").fetchall()
    assert 2 == sum(_samples(daemon, "simd_index_hashes").values())
    assert ["1"] == [plan["id"] for plan in daemon.client.get("/v1/plans")["plans"]]


def _as_if_long_ago(state: Path) -> None:
    """A plan that was made in another year, and a night in which nothing has been forgotten so far."""
    with closing(Journal(state, FakeClock())) as journal:
        journal.add(draft(*some()))
    with closing(sqlite3.connect(state / DATABASE, isolation_level=None)) as catalogue:
        catalogue.execute("DELETE FROM job WHERE name = 'forget'")


def _await_forgotten(daemon: RunningDaemon) -> None:
    """Ask until the job has succeeded."""
    end = time.monotonic() + PATIENCE
    while not _last_success(daemon):
        assert time.monotonic() < end, daemon.log.read_text()


def _last_success(daemon: RunningDaemon) -> float:
    return _samples(daemon, "simd_job_last_success_timestamp_seconds")["forget"]


def _samples(daemon: RunningDaemon, name: str) -> dict[str, float]:
    """The numbers of a metric by its one label."""
    samples = (sample for family in daemon.metrics() for sample in family.samples if sample.name == name)
    return {label: sample.value for sample in samples for label in sample.labels.values()}
