"""Which processes use a file, as the system's list of locks tells."""

import os
from collections.abc import Iterable
from pathlib import Path

import psutil

LOCKS = Path("/proc/locks")

_WORDS = 8
"""Number, kind, mandatory or not, access, process, device and inode, first and last byte."""


def holders_of(paths: Iterable[Path], *, readers: bool = False) -> list[str]:
    """The other processes that have locked a part of one of these files for writing, or also for reading.

    Linux tells; elsewhere, and of processes that cannot be seen from here, nothing is known.

    Returns:
        Each as ``sqlite3 (process 4711)``, or ``process 4711`` when its name is not told.
    """
    try:
        found = parse_locks(LOCKS.read_text(encoding="ascii", errors="replace"), readers=readers)
    except OSError:
        return []
    wanted = {stamp for path in paths if (stamp := _stamp(path)) is not None}
    others = {pid for pid, stamp in found if stamp in wanted and pid != os.getpid()}
    return [_named(pid) for pid in sorted(others)]


def parse_locks(content: str, *, readers: bool = False) -> list[tuple[int, tuple[int, int, int]]]:
    """Process, and device and inode, of each lock for writing that is held, as proc(5) describes the file.

    Those for reading come as well when ``readers`` is wanted.
    """
    wanted = {"WRITE", "READ"} if readers else {"WRITE"}
    held = []
    for line in content.splitlines():
        words = line.split()
        # One that waits for a lock has an arrow after its number.
        if len(words) == _WORDS and words[3] in wanted and words[4].isdigit() and words[4] != "0":
            major, minor, inode = words[5].split(":")
            held.append((int(words[4]), (int(major, 16), int(minor, 16), int(inode))))
    return held


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return os.major(found.st_dev), os.minor(found.st_dev), found.st_ino


def _named(pid: int) -> str:
    try:
        return f"{psutil.Process(pid).name()} (process {pid})"
    except psutil.Error:
        return f"process {pid}"
