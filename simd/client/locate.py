"""Where the daemon's socket is, by the rules that the daemon itself follows.

``simd.system.folders`` decides where the socket is made. The rules are written a second
time here because the library that knows them takes longer to import than a whole call of
``simctl``; a test holds the two together.
"""

# ruff: noqa: PTH100, PTH110, PTH111, PTH117, PTH118 - pathlib costs 8 ms of every call

import os
import stat
import sys
from collections.abc import Mapping

SOCKET_NAME = "simd.sock"
APP = "simd"


def find_socket(given: str | None = None, environ: Mapping[str, str] | None = None) -> str:
    """The path of the socket to talk to.

    In this order: ``given``, ``SIMD_SOCKET``, the folder of ``SIMD_STATE_DIR``, the user's
    runtime folders, the user's state folder. What is named is taken as it is; of the last
    three, the first socket that exists, else the place where a daemon would make it.

    Args:
        given: the path that the user named, if any.
        environ: the environment; that of the process when None.
    """
    environ = os.environ if environ is None else environ
    named = given or environ.get("SIMD_SOCKET")
    if named:
        return os.path.abspath(os.path.expanduser(named))
    chosen = environ.get("SIMD_STATE_DIR")
    if chosen:
        return os.path.join(os.path.abspath(os.path.expanduser(chosen)), SOCKET_NAME)
    candidates = [os.path.join(base, APP, SOCKET_NAME) for base in _bases(environ)]
    return next((path for path in candidates if os.path.exists(path)), candidates[0])


def _bases(environ: Mapping[str, str]) -> list[str]:
    runtime = _absolute(environ.get("XDG_RUNTIME_DIR"))
    state = _absolute(environ.get("XDG_STATE_HOME"))
    if sys.platform == "darwin":
        library = os.path.expanduser("~/Library")
        return [
            *([runtime] if runtime else []),
            os.path.join(library, "Caches", "TemporaryItems"),
            state or os.path.join(library, "Application Support"),
        ]
    runtimes = [base for base in (runtime, f"/run/user/{os.getuid()}") if base and _is_own_folder(base)]
    return [*runtimes, state or os.path.expanduser("~/.local/state")]


def _absolute(path: str | None) -> str | None:
    return path if path and os.path.isabs(path) else None


def _is_own_folder(path: str) -> bool:
    """Whether the folder is this user's: elsewhere, somebody else could be listening."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
