"""A catalogue that refuses: what a person is told, that nothing is lost, and that it goes on by itself."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from simd.catalogue import DATABASE, Catalogue, Decisions, engines
from simd.core.answers import DaemonState
from simd.core.errors import CatalogueError, CatalogueLocked, Unavailable
from simd.imaging import DecodePool, Limits
from simd.index import HashIndex
from simd.runtime.broadcast import Broadcast
from simd.work import upkeep
from simd.work.arrivals import Arrival, Arrivals, Read
from simd.work.batch import RETRY_SECONDS as BATCH_RETRY_SECONDS
from simd.work.batch import Batch
from simd.work.holding import Holding
from simd.work.overview import Overview
from simd.work.pausing import Pausing
from simd.work.roots import Roots
from simd.work.upkeep import RETRY_SECONDS, Upkeep
from tests.catalogue.newborn import open_new
from tests.fakes import FakeClock
from tests.work.loops import Loop
from tests.work.samples import RECIPE, ROOT, picture, signature, stamp

SHELL = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2])
connection.execute("SELECT * FROM state").fetchall()
print(flush=True)
sys.stdin.read()
"""
MANY = 2_000


class House:
    """A state folder, and those who write there."""

    def __init__(self, state: Path, clock: FakeClock) -> None:
        self.clock = clock
        self.catalogue = open_new(state, clock)
        self.decisions = Decisions(state, clock)
        # The loop enrols the folder, and lends its list of what is to be read; it is not run here.
        pool = DecodePool(1, Limits())
        loop = Loop(self.catalogue, clock, pool)
        self.written: list[bytes] = []
        arrivals = Arrivals(self.catalogue, HashIndex(), Broadcast(), RECIPE)
        self.batch = Batch(arrivals, clock, self._settle, lambda: None)
        self.pausing = Pausing(self.decisions, Holding(clock, lambda: None))
        self.backups = state / "backups"
        self.upkeep = Upkeep(
            self.catalogue, [self.decisions], HashIndex(), loop.ingest, clock, RECIPE,
            self.backups, 2, timedelta(days=30),
        )  # fmt: skip
        self.overview = Overview(
            self.catalogue, HashIndex(), pool, Roots(), loop.ingest, self.upkeep,
            lambda: True, lambda: None, 0.0,
        )  # fmt: skip

    def is_suspect(self) -> bool:
        """Whether the catalogue is held to be damaged, or gone."""
        return self.catalogue.suspects_damage

    def told(self) -> list[tuple[str, str | None]]:
        """What the status says about the catalogue."""
        return [(note.message, note.hint) for note in self.upkeep.notes()]

    def _settle(self, written: Sequence[Arrival], _unresolved: Collection[bytes]) -> None:
        self.written += [arrival.path for arrival in written]


class Turns(Event):
    """A wish to stop that comes after some turns of a loop, whatever time it is."""

    def __init__(self, turns: int) -> None:
        super().__init__()
        self._left = turns

    @property
    def are_over(self) -> bool:
        """Whether the loop took all of them, and more would have come if it had gone on."""
        return self._left < 0

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002 - as the class above
        """Count the turns."""
        self._left -= 1
        return self.are_over


@contextmanager
def shell(database: Path, begin: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Somebody's shell that has begun a transaction in the catalogue, and was forgotten."""
    command = [sys.executable, "-c", SHELL, str(database), begin]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    """Ends what a test opens."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        pytest.skip("needs root and Linux to mount a small tmpfs")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "simd-test", place], check=False)
    if mounted.returncode:
        pytest.skip("this system does not let root mount a tmpfs")
    yield place
    subprocess.run(["umount", place], check=True)


def fill_up(place: Path) -> Path:
    """A file that takes all the room that a disk has left."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        block = bytes(2**20)
        while block:
            try:
                file.write(block)
            except OSError:
                block = block[: len(block) // 2]
    return ballast


def test_a_full_disk_loses_nothing_and_is_over_when_there_is_room(
    disk: Path, clock: FakeClock, opened: ExitStack
) -> None:
    """Batches, copies and decisions are refused with the remedy, and taken as soon as space is freed."""
    house = House(disk, clock)
    opened.callback(house.catalogue.close)
    house.upkeep.back_up()
    copies = set(house.backups.iterdir())
    ballast = fill_up(disk)
    paths = [ROOT + b"/%d.jpg" % number for number in range(MANY)]
    for number, path in enumerate(paths):
        house.batch.add(Read(path, stamp(number), signature(picture(number), number)))

    house.batch.flush()
    assert (True, True) == (house.batch.blocked, house.upkeep.needs_a_person)
    [(message, hint)] = house.told()
    assert "full" in message
    assert "Free space" in (hint or "")
    with pytest.raises(CatalogueError, match="only until simd is started again"):
        house.pausing.pause()
    with pytest.raises(Unavailable):
        house.upkeep.back_up()
    assert copies == set(house.backups.iterdir())
    assert "No new copy of the catalogue could be made." in house.told()[1][0]
    with pytest.raises(CatalogueError, match="full"):
        house.upkeep.look()

    ballast.unlink()
    clock.advance(max(RETRY_SECONDS, BATCH_RETRY_SECONDS))
    house.upkeep.look()
    assert house.catalogue.refusal is None
    house.batch.flush()
    house.upkeep.back_up()

    assert (sorted(paths), False, []) == (sorted(house.written), house.batch.blocked, house.told())
    assert not house.upkeep.needs_a_person
    assert [] == house.catalogue.check().result()


def test_whoever_locks_the_catalogue_is_named_until_it_is_over(
    tmp_path: Path, clock: FakeClock, opened: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forgotten shell holds it for as long as it likes; nothing has to be done here when it ends."""
    monkeypatch.setitem(engines._DRIVER_OPTIONS, "timeout", 0.02)
    house = House(tmp_path, clock)
    opened.callback(house.catalogue.close)
    with shell(tmp_path / DATABASE, "BEGIN IMMEDIATE") as holder:
        with pytest.raises(CatalogueLocked):
            house.catalogue.try_to_write().result()
        [(message, hint)] = house.told()
        assert "locked" in message
        if sys.platform.startswith("linux"):
            assert f"(process {holder.pid})" in (hint or "")
        # The loop is not ended by what it cannot help.
        house.upkeep.loop(Turns(2))
        assert house.upkeep.needs_a_person
    clock.advance(RETRY_SECONDS)
    house.upkeep.loop(Turns(1))
    assert [] == house.told()


def test_whoever_keeps_the_log_from_being_folded_is_named(
    tmp_path: Path, clock: FakeClock, opened: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell that reads for days lets the log grow and grow: only a person can end that."""
    monkeypatch.setattr(upkeep, "LONG_LOG", 100_000)
    house = House(tmp_path, clock)
    opened.callback(house.catalogue.close)
    house.catalogue.checkpoint().result()
    assert [] == house.told()
    with shell(tmp_path / DATABASE, "BEGIN") as reader:
        while house.catalogue.log_bytes() <= 100_000:
            house.catalogue.try_to_write().result()
        house.catalogue.checkpoint().result()
        [(message, hint)] = house.told()
        assert "reads in it" in message
        if sys.platform.startswith("linux"):
            assert f"(process {reader.pid})" in message
        assert "Close" in (hint or "")
    house.catalogue.checkpoint().result()
    assert [] == house.told()


def overwrite(database: Path) -> None:
    """Leave nothing of a database but its first page."""
    with database.open("r+b") as file:
        file.seek(4_096)
        file.write(os.urandom(database.stat().st_size - 4_096))


def test_the_status_of_a_catalogue_that_cannot_be_read_tells_why(
    tmp_path: Path, clock: FakeClock, opened: ExitStack
) -> None:
    """It is no error to ask how the daemon is when it is not well; what was known is told."""
    house = House(tmp_path, clock)
    opened.callback(house.catalogue.close)
    house.catalogue.checkpoint().result()
    well = house.overview.status()
    # The next to ask finds nothing of the old pages in its memory.
    house.catalogue._reading.dispose()
    overwrite(tmp_path / DATABASE)
    status = house.overview.status()
    assert (DaemonState.READY, DaemonState.DEGRADED) == (well.state, status.state)
    assert (well.files, well.generation) == (status.files, status.generation)
    [note] = status.problems.notes
    assert "malformed" in note.message
    assert "restores a copy" in (note.hint or "")


def test_damage_ends_the_loop(tmp_path: Path, clock: FakeClock, opened: ExitStack) -> None:
    """So that the daemon begins again, which repairs it; until then the status tells what was found."""
    house = House(tmp_path, clock)
    opened.callback(house.catalogue.close)
    house.catalogue.checkpoint().result()
    overwrite(tmp_path / DATABASE)
    house.upkeep.check()
    turns = Turns(3)
    house.upkeep.loop(turns)
    assert not turns.are_over
    assert "The catalogue is damaged" in house.told()[0][0]
    assert house.upkeep.needs_a_person


@pytest.mark.parametrize("exchanged", [True, False])
def test_a_catalogue_taken_from_under_the_daemon_ends_the_loop(
    tmp_path: Path, clock: FakeClock, opened: ExitStack, *, exchanged: bool
) -> None:
    """Whatever is written would go nowhere: it begins again, with what is there now."""
    house = House(tmp_path, clock)
    opened.callback(house.catalogue.close)
    copy = house.catalogue.backup().result()
    house.upkeep.look()
    assert not house.is_suspect()
    if exchanged:
        copy.replace(tmp_path / DATABASE)
    else:
        (tmp_path / DATABASE).unlink()
    turns = Turns(3)
    house.upkeep.loop(turns)
    assert (True, False) == (house.is_suspect(), turns.are_over)
    opened.close()
    begun = Catalogue.open(tmp_path, clock)
    opened.callback(begun.close)
    assert [] == begun.check().result()


def test_a_pause_is_taken_up_again_with_its_beginning(tmp_path: Path, clock: FakeClock) -> None:
    """And ended for good when reading goes on."""
    first = Pausing(Decisions(tmp_path, clock), Holding(clock, lambda: None))
    first.pause()
    began = clock.now()
    clock.advance(1_000)
    holding = Holding(clock, lambda: None)
    second = Pausing(Decisions(tmp_path, clock), holding)
    assert [began] == [hold.since for hold in holding.holds]
    second.resume()
    assert not holding.holds
    third = Holding(clock, lambda: None)
    Pausing(Decisions(tmp_path, clock), third)
    assert not third.holds


def test_a_pause_that_cannot_be_kept_is_begun_and_told(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wants quiet gets it."""
    monkeypatch.setattr("simd.catalogue.lasting.BUSY_SECONDS", 0.01)
    holding = Holding(clock, lambda: None)
    pausing = Pausing(Decisions(tmp_path, clock), holding)
    with closing(sqlite3.connect(tmp_path / "decisions.db", isolation_level=None)) as another:
        another.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CatalogueError, match="Reading is paused, but only until simd is started again"):
            pausing.pause()
        another.execute("ROLLBACK")
    assert holding.holds
