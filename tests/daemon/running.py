"""A daemon in a process of its own, with short settle times."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from simd.client.http import Client
from simd.core.errors import Failed, NoDaemon
from tests.daemon.nursery import FORKS_WELL, Forked, nursery

SETTLE_SECONDS = 0.3
PATIENCE = 60.0
QUIET_NIGHTS = "report: {at: never}\n"
"""No report of its own accord: it would take part of the machine while something else is looked at."""
Process: TypeAlias = subprocess.Popen[bytes] | Forked

SIMCTL = (sys.executable, "-c", "import sys; from simd.ctl import main; sys.exit(main())")


@contextmanager
def place_for_daemons() -> Iterator[Path]:
    """A folder with a path short enough for a socket."""
    with TemporaryDirectory(prefix="simd-") as folder:
        yield Path(folder).resolve()


@contextmanager
def ending(daemon: "RunningDaemon") -> Iterator["RunningDaemon"]:
    """Kill the daemon at the end if it still runs."""
    try:
        yield daemon
    finally:
        if daemon.process is not None and daemon.process.poll() is None:
            daemon.kill()


class RunningDaemon:
    """Starts, asks, stops and kills one daemon on one state folder."""

    def __init__(
        self,
        folder: Path,
        *roots: Path,
        workers: int = 2,
        settle_seconds: float = SETTLE_SECONDS,
        more: str = QUIET_NIGHTS,
        within: Sequence[str] = (),
        fresh: bool = False,
    ) -> None:
        """``more`` are further lines of the configuration; ``within`` is a command that runs the daemon's.

        A ``fresh`` daemon imports everything anew, like that of a person; the others come from the nursery.
        """
        self.folder = folder
        self.fresh = fresh or bool(within) or not FORKS_WELL
        self.within = within
        self.roots = roots
        self.socket = folder / "state" / "s"
        self.config = folder / "simd.yaml"
        self.log = folder / "log"
        self.process: Process | None = None
        folder.mkdir(parents=True, exist_ok=True)
        for root in roots:
            root.mkdir(parents=True, exist_ok=True)
        watched = "".join(f"  - {os.fspath(root)}\n" for root in roots)
        self.config.write_text(
            f"roots:\n{watched}state_dir: {folder}/state\nsocket: {self.socket}\n"
            f"watch:\n  settle_seconds: {settle_seconds}\nimaging:\n  workers: {workers}\n{more}"
        )

    def start(self) -> "RunningDaemon":
        """Start it and return once it is ready."""
        self.launch()
        self._await_ready()
        return self

    def launch(self) -> "Process":
        """Start it and return at once."""
        words = ("run", "--config", os.fspath(self.config))
        with self.log.open("ab") as log:
            if self.fresh:
                command = [*self.within, sys.executable, "-m", "simd", *words]
                self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
            else:
                self.process = nursery().run(*words, output=log.fileno())
        return self.process

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """End it like a power cut."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE)

    @property
    def client(self) -> Client:
        """Somebody who asks."""
        return Client(os.fspath(self.socket), timeout=PATIENCE)

    def sync(self, patience: float = PATIENCE) -> dict[str, Any]:
        """Wait until everything done so far is searchable."""
        client = Client(os.fspath(self.socket), timeout=patience)
        return client.post("/v1/sync", {"timeout": patience})

    def groups(self, **params: object) -> list[set[str]]:
        """The names, relative to the first root, that belong together."""
        answer = self.client.get("/v1/groups", params or None)
        return [{self.name(member["path"]) for member in group["members"]} for group in answer["groups"]]

    def status(self) -> dict[str, Any]:
        """What the daemon says of itself."""
        return self.client.get("/v1/status")

    def image(self, path: Path) -> dict[str, Any]:
        """All that is known of the image at a path."""
        return self.client.get("/v1/images", {"path": os.fspath(path)})

    def query(self, path: Path, **options: object) -> dict[str, Any]:
        """The near-duplicates of a file."""
        return self.client.post("/v1/query", {"path": os.fspath(path), **options})

    def scan(self, *paths: Path, **options: bool) -> dict[str, Any]:
        """Sweep these folders, or all, and wait for what that finds."""
        chosen = [{"path": os.fspath(path)} for path in paths] or None
        started = self.client.post("/v1/scan", {"paths": chosen, **options})
        self.sync()
        return started

    def problems(self) -> dict[str, dict[str, Any]]:
        """The files that could not be read, by their names relative to the first root."""
        answer = self.client.get("/v1/problems", {"limit": 1_000})
        assert answer["next_cursor"] is None
        return {self.name(problem["path"]): problem for problem in answer["problems"]}

    def simctl(self, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """What simctl answers to a command line."""
        command = [*SIMCTL, "--socket", os.fspath(self.socket), *words]
        return subprocess.run(command, input=stdin, capture_output=True, timeout=PATIENCE, check=False)

    def decoded(self) -> int:
        """How many pictures this life of the daemon has decoded."""
        return int(self.metric("simd_decoded_total"))

    def name(self, path: str) -> str:
        """A path relative to the root that holds it."""
        for root in self.roots:
            if path.startswith(f"{root}/"):
                return path[len(os.fspath(root)) + 1 :]
        return path

    def metric(self, name: str) -> float:
        """A number without labels from ``/metrics``."""
        samples = (sample for family in self.metrics() for sample in family.samples)
        return next(sample.value for sample in samples if sample.name == name)

    def metrics(self) -> list[Metric]:
        """All of ``/metrics``, as Prometheus' own parser reads it."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(os.fspath(self.socket))
            connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            text = connection.makefile(encoding="utf-8", newline="").read()
        return list(text_string_to_metric_families(text.partition("\r\n\r\n")[2]))

    def _await_ready(self) -> None:
        """Wait until it has loaded its catalogue."""
        assert self.process is not None
        while not self._is_ready():
            code = self.process.poll()
            assert code is None, f"the daemon ended with {code}: {self.log.read_text()}"
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.02)

    def _is_ready(self) -> bool:
        try:
            return bool(self.status()["state"] != "loading")
        except (NoDaemon, Failed):
            return False  # not there yet, or there no more
