"""From the start of the daemon to its first answer, and to the end of loading, with a large catalogue.

The daemon is a whole process, as a person or a service manager starts it, asked again and
again from its first moment. It is started twice: after a proper end, and after it was killed,
when it checks its catalogue. The sweep that follows is not waited for.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from bench.filled import FILES, kept
from bench.table import Options, Row
from simd.client.http import Client
from simd.core.errors import NoDaemon
from tests.daemon.running import PATIENCE

FIRST_ANSWER_LIMIT = 1.0
LOADED_LIMIT = 4.0
POLL_SECONDS = 0.05
NOTHING = (sys.executable, "-c", "pass")
SETTINGS = "report: {at: never}\n"


def run(options: Options) -> list[Row]:
    """A catalogue of 100,000 images, or as many as told; the bars are those of a million."""
    return [row for count in options.sizes or (FILES,) for row in _measure(count)]


@dataclass(slots=True)
class _Start:
    """One start: seconds from its first moment.

    Attributes:
        answered: to the first answer.
        loaded: to the first status that does not say ``loading``.
        processor: processor time of the daemon and its workers until then.
        phases: when each phase was seen first.
    """

    answered: float = 0.0
    loaded: float = 0.0
    processor: float = 0.0
    phases: dict[str, float] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """How it went on."""
        seen = ", ".join(f"{phase} from {since:.2f} s" for phase, since in self.phases.items())
        return f"{seen}; {self.processor:.1f} s of a processor"


def _measure(count: int) -> Iterator[Row]:
    state, root = kept(count)
    with tempfile.TemporaryDirectory(prefix="simd-bench-") as scratch:
        socket, config = Path(scratch, "s"), Path(scratch, "simd.yaml")
        config.write_text(SETTINGS)
        command = [
            *(sys.executable, "-m", "simd", "run", "--config", os.fspath(config)),
            *("--root", os.fspath(root), "--state-dir", os.fspath(state), "--socket", os.fspath(socket)),
        ]
        _start(command, socket)  # once in vain: what was not compiled yet is compiled now
        nothing = _seconds_of_nothing()
        usual = _start(command, socket)
        _start(command, socket, kill=True)
        crashed = _start(command, socket)
    name, plain = f"start with {count:,} images", "python -c pass"
    yield Row(f"{name}, first answer", usual.answered, "s", "limit", FIRST_ANSWER_LIMIT, 1.0)
    yield Row(f"{name}, first answer", usual.answered, "s", plain, nothing)
    yield Row(f"{name}, loaded", usual.loaded, "s", "limit", LOADED_LIMIT, 1.0, usual.note)
    yield Row(f"{name}, loaded", usual.loaded, "s", plain, nothing)
    yield Row(f"{name} after a crash, first answer", crashed.answered, "s", "limit", FIRST_ANSWER_LIMIT, 1.0)
    yield Row(f"{name} after a crash, loaded", crashed.loaded, "s", "usual", usual.loaded, None, crashed.note)


def _start(command: list[str], socket: Path, *, kill: bool = False) -> _Start:
    client = Client(os.fspath(socket), timeout=PATIENCE)
    start, begun = _Start(), time.perf_counter()
    with _running(command, _log_of(socket), kill=kill) as process:
        while not start.loaded:
            if process.poll() is not None:
                said = _log_of(socket).read_text(errors="replace")
                raise RuntimeError(f"the daemon ended with {process.returncode}: {said}")
            _note(start, _status(client), time.perf_counter() - begun)
            time.sleep(POLL_SECONDS)
        family = (process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True)))
        start.processor = sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in family)
    return start


def _log_of(socket: Path) -> Path:
    """Where a daemon's messages go."""
    return socket.with_name("log")


def _note(start: _Start, status: dict[str, Any] | None, now: float) -> None:
    """Take down what an answer says that came at a moment."""
    if status is None:
        return
    start.answered = start.answered or now
    if status["state"] == "loading":
        start.phases.setdefault(status["progress"]["phase"], now)
    else:
        start.loaded = now


@contextmanager
def _running(command: list[str], log: Path, *, kill: bool) -> Iterator[subprocess.Popen[bytes]]:
    # As an installed daemon, this one keeps what it compiled.
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with log.open("wb") as said, subprocess.Popen(command, env=environ, stderr=said) as process:
        try:
            yield process
        finally:
            (process.kill if kill else process.terminate)()


def _status(client: Client) -> dict[str, Any] | None:
    """What the daemon says of itself; None while there is nobody who answers."""
    try:
        return client.get("/v1/status")
    except NoDaemon:
        return None


def _seconds_of_nothing() -> float:
    begun = time.perf_counter()
    subprocess.run(NOTHING, check=True)
    return time.perf_counter() - begun
