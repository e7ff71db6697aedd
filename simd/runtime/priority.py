"""Giving way: a process that leaves processor and disk to whatever a person does on the machine."""

import ctypes
import os
import sys
from collections.abc import Callable

import psutil

NICENESS = 10
"""Added to the nice value that the process has."""

# <sys/resource.h> of macOS: for this process, disk accesses that wait for those of others.
_IOPOL_TYPE_DISK, _IOPOL_SCOPE_PROCESS, _IOPOL_UTILITY = 0, 0, 4


def give_way(niceness: int = NICENESS) -> tuple[str, ...]:
    """Lower the priority of this process, for the processor and for disks.

    On Linux its disk accesses are of the idle class, which schedulers that know classes (BFQ,
    mq-deadline) serve when nobody else wants the disk.

    Returns:
        What the system did not allow, in words; a sandbox may refuse both, and work goes on without.
    """
    steps: list[tuple[str, Callable[[], object]]] = [("nice", lambda: os.nice(niceness))]
    if sys.platform == "linux":
        steps.append(("idle I/O class", lambda: psutil.Process().ionice(psutil.IOPRIO_CLASS_IDLE)))
    elif sys.platform == "darwin":
        steps.append(("I/O policy", _yield_disk))
    return tuple(refusal for name, step in steps if (refusal := _refusal(name, step)))


def _refusal(name: str, step: Callable[[], object]) -> str | None:
    try:
        step()
    except (OSError, psutil.Error) as error:
        return f"{name}: {error}"
    return None


def _yield_disk() -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.setiopolicy_np(_IOPOL_TYPE_DISK, _IOPOL_SCOPE_PROCESS, _IOPOL_UTILITY) != 0:
        raise OSError(ctypes.get_errno(), "setiopolicy_np failed")
