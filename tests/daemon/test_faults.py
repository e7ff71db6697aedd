"""What goes wrong around a daemon: a second one, damage, killed workers, folders that come and go."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from simd.core.errors import Unavailable
from simd.imaging import drawing
from tests.daemon.running import PATIENCE, RunningDaemon, ending
from tests.daemon.scans import MANY, await_partial_scan, draw_many

SIMD = (sys.executable, "-m", "simd")
STOP_SECONDS = 5.0

Daemons = Callable[[RunningDaemon], RunningDaemon]


def draw(path: Path, seed: int) -> Path:
    """A small drawn picture at ``path``."""
    drawing.save(drawing.landscape(seed, 320, 240), path, quality=90)
    return path


def run_simd(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """What `simd` says to a command line that it refuses."""
    return subprocess.run([*SIMD, *words], capture_output=True, text=True, timeout=PATIENCE, check=False)


def root_state(daemon: RunningDaemon, root: Path) -> str:
    """How a root stands."""
    return next(str(each["state"]) for each in daemon.status()["roots"] if each["path"] == os.fspath(root))


@pytest.fixture(scope="module")
def resident(shared_place: Path) -> Iterator[RunningDaemon]:
    """A daemon with two roots that are there, and one that is not."""
    daemon = RunningDaemon(
        shared_place / "simd", shared_place / "photos", shared_place / "card", shared_place / "late"
    )
    daemon.roots[2].rmdir()
    with ending(daemon):
        yield daemon.start()


class TestStarting:
    """What keeps a daemon from starting, and what it leaves open to whom."""

    def test_a_second_daemon_on_the_same_state_folder_is_refused_by_name(
        self, resident: RunningDaemon, place: Path
    ) -> None:
        """The message names the process and the folder; the first goes on."""
        state = resident.folder / "state"
        done = run_simd("run", "--root", place, "--state-dir", state, "--socket", place / "s")
        assert resident.process is not None
        assert (5, "") == (done.returncode, done.stdout)
        assert f"simd is already running on {state} (process {resident.process.pid})" in done.stderr
        assert "hint: stop it first" in done.stderr
        assert not (place / "s").exists()
        assert "ready" == resident.status()["state"]

    def test_socket_and_state_folder_belong_to_their_owner_alone(self, resident: RunningDaemon) -> None:
        """Mode 0600 in a folder of mode 0700."""
        socket = resident.socket.stat().st_mode
        assert stat.S_ISSOCK(socket)
        assert (0o600, 0o700) == (stat.S_IMODE(socket), stat.S_IMODE(resident.socket.parent.stat().st_mode))

    def test_roots_within_each_other_are_refused(self, place: Path) -> None:
        """By the check of the settings and by the daemon, with both folders and their keys."""
        outer, inner = place / "photos", place / "photos" / "2024"
        inner.mkdir(parents=True)
        config = place / "simd.yaml"
        config.write_text(f"roots:\n  - {outer}\n  - {inner}\nstate_dir: {place}/state\n")
        flags = ("--root", outer, "--root", inner, "--state-dir", place / "state")
        for done in (run_simd("check-config", "--config", config), run_simd("run", *flags)):
            assert (2, "") == (done.returncode, done.stdout)
            assert f"{inner} lies in {outer}, which is watched too" in done.stderr
            assert "roots[1]" in done.stderr
        assert not (place / "state").exists()


class TestRoots:
    """Folders that vanish, come back, come late, and between which files move."""

    def test_a_file_that_moves_to_another_root_keeps_its_image(self, resident: RunningDaemon) -> None:
        """It is not decoded again, and no trace of the old place is left."""
        photos, card, _ = resident.roots
        path = draw(photos / "travels.jpg", 1)
        resident.sync()
        image, decoded, missing = resident.image(path)["id"], resident.decoded(), self._missing(resident)

        shutil.move(path, card / "travels.jpg")
        resident.sync()

        moved = resident.image(card / "travels.jpg")
        assert (image, [os.fspath(card / "travels.jpg")]) == (
            moved["id"],
            [f["path"] for f in moved["files"]],
        )
        assert (decoded, missing) == (resident.decoded(), self._missing(resident))

    def test_a_folder_that_moves_to_another_root_keeps_its_images(self, resident: RunningDaemon) -> None:
        """All of them at once."""
        photos, card, _ = resident.roots
        names = [f"{seed}.jpg" for seed in range(10, 13)]
        for seed, name in enumerate(names, start=10):
            draw(photos / "trip" / "day" / name, seed)
        resident.sync()
        images = [resident.image(photos / "trip" / "day" / name)["id"] for name in names]
        decoded, missing = resident.decoded(), self._missing(resident)

        (photos / "trip").rename(card / "trip")
        resident.sync()

        assert images == [resident.image(card / "trip" / "day" / name)["id"] for name in names]
        assert (decoded, missing) == (resident.decoded(), self._missing(resident))

    def test_a_root_that_was_replaced_by_an_empty_folder_is_offline_until_a_person_says_otherwise(
        self, resident: RunningDaemon
    ) -> None:
        """An unmounted disk looks just like this: nothing is believed to be missing."""
        card = resident.roots[1]
        draw(card / "kept.jpg", 20)
        resident.sync()
        present, missing = resident.status()["files"]["present"], self._missing(resident)
        on_card = next(r["files"] for r in resident.status()["roots"] if r["path"] == os.fspath(card))
        assert on_card > 0
        card.rename(card.with_name("aside"))
        card.mkdir()

        assert 0 == resident.simctl("scan", os.fspath(card)).returncode

        status = resident.status()
        assert "offline" == root_state(resident, card)
        expected = {"present": present - on_card, "missing": missing, "offline": on_card}
        assert expected == status["files"]
        assert "--accept-missing" in "".join(str(note["hint"]) for note in status["problems"]["notes"])

        assert 0 == resident.simctl("scan", "--accept-missing", os.fspath(card)).returncode

        assert "watching" == root_state(resident, card)
        expected = {"present": present - on_card, "missing": missing + on_card, "offline": 0}
        assert expected == resident.status()["files"]

    def test_a_root_that_is_not_there_yet_is_picked_up_when_it_appears(self, resident: RunningDaemon) -> None:
        """At once when a scan is asked for, and watched from then on."""
        late = resident.roots[2]
        assert "offline" == root_state(resident, late)
        assert 0 == resident.simctl("scan", os.fspath(late)).returncode
        assert "offline" == root_state(resident, late)

        draw(late / "first.jpg", 30)
        resident.scan(late)
        assert "watching" == root_state(resident, late)
        assert resident.image(late / "first.jpg")["id"]

        draw(late / "second.jpg", 31)
        resident.sync()
        assert resident.image(late / "second.jpg")["id"]

    @staticmethod
    def _missing(daemon: RunningDaemon) -> int:
        return int(daemon.status()["files"]["missing"])


def test_a_pause_stops_reading_and_nothing_else(resident: RunningDaemon) -> None:
    """Questions are answered, sync is refused instead of waiting in vain, and nothing is lost."""
    photos = resident.roots[0]
    known = draw(photos / "known.jpg", 40)
    resident.sync()
    decoded = resident.decoded()

    assert resident.client.post("/v1/pause")["paused"]
    shutil.copyfile(known, photos / "copy.jpg")
    draw(photos / "new.jpg", 41)
    assert "paused" == resident.status()["state"]
    with pytest.raises(Unavailable, match="Reading is paused"):
        resident.sync()
    done = resident.simctl("sync")
    assert (5, b"hint: simctl resume" in done.stderr) == (done.returncode, True)
    assert resident.query(known)["query"]["id"] == resident.image(known)["id"]
    assert decoded == resident.decoded()

    assert not resident.client.post("/v1/resume")["paused"]
    resident.sync()
    assert decoded + 1 == resident.decoded()
    assert {"known.jpg", "copy.jpg"} in resident.groups()
    assert "ready" == resident.status()["state"]


def test_a_corrupt_catalogue_is_set_aside_rebuilt_and_told(place: Path, daemons: Daemons) -> None:
    """The damaged file is kept, every picture is read again, and status says so."""
    daemon = daemons(RunningDaemon(place / "simd", place / "photos"))
    for seed in range(3):
        draw(daemon.roots[0] / f"{seed}.jpg", seed)
    daemon.sync()
    assert 0 == daemon.stop()
    state = daemon.folder / "state"
    damaged = b"not a database any more".ljust(4_096, b".")
    with (state / "catalogue.db").open("r+b") as database:
        database.write(damaged)

    daemon.start()
    daemon.sync()

    status = daemon.status()
    assert (3, 3) == (status["files"]["present"], status["images"])
    [aside] = state.glob("catalogue.corrupt-*.db")
    assert damaged == aside.read_bytes()[: len(damaged)]
    told = f"The catalogue was damaged and is now {aside.name}."
    assert told in status["catalogue"]["recovery"]
    assert told.encode() in daemon.simctl("status").stdout


class TestInterruptedScans:
    """A scan that is cut short goes on where it was."""

    def test_a_daemon_stops_at_once_and_continues_later(self, place: Path, daemons: Daemons) -> None:
        """Within five seconds, with exit code 0; what it had read is not read again."""
        daemon = RunningDaemon(place / "simd", place / "photos", workers=1)
        draw_many(daemon.roots[0])
        daemons(daemon)
        before = await_partial_scan(daemon)
        family = psutil.Process(daemon.process.pid).children(recursive=True) if daemon.process else []

        started = time.monotonic()
        code = daemon.stop()

        assert 0 == code
        assert time.monotonic() - started < STOP_SECONDS
        assert not daemon.socket.exists()
        _, alive = psutil.wait_procs(family, STOP_SECONDS)
        assert [] == alive

        daemon.start()
        daemon.sync()
        status = daemon.status()
        assert (MANY, MANY) == (status["files"]["present"], status["images"])
        assert 0 < daemon.decoded() <= MANY - before


class TestForeground:
    """`simd run --show`, as `make run` starts it."""

    def test_it_shows_the_groups_and_ends_cleanly_on_interrupt(self, place: Path) -> None:
        """Progress on standard error, groups on standard output, exit code 0, and no complaint."""
        photos = place / "photos"
        shutil.copyfile(draw(photos / "a.jpg", 1), photos / "b.jpg")
        process = self._start(place)
        lines = []
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=PATIENCE)

        shown = "".join([*lines, rest])
        assert 0 == process.returncode
        assert [True, True] == [os.fspath(photos / name) in shown for name in ("a.jpg", "b.jpg")]
        assert "Traceback" not in err
        assert "simd:" not in err
        assert not (place / "s").exists()

    def test_an_interrupt_in_the_first_scan_is_no_error(self, place: Path) -> None:
        """Nobody is told that something was still being worked on."""
        (place / "photos").mkdir()
        draw_many(place / "photos")
        process = self._start(place)
        while not (place / "s").exists():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)

        assert 0 == process.returncode
        assert "Traceback" not in err
        assert "simd:" not in err

    @staticmethod
    def _start(place: Path) -> "subprocess.Popen[str]":
        flags = ("--root", place / "photos", "--state-dir", place / "state", "--socket", place / "s")
        return subprocess.Popen(
            [*SIMD, "run", *flags, "--show"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
