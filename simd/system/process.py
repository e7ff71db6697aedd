"""What this process and its children use of the machine."""

import resource
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

_OWN_DESCRIPTORS = Path("/proc/self/fd" if sys.platform.startswith("linux") else "/dev/fd")


@dataclass(frozen=True, slots=True)
class Family:
    """The children of this process, and theirs: how many, and their resident bytes.

    Pages that several share count in each.
    """

    processes: int
    bytes: int


def resident_bytes() -> int:
    """What this process holds in memory."""
    return int(psutil.Process().memory_info().rss)


def family() -> Family:
    """The children of this process, as they are now."""
    sizes = []
    for child in psutil.Process().children(recursive=True):
        try:
            sizes.append(int(child.memory_info().rss))
        except psutil.Error:
            # It ended meanwhile.
            continue
    return Family(len(sizes), sum(sizes))


def open_descriptors() -> int:
    """Files, sockets and pipes that this process has open."""
    # One of them is open for looking.
    return len(list(_OWN_DESCRIPTORS.iterdir())) - 1


def most_descriptors() -> int:
    """How many this process may have open."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def processor_seconds() -> float:
    """Processor time of this process so far, without its children's."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def started_at() -> float:
    """When this process began, in seconds of Unix time."""
    return float(psutil.Process().create_time())
