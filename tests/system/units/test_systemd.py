"""What systemd is made to do, and how its answers are read."""

import shutil
import subprocess
from pathlib import Path

import pytest

from simd.core.errors import BadRequest
from simd.system.units.plan import Ended, Program, Remove, Run, UnitReport, UnitState, Write
from simd.system.units.systemd import Systemd, assigned, command, quoted, unit_text
from simd.system.units.templates import SYSTEM_UNIT, USER_UNIT, template

HOME = Path("/home/anna/.config")
UNIT = HOME / "systemd/user/simd.service"
PROGRAM = Program(("/opt/si md/simd", "run"), ("/opt/si md/simctl", "reload"), (("SIMD_STATE_DIR", "/a b"),))
ABSENT = UnitReport(state=UnitState.ABSENT)
RUNNING = UnitReport(state=UnitState.RUNNING, enabled=True, pid=7)


def calls(plan: object) -> list[str]:
    """The programs of a plan, without what all of them begin with."""
    assert isinstance(plan, tuple)
    return [" ".join(step.words).removeprefix("systemctl --user ") for step in plan if isinstance(step, Run)]


def test_installing_writes_the_unit_before_it_is_read() -> None:
    """The unit first, then the manager reads it, enables it, and starts it anew, which is waited for."""
    write, *rest = Systemd(HOME).install(PROGRAM, ABSENT)
    assert isinstance(write, Write)
    assert UNIT == write.path
    assert ["daemon-reload", "enable simd.service", "restart simd.service"] == calls(tuple(rest))
    assert [False, False, True] == [step.starts for step in rest if isinstance(step, Run)]


def test_uninstalling_stops_before_the_unit_is_gone() -> None:
    """A unit that the manager does not know is only taken away."""
    plan = Systemd(HOME).uninstall(RUNNING)
    assert ["disable --now simd.service", "daemon-reload", "reset-failed simd.service"] == calls(plan)
    assert Remove(UNIT) == plan[1]
    assert Remove(UNIT) == Systemd(HOME).uninstall(ABSENT)[0]


def test_the_unit_calls_this_installation() -> None:
    """Programs and variables are filled in, the other lines of the template stay."""
    before = template(USER_UNIT).read_text().splitlines()
    after = unit_text("\n".join(before), PROGRAM).splitlines()
    assert {
        'Environment="SIMD_STATE_DIR=/a b"',
        'ExecStart="/opt/si md/simd" "run"',
        'ExecReload="/opt/si md/simctl" "reload"',
    } == {line for line in after if line not in before and not line.startswith("#")}
    gone = {line for line in before if line not in after and not line.startswith("#")}
    assert {"ExecStart", "ExecReload"} == {line.partition("=")[0] for line in gone if line}


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("/a b", '"/a b"'),
        ("/50%", '"/50%%"'),
        ("/$HOME", '"/$$HOME"'),
        ('/a"b\\c', '"/a\\"b\\\\c"'),
        ("/Müller", '"/Müller"'),
    ],
)
def test_words_are_quoted(word: str, written: str) -> None:
    """Nothing in a path is expanded, split or unescaped."""
    assert written == quoted(word)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_reads_what_was_quoted(tmp_path: Path) -> None:
    """Systemd finds a program whose path holds all that it could misread."""
    simd = tmp_path / "a b%c$d;e/simd"
    simd.parent.mkdir()
    simd.touch(mode=0o755)
    unit, runtime = tmp_path / "simd.service", tmp_path / "run"
    runtime.mkdir(mode=0o700)
    odd = '"%$\\'
    program = Program((str(simd), odd), (str(simd), odd), (("A", odd),))
    unit.write_text(unit_text(template(USER_UNIT).read_text(), program))
    command = ["systemd-analyze", "verify", "--user", "--recursive-errors=no", str(unit)]
    environ = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(runtime), "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if "Failed to initialize manager" in ran.stderr:
        pytest.skip("systemd-analyze cannot work in this container")
    assert (0, "") == (ran.returncode, ran.stderr)


def test_a_dollar_sign_in_a_variable_stays() -> None:
    """``Environment=`` expands no variables, so that a doubled sign would be two."""
    assert '"A=$5 %%"' == assigned("A", "$5 %")


def test_a_program_that_systemd_would_not_run_is_refused() -> None:
    """Quoting does not help a path with a backslash or a quote."""
    for path in ("/a\\b/simd", "/a'b/simd", '/a"b/simd'):
        with pytest.raises(BadRequest, match="quote or a backslash"):
            command([path, "run"])


@pytest.mark.parametrize("word", ["/a\nExecStart=/bin/sh", "/\udce9"])
def test_what_no_unit_can_hold_is_refused(word: str) -> None:
    """A line end would begin another setting, and units are UTF-8."""
    with pytest.raises(BadRequest, match="unit of systemd"):
        quoted(word)


@pytest.mark.parametrize(
    ("said", "report"),
    [
        ("LoadState=not-found\nActiveState=inactive\nMainPID=0\n", ABSENT),
        ("", ABSENT),
        (
            "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nMainPID=7\nStatusText=all = well\n",
            UnitReport(state=UnitState.RUNNING, enabled=True, pid=7, detail="all = well"),
        ),
        (
            "LoadState=loaded\nActiveState=activating\nSubState=start\nMainPID=7\nStatusText=loading\n",
            UnitReport(state=UnitState.STARTING, pid=7, detail="loading"),
        ),
        (
            "LoadState=loaded\nActiveState=inactive\nUnitFileState=disabled\nStatusText=the last word\n",
            UnitReport(state=UnitState.STOPPED),
        ),
        (
            "LoadState=loaded\nActiveState=activating\nSubState=auto-restart\nResult=exit-code\nExecMainStatus=5",
            UnitReport(state=UnitState.FAILED, detail="exit-code, exit status 5"),
        ),
    ],
)
def test_properties_are_read(said: str, report: UnitReport) -> None:
    """Each state of a unit has its word; between two attempts a service has failed."""
    assert report == Systemd(HOME).report(Ended(0, said, ""))


def test_the_templates_are_there() -> None:
    """Both units are found in a checkout."""
    assert template(USER_UNIT).is_file()
    assert template(SYSTEM_UNIT).is_file()
