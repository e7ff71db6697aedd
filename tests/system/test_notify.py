"""What the service manager is told."""

import logging
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from simd.system.notify import ServiceNotices


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """A service manager's socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(5)
        yield listening


def test_notices(manager: socket.socket) -> None:
    """Each notice is one datagram as sd_notify(3) has it; a status is one line of UTF-8."""
    notices = ServiceNotices(manager.getsockname())
    notices.extend(2.5)
    notices.status("reading\n 3 of 7: caf\udce9")
    notices.ready()
    notices.stopping()
    assert [
        b"EXTEND_TIMEOUT_USEC=2500000",
        b"STATUS=reading 3 of 7: caf\\udce9",
        b"READY=1",
        b"STOPPING=1",
    ] == [manager.recv(1_000) for _ in range(4)]


def test_abstract_address() -> None:
    """An address that begins with @ is a name outside the filesystem."""
    name = f"simd-notify-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name)
        listening.settimeout(5)
        ServiceNotices("@" + name).ready()
        assert b"READY=1" == listening.recv(100)


def test_children_do_not_find_the_manager(monkeypatch: pytest.MonkeyPatch, manager: socket.socket) -> None:
    """The address is taken out of the environment with all that belongs to it, and still used."""
    for variable, value in (
        ("NOTIFY_SOCKET", manager.getsockname()),
        ("WATCHDOG_USEC", "1"),
        ("WATCHDOG_PID", "1"),
    ):
        monkeypatch.setenv(variable, value)
    notices = ServiceNotices.from_environment()
    said = subprocess.run(["env"], capture_output=True, text=True, check=True).stdout
    assert [] == [line for line in said.splitlines() if line.startswith(("NOTIFY_", "WATCHDOG_"))]
    notices.ready()
    assert b"READY=1" == manager.recv(100)


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}])
def test_without_a_manager_nothing_happens(environ: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    """Outside a service nothing is sent and nothing is said about it."""
    with caplog.at_level(logging.DEBUG):
        ServiceNotices.from_environment(environ).ready()
    assert [] == caplog.records


def test_dead_manager_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A manager that cannot be reached is a line in the log and no more."""
    ServiceNotices(str(tmp_path / "gone")).status("on it")
    assert ["the service manager was not told STATUS: No such file or directory"] == caplog.messages


def test_full_manager_does_not_block(manager: socket.socket, caplog: pytest.LogCaptureFixture) -> None:
    """A manager that does not read holds nothing up."""
    notices = ServiceNotices(manager.getsockname())
    for _ in range(5_000):
        notices.ready()
        if caplog.messages:
            break
    assert "the service manager was not told READY: Resource temporarily unavailable" in caplog.messages


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_manager_says_how_often_it_wants_to_hear_of_life(
    environ: dict[str, str], expected: float | None, manager: socket.socket
) -> None:
    """Nothing is sent to one that does not ask, or asks another process."""
    notices = ServiceNotices.from_environment({"NOTIFY_SOCKET": manager.getsockname(), **environ})
    assert expected == notices.watchdog_seconds
    notices.alive()
    notices.ready()
    assert (b"READY=1" if expected is None else b"WATCHDOG=1") == manager.recv(100)
