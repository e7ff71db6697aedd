"""Copies of the catalogue: only sound ones, only when there is room, and nothing half done is left."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from simd.catalogue import DATABASE, Catalogue, backup
from simd.core.errors import CatalogueError, DamagedCatalogue
from tests.catalogue.test_recovery import damage, fill
from tests.fakes import FakeClock

SAVER = """
import sys
from pathlib import Path
from simd.catalogue import Catalogue, backup
from simd.runtime.clock import SystemClock

def wait_for_the_end(path):
    print(flush=True)
    sys.stdin.read()

backup._sync = wait_for_the_end
Catalogue.open(Path(sys.argv[1]), SystemClock()).backup().result()
"""
"""Makes a copy, and waits when it is written and has not got its name."""


def test_a_disk_without_room_is_not_filled(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is refused before a byte is written, with what it needs, and writing goes on."""
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=backup.SPARE_BYTES))
    with pytest.raises(CatalogueError, match="1 MB are free") as refusal:
        catalogue.backup().result()
    assert "Free space" in (refusal.value.hint or "")
    assert [] == list((tmp_path / "backups").iterdir())
    assert not catalogue.suspects_damage
    monkeypatch.undo()
    assert catalogue.backup().result().is_file()


def test_a_disk_that_fills_up_meanwhile_keeps_nothing_of_the_copy(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was begun is removed: it would take the room that is missing."""

    def full(_path: Path) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(backup, "_sync", full)
    with pytest.raises(CatalogueError, match="No space left") as refusal:
        catalogue.backup().result()
    assert "Free space" in (refusal.value.hint or "")
    assert [] == list((tmp_path / "backups").iterdir())


def test_a_folder_of_copies_that_cannot_be_made_is_told(catalogue: Catalogue, tmp_path: Path) -> None:
    """In the words of the house."""
    (tmp_path / "backups").write_bytes(b"")
    with pytest.raises(CatalogueError, match="exists"):
        catalogue.backup().result()


def test_the_copy_of_a_damaged_catalogue_does_not_push_out_a_sound_one(
    tmp_path: Path, clock: FakeClock
) -> None:
    """It is thrown away, the damage is remembered for the next start, and the sound copy is restored."""
    catalogue = fill(tmp_path, clock, images=200)
    sound = catalogue.backup(keep=1).result()
    catalogue.close()
    # In the life that follows nothing is held in memory of the pages that are damaged.
    catalogue = Catalogue.open(tmp_path, clock)
    damage(tmp_path / DATABASE)
    clock.advance(86_400)
    with pytest.raises(DamagedCatalogue):
        catalogue.backup(keep=1).result()
    assert [sound] == list((tmp_path / "backups").iterdir())
    assert catalogue.suspects_damage
    catalogue.close()
    catalogue = Catalogue.open(tmp_path, clock)
    assert catalogue.recovery is not None
    assert sound == catalogue.recovery.restored_from
    catalogue.close()


def test_a_process_killed_while_it_copies_leaves_nothing_for_long(tmp_path: Path, clock: FakeClock) -> None:
    """What it began is no copy to restore, and the next copy removes it."""
    fill(tmp_path, clock, images=5).close()
    saver: subprocess.Popen[Any] = subprocess.Popen(
        [sys.executable, "-c", SAVER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with saver:
        assert saver.stdout is not None
        saver.stdout.readline()
        saver.send_signal(signal.SIGKILL)
    folder = tmp_path / "backups"
    [left] = [path.name for path in folder.iterdir()]
    assert left.endswith(".part")
    assert [] == backup.newest_first(folder)
    catalogue = Catalogue.open(tmp_path, clock)
    assert catalogue.recovery is None
    assert [catalogue.backup().result()] == list(folder.iterdir())
    catalogue.close()
