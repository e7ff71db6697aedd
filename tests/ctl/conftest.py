"""A way to run simctl inside the test, and a canned server to run it against."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from simd.ctl import main
from tests.client.canned import CannedServer, canned_server


@dataclass(frozen=True)
class Ran:
    """What one run left behind."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        """Standard output as text."""
        return self.raw.decode()

    @property
    def json(self) -> Any:
        """Standard output as the one JSON object that it must be, with nothing on standard error."""
        assert "" == self.err
        assert 1 == self.raw.count(b"\n")
        assert self.raw.endswith(b"\n")
        answer = json.loads(self.raw)
        assert isinstance(answer, dict)
        return answer


Run = Callable[..., Ran]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[CannedServer]:
    """A real HTTP server on a Unix socket."""
    with canned_server(tmp_path / "s.sock") as running:
        yield running


@pytest.fixture
def simctl(
    server: CannedServer, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Runs simctl against the canned server."""
    monkeypatch.setenv("SIMD_SOCKET", server.path)

    def run(*words: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(words)
        captured = capsysbinary.readouterr()
        return Ran(code, captured.out, captured.err.decode())

    return run
