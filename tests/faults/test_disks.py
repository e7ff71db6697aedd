"""Disks that are full, vanish and come back, and folders that another one takes the place of."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from subprocess import TimeoutExpired

import pytest

from tests.daemon.running import ending
from tests.faults import ledger, walls
from tests.faults.folders import Folders
from tests.faults.form import Form
from tests.faults.pictures import blotches
from tests.faults.walls import WalledDaemon

pytestmark = pytest.mark.soak

STATE_SIZE = "40m"
ROLL = 40


@pytest.fixture(scope="module")
def walled(shared_place: Path) -> Iterator[WalledDaemon]:
    """A daemon with its state on a small disk, and a root on a card that can be pulled out."""
    walls.require()
    folder, photos, card = shared_place / "simd", shared_place / "photos", shared_place / "card"
    bay = shared_place / "bay"
    bay.mkdir()
    mounts = (
        f"mkdir {folder}/state",
        f"mount -t tmpfs -o size={STATE_SIZE},mode=0700 tmpfs {folder}/state",
        f"mount -t tmpfs -o size=64m tmpfs {bay}",
        f"mount --bind {bay} {card}",
    )
    daemon = WalledDaemon(folder, photos, card, first="; ".join(mounts))
    with ending(daemon):
        daemon.start()
        yield daemon


def test_a_disk_that_is_full_loses_nothing_and_is_waited_for(walled: WalledDaemon, form: Form) -> None:
    """The daemon says so and answers; once there is space it goes on by itself, where it was."""
    dice, photos = form.dice(), walled.roots[0]
    ballast = walled.inside(walled.state) / "ballast"
    pictures: dict[str, bytes] = {}
    decoded, present = walled.decoded(), walled.status()["files"]["present"]
    wanted, troubled = form.times("times full", short=1, long=25), 0
    while troubled < wanted:
        _fill(ballast, leaving=dice.randrange(64) * 1024)
        folder = photos / f"full {len(pictures)}"
        folder.mkdir()
        for each in range(ROLL):
            picture = blotches(dice, 160, 120)
            pictures[ledger.digest_of(picture)] = picture
            (folder / f"{each}.jpg").write_bytes(picture)
        troubled += _meets_trouble(walled, present + len(pictures))
        ballast.unlink()
        walled.sync()

    status = walled.status()
    assert "ready" == status["state"], status["problems"]["notes"]
    assert len(pictures) == walled.decoded() - decoded
    copy = walled.copy_catalogue()
    on_disk = ledger.on_disk(Folders([photos]).files(), pictures)
    held = ledger.catalogued(copy)
    assert on_disk == {path: entry for path, entry in held.entries.items() if photos in path.parents}
    with ledger.snapshot(copy) as database:
        assert [] == ledger.faults_of(database)


def _fill(ballast: Path, *, leaving: int) -> None:
    """Leave only so many bytes on the disk."""
    with ballast.open("wb") as file:
        with suppress(OSError):
            while True:
                os.write(file.fileno(), bytes(64 * 1024))
        file.truncate(max(file.tell() - leaving, 0))


def _meets_trouble(daemon: WalledDaemon, files: int) -> bool:
    """Wait until the daemon notices that it cannot write, or until so many files are catalogued all the same.

    The log keeps its length when it begins anew, so a full disk may yet have room for a batch.
    """
    assert daemon.process is not None
    while "degraded" != (status := daemon.status())["state"]:
        if files == status["files"]["present"]:
            return False
        with suppress(TimeoutExpired):
            assert daemon.process.wait(0.05) is None
    return True


def test_a_card_that_is_pulled_out_and_put_back_costs_nothing(walled: WalledDaemon, form: Form) -> None:
    """Its files are offline and then present again, as they were; only what is new is read."""
    dice = form.dice()
    card, bay = walled.roots[1], walled.inside(walled.roots[1].with_name("bay"))
    _add(bay, dice, 5)
    walled.sync()
    for _ in range(form.times("times unmounted", short=2, long=50)):
        before = ledger.catalogued(walled.copy_catalogue())
        if dice.random() < 0.5:
            walled.client.post("/v1/scan", {"paths": [{"path": os.fspath(card)}], "rehash": True})
        walled.do("umount", "--lazy", os.fspath(card))
        walled.scan(card)

        assert "offline" == _state(walled, card)
        on_card = {path for path in before.entries if card in path.parents}
        held = ledger.catalogued(walled.copy_catalogue())
        assert before.entries.keys() - on_card == held.entries.keys()
        assert len(on_card) == walled.status()["files"]["offline"]
        decoded, new = walled.decoded(), _add(bay, dice, 1)

        walled.do("mount", "--bind", os.fspath(card.with_name("bay")), os.fspath(card))
        walled.scan(card)

        assert "watching" == _state(walled, card)
        held = ledger.catalogued(walled.copy_catalogue())
        assert before.entries.keys() | {card / name for name in new} == held.entries.keys()
        assert before.ids == {path: held.ids[path] for path in before.ids}
        assert len(new) == walled.decoded() - decoded
        new = _add(bay, dice, 1)
        walled.sync()
        assert walled.image(card / new[0])["id"]


def test_a_root_in_whose_place_another_folder_stands_is_kept_as_it_was(
    walled: WalledDaemon, form: Form
) -> None:
    """Offline while an empty folder stands there, and present again without a reading."""
    photos = walled.roots[0]
    _add(photos, form.dice(), 3)
    walled.sync()
    before, decoded = ledger.catalogued(walled.copy_catalogue()), walled.decoded()
    for _ in range(form.times("times replaced", short=1, long=50)):
        aside = photos.rename(photos.with_name("aside"))
        photos.mkdir()
        walled.scan(photos)
        assert "offline" == _state(walled, photos)
        photos.rmdir()
        aside.rename(photos)
        walled.scan(photos)
        assert "watching" == _state(walled, photos)
    assert before == ledger.catalogued(walled.copy_catalogue())
    assert decoded == walled.decoded()


def _add(folder: Path, dice: Random, count: int) -> list[str]:
    """Some new pictures; their names."""
    names = [f"{dice.getrandbits(64):x}.jpg" for _ in range(count)]
    for name in names:
        (folder / name).write_bytes(blotches(dice))
    return names


def _state(daemon: WalledDaemon, root: Path) -> str:
    """The state of a root, when no sweep of it is under way: the clock may have begun one."""
    while True:
        [state] = [each["state"] for each in daemon.status()["roots"] if each["path"] == os.fspath(root)]
        if state != "scanning":
            return str(state)
        daemon.sync()
