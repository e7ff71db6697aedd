"""Moving files by their names: within one filesystem, and never over anything.

:func:`os.rename` replaces whatever stands at its target without a word. Linux and macOS have calls that
refuse, which Python does not offer; where a filesystem does not know them, a hard link does the same,
because no link is ever made over an existing name. Paths are bytes, and absolute. What fails raises
OSError with the number and the names of the system; nothing is done by halves.
"""

import ctypes
import errno
import functools
import os
import stat
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress

# ruff: noqa: PTH102, PTH106, PTH108, PTH118 - pathlib does not take bytes

_FROM_HERE = -100
"""``AT_FDCWD`` of fcntl.h on Linux: paths are meant as they are for every other call."""

_NO_REPLACE = 1
"""``RENAME_NOREPLACE`` of linux/fs.h."""

_EXCLUSIVE = 4
"""``RENAME_EXCL`` of macOS's sys/stdio.h."""

_UNKNOWN = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})
"""What is said by kernels and filesystems that cannot rename without replacing."""

_NO_LINKS = frozenset({errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK})
"""What is said where no hard link can be made: FAT and exFAT, some network folders, somebody else's file."""


def move(source: bytes, target: bytes) -> None:
    """Give a file another name on the same filesystem, unless that name is taken.

    A symbolic link is moved itself. Where it has to be done by a hard link, a crash in between leaves one
    file under both names, which :func:`inode_at` tells.

    Raises:
        FileExistsError: something stands at the target, be it a link that leads nowhere.
        OSError: as :func:`os.rename` raises it, ``EXDEV`` across filesystems. ``ENOTSUP`` where nothing but
            a rename that might replace something is possible. ``ESTALE`` if the file was replaced by
            another meanwhile.
    """
    if b"\0" in source or b"\0" in target:
        # The C library would read no further, and move something else.
        raise OSError(errno.EINVAL, "a path contains a zero byte", source, None, target)
    rename = _exclusive_rename()
    number = errno.ENOSYS if rename is None else rename(source, target)
    if not number:
        return
    if number in _UNKNOWN:
        _move_by_link(source, target)
    else:
        raise OSError(number, os.strerror(number), source, None, target)


def make_folders(top: bytes, below: bytes, *, mode: int = 0o700) -> list[bytes]:
    """Make the folder ``top/below`` and its parents, as far as they are not there.

    Args:
        top: an existing folder that is trusted; links on the way to it are followed.
        below: relative to it; empty for ``top`` itself.
        mode: of what is made, less the umask.

    Returns:
        What was made, the outermost first. If one cannot be made, those before it are taken back.

    Raises:
        NotADirectoryError: a symbolic link, or a file, stands where a folder is wanted.
    """
    made: list[bytes] = []
    place = top
    try:
        for name in _parts(below):
            place = os.path.join(place, name)
            if _make_folder(place, mode):
                made.append(place)
    except OSError:
        for folder in reversed(made):
            with suppress(OSError):  # somebody may have laid something there meanwhile; it stays
                os.rmdir(folder)
        raise
    return made


def remove_empty(folder: bytes, top: bytes) -> None:
    """Remove a folder and its parents as long as they are empty, up to but not including ``top``.

    Raises:
        OSError: one is empty and cannot be removed, or ``EINVAL``: the folder does not lie below ``top``.
    """
    start = top.rstrip(b"/") + b"/"
    if folder != top and not folder.startswith(start):
        raise OSError(errno.EINVAL, "does not lie below the folder where removing ends", folder)
    names = _parts(folder[len(start) :])
    for count in range(len(names), 0, -1):
        place = start + b"/".join(names[:count])
        try:
            os.rmdir(place)
        except FileNotFoundError:
            continue
        except OSError as error:
            if error.errno in {errno.ENOTEMPTY, errno.EEXIST}:
                return
            raise


def sync_folders(folders: Iterable[bytes]) -> None:
    """Have the names in these folders written to the disk, each folder once.

    A folder that is gone has none, and a filesystem that cannot do it for a folder does it by itself.
    """
    for folder in dict.fromkeys(folders):
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            continue
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
                raise OSError(error.errno, error.strerror, folder) from error
        finally:
            os.close(descriptor)


def inode_at(path: bytes) -> tuple[int, int] | None:
    """Device and inode of what stands at a path, links not followed; None if nothing does."""
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


@functools.cache
def _exclusive_rename() -> Callable[[bytes, bytes], int] | None:
    """The system's rename that refuses a taken name: 0 or an errno; None where the C library has none."""
    library = ctypes.CDLL(None, use_errno=True)
    darwin = sys.platform == "darwin"
    call = getattr(library, "renamex_np" if darwin else "renameat2", None)
    if call is None:
        return None
    if darwin:
        call.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint)
        return lambda source, target: ctypes.get_errno() if call(source, target, _EXCLUSIVE) else 0
    call.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    return lambda source, target: (
        ctypes.get_errno() if call(_FROM_HERE, source, _FROM_HERE, target, _NO_REPLACE) else 0
    )


def _move_by_link(source: bytes, target: bytes) -> None:
    if stat.S_ISDIR(os.lstat(source).st_mode):
        raise IsADirectoryError(errno.EISDIR, "a folder cannot be moved here", source, None, target)
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        reason = "neither a rename that spares what is there nor a hard link is possible here"
        raise OSError(errno.ENOTSUP, reason, source, None, target) from error
    try:
        _unlink_if_same(source, target)
    except OSError:
        os.unlink(target)
        raise


def _unlink_if_same(source: bytes, target: bytes) -> None:
    if inode_at(source) != inode_at(target):
        raise OSError(errno.ESTALE, "was replaced by another file meanwhile", source)
    os.unlink(source)


def _parts(below: bytes) -> list[bytes]:
    names = [name for name in below.split(b"/") if name]
    if below.startswith(b"/") or {b".", b".."} & set(names):
        raise OSError(errno.EINVAL, "is no plain relative path", below)
    return names


def _make_folder(place: bytes, mode: int) -> bool:
    """Whether it was made; it is there in any case."""
    try:
        os.mkdir(place, mode)
    except FileExistsError:
        if not stat.S_ISDIR(os.lstat(place).st_mode):
            raise NotADirectoryError(
                errno.ENOTDIR, "a folder is wanted here, not a link or a file", place
            ) from None
        return False
    return True
