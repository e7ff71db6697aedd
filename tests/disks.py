"""Filesystems in files, mounted for tests that need one that can share blocks."""

import fcntl
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MIB = 1 << 20

FORMATS = {
    "btrfs": (["mkfs.btrfs", "-q"], 120 * MIB),
    "xfs": (["mkfs.xfs", "-q", "-m", "reflink=1"], 310 * MIB),
}
"""How to make a filesystem that can share blocks, and the least size that its maker accepts."""


@contextmanager
def disk_that_shares(kind: str, base: Path) -> Iterator[Path]:
    """A new filesystem of one of the :data:`FORMATS`, below an empty folder; the test is skipped without."""
    maker, size = FORMATS[kind]
    if not sys.platform.startswith("linux") or os.getuid() != 0 or shutil.which(maker[0]) is None:
        pytest.skip(f"needs root and {maker[0]}, to make a filesystem of type {kind}")
    image, point = base / "image", base / "disk"
    with image.open("xb") as stream:
        stream.truncate(size)
    point.mkdir()
    subprocess.run([*maker, image], check=True, capture_output=True)
    done = subprocess.run(["mount", "-o", "loop", image, point], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"cannot mount {kind} here: {done.stderr.strip()}")
    try:
        yield point
    finally:
        subprocess.run(["umount", point], check=True)
        image.unlink()


def shared_everywhere(path: Path) -> bool:
    """Whether the filesystem says of every extent of a file that others share it (FIEMAP)."""
    header, extent, most = struct.Struct("=QQIIII"), struct.Struct("=QQQQQIIII"), 64
    request = bytearray(header.pack(0, 2**64 - 1, 1, 0, most, 0)) + bytes(extent.size * most)
    with path.open("rb") as stream:
        fcntl.ioctl(stream, 0xC020660B, request)
    found = header.unpack_from(request)[3]
    flags = [extent.unpack_from(request, header.size + extent.size * number)[5] for number in range(found)]
    return bool(flags) and all(flag & 0x2000 for flag in flags)
