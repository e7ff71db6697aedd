"""Doing what a plan says: files are written and programs run here, and nowhere else in this room."""

import os
import stat
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from simd.core.errors import Failed
from simd.system.units.plan import Ended, MakeFolder, Plan, Remove, Run, Write
from simd.system.units.trouble import missing, trouble

BOOTED = Path("/run/systemd/system")
"""There while systemd runs the machine: sd_booted(3)."""

TICK_SECONDS = 0.5
"""How often the caller hears of a start that takes its time."""

FOLDER_MODE = 0o700


class NotStarted(Failed):
    """The programs ran, and the daemon did not get ready; for callers that can say why."""


def perform(plan: Plan, environ: Mapping[str, str], while_starting: Callable[[], object]) -> None:
    """Take every step of a plan.

    Args:
        plan: the steps; those before one that fails stay taken.
        environ: for the programs.
        while_starting: called again and again while the daemon starts.

    Raises:
        NotStarted: a step that starts the daemon failed.
        Failed: another one did; the message says why.
    """
    for step in plan:
        if isinstance(step, Run):
            ended = run(step, environ, while_starting if step.starts else None)
            if ended.code not in step.accepted:
                raise failure(step, ended)
        else:
            try:
                _change(step)
            except OSError as error:
                path = os.fspath(step.path)
                raise Failed(f"{path} cannot be written: {error.strerror}", path=path) from error


def run(step: Run, environ: Mapping[str, str], on_tick: Callable[[], object] | None = None) -> Ended:
    """Run a program to its end.

    Args:
        step: what to run; its accepted codes are the caller's business.
        environ: the program's environment.
        on_tick: called every half second until the end.

    Raises:
        Failed: there is no such program.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            process = subprocess.Popen(  # noqa: S603 - words of our own, without a shell
                step.words, env=dict(environ), stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )
        except OSError as error:
            raise missing(step.words[0], error.strerror or str(error)) from error
        with process:
            code = _wait(process, on_tick)
        return Ended(code, _said(out), _said(err))


def failure(step: Run, ended: Ended) -> Failed:
    """What it means that a program ended with a code that was not accepted."""
    known = trouble(ended.err, booted=BOOTED.is_dir())
    if known is not None:
        return known
    said = " ".join(ended.err.split()) or f"it ended with {ended.code}"
    kind = NotStarted if step.starts else Failed
    return kind(f"{' '.join(step.words)} failed: {said}", hint="simctl service status says how it fares")


def manager_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment in which the user's service manager is found.

    Shells of cron, ``su`` and some logins lack ``XDG_RUNTIME_DIR``; where the folder is there
    all the same, so is the manager.
    """
    wanted = dict(environ)
    usual = Path(f"/run/user/{os.getuid()}")
    if not wanted.get("XDG_RUNTIME_DIR") and _is_own_folder(usual):
        wanted["XDG_RUNTIME_DIR"] = os.fspath(usual)
    return wanted


def _change(step: MakeFolder | Write | Remove) -> None:
    if isinstance(step, MakeFolder):
        step.path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    elif isinstance(step, Remove):
        step.path.unlink(missing_ok=True)
    else:
        step.path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        _replace(step)


def _replace(step: Write) -> None:
    """Write beside the place, then rename: a reader sees the old file or the new one, never a part."""
    descriptor, name = tempfile.mkstemp(prefix=f".{step.path.name}.", dir=step.path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, step.mode)
            file.write(step.content)
            file.flush()
            os.fsync(descriptor)
        Path(name).replace(step.path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def _wait(process: "subprocess.Popen[bytes]", on_tick: Callable[[], object] | None) -> int:
    while True:
        try:
            return process.wait(None if on_tick is None else TICK_SECONDS)
        except subprocess.TimeoutExpired:
            if on_tick is not None:
                on_tick()


def _said(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="backslashreplace")


def _is_own_folder(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
