"""Where the daemon keeps its things, and that nobody else can reach them.

The places are those of the system: the XDG folders on Linux, their counterparts on
macOS. A folder that holds the catalogue or the socket must belong to this user and
be closed to everyone else, because whoever can write there can speak to the daemon.
"""

import logging
import os
import stat
import sys
from pathlib import Path

import platformdirs

from simd.core.errors import ConfigError

log = logging.getLogger(__name__)

APP = "simd"
SOCKET_NAME = "simd.sock"
LOCK_NAME = "simd.lock"
CONFIG_NAME = "simd.yaml"

PRIVATE = 0o700
"""Mode of a private folder."""

SOCKET_PATH_LIMIT = 107 if sys.platform.startswith("linux") else 103
"""Longest path of a Unix socket in bytes: ``sun_path`` less its closing zero byte."""


def config_file() -> Path:
    """The configuration file that is read when none is named."""
    return platformdirs.user_config_path(APP, appauthor=False) / CONFIG_NAME


def state_folder() -> Path:
    """The state folder that is used when none is named."""
    return platformdirs.user_state_path(APP, appauthor=False)


def runtime_folder() -> Path | None:
    """The folder for sockets that the system clears at log-out, or None where it offers none.

    A base that is not a directory of this user is passed over: ``sudo`` leaves the
    variable of the user who called it, and a shared temporary folder can be squatted.
    """
    if sys.platform == "darwin":
        return platformdirs.user_runtime_path(APP, appauthor=False)
    for base in (os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{os.getuid()}"):
        if os.path.isabs(base) and _is_own_folder(Path(base)):  # noqa: PTH117 - an empty text is no Path
            return Path(base) / APP
    return None


def default_socket(state_dir: Path | None = None) -> Path:
    """Where the socket goes when no place is named: the runtime folder, else the usual state folder.

    Args:
        state_dir: the state folder, if one was chosen where ``simctl`` sees it too: the socket
            lies in it then, so that daemons with different folders do not compete for a name.
    """
    return (state_dir or runtime_folder() or state_folder()) / SOCKET_NAME


def check_socket_path(path: Path) -> None:
    """Refuse a socket path that the kernel would refuse.

    Raises:
        ConfigError: the path has more bytes than an address of a Unix socket can hold.
    """
    length = len(os.fsencode(path))
    if length > SOCKET_PATH_LIMIT:
        raise ConfigError(
            f"the path of the socket has {length} bytes; the system allows {SOCKET_PATH_LIMIT}",
            hint="choose a shorter one with --socket or SIMD_SOCKET",
            path=os.fspath(path),
        )


def socket_folder(path: Path) -> None:
    """Make sure that nobody else can put another socket in the place of ours.

    A folder that does not exist, is empty or is simd's own becomes private. Any other, named
    by a person, is left as it is, if only its owner can write there or it is sticky, as
    ``/tmp`` is: the socket's own mode and the check of the peer keep others out.

    Raises:
        ConfigError: others may write there, or it cannot be used.
    """
    if not path.is_dir() or path.is_symlink() or _is_for_simd([entry.name for entry in path.iterdir()]):
        private_folder(path)
        return
    found = path.stat()
    writable = found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX
    if writable or found.st_uid not in {os.getuid(), 0}:
        raise ConfigError(
            f"others may write in {path} (mode {stat.S_IMODE(found.st_mode):04o}) and replace the socket",
            hint="choose another place with --socket or SIMD_SOCKET, or close this folder: chmod go-w",
            path=os.fspath(path),
        )


def private_folder(path: Path) -> None:
    """Make sure that ``path`` is a folder that only this user can enter, creating it if need be.

    A folder of ours that is open to others is closed, unless it holds other people's
    things: then it was probably named by mistake.

    Raises:
        ConfigError: it is a symbolic link, no folder, another user's, or cannot be made.
    """
    try:
        path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise _refusal(path, error) from error
    try:
        _close_to_others(path, descriptor)
    finally:
        os.close(descriptor)


def check_contents(path: Path) -> None:
    """Refuse a state folder where something is not what simd itself would have put there.

    simd writes, truncates and removes files there by their names. A link in the place of one of them
    would have it do that to something else, and what belongs to another user was planted while the
    folder was open. The folder is private already, so nothing of this can change any more.

    Raises:
        ConfigError: an entry is a symbolic link, another user's, a file with a second name, or no file.
    """
    with os.scandir(path) as entries:
        for entry in entries:
            fault = _fault_of(entry)
            if fault is not None:
                raise ConfigError(
                    f"{path / entry.name} {fault}; simd leaves it as it is, and does not start beside it",
                    hint="move it away, or choose another folder with --state-dir or SIMD_STATE_DIR",
                    path=os.fspath(path / entry.name),
                )


def _fault_of(entry: os.DirEntry[str]) -> str | None:
    found = entry.stat(follow_symlinks=False)
    if stat.S_ISLNK(found.st_mode):
        return "is a symbolic link"
    if found.st_uid != os.getuid():
        return f"belongs to user {found.st_uid}, not to user {os.getuid()} who runs simd"
    if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
        return "is a hard link: the same file has another name elsewhere"
    if stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode) or stat.S_ISSOCK(found.st_mode):
        return None
    return "is neither a file nor a folder"


def _close_to_others(path: Path, descriptor: int) -> None:
    found = os.fstat(descriptor)
    if found.st_uid != os.getuid():
        raise ConfigError(
            f"{path} belongs to user {found.st_uid}, not to user {os.getuid()} who runs simd",
            hint="choose another folder, or run simd as its owner",
            path=os.fspath(path),
        )
    mode = stat.S_IMODE(found.st_mode)
    if not mode & 0o077:
        return
    if not _is_for_simd(os.listdir(descriptor)):
        raise ConfigError(
            f"{path} is open to others (mode {mode:04o}) and holds files that are not simd's",
            hint="choose a folder for simd alone, or close this one: chmod 700",
            path=os.fspath(path),
        )
    os.fchmod(descriptor, PRIVATE)
    log.warning("%s was open to others (mode %04o); it is now closed (0700)", path, mode)


def _is_for_simd(names: list[str]) -> bool:
    """Whether a folder with these entries may be treated as simd's own."""
    return LOCK_NAME in names or set(names) <= {SOCKET_NAME}


def _refusal(path: Path, error: OSError) -> ConfigError:
    if path.is_symlink():
        return ConfigError(
            f"{path} is a symbolic link; simd keeps its files only in a real folder",
            hint=f"name the folder itself: {os.path.realpath(path)}",
            path=os.fspath(path),
        )
    return ConfigError(
        f"the folder {path} cannot be used: {error.strerror}",
        hint="choose another with --state-dir or SIMD_STATE_DIR",
        path=os.fspath(path),
    )


def _is_own_folder(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
