"""The units and the agent are such as systemd and launchd accept, and start what is installed."""

import os
import plistlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from simd.core.errors import ConfigError

CHECKOUT = Path(__file__).parents[2]
USER, SYSTEM = CHECKOUT / "systemd/user/simd.service", CHECKOUT / "systemd/system/simd.service"
AGENT = CHECKOUT / "launchd/local.simd.plist"

EXPOSURE_LIMITS = {SYSTEM: 1.5, USER: 6.5}
"""What `systemd-analyze security` may come to; without namespaces a user unit gets no better."""

AGENT_KEYS = {
    "Label": str,
    "ProgramArguments": list,
    "RunAtLoad": bool,
    "KeepAlive": dict,
    "ThrottleInterval": int,
    "ProcessType": str,
    "LowPriorityIO": bool,
    "Nice": int,
    "ExitTimeOut": int,
    "Umask": int,
    "StandardOutPath": str,
    "StandardErrorPath": str,
}
"""The keys of launchd.plist(5) that are used, and the types that they have there."""

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")


def analyze(folder: Path, *words: str | Path) -> str:
    """What systemd-analyze has to say, in a home of its own where the programs are installed."""
    programs, runtime = folder / ".local/bin", folder / "run"
    programs.mkdir(parents=True)
    runtime.mkdir(mode=0o700)
    for name in ("simd", "simctl"):
        (programs / name).touch(mode=0o755)
    environ = os.environ | {"HOME": str(folder), "XDG_RUNTIME_DIR": str(runtime), "LC_ALL": "C"}
    command = ["systemd-analyze", *words]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if "Failed to initialize manager" in ran.stderr:
        pytest.skip("systemd-analyze cannot work in this container")
    assert (0, "") == (ran.returncode, ran.stderr)
    return ran.stdout


@needs_systemd
def test_user_unit_is_sound(tmp_path: Path) -> None:
    """systemd-analyze has nothing to say against the user unit."""
    analyze(tmp_path, "verify", "--user", "--recursive-errors=no", USER)


@needs_systemd
def test_system_unit_is_sound(tmp_path: Path) -> None:
    """systemd-analyze has nothing to say against the system unit, once its programs are there."""
    unit = tmp_path / "simd.service"
    unit.write_text(SYSTEM.read_text().replace("/usr/bin/sim", f"{tmp_path}/.local/bin/sim"))
    analyze(tmp_path, "verify", "--recursive-errors=no", unit)


@needs_systemd
@pytest.mark.parametrize("unit", EXPOSURE_LIMITS, ids=["system", "user"])
def test_a_broken_into_daemon_can_do_little(tmp_path: Path, unit: Path) -> None:
    """The exposure that systemd-analyze counts stays below its limit."""
    said = analyze(tmp_path, "security", "--offline=true", "--no-pager", unit)
    found = re.search(r"Overall exposure level for simd.service: ([0-9.]+)", said)
    assert found is not None
    assert float(found[1]) <= EXPOSURE_LIMITS[unit]


@pytest.mark.parametrize("unit", [USER, SYSTEM], ids=["user", "system"])
def test_wrong_settings_are_not_tried_again(unit: Path) -> None:
    """The units do not restart the daemon on the exit status of a configuration error."""
    assert f"RestartPreventExitStatus={ConfigError.exit_code}" in unit.read_text().splitlines()


@pytest.mark.parametrize("unit", [USER, SYSTEM], ids=["user", "system"])
def test_workers_may_be_good_neighbours(unit: Path) -> None:
    """No filter takes away the system calls by which workers become nicer, idle and limited."""
    lines = unit.read_text().splitlines()
    filters = [line for line in lines if line.startswith("SystemCallFilter=")]
    assert "SystemCallFilter=@system-service" in filters
    assert not any("@resources" in line for line in filters)


def test_agent_has_the_keys_of_launchd() -> None:
    """Every key is one of launchd.plist(5), of its type; a misspelt one would be passed over in silence."""
    keys = plistlib.loads(AGENT.read_bytes())
    assert AGENT_KEYS == {name: type(value) for name, value in keys.items()}
    assert {"SuccessfulExit": False} == keys["KeepAlive"]
    assert keys["ProcessType"] in {"Background", "Standard", "Adaptive", "Interactive"}
    assert 0o077 == keys["Umask"]
    assert AGENT.stem == keys["Label"]
