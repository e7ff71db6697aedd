"""The trash of the desktop, as the freedesktop.org Trash specification 1.0 has it, on Linux.

A trash folder holds ``files``, with what was thrown away, and ``info``, which says of each where it came
from. The info file comes first, and is what reserves a name; then the caller moves the file. Nothing is
ever copied from one filesystem to another, so a disk without a trash of its own has none.
"""

import errno
import functools
import logging
import os
import secrets
import stat
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote_from_bytes, unquote_to_bytes

from simd.system.mounts import mount_point_of
from simd.system.moving import make_folders

# ruff: noqa: PTH108, PTH110, PTH111, PTH116, PTH117, PTH118, PTH119, PTH120, PTH122, PTH123 - bytes are no Path

log = logging.getLogger(__name__)

_HEADING = b"[Trash Info]"
_SUFFIX = b".trashinfo"
_SHARED = b".Trash"
_PARTS = (b"files", b"info")

_LONGEST_NAME = 255
"""Bytes of a name on nearly every filesystem; some say less, and FAT means letters when it says more."""

_LONGEST_ENDING = 32
"""What follows the last dot is kept when a name has to be shortened, unless it is longer than this."""

_COUNTED = 10
"""Names get numbers as far as this, and random ones beyond, lest the thousandth try a thousand names."""


class NoTrash(OSError):
    """There is no trash for a file; the text says why."""

    def __init__(self, reason: str, path: bytes) -> None:
        """``path`` is the file, or the folder that hinders it."""
        super().__init__(errno.ENOTSUP, reason, path)


@dataclass(frozen=True, slots=True)
class Trash:
    """A trash folder that is there.

    Attributes:
        folder: which holds ``files`` and ``info``.
        top: the folder that the paths in its info files start from; None where they are absolute.
    """

    folder: bytes
    top: bytes | None

    def propose(self, path: bytes, taken: Collection[bytes] = ()) -> bytes:
        """A free place in this trash for a file. It is anybody's until :meth:`claim`; nothing is written.

        Args:
            path: of the file, absolute, on the filesystem of this trash.
            taken: places that were proposed already.
        """
        for name in _names(os.path.basename(path), self._longest()):
            place = os.path.join(self.folder, b"files", name)
            # A file whose info was lost keeps its name, and so does an info whose file was.
            if place not in taken and not os.path.lexists(place) and not os.path.lexists(info_of(place)):
                return place
        raise AssertionError("unreachable: there is always another name")

    def claim(self, place: bytes, path: bytes, at: datetime) -> None:
        """Write down where the file for a place comes from, and when; :func:`release` undoes it.

        Only the info file is on the disk then; the names of it and of what is moved are when
        the caller has synced their folders.

        Args:
            place: as proposed.
            path: of the file, absolute.
            at: when it is thrown away; written in local time.

        Raises:
            FileExistsError: somebody was quicker.
        """
        _write_new(info_of(place), _info_text(self._written(path), at))
        if os.path.lexists(place):
            release(place)
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), place)

    def _written(self, path: bytes) -> bytes:
        if self.top is None:
            return path
        # The way to the file may lead over a link on another filesystem.
        real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        return os.path.relpath(real, self.top)

    def _longest(self) -> int:
        allowed = os.pathconf(os.path.join(self.folder, b"info"), "PC_NAME_MAX")
        return min(allowed, _LONGEST_NAME) - len(_SUFFIX)


def supported() -> bool:
    """Whether the trash of this system is the one that this module knows."""
    return sys.platform.startswith("linux")


def home_trash(environ: Mapping[str, str]) -> bytes | None:
    """The folder of the user's main trash, ``$XDG_DATA_HOME/Trash``; None where no home is known."""
    data = os.fsencode(environ.get("XDG_DATA_HOME", ""))
    if not os.path.isabs(data):
        home = os.fsencode(environ.get("HOME", "")) or os.path.expanduser(b"~")
        data = os.path.join(home, b".local/share")
    return os.path.join(data, b"Trash") if os.path.isabs(data) else None


def trash_for(path: bytes, *, home: bytes | None, uid: int) -> Trash:
    """The trash for a file, which is made if need be. It is the same for all files of one folder.

    Args:
        path: of the file, absolute.
        home: the user's main trash, absolute, see :func:`home_trash`; None if there is none.
        uid: number of the user.

    Raises:
        NoTrash: none on the file's filesystem will do.
        OSError: the folder of the file cannot be looked at.
    """
    folder = os.path.realpath(os.path.dirname(path))
    if home is not None and _filesystem(_existing(home)) == _filesystem(folder):
        _make_home(home)
        trash = Trash(home, None)
    else:
        top = _top_of(folder)
        trash = Trash(_in_top(top, uid), top)
    if _lies_below(folder, os.path.realpath(trash.folder)):
        raise NoTrash("lies in the trash already", path)
    return trash


def info_of(place: bytes) -> bytes:
    """The info file of what lies, or is to lie, at a place in a trash."""
    files, name = os.path.split(place)
    trash, kind = os.path.split(files)
    if kind != b"files" or not name:
        raise OSError(errno.EINVAL, "is no place in a trash", place)
    return os.path.join(trash, b"info", name + _SUFFIX)


def original_of(place: bytes) -> bytes:
    """Where that which lies at a place in a trash came from, as an absolute path.

    Raises:
        FileNotFoundError: it has no info file.
        OSError: ``EINVAL``, the file is none.
    """
    path = info_of(place)
    with open(path, "rb") as stream:
        lines = stream.read().splitlines()
    written = next((line[5:] for line in lines if line.startswith(b"Path=")), b"")
    if not written or lines[0].strip() != _HEADING:
        raise OSError(errno.EINVAL, "does not say where the file came from", path)
    trash = os.path.dirname(os.path.dirname(path))
    above = os.path.dirname(trash)
    top = os.path.dirname(above) if os.path.basename(above) == _SHARED else above
    return os.path.join(top, unquote_to_bytes(written))


def release(place: bytes) -> None:
    """Give up a place in a trash, from which the file was taken or where it never came to lie."""
    try:
        os.unlink(info_of(place))
    except FileNotFoundError:
        return  # somebody emptied the trash, or another start of the daemon did this


def _make_home(home: bytes) -> None:
    there = _existing(home)
    missing = home[len(there) :].lstrip(b"/")
    _make(there, *(os.path.join(missing, part) for part in _PARTS))


def _in_top(top: bytes, uid: int) -> bytes:
    """The folder of a user's trash on a filesystem other than that of the home folder."""
    shared = os.path.join(top, _SHARED)
    if _may_be_shared(shared):
        own = os.path.join(shared, b"%d" % uid)
        try:
            _make_own(own, uid)
        except OSError:
            log.debug("no trash in %r", own, exc_info=True)  # the specification wants the other one then
        else:
            return own
    own = os.path.join(top, b".Trash-%d" % uid)
    _make_own(own, uid)
    return own


def _may_be_shared(shared: bytes) -> bool:
    try:
        mode = os.lstat(shared).st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode) and mode & stat.S_ISVTX:
        return True
    _report_unsafe(shared)
    return False


@functools.cache
def _report_unsafe(shared: bytes) -> None:
    """Once for each, as the specification wants."""
    log.warning("%s is not used as trash: it is no folder with the sticky bit", os.fsdecode(shared))


def _make_own(folder: bytes, uid: int) -> None:
    _make(os.path.dirname(folder), os.path.basename(folder))
    if os.lstat(folder).st_uid != uid:
        # Whoever it belongs to could read, and empty, what is laid there.
        raise NoTrash("the trash of this filesystem belongs to somebody else", folder)
    _make(folder, *_PARTS)


def _make(folder: bytes, *below: bytes) -> None:
    """Make what a trash consists of below a folder that exists, unless it is there."""
    try:
        for name in below:
            make_folders(folder, name)
    except OSError as error:
        raise NoTrash(f"the trash cannot be made: {error.strerror}", error.filename or folder) from error


def _existing(path: bytes) -> bytes:
    """The path, or the nearest folder above it that is there."""
    while path and not os.path.exists(path):
        path = os.path.dirname(path)
    return path


def _filesystem(folder: bytes) -> tuple[int, bytes]:
    """What two folders have in common when a file can be renamed from one to the other.

    Not the device of the file: files of an overlay may tell that of a layer below.
    """
    return os.stat(folder).st_dev, mount_point_of(folder)


def _top_of(folder: bytes) -> bytes:
    """The highest folder above, without links, on the same filesystem, or in the same subvolume."""
    point, device = mount_point_of(folder), os.stat(folder).st_dev
    while folder not in {point, b"/"}:
        above = os.path.dirname(folder)
        if os.stat(above).st_dev != device:
            break
        folder = above
    return folder


def _lies_below(path: bytes, folder: bytes) -> bool:
    return path == folder or path.startswith(folder + b"/")


def _info_text(path: bytes, at: datetime) -> bytes:
    date = at.astimezone().strftime("%Y-%m-%dT%H:%M:%S")
    return _HEADING + f"\nPath={quote_from_bytes(path)}\nDeletionDate={date}\n".encode("ascii")


def _names(name: bytes, longest: int) -> Iterator[bytes]:
    """The name itself and endless others like it, none longer than so many bytes."""
    stem, ending = os.path.splitext(name)
    if len(ending) > _LONGEST_ENDING:
        stem, ending = name, b""
    yield _shortened(stem, longest - len(ending)) + ending
    count = 2
    while True:
        number = count if count < _COUNTED else secrets.randbelow(10**9)
        tail = b" %d%s" % (number, ending)
        yield _shortened(stem, longest - len(tail)) + tail
        count += 1


def _shortened(stem: bytes, longest: int) -> bytes:
    """No longer than so many bytes, and no letter of UTF-8 cut in two."""
    if len(stem) <= longest:
        return stem
    try:
        stem.decode()
    except UnicodeDecodeError:
        return stem[:longest]
    return stem[:longest].decode(errors="ignore").encode()


def _write_new(path: bytes, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(descriptor)
    except OSError:
        os.unlink(path)
        raise
