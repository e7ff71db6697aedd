"""The doctor finds what is wrong with a machine, says what to do, and finds nothing on a sound one."""

import getpass
import importlib.metadata
import json
import os
import shutil
import socket
import subprocess
import sys
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simd.core.answers.daemon import Check
from simd.system import doctor, mounts
from simd.system.doctor import as_json, examine
from simd.system.doctor.autostart import check_service
from simd.system.doctor.clock import check_clock
from simd.system.doctor.places import check_root, check_socket, check_space, check_state
from simd.system.doctor.software import (
    check_descriptors,
    check_heic,
    check_packages,
    check_python,
    check_sqlite,
)
from simd.system.doctor.watches import check_watches, judge_instances, judge_watches
from simd.system.limits import InotifyLimits, InotifyUse

CLOSED = """
import os, tempfile
from simd.system.doctor.autostart import check_service
from simd.system.doctor.clock import check_clock
from simd.system.doctor.places import check_root
if os.getuid() == 0:
    os.setuid(65534)
with tempfile.TemporaryDirectory() as folder:
    os.chmod(folder, 0)
    check = check_root(os.fsencode(folder))
    os.chmod(folder, 0o700)
    print(check.ok, check.message.replace(folder, "<folder>"))
"""

LIMITS = InotifyLimits(watches=1_000, instances=128, queued_events=16_384)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A sound state folder."""
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    return folder


def test_sound_machine_has_no_faults(tmp_path: Path, state: Path) -> None:
    """On this machine, with a readable root and a private state folder, every check is well."""
    checks = examine([os.fsencode(tmp_path)], state)
    assert [] == [check for check in checks if not check.ok]
    expected = ["python", "packages", "sqlite", "heic", "folder", "watches", "watchers"]
    if not sys.platform.startswith("linux"):
        expected = expected[:-2]
    expected += ["state-folder", "state-filesystem", "space", "socket", "descriptors", "clock", "service"]
    assert expected == [check.name for check in checks]


def test_examining_changes_nothing(tmp_path: Path) -> None:
    """A state folder that is not there yet is not made by looking."""
    checks = {check.name: check for check in examine([], tmp_path / "new/state")}
    assert checks["state-folder"].ok
    assert "is made at the first start" in checks["state-folder"].message
    assert [] == list(tmp_path.iterdir())


def test_every_fault_has_a_hint(tmp_path: Path) -> None:
    """Roots that cannot be watched are each named, with what to do."""
    (tmp_path / "file").touch()
    faults = [
        check for check in examine([str(tmp_path / "gone"), os.fsencode(tmp_path / "file")]) if not check.ok
    ]
    assert [f"{tmp_path}/gone is not there", f"{tmp_path}/file is not a folder"] == [
        fault.message for fault in faults if fault.name == "folder"
    ]
    assert all(fault.hint for fault in faults)


def test_answer_is_json(state: Path) -> None:
    """A check crosses the wire with its parts."""
    check = Check(name="space", ok=False, message="only 1 GB", hint="free some")
    assert {
        "name": "space",
        "ok": False,
        "checked": True,
        "message": "only 1 GB",
        "hint": "free some",
    } == as_json(check)
    assert json.loads(json.dumps([as_json(found) for found in examine([b"/caf\xe9"], state)]))


def test_root_that_cannot_be_read() -> None:
    """A folder that is closed to the user is named. Root can read everything, so root steps down first."""
    said = subprocess.run([sys.executable, "-c", CLOSED], capture_output=True, text=True, check=True).stdout
    assert "False <folder> cannot be read\n" == said


def test_root_on_a_network_filesystem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    """A network folder is swept by timer, which is no fault; the catalogue on one is."""
    monkeypatch.setattr(mounts, "_mounts", lambda: [mounts.Mount(b"/", "nfs4", b"server:/")])
    root = check_root(os.fsencode(tmp_path))
    assert root.ok
    assert "on nfs4, " in root.message
    assert root.message.endswith(", swept by timer, because a network filesystem does not tell of changes")
    assert ["state-filesystem"] == [check.name for check in check_state(state) if not check.ok]
    assert [] == [
        check for check in check_watches([os.fsencode(tmp_path)]) if not check.message.startswith("0 ")
    ]


@pytest.mark.parametrize(("mode", "fault"), [(0o755, "is open to others"), (0o500, "is closed to its owner")])
def test_state_folder_with_a_wrong_mode(state: Path, mode: int, fault: str) -> None:
    """A state folder that others can enter, or its owner cannot write, is named with its mode."""
    state.chmod(mode)
    check = check_state(state)[0]
    assert not check.ok
    assert f"{state} {fault} (mode {mode:04o})" == check.message
    assert check.hint is not None
    assert check.hint.startswith(f"chmod 700 {state}")


def test_state_folder_that_is_none(state: Path) -> None:
    """A link in the place of the state folder is no folder of its own."""
    link = state / "link"
    link.symlink_to(state)
    assert f"{link} is not a folder of its own" == check_state(link)[0].message


def test_little_space(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too little room for the catalogue is a fault; a folder that is not there yet counts as its parent."""
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil has it
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: usage(10**12, 0, 10**8 if path == state else 10**12)
    )
    check = check_space(state / "below/this")
    assert (False, f"only 0.1 GB free for {state}/below/this") == (check.ok, check.message)


def test_long_socket_path(tmp_path: Path) -> None:
    """A socket that could not be bound is found beforehand."""
    assert check_socket(Path("/run/simd.sock")).ok
    assert not check_socket(tmp_path / ("x" * 120)).ok


@pytest.mark.parametrize(
    ("version", "ok", "said"),
    [
        ((3, 34, 1), False, "3.34.1 is too old"),
        ((3, 40, 1), True, "has the WAL-reset bug; simd avoids it"),
        ((3, 51, 2), True, "has the WAL-reset bug"),
        ((3, 51, 3), True, "SQLite 3.51.3"),
        ((3, 52, 0), True, "has the WAL-reset bug"),
        ((3, 53, 0), True, "SQLite 3.53.0"),
    ],
)
def test_versions_of_sqlite(version: tuple[int, int, int], ok: bool, said: str) -> None:  # noqa: FBT001 - a table
    """Only a version that lacks what the catalogue needs is a fault; the known bug is mentioned."""
    check = check_sqlite(version)
    assert ok == check.ok
    assert check.message.endswith(said) or said in check.message
    assert ("bug" in said) == ("bug" in check.message)


def test_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """A requirement that is not installed is named; extras are not required."""
    monkeypatch.setattr(
        importlib.metadata,
        "requires",
        lambda _: ["pillow>=12", "no-such-thing<2,>=1", "nor-this; extra == 'dev'"],
    )
    check = check_packages()
    assert (False, "not installed: no-such-thing") == (check.ok, check.message)
    assert check.hint is not None
    assert check.hint.endswith("-m pip install no-such-thing")


def test_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python that is too old is a fault."""
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    assert not check_python().ok


def test_broken_heic_support(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that is installed but cannot be loaded is found, with its last words."""
    (tmp_path / "pillow_heif.py").write_text(
        "raise ImportError('libheif.so.1: cannot open shared object file')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    check = check_heic()
    assert not check.ok
    assert check.message.endswith("ImportError: libheif.so.1: cannot open shared object file")


def test_watch_limits() -> None:
    """Watches suffice up to the limit, other programs' included; the suggested limit would suffice."""
    others = InotifyUse(watches=400, instances=3)
    assert judge_watches(600, LIMITS, others, whole=True).ok
    check = judge_watches(601, LIMITS, others, whole=True)
    assert (False, "601 folders to watch; 400 of 1,000 watches are taken by others") == (
        check.ok,
        check.message,
    )
    assert check.hint is not None
    assert "fs.inotify.max_user_watches=2002" in check.hint
    assert "more than 601 folders" in judge_watches(601, LIMITS, others, whole=False).message
    assert judge_instances(LIMITS, InotifyUse(0, 127)).ok
    assert not judge_instances(LIMITS, InotifyUse(0, 128)).ok


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux has inotify")
def test_roots_share_the_watches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folders of all roots are counted together against the limit."""
    for name in ("a/1", "a/2", "b/1"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr(doctor.watches, "inotify_limits", lambda: InotifyLimits(4, 128, 1))
    monkeypatch.setattr(doctor.watches, "inotify_use", lambda: InotifyUse(0, 0))
    roots = [os.fsencode(tmp_path / name) for name in ("a", "b")]
    assert [True] == [check.ok for check in check_watches(roots[:1])]
    assert [False] == [check.ok for check in check_watches(roots)]


def test_few_descriptors() -> None:
    """A limit below what the daemon needs is a fault; the one of this process is looked at by default."""
    assert check_descriptors(256).ok
    check = check_descriptors(255)
    assert (False, "a process may open 255 files") == (check.ok, check.message)
    assert check_descriptors().message.endswith(" files")


@pytest.mark.parametrize(
    ("mode", "around", "fault"),
    [
        (0o600, 0o700, ""),
        (0o660, 0o755, ""),
        (0o602, 0o700, " is open to all (mode 0602)"),
        (0o600, 0o777, " lies where others may replace it"),
        (0o600, 0o1777, ""),
    ],
)
def test_modes_of_the_socket(tmp_path: Path, mode: int, around: int, fault: str) -> None:
    """Whoever can write to the socket, or put another in its place, could speak for somebody else."""
    folder = tmp_path / "r"
    folder.mkdir()
    place = folder / "s"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place))
        place.chmod(mode)
        folder.chmod(around)
        check = check_socket(place)
    assert (not fault, f"{place}{fault}") == (check.ok, check.message)


def test_something_else_in_the_place_of_the_socket(tmp_path: Path) -> None:
    """A plain file there would keep the daemon from listening."""
    (tmp_path / "s").touch()
    assert f"{tmp_path}/s is no socket" == check_socket(tmp_path / "s").message


def test_clock(state: Path) -> None:
    """A time before simd was made, or before what simd has written, is no time to go by."""
    written = datetime(2027, 3, 4, 5, 6, tzinfo=UTC)
    (state / "catalogue.db").touch()
    os.utime(state / "catalogue.db", (0, written.timestamp()))
    assert check_clock(state, written + timedelta(days=900)).ok
    assert check_clock(state, written - timedelta(minutes=59)).ok
    back = check_clock(state, written - timedelta(minutes=61))
    assert (False, f"2027-03-04 04:05 UTC, but {state} was written to at 2027-03-04 05:06") == (
        back.ok,
        back.message,
    )
    assert "a time before simd was made" in check_clock(state, datetime(1970, 1, 1, tzinfo=UTC)).message
    assert check_clock(state / "none", written).ok


@pytest.mark.skipif(sys.platform == "darwin", reason="launchd has neither wants nor lingering")
def test_service(tmp_path: Path) -> None:
    """Installed, enabled, lingering: each step is told; an installed unit without its link is wrong."""
    environ, linger, machine = {"XDG_CONFIG_HOME": str(tmp_path)}, tmp_path / "linger", tmp_path / "machine"

    def told() -> tuple[bool, str]:
        check = check_service(environ, machine, linger)
        return check.ok, check.message

    assert (True, "not installed: nobody starts simd but you") == told()
    machine.touch()
    assert (True, "installed for the whole machine") == told()
    units = tmp_path / "systemd/user"
    (units / "default.target.wants").mkdir(parents=True)
    (units / "simd.service").touch()
    assert (False, "installed, but not started at log-in") == told()
    (units / "default.target.wants/simd.service").symlink_to(units / "simd.service")
    assert (True, "starts at log-in and ends at log-out") == told()
    linger.mkdir()
    (linger / getpass.getuser()).touch()
    assert (True, "starts with the machine, and outlives the log-out") == told()
