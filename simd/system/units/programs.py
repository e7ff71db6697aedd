"""The programs of this installation, as a service manager has to call them."""

import os
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

from simd.system.units.plan import Program

CARRIED = ("SIMD_CONFIG", "SIMD_STATE_DIR", "SIMD_SOCKET")
"""Variables that hold paths and choose the daemon's places, as the shell of the user does."""

CARRIED_HOMES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
"""Variables that the manager may not have although the user's shell has them."""

SIMCTL = "import sys; from simd.ctl import main; sys.exit(main())"
"""What the program simctl is, where none is installed."""


def program(socket: Path, environ: Mapping[str, str], started_as: str | None = None) -> Program:
    """How the daemon of this installation is called, in the same places as from the user's shell.

    Args:
        socket: where it is going to listen.
        environ: the environment of the user's shell.
        started_as: the path of the running program; that of this process when None.
    """
    folders = script_folders(sys.argv[0] if started_as is None else started_as)
    simd = find("simd", folders)
    simctl = find("simctl", folders)
    reload = ("--socket", os.fspath(socket), "reload")
    return Program(
        run=(os.fspath(simd), "run") if simd else (sys.executable, "-m", "simd", "run"),
        reload=(os.fspath(simctl), *reload) if simctl else (sys.executable, "-c", SIMCTL, *reload),
        environment=tuple(carried(environ)),
    )


def script_folders(started_as: str) -> list[Path]:
    """Where programs of this installation may be, the likeliest first.

    The path of the running program is not resolved: an upgrade may change what a link leads to.
    """
    beside = Path(started_as).absolute().parent if os.sep in started_as else None
    schemes = [sysconfig.get_path("scripts"), sysconfig.get_path("scripts", f"{os.name}_user")]
    return [folder for folder in (beside, Path(sys.executable).parent, *map(Path, schemes)) if folder]


def find(name: str, folders: Sequence[Path]) -> Path | None:
    """The first program of that name."""
    paths = (folder / name for folder in folders)
    return next((path for path in paths if path.is_file() and os.access(path, os.X_OK)), None)


def carried(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """The variables that the service needs, their paths made absolute; relative XDG folders mean nothing."""
    ours = [
        (name, os.path.abspath(os.path.expanduser(environ[name])))  # noqa: PTH100, PTH111 - links stay
        for name in CARRIED
        if environ.get(name)
    ]
    homes = [(name, environ[name]) for name in CARRIED_HOMES if os.path.isabs(environ.get(name, ""))]  # noqa: PTH117 - may be empty
    return ours + homes
