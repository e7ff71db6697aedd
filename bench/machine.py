"""The machine and the versions that figures depend on."""

import os
import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

PACKAGES = ("numpy", "pillow", "imagehash", "pybktree", "faiss-cpu", "czkawka", "duplicate-images")
"""Whose versions are told, where they are installed."""

CPUINFO = Path("/proc/cpuinfo")


def describe() -> dict[str, str]:
    """What a reader needs to judge the figures by, in words."""
    told = {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.1f} GiB",
        "system": _system(),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
    }
    return told | {name: found for name in PACKAGES if (found := _version(name)) is not None}


def _processor() -> str:
    """The model's name; only the architecture where nothing tells it."""
    if CPUINFO.exists():
        for line in CPUINFO.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _system() -> str:
    kernel = f"{platform.system()} {platform.release()}, {platform.machine()}"
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {kernel}"
    except OSError:  # only Linux has this file
        return kernel


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
