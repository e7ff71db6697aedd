"""A process that gives way says what the system did not allow, and goes on."""

import json
import os
import subprocess
import sys

import psutil
import pytest

from simd.runtime import priority

SCRIPT = """
import json, os, psutil
from simd.runtime.priority import give_way
refused = give_way()
print(json.dumps([refused, os.nice(0), int(psutil.Process().ionice().ioclass)]))
"""
onlinux = pytest.mark.skipif(sys.platform != "linux", reason="classes of I/O are known on Linux")


@onlinux
def test_processor_and_disk_are_left_to_others() -> None:
    """A nice value ten higher, and the idle class."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, check=True)
    expected = [[], min(os.nice(0) + priority.NICENESS, 19), int(psutil.IOPRIO_CLASS_IDLE)]
    assert expected == json.loads(done.stdout)


@onlinux
def test_a_refusal_is_told_and_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Filters of system calls forbid these two together with worse ones."""

    def forbidden(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "nice", forbidden)
    monkeypatch.setattr(psutil.Process, "ionice", forbidden)
    assert (
        "nice: [Errno 1] Operation not permitted",
        "idle I/O class: [Errno 1] Operation not permitted",
    ) == priority.give_way()
