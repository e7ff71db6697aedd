"""A service manager made of small programs, and simctl in a home of its own."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from simd.ctl import main
from tests.ctl.conftest import Ran
from tests.ctl.service.fake_manager import FakeManager, fake_manager

RunService = Callable[..., Ran]


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeManager:
    """A manager whose programs come before those of this machine, and an environment that knows only it."""
    for name in list(os.environ):
        if name.startswith(("SIMD_", "XDG_", "SUDO_")):
            monkeypatch.delenv(name)
    fake = fake_manager(tmp_path)
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(fake.home))
    monkeypatch.setenv("FAKE", str(fake.folder))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return fake


@pytest.fixture
def service(manager: FakeManager, capsysbinary: pytest.CaptureFixture[bytes]) -> RunService:
    """Runs ``simctl service``."""

    def run(*words: str | Path) -> Ran:
        code = main(["service", *map(str, words)])
        captured = capsysbinary.readouterr()
        return Ran(code, captured.out, captured.err.decode())

    return run


@pytest.fixture
def photos(manager: FakeManager) -> Path:
    """A folder of pictures."""
    (manager.home / "Pictures").mkdir()
    return manager.home / "Pictures"
