"""Checks of what is installed."""

import importlib.metadata
import platform
import re
import sqlite3
import subprocess
import sys

from simd.core.answers.daemon import Check
from simd.system.process import most_descriptors

LEAST_PYTHON = (3, 11)
LEAST_SQLITE = (3, 35, 0)
"""The first with RETURNING; UPSERT and WITHOUT ROWID are older."""

WAL_RESET_FIXED = (3, 51, 3)
"""Before it, two connections that write or checkpoint at once can corrupt a database in WAL mode."""

WITHDRAWN = (3, 52, 0)
LEAST_DESCRIPTORS = 256
"""64 connections, as many uploads, the catalogue's connections, and pipes to the workers."""

SHOWN = ("pillow", "numpy", "sqlalchemy", "watchdog")
"""Packages whose versions matter most when something is to be explained."""

IMPORT_SECONDS = 30

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def check_python() -> Check:
    """Whether this Python is recent enough."""
    version = platform.python_version()
    if sys.version_info >= LEAST_PYTHON:
        return Check(name="python", ok=True, message=f"Python {version}", hint=None)
    return Check(
        name="python", ok=False, message=f"Python {version} is too old", hint="use Python 3.11 or later"
    )


def check_packages() -> Check:
    """Whether every package that simd needs is installed, and in which version."""
    found, missing = [], []
    for requirement in importlib.metadata.requires("simd") or []:
        name = _NAME.match(requirement)
        if name is None or "extra ==" in requirement:
            continue
        try:
            found.append(f"{name[0]} {importlib.metadata.version(name[0])}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name[0])
    if missing:
        hint = f"{sys.executable} -m pip install {' '.join(missing)}"
        return Check(name="packages", ok=False, message=f"not installed: {', '.join(missing)}", hint=hint)
    first = ", ".join(line for line in found if line.partition(" ")[0] in SHOWN)
    return Check(name="packages", ok=True, message=f"{len(found)} are there: {first}, ...", hint=None)


def check_sqlite(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> Check:
    """Whether SQLite can do what the catalogue asks, and whether it has the WAL-reset bug.

    The bug does not count as a fault, because the catalogue never writes or checkpoints
    from two connections: see https://sqlite.org/wal.html#walresetbug.
    """
    said = ".".join(str(part) for part in version)
    if version < LEAST_SQLITE:
        hint = "install SQLite 3.35 or later, or a Python that brings it"
        return Check(name="sqlite", ok=False, message=f"SQLite {said} is too old", hint=hint)
    if version < WAL_RESET_FIXED or version == WITHDRAWN:
        message = f"SQLite {said} has the WAL-reset bug; simd avoids it by writing from one connection"
        return Check(name="sqlite", ok=True, message=message, hint="SQLite 3.51.3 or later has it repaired")
    return Check(name="sqlite", ok=True, message=f"SQLite {said}", hint=None)


def check_descriptors(most: int | None = None) -> Check:
    """Whether a process may open as many files, sockets and pipes as the daemon needs at its busiest."""
    allowed = most_descriptors() if most is None else most
    message = f"a process may open {allowed:,} files"
    if allowed < LEAST_DESCRIPTORS:
        hint = f"ulimit -n {LEAST_DESCRIPTORS}, or LimitNOFILE={LEAST_DESCRIPTORS} in the unit"
        return Check(name="descriptors", ok=False, message=message, hint=hint)
    return Check(name="descriptors", ok=True, message=message, hint=None)


def check_heic() -> Check:
    """Whether HEIC pictures can be read. Tried in a process of its own: the library is large."""
    command = [sys.executable, "-c", "import pillow_heif; print(pillow_heif.libheif_version())"]
    try:
        tried = subprocess.run(  # noqa: S603 - the command is ours, word for word
            command, capture_output=True, text=True, timeout=IMPORT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return _no_heic(str(error))
    if tried.returncode == 0:
        return Check(
            name="heic", ok=True, message=f"HEIC is read by libheif {tried.stdout.strip()}", hint=None
        )
    return _no_heic(tried.stderr.strip().rpartition("\n")[2] or f"exit {tried.returncode}")


def _no_heic(reason: str) -> Check:
    hint = f"{sys.executable} -m pip install pillow-heif"
    return Check(name="heic", ok=False, message=f"HEIC pictures cannot be read: {reason}", hint=hint)
