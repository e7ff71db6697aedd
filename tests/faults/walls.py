"""A daemon within walls: mounts and limits of its own, which end with it and concern nobody else.

The kernel's namespaces make that possible without any right on the machine, where it allows them.
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.daemon.running import PATIENCE, Process, RunningDaemon

UNSHARE = ("unshare", "--user", "--map-root-user", "--mount")
WATCHES = Path("/proc/sys/user/max_inotify_watches")
COPY = """
import sqlite3, sys
sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute("VACUUM INTO ?", [sys.argv[2]])
"""


@cache
def why_not() -> str | None:
    """Why no walls can be built here, or None."""
    if sys.platform != "linux" or shutil.which("unshare") is None or shutil.which("nsenter") is None:
        return "only Linux has namespaces, with util-linux"
    tried = subprocess.run(
        [*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, text=True, check=False
    )
    return None if tried.returncode == 0 else f"no mounts in a namespace of one's own: {tried.stderr.strip()}"


def require() -> None:
    """Skip the test, by name, where no walls can be built."""
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)


class WalledDaemon(RunningDaemon):
    """A daemon with mounts of its own, and those who reach in from outside."""

    def __init__(self, folder: Path, *roots: Path, first: str) -> None:
        """``first`` is what the shell does within the walls before it becomes the daemon."""
        within = (*UNSHARE, "sh", "-e", "-c", f'{first}; exec "$@"', "sh")
        super().__init__(folder, *roots, settle_seconds=0.1, within=within)
        self.state = folder / "state"
        self._socket = self.socket

    def launch(self) -> Process:
        """Start it; from now on its socket is found behind its walls."""
        process = super().launch()
        self.socket = self.inside(self._socket)
        return process

    def inside(self, path: Path) -> Path:
        """How a path as the daemon sees it is reached from here."""
        assert self.process is not None
        return Path(f"/proc/{self.process.pid}/root{path}")

    def do(self, *command: str) -> None:
        """Have a command run within the walls."""
        assert self.process is not None
        enter = ("nsenter", "--target", str(self.process.pid), "--user", "--mount", "--preserve-credentials")
        done = subprocess.run([*enter, *command], capture_output=True, timeout=PATIENCE, check=False)
        assert 0 == done.returncode, done.stderr.decode()

    def copy_catalogue(self) -> Path:
        """The catalogue of this moment, in a state folder outside."""
        outside = self.folder / "copy"
        shutil.rmtree(outside, ignore_errors=True)
        outside.mkdir()
        self.do(sys.executable, "-c", COPY, os.fspath(self.state / "catalogue.db"), f"{outside}/catalogue.db")
        return outside
