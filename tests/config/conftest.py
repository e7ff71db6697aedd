"""A home folder of its own for every test, so that no setting of the machine is read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from simd.config import load
from simd.core.errors import ConfigError

Written = Callable[[str | bytes], Path]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(variable, raising=False)
    return folder


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes a configuration file."""

    def write(content: str | bytes) -> Path:
        path = tmp_path / "simd.yaml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def faults(written: Written) -> Callable[[str | bytes], list[str]]:
    """What is said about a file, without its path: one line for each fault."""

    def said(content: str | bytes) -> list[str]:
        path = written(content)
        with pytest.raises(ConfigError) as caught:
            load(path, {}, {})
        return [line.strip().removeprefix(str(path)) for line in caught.value.message.splitlines()[1:]]

    return said
