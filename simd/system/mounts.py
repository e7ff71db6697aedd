"""Which filesystem a path lies on, and whether changes made there are told to us."""

import logging
import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

from simd.core.errors import ConfigError

log = logging.getLogger(__name__)

MOUNTINFO = Path("/proc/self/mountinfo")

SHARED_BY_HOST = frozenset({"9p", "virtiofs", "vboxsf", "prl_fs", "vmhgfs", "fuse.vmhgfs-fuse"})
"""Folders that a virtual machine shares with its host; to those who watch they behave like remote ones."""

REMOTE = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "webdav", "ncpfs", "coda", "afs"),
        *("ceph", "glusterfs", "lustre", "beegfs", "gpfs", "gfs", "gfs2", "ocfs2", "orangefs"),
        *(
            "fuse.sshfs",
            "fuse.rclone",
            "fuse.s3fs",
            "fuse.davfs",
            "fuse.glusterfs",
            "fuse.ceph",
            "fuse.gcsfuse",
        ),
        *("fuse.curlftpfs", "fuse.smbnetfs", "fuse.gvfsd-fuse", "macfuse", "osxfuse"),
    }
)
"""Filesystems of other machines."""

NETWORK = REMOTE | SHARED_BY_HOST
"""Filesystems whose contents change elsewhere, without a word to this kernel."""

UNKNOWN = "unknown"


class Mount(NamedTuple):
    """A mount point, the type of the filesystem there, and what is mounted, such as ``/dev/sda1``."""

    point: bytes
    kind: str
    source: bytes


_OCTAL = re.compile(rb"\\([0-7]{3})")


def filesystem_of(path: bytes) -> str:
    """The type of the filesystem that an absolute path lies on, such as ``ext4`` or ``nfs4``.

    Symbolic links are followed. A path that does not exist counts as its nearest
    existing parent does.
    """
    mount = _mount_of(path)
    return UNKNOWN if mount is None else mount.kind


def source_of(path: bytes) -> bytes:
    """What is mounted where an absolute path lies, such as ``/dev/sda1``; empty if nobody knows."""
    mount = _mount_of(path)
    return b"" if mount is None else mount.source


def mount_point_of(path: bytes) -> bytes:
    """Where the filesystem is mounted that an absolute path lies on; ``/`` if nobody knows.

    What is mounted twice counts as two: no file can be renamed from one place to the other.
    """
    mount = _mount_of(path)
    return b"/" if mount is None else mount.point


def mount_points() -> frozenset[bytes]:
    """Every folder at which something is mounted."""
    return frozenset(mount.point for mount in _mounts())


def is_network(filesystem: str) -> bool:
    """Whether changes on this type of filesystem can happen without an event."""
    return filesystem in NETWORK


def check_local(folder: Path) -> None:
    """Refuse a state folder on a filesystem where a database comes to harm.

    SQLite's log needs memory that all who have the database open share, and locks that hold, which no
    filesystem of another machine gives. What a virtual machine shares with its host is of one
    machine after all, and often good enough; if it is not, opening the database fails.

    Raises:
        ConfigError: it lies on another machine.
    """
    filesystem = filesystem_of(os.fsencode(folder))
    if filesystem in REMOTE:
        raise ConfigError(
            f"{folder} lies on a network filesystem ({filesystem}), where the catalogue could be damaged",
            hint="keep the state folder on a disk of this machine: --state-dir or SIMD_STATE_DIR; "
            "the pictures may stay where they are",
            path=os.fspath(folder),
        )
    if filesystem in SHARED_BY_HOST:
        log.warning(
            "%s is shared by the host of this virtual machine (%s); a disk of its own is safer",
            folder,
            filesystem,
        )


def parse_mountinfo(content: bytes) -> list[Mount]:
    """The mounts in their order, as proc(5) describes the file."""
    mounts = []
    for line in content.splitlines():
        before, separator, after = line.partition(b" - ")
        words = before.split(b" ")
        if separator and len(words) > 4 and after:  # noqa: PLR2004 - the mount point is the fifth word
            kind, _, rest = after.partition(b" ")
            source = _unescaped(rest.partition(b" ")[0])
            mounts.append(Mount(_unescaped(words[4]), os.fsdecode(kind), source))
    return mounts


def _unescaped(word: bytes) -> bytes:
    return _OCTAL.sub(lambda match: bytes([int(match[1], 8)]), word)


def _mount_of(path: bytes) -> Mount | None:
    place = os.path.realpath(path)
    found: Mount | None = None
    for mount in _mounts():
        within = place == mount.point or place.startswith(mount.point.rstrip(b"/") + b"/")
        # Of two mounts on one point the later hides the earlier.
        if within and (found is None or len(mount.point) >= len(found.point)):
            found = mount
    return found


def _mounts() -> list[Mount]:
    if sys.platform == "darwin":
        import psutil  # noqa: PLC0415 - nobody else needs it, and the daemon has to start fast

        parts = psutil.disk_partitions(all=True)
        return [Mount(os.fsencode(part.mountpoint), part.fstype, os.fsencode(part.device)) for part in parts]
    return parse_mountinfo(MOUNTINFO.read_bytes())
