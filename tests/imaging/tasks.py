"""Functions that a worker runs in place of a decoder."""

import os
import resource
import signal
from typing import Any


def killed_once(marker: bytes) -> str:
    """Die like a process that the system picked out, but only the first time."""
    try:
        os.mkdir(marker)  # noqa: PTH102  # the path is bytes
    except FileExistsError:
        return "survived"
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
