"""The client looks for the socket where the daemon makes it."""

import os
import sys
from pathlib import Path

import pytest

from simd.client import locate
from simd.client.http import SOCKET_PATH_LIMIT
from simd.system import folders


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without any of the folders, and an environment that names none."""
    for name in [name for name in os.environ if name.startswith(("XDG_", "SIMD_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def _make(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return str(path)


def test_what_is_named_is_taken(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path from the flag beats SIMD_SOCKET, which beats SIMD_STATE_DIR; none need exist."""
    monkeypatch.setenv("SIMD_STATE_DIR", "/state")
    assert "/state/simd.sock" == locate.find_socket()
    monkeypatch.setenv("SIMD_SOCKET", "/b.sock")
    assert "/b.sock" == locate.find_socket()
    assert "/a.sock" == locate.find_socket("/a.sock")
    assert str(home / "c.sock") == locate.find_socket("~/c.sock")
    assert str(Path.cwd() / "d.sock") == locate.find_socket("d.sock")


def test_the_first_socket_that_exists_is_taken(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that was started without a runtime folder is found from a shell that has one."""
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    assert str(runtime / "simd" / "simd.sock") == locate.find_socket()
    state = Path(folders.state_folder()) / "simd.sock"
    assert _make(state) == locate.find_socket()
    assert _make(runtime / "simd" / "simd.sock") == locate.find_socket()


@pytest.mark.parametrize("runtime", ["own", "unset", "relative", "missing", "link"])
@pytest.mark.parametrize("state", ["set", "unset", "relative"])
def test_the_client_agrees_with_the_daemon(
    home: Path, monkeypatch: pytest.MonkeyPatch, runtime: str, state: str
) -> None:
    """Whatever the environment, the client's preferred place is where the daemon binds."""
    own = home / "own"
    own.mkdir(mode=0o700)
    (home / "link").symlink_to(own)
    places = {
        "own": str(own),
        "relative": "run",
        "missing": str(home / "missing"),
        "link": str(home / "link"),
    }
    if runtime in places:
        monkeypatch.setenv("XDG_RUNTIME_DIR", places[runtime])
    if state != "unset":
        monkeypatch.setenv("XDG_STATE_HOME", str(home / "st") if state == "set" else "st")
    assert str(folders.default_socket()) == locate.find_socket()


def test_a_chosen_state_folder_holds_the_socket(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With SIMD_STATE_DIR both sides use that folder."""
    monkeypatch.setenv("SIMD_STATE_DIR", str(home / "s"))
    assert str(folders.default_socket(home / "s")) == locate.find_socket()


def test_both_sides_know_the_same_limit() -> None:
    """A path that the daemon refuses is refused by the client, and no other."""
    assert folders.SOCKET_PATH_LIMIT == SOCKET_PATH_LIMIT


@pytest.mark.skipif(sys.platform != "linux", reason="on macOS the real folders are in use")
def test_mac_paths_follow_platformdirs(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The macOS folders are those of platformdirs' own macOS class."""
    from platformdirs.macos import MacOS

    monkeypatch.setattr(sys, "platform", "darwin")
    mac = MacOS("simd", appauthor=False)
    assert str(Path(mac.user_runtime_dir) / "simd.sock") == locate.find_socket()
    assert _make(Path(mac.user_state_dir) / "simd.sock") == locate.find_socket()
