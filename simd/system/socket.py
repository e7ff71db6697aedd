"""The Unix socket: bound so that only its owner can reach it, removed only when it is ours."""

import os
import socket
import stat
import struct
import sys
from pathlib import Path
from typing import Protocol

from simd.core.errors import AlreadyRunning, ConfigError
from simd.system.folders import check_socket_path, socket_folder

ANSWER_SECONDS = 1.0
"""How long an existing socket has to answer before it counts as alive but busy."""

# <sys/un.h> of macOS; Python names neither.
_MAC_SOL_LOCAL = 0
_MAC_LOCAL_PEERCRED = 1


class PeerSocket(Protocol):
    """A connected socket, as both :mod:`socket` and asyncio's transports give it."""

    def getsockopt(self, level: int, option: int, length: int, /) -> bytes:
        """The bytes of a socket option."""
        ...


class BoundSocket(socket.socket):
    """A bound, not yet listening socket that remembers which file it made."""

    def __init__(self, path: Path, mode: int) -> None:
        super().__init__(socket.AF_UNIX, socket.SOCK_STREAM)
        self.path = path
        try:
            self._file = self._make_file(mode)
        except OSError:
            self.close()
            raise

    def _make_file(self, mode: int) -> os.stat_result:
        if sys.platform.startswith("linux"):
            # The file takes its mode from the socket, so it is never open to others.
            os.fchmod(self.fileno(), mode)
        self.bind(os.fspath(self.path))
        # The umask may have taken bits away, and other systems do not look at the socket's mode.
        self.path.chmod(mode)
        return self.path.lstat()

    def remove(self) -> None:
        """Close, and remove the file if it is still the one that was made here."""
        self.close()
        try:
            if os.path.samestat(self._file, self.path.lstat()):
                self.path.unlink()
        except FileNotFoundError:
            return


def bind_socket(path: Path, mode: int = 0o600) -> BoundSocket:
    """Bind the daemon's socket; the caller holds the process lock.

    A socket file that nobody answers on is a leftover and is replaced. The folder is
    made safe (see :func:`~simd.system.folders.socket_folder`).

    Args:
        path: where the socket goes.
        mode: permission bits of the socket file.

    Raises:
        AlreadyRunning: somebody answers there.
        ConfigError: the path is too long, is something other than a socket of this user, or cannot be bound.
    """
    check_socket_path(path)
    socket_folder(path.parent)
    _remove_leftover(path)
    try:
        return BoundSocket(path, mode)
    except OSError as error:
        raise ConfigError(
            f"the socket {path} cannot be made: {error.strerror}",
            hint="choose another place with --socket or SIMD_SOCKET",
            path=os.fspath(path),
        ) from error


def own_users() -> frozenset[int]:
    """Who may ask the daemon: the user whose it is, and root."""
    return frozenset({os.getuid(), 0})


def peer_uid(connection: PeerSocket) -> int:
    """The user at the other end of a connected Unix socket.

    Raises:
        OSError: the socket is not connected.
    """
    if sys.platform == "darwin":
        # struct xucred: version, uid, number of groups, 16 groups.
        credentials = connection.getsockopt(_MAC_SOL_LOCAL, _MAC_LOCAL_PEERCRED, 76)
        return int(struct.unpack_from("II", credentials)[1])
    # struct ucred: pid, uid, gid.
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("iII"))
    return int(struct.unpack("iII", credentials)[1])


def _remove_leftover(path: Path) -> None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise ConfigError(
            f"{path} exists and is not a socket; it is left as it is",
            hint="move it away, or choose another place with --socket or SIMD_SOCKET",
            path=os.fspath(path),
        )
    if found.st_uid != os.getuid():
        raise ConfigError(
            f"the socket {path} belongs to user {found.st_uid}; it is left as it is",
            hint="have its owner remove it, or choose another place with --socket or SIMD_SOCKET",
            path=os.fspath(path),
        )
    if _somebody_answers(path):
        raise AlreadyRunning(
            f"another program answers on the socket {path}",
            hint="stop it first, or choose another place with --socket or SIMD_SOCKET",
            path=os.fspath(path),
        )
    path.unlink(missing_ok=True)


def _somebody_answers(path: Path) -> bool:
    """Whether the socket has an owner; one whose queue is full counts, and so does one of another type."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(ANSWER_SECONDS)
        try:
            probe.connect(os.fspath(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            return True
        return True
