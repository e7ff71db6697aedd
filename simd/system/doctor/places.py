"""Checks of the folders: those that are watched, and simd's own."""

import os
import shutil
import stat
from pathlib import Path

from simd.core.answers.daemon import Check
from simd.core.display import display_path
from simd.core.errors import ConfigError
from simd.system.folders import check_socket_path
from simd.system.mounts import filesystem_of, is_network

LEAST_SPACE = 512 * 10**6
"""Bytes that must be free where the catalogue is: two copies of a large one."""


def check_root(root: bytes) -> Check:
    """Whether a watched folder is there, can be read, and tells of its changes."""
    shown = display_path(root)
    try:
        with os.scandir(root) as entries:
            next(entries, None)
    except FileNotFoundError:
        return _folder(f"{shown} is not there", "is its disk mounted? It is watched once it appears")
    except NotADirectoryError:
        return _folder(f"{shown} is not a folder", "name a folder in the configuration")
    except PermissionError:
        return _folder(
            f"{shown} cannot be read", "give the user who runs simd the right to read and enter it"
        )
    except OSError as error:
        return _folder(f"{shown} cannot be read: {error.strerror}", "check the disk it is on")
    filesystem = filesystem_of(root)
    how = "swept by timer, because a network filesystem does not tell of changes"
    free = f"{shutil.disk_usage(root).free / 1e9:,.1f} GB free"
    message = f"{shown} on {filesystem}, {free}, {how if is_network(filesystem) else 'watched'}"
    return Check(name="folder", ok=True, message=message, hint=None)


def check_state(state: Path) -> list[Check]:
    """Whether the state folder belongs to this user alone and lies on a fitting filesystem."""
    return [_permissions(state), _filesystem(state)]


def check_space(state: Path) -> Check:
    """Whether there is room for the catalogue and its backups."""
    free = shutil.disk_usage(_nearest(state)).free
    message = f"{free / 1e9:,.1f} GB free for {state}"
    if free < LEAST_SPACE:
        hint = f"free at least {LEAST_SPACE // 10**6} MB, or choose another state folder"
        return Check(name="space", ok=False, message=f"only {message}", hint=hint)
    return Check(name="space", ok=True, message=message, hint=None)


def check_socket(path: Path) -> Check:
    """Whether the path of the socket is short enough, and nobody else can speak or listen there."""
    try:
        check_socket_path(path)
    except ConfigError as error:
        return Check(name="socket", ok=False, message=f"{path}: {error.message}", hint=error.hint)
    fault = _fault_of_socket(path)
    if fault is not None:
        return Check(name="socket", ok=False, message=f"{path} {fault[0]}", hint=fault[1])
    return Check(name="socket", ok=True, message=str(path), hint=None)


def _fault_of_socket(path: Path) -> tuple[str, str] | None:
    """What is wrong with what stands there, and what to do; None also when nothing does."""
    try:
        found, around = path.lstat(), path.parent.stat()
    except OSError:
        return None
    if not stat.S_ISSOCK(found.st_mode):
        return "is no socket", "move it away, or choose another place with --socket or SIMD_SOCKET"
    if found.st_uid != os.getuid():
        return f"belongs to user {found.st_uid}", "choose another place with --socket or SIMD_SOCKET"
    if found.st_mode & stat.S_IWOTH:
        return f"is open to all (mode {stat.S_IMODE(found.st_mode):04o})", "set socket_mode to 0600"
    if around.st_mode & stat.S_IWOTH and not around.st_mode & stat.S_ISVTX:
        return "lies where others may replace it", f"chmod o-w {path.parent}"
    return None


def _permissions(state: Path) -> Check:
    try:
        found = state.lstat()
    except FileNotFoundError:
        return _creatable(state)
    except OSError as error:
        return _state(f"{state} cannot be looked at: {error.strerror}", "choose another with --state-dir")
    fault = _fault_of(found)
    if fault is not None:
        return _state(f"{state} {fault}", f"chmod 700 {state}, or choose another with --state-dir")
    return Check(name="state-folder", ok=True, message=f"{state} is closed to others", hint=None)


def _fault_of(found: os.stat_result) -> str | None:
    mode = stat.S_IMODE(found.st_mode)
    if not stat.S_ISDIR(found.st_mode):
        return "is not a folder of its own"
    if found.st_uid != os.getuid():
        return f"belongs to user {found.st_uid}"
    if mode & 0o077:
        return f"is open to others (mode {mode:04o})"
    if mode & 0o700 != 0o700:  # noqa: PLR2004 - read, write and enter
        return f"is closed to its owner (mode {mode:04o})"
    return None


def _creatable(state: Path) -> Check:
    parent = _nearest(state)
    if os.access(parent, os.W_OK | os.X_OK):
        return Check(name="state-folder", ok=True, message=f"{state} is made at the first start", hint=None)
    return _state(f"{state} cannot be made: {parent} cannot be written", "choose another with --state-dir")


def _filesystem(state: Path) -> Check:
    filesystem = filesystem_of(os.fsencode(state))
    if is_network(filesystem):
        message = f"{state} is on {filesystem}, where the catalogue cannot be kept safely"
        hint = "choose a local folder with --state-dir"
        return Check(name="state-filesystem", ok=False, message=message, hint=hint)
    return Check(name="state-filesystem", ok=True, message=f"{state} is on {filesystem}", hint=None)


def _nearest(path: Path) -> Path:
    """The path itself, or the nearest folder above it that exists."""
    return next((place for place in (path, *path.parents) if place.exists()), Path("/"))


def _folder(message: str, hint: str) -> Check:
    return Check(name="folder", ok=False, message=message, hint=hint)


def _state(message: str, hint: str) -> Check:
    return Check(name="state-folder", ok=False, message=message, hint=hint)
