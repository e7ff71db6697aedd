"""What the kernel allows for watching folders, and how much of it is in use (Linux)."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simd.core.skipping import skip_name

INOTIFY = Path("/proc/sys/fs/inotify")
PROCESSES = Path("/proc")


@dataclass(frozen=True, slots=True)
class InotifyLimits:
    """The kernel's limits for each user.

    Attributes:
        watches: watched folders, over all programs.
        instances: programs that watch.
        queued_events: events that may wait before some are lost.
    """

    watches: int
    instances: int
    queued_events: int


@dataclass(frozen=True, slots=True)
class InotifyUse:
    """What the other programs of this user have taken."""

    watches: int
    instances: int


def inotify_limits() -> InotifyLimits | None:
    """The limits, or None on a system without inotify."""
    try:
        watches, instances, queued = (
            int((INOTIFY / name).read_text())
            for name in ("max_user_watches", "max_user_instances", "max_queued_events")
        )
    except FileNotFoundError:
        return None
    return InotifyLimits(watches, instances, queued)


def inotify_use(leave_out: int | None = None) -> InotifyUse:
    """What the processes of this user hold, as far as /proc shows it; without one, by default this one."""
    watches = instances = 0
    for info in _inotify_descriptors(os.getuid(), os.getpid() if leave_out is None else leave_out):
        instances += 1
        watches += info.count(b"inotify wd:")
    return InotifyUse(watches, instances)


def count_directories(root: bytes, most: int, seconds: float) -> tuple[int, bool]:
    """How many folders a watched root has, itself included.

    Args:
        root: where to begin; folders that are never looked at are left out.
        most: counting stops beyond so many.
        seconds: counting stops after so long.

    Returns:
        The number, and whether it is the whole number.
    """
    end = time.monotonic() + seconds
    waiting = [root]
    count = 0
    while waiting:
        if count >= most or time.monotonic() > end:
            return count, False
        count += 1
        waiting.extend(_folders_in(waiting.pop()))
    return count, True


def _folders_in(path: bytes) -> Iterator[bytes]:
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False) and not skip_name(entry.name, directory=True):
                    yield entry.path
    except OSError:
        # A folder that cannot be read needs its own watch and shows no others.
        return


def _inotify_descriptors(user: int, but: int) -> Iterator[bytes]:
    """The ``fdinfo`` of every inotify descriptor of a user's processes, except one process."""
    for process in PROCESSES.iterdir():
        if not process.name.isdigit() or process.name == str(but):
            continue
        try:
            if process.stat().st_uid != user:
                continue
            for link in (process / "fd").iterdir():
                if os.readlink(link) == "anon_inode:inotify":  # noqa: PTH115 - no such path exists
                    yield (process / "fdinfo" / link.name).read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            # The process ended meanwhile, or does not let itself be looked at.
            continue
