"""Files laid into a folder, as hard links or as copies."""

import hashlib
import os

from simd.core.display import display_path
from simd.core.errors import BadRequest, Failed

CHANGED = "It changed after it was looked at."

_CHUNK = 1024 * 1024


def refuse_used(out: bytes, how: str) -> None:
    """Refuse what is no folder, or holds something; what is not there may come into being.

    Args:
        out: where something is to be laid.
        how: the words that name it on the command line, for the hint.

    Raises:
        BadRequest: it cannot be used.
    """
    shown = display_path(out)
    try:
        used = bool(os.listdir(out))  # noqa: PTH208 - bytes
    except FileNotFoundError:
        return
    except OSError as error:
        raise BadRequest(
            f"{shown} cannot be used: {error.strerror}", hint="name a new or empty folder", path=shown
        ) from error
    if used:
        raise BadRequest(f"{shown} is not empty", hint=f"name a new or empty folder {how}", path=shown)


def make_folder(folder: bytes) -> None:
    """Make a folder, and those above it.

    Raises:
        Failed: it cannot be made.
    """
    try:
        os.makedirs(folder)  # noqa: PTH103 - bytes
    except OSError as error:
        shown = display_path(folder)
        raise Failed(
            f"{shown} cannot be made: {error.strerror}", hint="is there room?", path=shown
        ) from error


def copy(path: bytes, to: bytes, algorithm: str, digest: str) -> None:
    """Copy a file with its time; what is not what was looked at is not kept.

    Args:
        path: the file.
        to: where nothing may stand.
        algorithm: of the digest, as hashlib names it.
        digest: of the bytes that are meant, in hexadecimal.

    Raises:
        FileExistsError: something stands there.
        Failed: the bytes are others.
        OSError: it could not be read or written.
    """
    found = hashlib.new(algorithm, usedforsecurity=False)
    with open(path, "rb", opener=_without_waiting) as source, open(to, "xb") as target:  # noqa: PTH123 - bytes
        try:
            while chunk := source.read(_CHUNK):
                found.update(chunk)
                target.write(chunk)
            target.flush()
            times = os.fstat(source.fileno())
            os.utime(target.fileno(), ns=(times.st_atime_ns, times.st_mtime_ns))
            _refuse_changed(found.hexdigest(), digest)
        except BaseException:
            os.unlink(to)  # noqa: PTH108 - bytes
            raise


def _without_waiting(path: str, flags: int) -> int:
    # What was a file a moment ago may be a link by now, or a pipe that nobody writes to.
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _refuse_changed(digest: str, expected: str) -> None:
    if digest != expected:
        raise Failed(CHANGED)
