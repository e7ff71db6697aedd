"""What a daemon says and does before it is ready."""

import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from simd.core.errors import Loading, NoDaemon
from tests.daemon.running import PATIENCE, RunningDaemon, ending


def first_status(daemon: RunningDaemon) -> dict[str, Any]:
    """The first answer of a daemon that was just launched."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return daemon.status()
        except NoDaemon:
            assert time.monotonic() < deadline


def test_a_daemon_answers_before_it_is_ready(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its status names its folders; simctl waits; the service manager hears what it does, then READY."""
    daemon = RunningDaemon(place / "simd", place / "photos", fresh=True)
    with ending(daemon), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(os.fspath(place / "notify"))
        manager.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", os.fspath(place / "notify"))
        process = daemon.launch()

        status = first_status(daemon)
        assert ("loading", process.pid) == (status["state"], status["pid"])
        assert [os.fspath(place / "photos")] == [root["path"] for root in status["roots"]]
        with pytest.raises(Loading):
            daemon.client.get("/v1/groups")
        assert 0 == daemon.simctl("sync").returncode

        told = [manager.recv(1_000)]
        while told[-1] != b"READY=1":
            told.append(manager.recv(1_000))
        words = [line.removeprefix(b"STATUS=") for line in told if line.startswith(b"STATUS=")]
        expected = [
            *(b"starting", b"opening the catalogue"),
            *(b"bringing the catalogue's tables up to date", b"building the index"),
        ]
        assert expected == words[: len(expected)]
        assert b"EXTEND_TIMEOUT_USEC=60000000" in told
        later = daemon.status()
        assert "loading" != later["state"]
        assert later["uptime_seconds"] > status["uptime_seconds"]
        assert 0 == daemon.stop()


def test_an_interrupt_while_it_loads_is_no_error(place: Path) -> None:
    """It ends with exit code 0, takes its socket with it, and leaves a catalogue that is in order."""
    daemon = RunningDaemon(place / "simd", place / "photos", fresh=True)
    with ending(daemon):
        daemon.launch()
        assert "loading" == first_status(daemon)["state"]
        assert 0 == daemon.stop()
    assert not daemon.socket.exists()
    log = daemon.log.read_text()
    assert "ended before everything was loaded" in log
    assert "Traceback" not in log
