"""Crashes, damage and copies: what is found at the next start."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from simd.catalogue import Catalogue
from simd.catalogue.backup import newest_first
from simd.core.errors import CatalogueError
from tests.catalogue.samples import ROOT, make_signature, make_stamp
from tests.fakes import FakeClock

WRITER = """
import sys
from pathlib import Path
from simd.catalogue import Catalogue
from simd.runtime.clock import SystemClock
from tests.catalogue.samples import make_signature, make_stamp

catalogue = Catalogue.open(Path(sys.argv[1]), SystemClock())
catalogue.write(lambda to: to.enrol_root(b"/photos", 1, 2, "ext4")).result()
for batch in range(1_000_000):
    numbers = range(batch * 10 + 1, batch * 10 + 11)
    def job(to):
        to.put_images([(number, make_signature(number)) for number in numbers])
        to.put_files([(b"/photos/%d.jpg" % number, make_stamp(number), number) for number in numbers])
    catalogue.write(job).result()
    print(numbers[-1], flush=True)
"""


def fill(folder: Path, clock: FakeClock, images: int) -> Catalogue:
    """An open catalogue with some images and their files."""
    catalogue = Catalogue.open(folder, clock)
    catalogue.write(lambda to: to.enrol_root(ROOT, 1, 2, "ext4")).result()
    numbers = range(1, images + 1)
    catalogue.write(
        lambda to: to.put_images([(number, make_signature(number)) for number in numbers])
    ).result()
    files = [(b"%s/%d.jpg" % (ROOT, number), make_stamp(number), number) for number in numbers]
    catalogue.write(lambda to: to.put_files(files)).result()
    return catalogue


def damage(database: Path) -> None:
    """Overwrite the middle of a database with noise."""
    middle = database.stat().st_size // 2
    with database.open("r+b") as file:
        file.seek(middle - middle % 4_096)
        file.write(bytes(range(256)) * 48)


def note_in_use(database: Path) -> None:
    """Let a database look as if its process had been killed."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("UPDATE state SET value = 0 WHERE key = 'clean_exit'")


@pytest.mark.parametrize("commits", [1, 7, 23])
def test_a_killed_writer_loses_nothing_it_reported(tmp_path: Path, clock: FakeClock, commits: int) -> None:
    """After kill -9 in the middle of writing, all reported commits are there, whole, and no half ones."""
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with child.stdout as reports:
        reported = [int(reports.readline()) for _ in range(commits)][-1]
        child.send_signal(signal.SIGKILL)
        assert -signal.SIGKILL == child.wait()
    catalogue = Catalogue.open(tmp_path, clock)
    with catalogue.read() as snapshot:
        counts = snapshot.counts()
        files = snapshot.files_at(b"/photos/%d.jpg" % number for number in range(1, reported + 1))
    assert reported == len(files)
    assert counts.present == counts.images
    assert 0 == counts.present % 10
    assert catalogue.recovery is None
    assert counts.images + 1 == catalogue.next_image_id()
    assert [] == catalogue.check().result()
    catalogue.close()


@pytest.mark.parametrize("noise", [b"this is no database" * 1_000, b"SQLite format 3\0" + b"\xff" * 8_192])
def test_what_is_no_database_is_set_aside(tmp_path: Path, clock: FakeClock, noise: bytes) -> None:
    """It is renamed with its log, byte for byte, and a new catalogue is begun."""
    (tmp_path / "catalogue.db").write_bytes(noise)
    (tmp_path / "catalogue.db-wal").write_bytes(b"log")
    catalogue = Catalogue.open(tmp_path, clock)
    report = catalogue.recovery
    assert report is not None
    assert report.restored_from is None
    assert noise == report.set_aside.read_bytes()
    assert b"log" == Path(f"{report.set_aside}-wal").read_bytes()
    assert report.set_aside.name in report.message
    assert "catalogue.corrupt-" in report.set_aside.name
    assert 1 == catalogue.next_image_id()
    catalogue.close()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("catalogue.db-")]


def test_a_damaged_catalogue_gives_way_to_the_newest_sound_copy(tmp_path: Path, clock: FakeClock) -> None:
    """The newest copy is passed over when it is damaged too; nothing is deleted."""
    catalogue = fill(tmp_path, clock, images=50)
    good = catalogue.backup(tmp_path / "backups", keep=3).result()
    catalogue.write(lambda to: to.put_images([(51, make_signature(51))])).result()
    clock.advance(60)
    bad = catalogue.backup(tmp_path / "backups", keep=3).result()
    catalogue.close()
    os.utime(good, (1, 1))
    damage(bad)
    damage(tmp_path / "catalogue.db")
    note_in_use(tmp_path / "catalogue.db")
    catalogue = Catalogue.open(tmp_path, clock)
    report = catalogue.recovery
    assert report is not None
    assert good == report.restored_from
    assert good.name in report.message
    assert {good, bad} == set(newest_first(tmp_path / "backups"))
    assert catalogue.next_image_id() > 51
    with catalogue.read() as snapshot:
        assert 50 == snapshot.counts().present
    assert [] == catalogue.check().result()
    catalogue.close()


def test_damage_met_at_the_start_is_repaired_at_once(tmp_path: Path, clock: FakeClock) -> None:
    """A catalogue that cannot even be opened after a clean exit is set aside like any other."""
    fill(tmp_path, clock, images=50).close()
    with (tmp_path / "catalogue.db").open("r+b") as file:
        file.seek(4_096)
        file.write(bytes(range(256)) * 16 * 60)
    catalogue = Catalogue.open(tmp_path, clock)
    assert catalogue.recovery is not None
    assert [] == catalogue.check().result()
    catalogue.close()


def test_damage_met_in_use_is_repaired_at_the_next_start(tmp_path: Path, clock: FakeClock) -> None:
    """A check that finds damage keeps the exit from being noted as clean."""
    catalogue = fill(tmp_path, clock, images=500)
    catalogue.checkpoint().result()
    damage(tmp_path / "catalogue.db")
    assert [] != catalogue.check().result()
    catalogue.close()
    catalogue = Catalogue.open(tmp_path, clock)
    assert catalogue.recovery is not None
    assert [] == catalogue.check().result()
    catalogue.close()


def test_a_clean_exit_needs_no_repair(tmp_path: Path, clock: FakeClock) -> None:
    """A catalogue that was closed has no log, and opens with everything in it."""
    fill(tmp_path, clock, images=5).close()
    assert {"catalogue.db", "catalogue.life"} == {path.name for path in tmp_path.iterdir()}
    catalogue = Catalogue.open(tmp_path, clock)
    assert catalogue.recovery is None
    with catalogue.read() as snapshot:
        assert 5 == snapshot.counts().present
    assert sqlite3.sqlite_version == catalogue.sqlite_version
    catalogue.close()


def test_an_empty_file_is_a_new_catalogue(tmp_path: Path, clock: FakeClock) -> None:
    """A process that died before its first commit leaves nothing to repair."""
    (tmp_path / "catalogue.db").touch()
    catalogue = Catalogue.open(tmp_path, clock)
    assert catalogue.recovery is None
    catalogue.close()


def test_a_folder_in_the_way_is_told_and_not_moved(tmp_path: Path, clock: FakeClock) -> None:
    """What cannot be opened for another reason than damage is left where it is."""
    (tmp_path / "catalogue.db").mkdir()
    with pytest.raises(CatalogueError, match="is a folder"):
        Catalogue.open(tmp_path, clock)
    assert (tmp_path / "catalogue.db").is_dir()


def test_the_newest_copies_are_kept(tmp_path: Path, clock: FakeClock) -> None:
    """Older dated copies go, a copy made before an upgrade stays, and each is a whole catalogue."""
    catalogue = fill(tmp_path, clock, images=3)
    folder = tmp_path / "elsewhere" / "copies"
    copies = []
    for _ in range(4):
        copies.append(catalogue.backup(folder, keep=2).result())
        (folder / "catalogue.before-0002.db").touch()
        clock.advance(timedelta(days=1).total_seconds())
    assert {*copies[2:], folder / "catalogue.before-0002.db"} == set(folder.iterdir())
    with closing(sqlite3.connect(copies[-1])) as copy:
        assert [(3,)] == copy.execute("SELECT count(*) FROM image").fetchall()
    catalogue.close()


def test_a_checkpoint_empties_the_log(tmp_path: Path, clock: FakeClock) -> None:
    """The log is folded into the database, and writing goes on after."""
    catalogue = fill(tmp_path, clock, images=20)
    log = tmp_path / "catalogue.db-wal"
    assert log.stat().st_size > 0
    catalogue.checkpoint().result()
    assert 0 == log.stat().st_size
    catalogue.write(lambda to: to.put_images([(21, make_signature(21))])).result()
    catalogue.close()
