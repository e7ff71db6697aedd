"""What launchd is made to do, and how its answers are read."""

import plistlib
from pathlib import Path

import pytest

from simd.system.units.launchd import Launchd, agent
from simd.system.units.manager import service_manager
from simd.system.units.plan import Ended, MakeFolder, Plan, Program, Remove, Run, UnitReport, UnitState, Write
from simd.system.units.systemd import Systemd
from simd.system.units.templates import AGENT, template

MAC = Launchd(Path("/Users/anna"), 501)
PLIST = Path("/Users/anna/Library/LaunchAgents/local.simd.plist")
LOG = "/Users/anna/Library/Logs/simd/simd.log"
PROGRAM = Program(("/opt/simd & co/simd", "run"), ("simctl", "reload"), (("SIMD_SOCKET", "/run/s"),))
ABSENT = UnitReport(state=UnitState.ABSENT)
RUNNING = UnitReport(state=UnitState.RUNNING, enabled=True, pid=7)
BOOTOUT = "launchctl bootout gui/501/local.simd"
BOOTSTRAP = f"launchctl bootstrap gui/501 {PLIST}"


def calls(plan: Plan) -> list[str]:
    """The programs of a plan."""
    return [" ".join(step.words) for step in plan if isinstance(step, Run)]


def test_installing_loads_the_agent() -> None:
    """The folder of the log, the agent, and then launchd loads it; a loaded one is unloaded first."""
    plan = MAC.install(PROGRAM, ABSENT)
    assert [MakeFolder(Path(LOG).parent), PLIST] == [
        step.path if isinstance(step, Write) else step for step in plan if not isinstance(step, Run)
    ]
    assert ["launchctl enable gui/501/local.simd", BOOTSTRAP] == calls(plan)
    again = MAC.install(PROGRAM, RUNNING)
    assert [BOOTOUT, "launchctl enable gui/501/local.simd", BOOTSTRAP] == calls(again)
    assert PLIST == next(step.path for step in again[2:] if isinstance(step, Write))


def test_uninstalling_unloads_the_agent() -> None:
    """It is unloaded if it is loaded, and taken away."""
    assert (BOOTOUT,) == tuple(calls(MAC.uninstall(RUNNING)))
    assert (Remove(PLIST),) == MAC.uninstall(ABSENT)
    assert Remove(PLIST) == MAC.uninstall(RUNNING)[-1]


def test_verbs_depend_on_what_is_loaded() -> None:
    """An agent that is loaded is started by kickstart, one that is not by loading it."""
    assert [BOOTSTRAP] == calls(MAC.start(ABSENT)) == calls(MAC.restart(ABSENT))
    stopped = UnitReport(state=UnitState.STOPPED, enabled=True)
    assert ["launchctl kickstart gui/501/local.simd"] == calls(MAC.start(stopped))
    assert ["launchctl kickstart -k gui/501/local.simd"] == calls(MAC.restart(RUNNING))
    assert [BOOTOUT] == calls(MAC.stop(RUNNING))
    assert [] == calls(MAC.stop(ABSENT))


def test_the_agent_calls_this_installation() -> None:
    """Program, log and variables are filled in; what was in the template stays."""
    content = template(AGENT).read_bytes()
    before, after = plistlib.loads(content), plistlib.loads(agent(content, PROGRAM, LOG))
    assert {
        **before,
        "ProgramArguments": ["/opt/simd & co/simd", "run"],
        "StandardOutPath": LOG,
        "StandardErrorPath": LOG,
        "EnvironmentVariables": {"SIMD_SOCKET": "/run/s"},
    } == after


RUNS = "gui/501/local.simd = {\n\tactive count = 1\n\tstate = running\n\tpid = 7\n\tlast exit code = 5\n}\n"
FAILS = (
    "gui/501/local.simd = {\n\tstate = spawn scheduled\n\tlast exit code = 2\n\ta = {\n\t\tpid = 9\n\t}\n}\n"
)
RESTS = "gui/501/local.simd = {\n\tstate = not running\n\tlast exit code = (never exited)\n}\n"


@pytest.mark.parametrize(
    ("answer", "report"),
    [
        (Ended(113, "", "Could not find service"), ABSENT),
        (Ended(0, RUNS, ""), RUNNING),
        (Ended(0, FAILS, ""), UnitReport(state=UnitState.FAILED, enabled=True, detail="exit status 2")),
        (Ended(0, RESTS, ""), UnitReport(state=UnitState.STOPPED, enabled=True)),
    ],
)
def test_what_launchctl_prints_is_read(answer: Ended, report: UnitReport) -> None:
    """The agent's own lines count, not those of what is nested in it."""
    assert report == MAC.report(answer)


def test_the_log_is_a_file() -> None:
    """Its end is read by tail, which goes on with the new file when the old one is renamed."""
    assert ("tail", "-F", "-n", "5", LOG) == MAC.lines(5, follow=True).words
    assert ("tail", "-n", "5", LOG) == MAC.own_lines(5).words


def test_each_system_has_its_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS launchd; elsewhere systemd, whose units are where the settings are."""
    monkeypatch.setenv("HOME", "/home/anna")
    assert isinstance(service_manager({}, "darwin"), Launchd)
    assert Systemd(Path("/home/anna/.config")) == service_manager(
        {"XDG_CONFIG_HOME": "not/absolute"}, "linux"
    )
    assert Systemd(Path("/c")) == service_manager({"XDG_CONFIG_HOME": "/c"}, "linux")
