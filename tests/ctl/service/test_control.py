"""simctl service start, stop, restart, status and logs, and what they share on macOS."""

import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from simd.client.http import Client
from simd.ctl.call import Call
from simd.ctl.output import Output
from simd.ctl.service import ACTIONS
from simd.ctl.service.ground import Ground
from simd.system.units.launchd import Launchd
from simd.system.units.plan import Program, UnitState
from tests.client.canned import Canned, CannedServer, canned_server
from tests.ctl.service.conftest import RunService
from tests.ctl.service.fake_manager import FakeManager
from tests.render import samples

START = "import sys; from simd.ctl import main; sys.exit(main())"


def test_verbs(service: RunService, manager: FakeManager, photos: Path) -> None:
    """Each verb does what it says, and the status follows."""
    service("install", photos)
    for verb, state in (
        ("stop", "stopped"),
        ("start", "running"),
        ("stop", "stopped"),
        ("restart", "running"),
    ):
        assert state == service(verb, "--json").json["service"]["state"]
        status = service("status")
        assert (int(state != "running"), f"simd is {state}") == (
            status.code,
            status.out.partition(" under")[0],
        )
    expected = [f"{verb} simd.service" for verb in ("stop", "start", "stop", "restart")]
    assert expected == manager.changes()[3:]
    found = service("status", "--json").json["service"]
    assert (True, True, 7, False) == tuple(found[key] for key in ("installed", "enabled", "pid", "lingering"))


@pytest.mark.parametrize("verb", ["start", "stop", "restart", "logs", "uninstall"])
def test_without_a_service_there_is_nothing_to_do(
    service: RunService, manager: FakeManager, verb: str
) -> None:
    """The hint says how to install it."""
    ran = service(verb)
    assert (4, True) == (ran.code, "simctl service install" in ran.err)
    assert [] == manager.changes()
    assert (1, True) == ((told := service("status")).code, "not installed" in told.out)


def test_messages(manager: FakeManager, service: RunService, photos: Path) -> None:
    """The manager's own program writes them; in JSON they are a list, which cannot be followed."""
    service("install", photos)
    done = subprocess.run(
        [sys.executable, "-c", START, "service", "logs", "-f", "-n", "7"], capture_output=True, check=True
    )
    assert b"simd.daemon: one\nsimd: the catalogue is locked\n" == done.stdout
    asked = (manager.folder / "calls").read_text().splitlines()[-1]
    assert "journalctl --user --unit simd.service --no-pager --lines=7 --output=short-iso --follow" == asked
    assert ["simd.daemon: one", "simd: the catalogue is locked", "hint: end the other one"] == service(
        "logs", "--json"
    ).json["lines"]
    assert 2 == service("logs", "--json", "--follow").code
    assert 2 == service("logs", "-n", "-1").code


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_has_help_with_an_example(service: RunService, action: str) -> None:
    """``--help`` ends with exit code 0 and an example of this very action."""
    ran = service(action, "--help")
    assert (0, "") == (ran.code, ran.err)
    assert f"simctl service {action}" in ran.out.partition("example:\n")[2]


def test_help_loads_nothing_heavy() -> None:
    """The settings and the manager are imported only when an action needs them."""
    code = "import sys; from simd.ctl import main; main(['service', '--help']); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    modules = done.stdout.splitlines()[-1]
    assert "'simd.ctl.service'" in modules
    assert [] == [
        name for name in ("pydantic", "simd.config", "simd.system", "pathlib") if f"'{name}" in modules
    ]


@pytest.fixture
def mac(manager: FakeManager, tmp_path: Path) -> "Iterator[tuple[Ground, CannedServer]]":
    """A Mac made of launchctl's double, and a daemon that loads before it is ready."""
    loading = iter(["loading"])
    with canned_server(tmp_path / "s.sock") as server:
        ready = samples.status()
        server.answers["GET", "/v1/status"] = lambda _: Canned(ready | {"state": next(loading, "ready")})
        call = Call(Namespace(), Client(server.path), Output(as_json=False))
        yield Ground(call, Launchd(manager.home, 501), os.environ), server


def test_on_macos_the_socket_tells_when_it_is_ready(
    mac: "tuple[Ground, CannedServer]", manager: FakeManager, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the manager knows of no readiness, the daemon is asked until it has loaded."""
    ground, server = mac
    program = Program(("/simd", "run"), ("/simctl", "reload"))
    ground.do(ground.manager.install(program, ground.report()))
    assert 2 == len(server.questions)
    assert "simd is loading" in capsys.readouterr().err
    assert (manager.home / "Library/Logs/simd").is_dir()
    found = ground.described(ground.report())
    assert ("launchd", True, "running", 7) == tuple(
        found[key] for key in ("manager", "installed", "state", "pid")
    )
    ground.do(ground.manager.stop(ground.report()))
    stopped = ground.described(ground.report())
    assert ("stopped", True) == (stopped["state"], stopped["enabled"])
    ground.do(ground.manager.uninstall(ground.report()))
    assert UnitState.ABSENT == ground.described(ground.report())["state"]
    agent = f"gui/501 {manager.home}/Library/LaunchAgents/local.simd.plist"
    assert [
        "launchctl enable gui/501/local.simd",
        f"launchctl bootstrap {agent}",
        "launchctl bootout gui/501/local.simd",
    ] == manager.changes()
