"""Functions that a worker runs in place of a decoder."""

import os
import resource
import signal
import sys
import time
from typing import Any

import psutil


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
        "io_class": int(psutil.Process().ionice().ioclass) if sys.platform == "linux" else None,
        "core": list(resource.getrlimit(resource.RLIMIT_CORE)),
        "file_size": list(resource.getrlimit(resource.RLIMIT_FSIZE)),
        "open_files": list(resource.getrlimit(resource.RLIMIT_NOFILE)),
        "address_space": list(resource.getrlimit(resource.RLIMIT_AS)),
        "interrupt": signal.getsignal(signal.SIGINT),
        "threads": os.environ.get("OPENBLAS_NUM_THREADS"),
    }


def alone(folder: bytes) -> str:
    """Be found out if another does this in the same folder at the same time."""
    mark = os.path.join(folder, b"busy")  # noqa: PTH118  # the path is bytes
    os.mkdir(mark)  # noqa: PTH102  # the path is bytes
    burn(0.005)
    os.rmdir(mark)  # noqa: PTH106  # the path is bytes
    return "alone"


def meet(pipe: bytes, role: str) -> str:
    """Wait until another does this with the other role."""
    os.close(os.open(pipe, os.O_RDONLY if role == "reader" else os.O_WRONLY))
    return "met"


def burn(seconds: float) -> float:
    """Use so much time of a processor; how much it was."""
    begin = time.process_time()
    while time.process_time() - begin < seconds:
        pass
    return time.process_time() - begin
