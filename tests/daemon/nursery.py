"""Daemons that need not import their libraries, which takes longer than most of what tests do with them.

A *nursery* is a process that has imported what a daemon imports, has started nothing, and forks. What
it forks is ``python -m simd`` in every other respect: arguments, variables, output and session are its own,
and it ends as any interpreter does. Tests of the start itself begin with a fresh interpreter instead.
"""

import atexit
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

IMPORTED = (
    *("simd.cli", "simd.startup", "simd.work.loading", "simd.daemon", "simd.reloading"),
    *("alembic.command", "alembic.runtime.environment", "sqlalchemy.dialects.sqlite", "uvicorn.protocols"),
)
MOST_BYTES = 1 << 16
FORKS_WELL = sys.platform == "linux"
"""Elsewhere libraries of the system may not outlive a fork."""


class Forked:
    """A process from the nursery, with the manners of ``subprocess.Popen``."""

    def __init__(self, words: BinaryIO) -> None:
        """``words`` are two lines from the nursery: the process id now, the exit code at the end."""
        self._words = words
        self.pid = int(words.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, or None while it runs; that of a process ended by a signal is negative."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end.

        Raises:
            subprocess.TimeoutExpired: it does not end in so many seconds.
        """
        if self.returncode is None:
            if not select.select([self._words], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("simd", timeout or 0)
            self.returncode = int(self._words.readline())
            self._words.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The process that forks, as seen from a test."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            code = f"from tests.daemon.nursery import serve; serve({theirs.fileno()})"
            self._process = subprocess.Popen(
                [sys.executable, "-c", code],
                pass_fds=[theirs.fileno()],
                cwd=Path(__file__).parents[2],
                start_new_session=True,
            )
        atexit.register(self._close)

    def run(self, *words: str, output: int) -> Forked:
        """Run ``simd`` with these arguments and the variables of this process; ``output`` is its log."""
        ours, theirs = os.pipe()
        order = {"words": words, "environment": dict(os.environ), "folder": os.getcwd()}  # noqa: PTH109 - as it is
        socket.send_fds(self._line, [json.dumps(order).encode()], [output, theirs])
        os.close(theirs)
        return Forked(os.fdopen(ours, "rb", buffering=0))

    def _close(self) -> None:
        self._line.close()
        self._process.wait()


@cache
def nursery() -> Nursery:
    """The one of this process; it ends with it."""
    return Nursery()


def serve(line: int) -> None:
    """Fork whenever that is asked for, until nobody can ask any more; returns in what was forked, too."""
    for name in IMPORTED:
        import_module(name)
    alarm, bell = os.pipe()
    os.set_blocking(bell, False)
    signal.set_wakeup_fd(bell)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with socket.socket(fileno=line) as asked:
        own = _fork_on_demand(asked, alarm)
    if own is None:
        return
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.close(alarm)
    os.close(bell)
    order, output = own
    _become(order, output)


def _fork_on_demand(asked: socket.socket, alarm: int) -> tuple[Mapping[str, Any], int] | None:
    """In what was forked its order and its output; None when nobody can ask any more."""
    born: dict[int, int] = {}
    while True:
        ready = select.select([asked.fileno(), alarm], [], [])[0]
        if alarm in ready:
            os.read(alarm, MOST_BYTES)
            _report(born)
        if asked.fileno() in ready:
            data, handles, _, _ = socket.recv_fds(asked, MOST_BYTES, 2)
            if not data:
                return None
            output, words = handles
            pid = os.fork()
            if pid == 0:
                for handle in (words, *born.values()):
                    os.close(handle)
                return json.loads(data), output
            os.close(output)
            os.write(words, b"%d\n" % pid)
            born[pid] = words


def _report(born: dict[int, int]) -> None:
    """Tell of each process that has ended."""
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            words = born.pop(ended[0])
            with suppress(BrokenPipeError):
                os.write(words, b"%d\n" % os.waitstatus_to_exitcode(ended[1]))
            os.close(words)


def _become(order: Mapping[str, Any], output: int) -> None:
    """Be what was asked for."""
    words: Sequence[str] = order["words"]
    os.setsid()
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    for standard in (1, 2):
        os.dup2(output, standard)
    os.close(output)
    sys.argv = ["simd", *words]
    runpy.run_module("simd", run_name="__main__", alter_sys=True)
