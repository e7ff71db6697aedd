"""The file of targets: who is told of reports, apart from the settings because it holds passwords."""

import os
import stat
from pathlib import Path

from simd.config.faults import Fault
from simd.config.units import target
from simd.delivery import hidden

KEY = "notify.targets_file"

MAX_BYTES = 1 << 16
"""A file of targets larger than this is something else."""

OTHERS = 0o077
"""Whatever the group or others may do."""


def read_targets(path: Path) -> tuple[tuple[str, ...], list[Fault]]:
    """The targets in a file, one in a line, and what is wrong with it.

    Blank lines and those that begin with ``#`` are passed over. A file that others could read
    or change is refused, as ssh refuses such a key.
    """
    place = os.fspath(path)
    try:
        text = _read(path)
    except (OSError, _UnfitError) as error:
        return (), [_fault(error, place)]
    found, faults = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        written = line.strip()
        if not written or written.startswith("#"):
            continue
        try:
            found.append(target(written))
        except ValueError as error:
            faults.append(Fault(KEY, f"{error}, not {hidden(written)!r}", None, f"{place}:{number}"))
    return tuple(found), faults


class _UnfitError(Exception):
    """The file is not one to read secrets from."""

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.hint = hint


def _fault(error: OSError | _UnfitError, place: str) -> Fault:
    if isinstance(error, _UnfitError):
        return Fault(KEY, str(error), error.hint, place)
    return Fault(KEY, f"the file cannot be read: {error.strerror}", None, place)


def _read(path: Path) -> str:
    # Opened before it is looked at, so that nobody can exchange it in between.
    with open(path, "rb", opener=_open_at_once) as file:
        _check(os.fstat(file.fileno()), path)
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _UnfitError(f"the file has more than {MAX_BYTES} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _UnfitError("the text is not UTF-8", "save the file as UTF-8") from error


def _open_at_once(path: str, flags: int) -> int:
    """Open a path; a FIFO that nobody writes to would block otherwise."""
    return os.open(path, flags | os.O_NONBLOCK)


def _check(found: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _UnfitError("it is not a file")
    if found.st_uid not in {os.getuid(), 0}:
        raise _UnfitError("the file belongs to another user", f"chown {os.getuid()} {path}")
    if exposed(found):
        mode = stat.S_IMODE(found.st_mode)
        raise _UnfitError(f"others can open the file: its mode is {mode:04o}", f"chmod 600 {path}")


def exposed(found: os.stat_result) -> bool:
    """Whether anybody but its owner may do anything with a file."""
    return bool(found.st_mode & OTHERS)
