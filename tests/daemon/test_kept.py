"""What is kept when the catalogue is not: damage in use, an older copy put back, a person's pause."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from simd.catalogue import DATABASE
from simd.client.http import Client
from simd.core.errors import SimdError
from simd.imaging import drawing
from tests.daemon.running import PATIENCE, RunningDaemon, ending


@pytest.fixture(scope="module")
def daemon(shared_place: Path) -> Iterator[RunningDaemon]:
    """A daemon with a few pictures; its tests end and start it, and leave it running."""
    daemon = RunningDaemon(shared_place / "simd", shared_place / "photos")
    (daemon.roots[0] / "2024").mkdir()
    for seed in range(6):
        draw(daemon.roots[0] / "2024" / f"{seed}.jpg", seed)
    with ending(daemon):
        daemon.start()
        daemon.sync()
        yield daemon


def draw(path: Path, seed: int) -> Path:
    """A small drawn picture at ``path``."""
    drawing.save(drawing.landscape(seed, 320, 240), path, quality=90)
    return path


def known(daemon: RunningDaemon) -> dict[str, str]:
    """The present files of the catalogue with the digests of their contents."""
    with closing(sqlite3.connect(f"file:{daemon.folder}/state/{DATABASE}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT directory.path, name, digest FROM file JOIN image ON image.id = image_id"
            " JOIN directory ON directory.id = directory_id WHERE missing_since IS NULL"
        ).fetchall()
    return {os.path.join(folder, name).decode(): digest.hex() for folder, name, digest in rows}  # noqa: PTH118 - bytes


def copied(database: Path, copy: Path) -> Path:
    """A whole copy of a database that is in use."""
    copy.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    return copy


def there(root: Path) -> dict[str, str]:
    """The files of a folder with the digests of their contents."""
    return {
        os.fspath(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*.jpg")
    }


def test_an_older_catalogue_put_back_after_a_power_cut_comes_in_step(daemon: RunningDaemon) -> None:
    """Only the database was copied back, beside the log of the newer one; a pause is not undone by that."""
    photos, state = daemon.roots[0], daemon.folder / "state"
    assert 0 == daemon.stop()
    last_week = shutil.copyfile(state / DATABASE, daemon.folder / "copy.db")
    daemon.start()
    draw(photos / "2024" / "0.jpg", 100)
    (photos / "2024" / "1.jpg").rename(photos / "moved.jpg")
    (photos / "2024" / "2.jpg").unlink()
    (photos / "2024" / "3.jpg").rename(photos / "swapped.jpg")
    draw(photos / "2024" / "3.jpg", 103)
    draw(photos / "new.jpg", 104)
    daemon.sync()
    given = daemon.image(photos / "new.jpg")["id"]
    since = daemon.client.post("/v1/pause")["holds"][0]["since"]
    daemon.kill()
    assert (state / f"{DATABASE}-wal").stat().st_size > 0
    shutil.copyfile(last_week, state / DATABASE)
    (photos / "2024" / "4.jpg").unlink()
    draw(photos / "later.jpg", 105)

    daemon.start()

    status = daemon.status()
    assert ("paused", since) == (status["state"], status["holds"][0]["since"])
    assert "the log of the other is now catalogue.stray-" in status["catalogue"]["recovery"]
    assert not daemon.client.post("/v1/resume")["paused"]
    daemon.sync()
    assert there(photos) == known(daemon)
    assert daemon.image(photos / "later.jpg")["id"] > given


def test_damage_met_in_use_is_repaired_without_anybody_s_help(daemon: RunningDaemon) -> None:
    """No service manager is needed: the same process begins again, with the newest copy."""
    photos, state = daemon.roots[0], daemon.folder / "state"
    copy = copied(state / DATABASE, state / "backups" / "catalogue.20260101T000000000000Z.db")
    draw(photos / "after the copy.jpg", 200)
    daemon.sync()
    before = daemon.status()["pid"]
    with (state / DATABASE).open("r+b") as database:
        database.seek(4_096)
        database.write(os.urandom((state / DATABASE).stat().st_size - 4_096))

    recovery = await_recovery(daemon)
    daemon.sync()

    [aside] = state.glob("catalogue.corrupt-*.db")
    assert aside.name in recovery
    assert f"{copy.name} was restored" in recovery
    assert before == daemon.status()["pid"]
    assert there(photos) == known(daemon)


def test_verdicts_outlive_moves_and_a_catalogue_that_is_begun_anew(daemon: RunningDaemon) -> None:
    """They are exported in one life, taken back, and imported in the next, where every id is another."""
    photos, state, twins = daemon.roots[0], daemon.folder / "state", daemon.roots[0] / "twins"
    twins.mkdir()
    for name, quality in (("a", 95), ("b", 80), ("c", 70)):
        drawing.save(drawing.landscape(300, 320, 240), twins / f"{name}.jpg", quality=quality)
    daemon.sync()
    assert [{"twins/a.jpg", "twins/b.jpg", "twins/c.jpg"}] == daemon.groups(under=twins)
    marked = daemon.simctl("mark", "different", str(twins / "a.jpg"), str(twins / "b.jpg"))
    assert (0, b"1 pair marked as different.\n") == (marked.returncode, marked.stdout), marked.stderr
    assert 0 == daemon.simctl("mark", "keep", str(twins / "c.jpg")).returncode
    lines = daemon.simctl("verdicts", "export", "-").stdout
    parted = daemon.groups(under=twins)
    assert [{"twins/c.jpg"}] == [group - {"twins/a.jpg", "twins/b.jpg"} for group in parted]
    assert 2 == len(parted[0])
    twins.rename(photos / "elsewhere")
    daemon.sync()

    assert 0 == daemon.stop()
    (state / DATABASE).unlink()
    daemon.start()
    daemon.sync()

    moved = [{name.replace("twins", "elsewhere") for name in parted[0]}]
    assert moved == daemon.groups(under=photos / "elsewhere")
    taken_back = daemon.simctl("unmark", str(photos / "elsewhere" / "a.jpg"), "--json")
    assert 1 == json.loads(taken_back.stdout)["removed"]
    assert 3 == len(daemon.groups(under=photos / "elsewhere")[0])
    imported = daemon.simctl("verdicts", "import", "-", stdin=lines)
    assert b"1 verdict added, 0 in place of earlier ones, 1 unchanged.\n" == imported.stdout
    assert moved == daemon.groups(under=photos / "elsewhere")


@pytest.fixture
def read_only(place: Path) -> Iterator[Path]:
    """A disk that is mounted read-only."""
    disk = place / "disk"
    disk.mkdir(mode=0o700)
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        pytest.skip("needs root and Linux to mount a small tmpfs")
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "ro,mode=700", "simd-test", disk], check=False
    ).returncode:
        pytest.skip("this system does not let root mount a tmpfs")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_state_folder_that_is_read_only_is_refused_with_the_remedy(read_only: Path) -> None:
    """A catalogue that could not be written would be of no use."""
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "simd",
        "run",
        "--state-dir",
        read_only,
        "--socket",
        read_only / "s",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert 2 == done.returncode
    assert "Read-only file system" in done.stderr
    assert "hint: the state folder must be writable" in done.stderr


def await_recovery(daemon: RunningDaemon) -> str:
    """What the status says when the damage was dealt with; asking for what is on the disk lets it be met."""
    client = Client(os.fspath(daemon.socket), timeout=PATIENCE)
    while True:
        assert daemon.process is not None
        assert daemon.process.poll() is None, daemon.log.read_text()
        try:
            client.get("/v1/problems", {"limit": 10})
            client.get("/v1/groups", None)
            status: dict[str, Any] = client.get("/v1/status")
        except SimdError:
            continue
        if status["catalogue"]["recovery"]:
            return str(status["catalogue"]["recovery"])
