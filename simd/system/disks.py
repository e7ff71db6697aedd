"""Which spinning disks lie under a file, as Linux tells it; nothing is known elsewhere.

The flag ``rotational`` of a block device is what the disk, or its adapter, says. The disks of
virtual machines say what the kernel assumes, so they count as not spinning, and so does everything
of which nothing is known: network folders, ZFS, FUSE.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from simd.core.turns import NO_DISK, Disks
from simd.system.mounts import source_of

SYSFS = Path("/sys")

BELIEVED_SECONDS = 60.0
"""How long an answer is kept: a disk may be exchanged for another that gets the same number."""

_MADE_UP = "/devices/virtual/"
"""In the path of a device that is made of others: loop, LVM, RAID. It spins only where one of those does."""

_HYPERVISORS = ("/virtio", "/vbd-", "/vmbus", "/VMBUS")
"""In the path of a disk that a hypervisor makes up: virtio, Xen, Hyper-V."""


class SpinningDisks:
    """Answers for files, and remembers its answers for a while. Any thread may ask."""

    def __init__(self, sysfs: Path = SYSFS, monotonic: Callable[[], float] = time.monotonic) -> None:
        """``sysfs`` is where the kernel describes the devices."""
        self._sysfs = sysfs
        self._monotonic = monotonic
        self._known: dict[int, Disks] = {}
        self._any = False
        self._renew_at = float("-inf")

    def under(self, path: bytes) -> Disks:
        """The spinning disks that a file or folder lies on, by name such as ``sda``; links are not followed.

        More than one where partitions were joined (LVM, RAID). Empty where none spins, and where
        nothing is there.
        """
        self._renew()
        if not self._any:
            return NO_DISK
        device = _device_of(path)
        if device is None:
            return NO_DISK
        found = self._known.get(device)
        if found is None:
            found = self._known[device] = self._spinning(path, device)
        return found

    def _renew(self) -> None:
        now = self._monotonic()
        if now >= self._renew_at:
            self._renew_at = now + BELIEVED_SECONDS
            blocks = self._sysfs / "block"
            names = blocks.iterdir() if blocks.is_dir() else iter(())
            self._any = any(_spins(block) for block in names if _MADE_UP not in str(block.resolve()))
            self._known = {}

    def _spinning(self, path: bytes, device: int) -> Disks:
        if os.major(device) == 0:
            # btrfs numbers its subvolumes by itself; the device is named where it is mounted.
            device = _number_of(source_of(path))
        node = self._sysfs / "dev" / "block" / f"{os.major(device)}:{os.minor(device)}"
        return frozenset(disk.name for disk in _whole_disks(node) if _spins(disk))


def _whole_disks(node: Path) -> Iterator[Path]:
    """The disks that a block device is made of: itself, that of a partition, or those that were joined."""
    if not node.exists():
        return
    block = node.resolve()
    if (block / "partition").exists():
        block = block.parent
    slaves = block / "slaves"
    below = list(slaves.iterdir()) if slaves.is_dir() else []
    if not below:
        yield block
    for part in below:
        yield from _whole_disks(part)


def _spins(block: Path) -> bool:
    flag = block / "queue" / "rotational"
    try:
        spins = flag.read_text().strip() == "1"
    except OSError:
        # Not every block device has a queue, and a disk may be pulled out at any moment.
        return False
    return spins and not any(mark in str(block.resolve()) for mark in _HYPERVISORS)


def _device_of(path: bytes) -> int | None:
    try:
        return os.lstat(path).st_dev
    except OSError:
        return None


def _number_of(source: bytes) -> int:
    try:
        return Path(os.fsdecode(source)).stat().st_rdev if source.startswith(b"/dev/") else 0
    except OSError:
        return 0
