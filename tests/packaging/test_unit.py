"""The user unit is one that systemd accepts, and starts what is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from simd.core.errors import ConfigError

UNIT = Path(__file__).parents[2] / "systemd/simd.service"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_unit_is_sound(tmp_path: Path) -> None:
    """systemd-analyze has nothing to say against the unit."""
    program, runtime = tmp_path / ".local/bin/simd", tmp_path / "run"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    runtime.mkdir(mode=0o700)
    environ = os.environ | {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(runtime)}
    command = ["systemd-analyze", "verify", "--user", "--recursive-errors=no", str(UNIT)]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if "Failed to initialize manager" in ran.stderr:
        pytest.skip("systemd-analyze cannot work in this container")
    assert (0, "") == (ran.returncode, ran.stderr)


def test_wrong_settings_are_not_tried_again() -> None:
    """The unit does not restart the daemon on the exit status of a configuration error."""
    assert f"RestartPreventExitStatus={ConfigError.exit_code}" in UNIT.read_text().splitlines()
