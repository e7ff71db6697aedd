"""The daemon's socket: only ours to use, never somebody else's to lose."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from simd.core.errors import AlreadyRunning, ConfigError
from simd.system.socket import BoundSocket, bind_socket, peer_uid

STRANGER = """
import os, socket, sys
os.setuid(65534)
with socket.socket(socket.AF_UNIX) as stranger:
    stranger.connect(f"\\0simd-test-{sys.argv[1]}")
    stranger.recv(1)
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the socket goes: in a folder that is not there yet."""
    return tmp_path / "run/simd.sock"


def test_socket_is_private_from_the_first_moment(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file and its folder are closed to others under any umask, and the umask is not touched."""
    modes_before_chmod = []
    chmod = Path.chmod

    def look_and_chmod(path: Path, mode: int) -> None:
        modes_before_chmod.append(stat.S_IMODE(path.stat().st_mode))
        chmod(path, mode)

    monkeypatch.setattr(Path, "chmod", look_and_chmod)
    before = os.umask(0)
    try:
        with bind_socket(place) as bound:
            assert 0 == os.umask(0)
            assert 0o600 == stat.S_IMODE(place.stat().st_mode)
            assert 0o700 == stat.S_IMODE(place.parent.stat().st_mode)
            assert str(place) == bound.getsockname()
    finally:
        os.umask(before)
    if sys.platform.startswith("linux"):
        assert [0o600] == modes_before_chmod


def test_mode_can_be_chosen(place: Path) -> None:
    """The socket takes the mode that the settings ask for."""
    with bind_socket(place, 0o660):
        assert 0o660 == stat.S_IMODE(place.stat().st_mode)


def test_clients_are_served_and_known(place: Path) -> None:
    """A client that connects is told apart by its user at both ends."""
    with bind_socket(place) as bound, socket.socket(socket.AF_UNIX) as client:
        bound.listen()
        client.connect(str(place))
        connection, _ = bound.accept()
        with connection:
            assert [os.getuid()] * 2 == [peer_uid(connection), peer_uid(client)]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_foreign_peer_is_known(tmp_path: Path) -> None:
    """The user of a foreign process is the one that the kernel saw, whatever it says."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"\0simd-test-{os.getpid()}")
        listening.listen()
        with subprocess.Popen([sys.executable, "-c", STRANGER, str(os.getpid())]):
            connection, _ = listening.accept()
            with connection:
                assert 65_534 == peer_uid(connection)


def test_leftover_is_replaced(place: Path) -> None:
    """A socket file that nobody listens on is replaced."""
    bind_socket(place).close()
    left = place.lstat()
    with bind_socket(place) as bound, socket.socket(socket.AF_UNIX) as client:
        assert left.st_ctime_ns < place.lstat().st_ctime_ns
        bound.listen()
        client.connect(str(place))


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_living_socket_is_left_alone(place: Path, kind: socket.SocketKind) -> None:
    """A socket that somebody has open is not taken away, be it busy or of another type."""
    place.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX, kind) as other:
        other.bind(str(place))
        if kind == socket.SOCK_STREAM:
            other.listen(0)
        inode = place.lstat().st_ino
        for _ in range(3):
            with pytest.raises(AlreadyRunning, match="another program answers"):
                bind_socket(place)
        assert inode == place.lstat().st_ino


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_no_socket_is_left_alone(place: Path, kind: str) -> None:
    """A file of any other kind is never removed."""
    place.parent.mkdir(mode=0o700)
    if kind == "file":
        place.write_text("mine")
    elif kind == "folder":
        place.mkdir()
    else:
        place.symlink_to("/dev/null")
    before = place.lstat()
    with pytest.raises(ConfigError, match="exists and is not a socket"):
        bind_socket(place)
    assert os.path.samestat(before, place.lstat())


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a socket away")
def test_a_socket_of_another_user_is_left_alone(place: Path) -> None:
    """Even one that nobody answers on: in a folder such as /tmp it may have been planted."""
    place.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(place))
    os.chown(place, 65_534, 65_534)
    before = place.lstat()
    with pytest.raises(ConfigError, match="belongs to user 65534; it is left as it is"):
        bind_socket(place)
    assert os.path.samestat(before, place.lstat())


def test_only_our_own_file_is_removed(place: Path) -> None:
    """At the end the file goes if it is ours; if another took its place, or nothing did, that stays so."""
    ours = bind_socket(place)
    ours.remove()
    assert not place.exists()
    ours = bind_socket(place)
    place.rename(place.with_name("moved"))
    with bind_socket(place):
        ours.remove()
        assert place.exists()
        place.unlink()
        ours.remove()


def test_path_that_the_kernel_refuses(tmp_path: Path) -> None:
    """A path that is too long is refused before anything is made; one at the limit works."""
    longest = tmp_path / ("x" * (107 - len(str(tmp_path)) - 1)) if len(str(tmp_path)) < 100 else None
    if longest is not None and sys.platform.startswith("linux"):
        tmp_path.chmod(0o700)
        bind_socket(longest).remove()
    with pytest.raises(ConfigError, match="the path of the socket has"):
        bind_socket(tmp_path / ("x" * 120) / "simd.sock")
    assert [] == list(tmp_path.iterdir())


def test_failed_binding_closes_the_socket(place: Path) -> None:
    """A socket that cannot be bound leaves no descriptor behind."""
    place.parent.mkdir(mode=0o700)
    place.touch()
    before = len(list(Path("/dev/fd").iterdir()))
    with pytest.raises(OSError, match="Address already in use"):
        BoundSocket(place, 0o600)
    assert before == len(list(Path("/dev/fd").iterdir()))
