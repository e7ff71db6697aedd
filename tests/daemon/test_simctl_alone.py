"""What simctl says when no daemon answers, or when nobody could know what is meant."""

import json
from pathlib import Path

import pytest

from tests.daemon.running import RunningDaemon

REACHING = (
    *(("status",), ("sync",), ("scan",), ("groups",), ("problems",), ("pause",), ("resume",)),
    *(("query", "x"), ("have", "x"), ("show", "1"), ("compare", "1", "2")),
)


@pytest.mark.parametrize("line", REACHING, ids=lambda line: line[0])
def test_without_a_daemon_every_command_that_needs_one_exits_3(place: Path, line: tuple[str, ...]) -> None:
    """With the socket that was tried; as an object when JSON is asked for."""
    nobody = RunningDaemon(place)
    done = nobody.simctl(*line)
    assert (3, b"") == (done.returncode, done.stdout)
    assert f"no daemon listens on {nobody.socket}" in done.stderr.decode()
    done = nobody.simctl("--json", *line)
    assert (3, "no-daemon", b"") == (done.returncode, json.loads(done.stdout)["error"]["code"], done.stderr)


def test_doctor_without_a_daemon_says_so(place: Path) -> None:
    """And checks what can be checked without one."""
    done = RunningDaemon(place).simctl("doctor")
    assert (1, True) == (done.returncode, b"no daemon listens" in done.stdout)


@pytest.mark.parametrize("line", [(), ("nonsense",), ("query",), ("show",), ("status", "--wrong")])
def test_what_is_no_command_is_wrong_usage(place: Path, line: tuple[str, ...]) -> None:
    """Exit code 2, and where to find help."""
    done = RunningDaemon(place).simctl(*line)
    assert (2, b"") == (done.returncode, done.stdout)
    assert b"--help" in done.stderr
