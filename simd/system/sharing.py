"""Equal files that share their bytes: as one file under two names, or as two on the same blocks of the disk.

Whoever calls has made up their mind that two files are equal; here they are compared once more, by the
kernel where it offers that, in the moment of the deed.
"""

import base64
import errno
import fcntl
import json
import os
import stat
import struct
import sys
from dataclasses import asdict, dataclass

# ruff: noqa: PTH108 - pathlib does not take bytes

_PIECE = 1 << 20
"""Bytes that are read at a time."""

_SHARED_AT_ONCE = 16 << 20
"""Bytes for one call: what every kernel takes, and a multiple of every filesystem's blocks."""

_FIDEDUPERANGE = 0xC0189436
"""``_IOWR(0x94, 54, struct file_dedupe_range)`` of linux/fs.h."""

_RANGE = struct.Struct("=QQHHIqQQiI")
"""``struct file_dedupe_range`` with one ``file_dedupe_range_info``: offset and length of the source, how
many infos, two reserved; then descriptor, offset, what was shared, status, one reserved."""

_DIFFERS = 1
"""``FILE_DEDUPE_RANGE_DIFFERS``."""

_CANNOT = frozenset({errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTTY, errno.ENOSYS, errno.EINVAL})
"""What is said where blocks cannot be shared; ``EINVAL`` of the second file, by its filesystem."""

_KEPT_ATTRIBUTES = ("user.", "system.posix_acl_")
"""Extended attributes that a person gives to a file; all others are the system's own business."""


class Differs(OSError):
    """Two files that were to share their bytes are not equal."""

    def __init__(self) -> None:
        """Neither of them was changed."""
        super().__init__(errno.EINVAL, "the two files are not equal")


@dataclass(frozen=True, slots=True)
class _Traits:
    """What belongs to a file besides its bytes; values of extended attributes in Base64."""

    mode: int
    uid: int
    gid: int
    atime_ns: int
    mtime_ns: int
    xattrs: dict[str, str]


def same_bytes(a_fd: int, b_fd: int) -> bool:
    """Whether two open files are equal, read in whole; their positions do not move."""
    offset = 0
    while True:
        piece = _read_at(a_fd, offset)
        if piece != _read_at(b_fd, offset):
            return False
        if not piece:
            return True
        offset += len(piece)


def link_into(keeper: bytes, path: bytes) -> None:
    """Give a file a second name, on the same filesystem, where nothing stands.

    Raises:
        FileExistsError: something stands there.
        OSError: ``EXDEV`` across filesystems, ``EMLINK`` if it has too many names already, ``EPERM`` where
            links cannot be made, ``ELOOP`` if it is no regular file but, say, a symbolic link.
    """
    os.link(keeper, path, follow_symlinks=False)
    if not stat.S_ISREG(os.lstat(path).st_mode):
        os.unlink(path)
        raise OSError(errno.ELOOP, "is no regular file", keeper, None, path)


def share_extents(keeper_fd: int, fd: int) -> None:
    """Have the blocks of a file replaced by those of an equal one; both stay files of their own.

    The kernel locks and compares both, a range at a time, before it shares the range, and no stamp
    changes. It is enough that the file belongs to the user, or is open for writing. Nothing has to be
    undone if it fails half-way: what was shared by then is equal.

    Args:
        keeper_fd: whose blocks stay; open for reading.
        fd: the other; open for reading, on the same filesystem.

    Raises:
        Differs: the files are not equal.
        OSError: ``EINVAL`` if they are one, ``ENOTSUP`` where blocks cannot be shared, ``EXDEV`` across
            filesystems, ``EPERM`` for a file of somebody else.
    """
    kept, other = os.fstat(keeper_fd), os.fstat(fd)
    if (kept.st_dev, kept.st_ino) == (other.st_dev, other.st_ino):
        raise OSError(errno.EINVAL, "both are the same file")
    size = kept.st_size
    if size != other.st_size:
        raise Differs
    if not sys.platform.startswith("linux"):
        raise OSError(errno.ENOTSUP, "this system cannot share the blocks of two files")
    offset = 0
    while offset < size:
        offset += _share_range(keeper_fd, fd, offset, min(size - offset, _SHARED_AT_ONCE))


def traits_of(fd: int) -> str:
    """What :func:`copy_back` needs to give a copy the mode, owner, times and attributes of a file, as JSON.

    Of extended attributes, those of the person and access lists; none where Python cannot reach them.
    """
    found = os.fstat(fd)
    traits = _Traits(
        stat.S_IMODE(found.st_mode),
        found.st_uid,
        found.st_gid,
        found.st_atime_ns,
        found.st_mtime_ns,
        _attributes_of(fd),
    )
    return json.dumps(asdict(traits))


def copy_back(keeper: bytes, to: bytes, traits: str) -> None:
    """Make an independent copy of a file, with traits of its own, that is on the disk when this returns.

    Its name is there for good when its folder is synced.

    Args:
        keeper: the file to copy, no symbolic link.
        to: where nothing stands.
        traits: of the copy, from :func:`traits_of`.

    Raises:
        FileExistsError: something stands at ``to``.
        OSError: it cannot be copied, or cannot be given these traits (``EPERM`` for the owner); nothing
            stands at ``to`` then.
    """
    wanted = _read_traits(traits)
    source = os.open(keeper, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(source).st_mode):
            raise OSError(errno.EINVAL, "is no regular file", keeper)
        target = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            _copy(source, target)
            _give(target, wanted)
            os.fsync(target)
        except BaseException:
            os.unlink(to)
            raise
        finally:
            os.close(target)
    finally:
        os.close(source)


def _read_at(fd: int, offset: int) -> bytes:
    """A piece; a shorter one only at the end, whatever a network folder hands out at a time."""
    piece = os.pread(fd, _PIECE, offset)
    while 0 < len(piece) < _PIECE:
        more = os.pread(fd, _PIECE - len(piece), offset + len(piece))
        if not more:
            break
        piece += more
    return piece


def _share_range(keeper_fd: int, fd: int, offset: int, length: int) -> int:
    """Returns how many bytes are shared now."""
    request = bytearray(_RANGE.pack(offset, length, 1, 0, 0, fd, offset, 0, 0, 0))
    try:
        fcntl.ioctl(keeper_fd, _FIDEDUPERANGE, request)
    except OSError as error:
        raise _told(error.errno or errno.EIO) from error
    *_, shared, status, _ = _RANGE.unpack(request)
    if status == _DIFFERS:
        raise Differs
    if status < 0:
        raise _told(-status)
    if shared == 0:
        raise OSError(errno.EIO, "the system claims to share blocks, and shares none")
    return int(shared)


def _told(number: int) -> OSError:
    if number in _CANNOT:
        return OSError(errno.ENOTSUP, "the filesystem cannot share the blocks of these files")
    return OSError(number, os.strerror(number))


def _attributes_of(fd: int) -> dict[str, str]:
    if sys.platform == "darwin":
        return {}
    try:
        names = os.listxattr(fd)
    except OSError as error:
        if error.errno != errno.ENOTSUP:
            raise
        return {}
    kept = sorted(name for name in names if name.startswith(_KEPT_ATTRIBUTES))
    return {name: base64.b64encode(os.getxattr(fd, name)).decode() for name in kept}


def _read_traits(traits: str) -> _Traits:
    try:
        return _Traits(**json.loads(traits))
    except (TypeError, ValueError) as error:
        raise OSError(errno.EINVAL, "what is known of the file cannot be read") from error


def _copy(source: int, target: int) -> None:
    offset = 0
    while piece := _read_at(source, offset):
        left = memoryview(piece)
        while left:
            left = left[os.write(target, left) :]
        offset += len(piece)


def _give(fd: int, traits: _Traits) -> None:
    """The owner first, since a change of it takes bits of the mode away; the times last."""
    found = os.fstat(fd)
    if (found.st_uid, found.st_gid) != (traits.uid, traits.gid):
        os.fchown(fd, traits.uid, traits.gid)
    if sys.platform != "darwin":
        for name in _attributes_of(fd).keys() - traits.xattrs.keys():
            os.removexattr(fd, name)  # an access list that every new file of this folder gets
        for name, value in traits.xattrs.items():
            os.setxattr(fd, name, base64.b64decode(value))
    os.fchmod(fd, traits.mode)
    os.utime(fd, ns=(traits.atime_ns, traits.mtime_ns))
