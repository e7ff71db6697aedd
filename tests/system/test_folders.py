"""The state and runtime folders are ours alone, or are refused."""

import logging
import os
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from simd.core.errors import ConfigError
from simd.system import folders
from simd.system.folders import (
    check_contents,
    check_socket_path,
    default_socket,
    private_folder,
    runtime_folder,
    socket_folder,
)

ROOT_ONLY = pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")


def mode_of(path: Path) -> int:
    """The permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def test_folder_is_made_private(tmp_path: Path) -> None:
    """A missing folder is made with its parents, closed to others; a second time changes nothing."""
    state = tmp_path / "a/b/simd"
    private_folder(state)
    private_folder(state)
    assert 0o700 == mode_of(state)


@pytest.mark.parametrize("content", [(), ("simd.lock", "catalogue.db"), ("simd.sock",)])
def test_open_folder_of_ours_is_closed(
    tmp_path: Path, content: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    """An empty folder, or one where a daemon has been, is closed to others, and that is said."""
    state = tmp_path / "simd"
    state.mkdir(mode=0o755)
    for name in content:
        (state / name).touch()
    with caplog.at_level(logging.WARNING):
        private_folder(state)
    assert 0o700 == mode_of(state)
    assert "was open to others (mode 0755)" in caplog.text


def test_open_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    """A folder full of somebody's things was named by mistake: it is refused and keeps its mode."""
    pictures = tmp_path / "Pictures"
    pictures.mkdir(mode=0o755)
    (pictures / "a.jpg").touch()
    with pytest.raises(
        ConfigError, match=r"is open to others \(mode 0755\) and holds files that are not simd's"
    ):
        private_folder(pictures)
    assert 0o755 == mode_of(pictures)


def test_link_is_refused(tmp_path: Path) -> None:
    """A symbolic link in the place of the folder is refused, and its target is untouched."""
    target, link = tmp_path / "target", tmp_path / "link"
    target.mkdir(mode=0o755)
    link.symlink_to(target)
    with pytest.raises(ConfigError, match="is a symbolic link") as caught:
        private_folder(link)
    assert f"name the folder itself: {target}" == caught.value.hint
    assert 0o755 == mode_of(target)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    """A file in the place of the folder, or of a parent, is refused with the system's reason."""
    (tmp_path / "file").touch()
    for path, reason in ((tmp_path / "file", "File exists"), (tmp_path / "file/simd", "Not a directory")):
        with pytest.raises(ConfigError, match=f"cannot be used: {reason}"):
            private_folder(path)


@ROOT_ONLY
def test_foreign_folder_is_refused(tmp_path: Path) -> None:
    """A folder that another user made in advance is never used, however it is closed."""
    planted = tmp_path / "simd"
    planted.mkdir(mode=0o700)
    os.chown(planted, 65_534, 65_534)
    with pytest.raises(ConfigError, match="belongs to user 65534, not to user 0"):
        private_folder(planted)


def plant_nothing(_state: Path, _victim: Path) -> None:
    """What simd leaves behind itself: files, folders and sockets."""


def plant_link(state: Path, victim: Path) -> None:
    """A folder that simd empties at its start, made a link to somebody's pictures."""
    (state / "canary").symlink_to(victim.parent)


def plant_dangling_link(state: Path, _victim: Path) -> None:
    """A link in the place of a file that simd would make."""
    (state / "catalogue.db-wal").symlink_to(state / "nowhere")


def plant_hard_link(state: Path, victim: Path) -> None:
    """A second name of somebody's file."""
    (state / "catalogue.db").hardlink_to(victim)


def plant_pipe(state: Path, _victim: Path) -> None:
    """What blocks whoever opens it."""
    os.mkfifo(state / "catalogue.db")


def plant_foreign_file(state: Path, _victim: Path) -> None:
    """What another user left while the folder was open."""
    (state / "catalogue.db").touch()
    os.chown(state / "catalogue.db", 65_534, 65_534)


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (plant_link, "canary is a symbolic link"),
        (plant_dangling_link, "catalogue.db-wal is a symbolic link"),
        (plant_hard_link, "catalogue.db is a hard link"),
        (plant_pipe, "catalogue.db is neither a file nor a folder"),
        pytest.param(plant_foreign_file, "catalogue.db belongs to user 65534", marks=ROOT_ONLY),
        (plant_nothing, None),
    ],
)
def test_a_state_folder_with_something_planted_is_refused(
    tmp_path: Path, plant: Callable[[Path, Path], None], fault: str | None
) -> None:
    """Before anything is written there; what was planted, and what it leads to, stays as it is."""
    state, victim = tmp_path / "state", tmp_path / "pictures" / "only-copy.jpg"
    victim.parent.mkdir()
    victim.write_text("precious")
    for folder in (state, state / "uploads"):
        folder.mkdir(mode=0o700)
    (state / "simd.lock").touch()
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(state / "s"))
    plant(state, victim)
    before = sorted((path.name, path.lstat().st_mode) for path in state.iterdir())

    if fault is None:
        check_contents(state)
    else:
        with pytest.raises(ConfigError, match=f"{fault}.*simd leaves it as it is"):
            check_contents(state)

    assert before == sorted((path.name, path.lstat().st_mode) for path in state.iterdir())
    assert "precious" == victim.read_text()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the rule of the XDG folders")
def test_runtime_folder_must_be_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that names no real folder of this user is passed over."""
    own, link = tmp_path / "own", tmp_path / "link"
    own.mkdir()
    link.symlink_to(own)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(own))
    assert own / "simd" == runtime_folder()
    usual = Path(f"/run/user/{os.getuid()}")
    expected = usual / "simd" if usual.is_dir() else None
    for named in (str(link), str(tmp_path / "gone"), "relative", ""):
        monkeypatch.setenv("XDG_RUNTIME_DIR", named)
        assert expected == runtime_folder()


@ROOT_ONLY
def test_runtime_folder_of_another_user_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable of the user who called sudo does not put our socket into his folder."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert tmp_path / "simd" == runtime_folder()
    os.chown(tmp_path, 65_534, 65_534)
    assert tmp_path / "simd" != runtime_folder()


def test_socket_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chosen state folder comes first, then the runtime folder, then the usual state folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(folders, "runtime_folder", lambda: tmp_path / "run/simd")
    assert tmp_path / "state/simd.sock" == default_socket(tmp_path / "state")
    assert tmp_path / "run/simd/simd.sock" == default_socket()
    monkeypatch.setattr(folders, "runtime_folder", lambda: None)
    if sys.platform.startswith("linux"):
        assert tmp_path / "xdg/simd/simd.sock" == default_socket()


def test_long_socket_path_is_refused() -> None:
    """The limit is in bytes, and is the one at which the kernel itself refuses."""
    limit = folders.SOCKET_PATH_LIMIT
    check_socket_path(Path("/" + "x" * (limit - 1)))
    for path in ("/" + "x" * limit, "/" + "é" * (limit // 2 + 1)):
        with pytest.raises(ConfigError, match=f"the system allows {limit}"):
            check_socket_path(Path(path))


@pytest.mark.parametrize(("mode", "allowed"), [(0o755, True), (0o1777, True), (0o775, False), (0o777, False)])
def test_a_socket_goes_where_only_its_owner_can_write(tmp_path: Path, mode: int, *, allowed: bool) -> None:
    """A folder with other people's things is left as it is, and refused when they could swap the socket."""
    folder = tmp_path / "shared"
    folder.mkdir()
    (folder / "theirs").touch()
    (folder / "simd.sock").touch()
    folder.chmod(mode)

    if allowed:
        socket_folder(folder)
    else:
        with pytest.raises(ConfigError, match="others may write in"):
            socket_folder(folder)

    assert mode == mode_of(folder)


def test_a_socket_folder_of_our_own_is_private(tmp_path: Path) -> None:
    """One that is made for the socket, or is empty, is closed to others."""
    empty = tmp_path / "empty"
    empty.mkdir(mode=0o755)
    for folder in (tmp_path / "new", empty):
        socket_folder(folder)
        assert 0o700 == mode_of(folder)
