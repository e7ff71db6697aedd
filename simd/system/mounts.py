"""Which filesystem a path lies on, and whether changes made there are told to us."""

import os
import re
import sys
from pathlib import Path

import psutil

MOUNTINFO = Path("/proc/self/mountinfo")

NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "webdav", "ncpfs", "coda", "afs"),
        *("9p", "ceph", "glusterfs", "lustre", "beegfs", "gpfs", "gfs", "gfs2", "ocfs2", "orangefs"),
        # Folders that a virtual machine shares with its host behave like remote ones.
        *("virtiofs", "vboxsf", "prl_fs", "vmhgfs", "fuse.vmhgfs-fuse"),
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
"""Filesystems whose contents change elsewhere, without a word to this kernel."""

UNKNOWN = "unknown"

_OCTAL = re.compile(rb"\\([0-7]{3})")


def filesystem_of(path: bytes) -> str:
    """The type of the filesystem that an absolute path lies on, such as ``ext4`` or ``nfs4``.

    Symbolic links are followed. A path that does not exist counts as its nearest
    existing parent does.
    """
    place = os.path.realpath(path)
    found = UNKNOWN
    longest = -1
    for point, kind in _mounts():
        # Of two mounts on one point the later hides the earlier.
        if len(point) >= longest and (place == point or place.startswith(point.rstrip(b"/") + b"/")):
            found, longest = kind, len(point)
    return found


def is_network(filesystem: str) -> bool:
    """Whether changes on this type of filesystem can happen without an event."""
    return filesystem in NETWORK


def parse_mountinfo(content: bytes) -> list[tuple[bytes, str]]:
    """Mount points and filesystem types in the order of mounting, as proc(5) describes the file."""
    mounts = []
    for line in content.splitlines():
        before, separator, after = line.partition(b" - ")
        words = before.split(b" ")
        if separator and len(words) > 4 and after:  # noqa: PLR2004 - the mount point is the fifth word
            point = _OCTAL.sub(lambda match: bytes([int(match[1], 8)]), words[4])
            mounts.append((point, os.fsdecode(after.split(b" ")[0])))
    return mounts


def _mounts() -> list[tuple[bytes, str]]:
    if sys.platform == "darwin":
        return [(os.fsencode(part.mountpoint), part.fstype) for part in psutil.disk_partitions(all=True)]
    return parse_mountinfo(MOUNTINFO.read_bytes())
