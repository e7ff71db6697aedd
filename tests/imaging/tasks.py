"""Functions that a worker runs in place of a decoder."""

import os
import resource
import signal
from typing import Any


def killed(folder: bytes, times: int) -> str:
    """Die like a process that the system picked out, but only so many times; each leaves a folder."""
    deaths = len(os.listdir(folder))  # noqa: PTH208  # the path is bytes
    if deaths == times:
        return "survived"
    os.mkdir(os.path.join(folder, b"%d" % deaths))  # noqa: PTH102, PTH118  # a worker may not write files
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("SIGKILL was survived")


def conditions() -> dict[str, Any]:
    """Under which limits this process runs."""
    return {
        "nice": os.nice(0),
        "core": list(resource.getrlimit(resource.RLIMIT_CORE)),
        "file_size": list(resource.getrlimit(resource.RLIMIT_FSIZE)),
        "open_files": list(resource.getrlimit(resource.RLIMIT_NOFILE)),
        "address_space": list(resource.getrlimit(resource.RLIMIT_AS)),
        "interrupt": signal.getsignal(signal.SIGINT),
        "threads": os.environ.get("OPENBLAS_NUM_THREADS"),
    }
