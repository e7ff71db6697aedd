"""What is waited for at every command, and at every start of the daemon, imports nothing heavy."""

import subprocess
import sys

import pytest

HEAVY = {"numpy", "PIL", "sqlalchemy", "fastapi", "rich"}


@pytest.mark.parametrize(
    "modules",
    ["simd.ctl.entry", "simd.config, simd.startup, simd.premises, simd.porch"],
    ids=["simctl", "until the porch answers"],
)
def test_nothing_heavy_is_imported(modules: str) -> None:
    """Each of these takes longer than everything that is needed so early."""
    asked = f"import sys, {modules}; print(*{HEAVY}.intersection(sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True)
    assert b"" == done.stdout.strip()
