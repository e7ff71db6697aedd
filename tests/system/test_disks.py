"""Spinning disks under files, found in trees like the kernel's and on this machine."""

import os
from pathlib import Path

import pytest

from simd.core.turns import NO_DISK
from simd.system import disks
from simd.system.disks import BELIEVED_SECONDS, SpinningDisks
from tests.fakes import FakeClock


class Kernel:
    """A tree of devices in a folder, as sysfs shows them."""

    def __init__(self, folder: Path) -> None:
        self.sysfs = folder
        for name in ("dev/block", "block", "devices"):
            (folder / name).mkdir(parents=True)

    def disk(self, name: str, number: str, *, spins: bool, bus: str = "pci0/ata1") -> Path:
        """A whole disk."""
        block = self.sysfs / "devices" / bus / "block" / name
        (block / "queue").mkdir(parents=True)
        self.flag(block, spins=spins)
        (self.sysfs / "block" / name).symlink_to(block)
        self._list(block, number)
        return block

    def partition(self, disk: Path, name: str, number: str) -> Path:
        """A part of a disk; it has no queue of its own."""
        block = disk / name
        block.mkdir()
        (block / "partition").write_text("1\n")
        self._list(block, number)
        return block

    def joined(self, name: str, number: str, *parts: Path) -> Path:
        """A volume of LVM or a RAID on these devices."""
        block = self.disk(name, number, spins=False, bus="virtual")
        (block / "slaves").mkdir()
        for part in parts:
            (block / "slaves" / part.name).symlink_to(part)
        return block

    @staticmethod
    def flag(block: Path, *, spins: bool) -> None:
        """Say whether a disk spins."""
        (block / "queue" / "rotational").write_text(f"{int(spins)}\n")

    def _list(self, block: Path, number: str) -> None:
        (self.sysfs / "dev" / "block" / number).symlink_to(block)


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    """Without any device."""
    return Kernel(tmp_path / "sys")


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[bytes, str]:
    """What lies on which device number; every path asked about is one of these."""
    known: dict[bytes, str] = {}

    def device_of(path: bytes) -> int | None:
        if path not in known:
            return None
        major, minor = known[path].split(":")
        return os.makedev(int(major), int(minor))

    monkeypatch.setattr(disks, "_device_of", device_of)
    return known


def test_partitions_of_a_spinning_disk_are_one_disk(kernel: Kernel, places: dict[bytes, str]) -> None:
    """Two of them share a head; a solid disk has none, and what nobody knows is taken for solid."""
    spinning = kernel.disk("sda", "8:0", spins=True)
    kernel.partition(spinning, "sda1", "8:1")
    kernel.partition(spinning, "sda2", "8:2")
    kernel.partition(kernel.disk("nvme0n1", "259:0", spins=False), "nvme0n1p1", "259:1")
    places |= {b"/a": "8:1", b"/b": "8:2", b"/c": "259:1", b"/nfs": "0:50", b"/d": "8:0", b"/odd": "77:7"}
    found = SpinningDisks(kernel.sysfs)
    assert [frozenset({"sda"})] * 3 == [found.under(path) for path in (b"/a", b"/b", b"/d")]
    assert [NO_DISK] * 4 == [found.under(path) for path in (b"/c", b"/nfs", b"/odd", b"/gone")]


def test_joined_disks_are_all_named(kernel: Kernel, places: dict[bytes, str]) -> None:
    """LVM on RAID on partitions: whoever reads there may keep the head of each of them busy."""
    parts = [
        kernel.partition(
            kernel.disk(f"sd{letter}", f"8:{16 * number}", spins=spins), f"sd{letter}1", number_of
        )
        for letter, number, spins, number_of in (
            ("a", 0, True, "8:1"),
            ("b", 1, True, "8:17"),
            ("c", 2, False, "8:33"),
        )
    ]
    raid = kernel.joined("md0", "9:0", *parts[:2])
    kernel.joined("dm-0", "253:0", raid, parts[2])
    places |= {b"/volume": "253:0"}
    assert frozenset({"sda", "sdb"}) == SpinningDisks(kernel.sysfs).under(b"/volume")


@pytest.mark.parametrize("bus", ["pci0/virtio1", "vbd-51712", "pci0/virtio2/host0/target0", "VMBUS:01/host0"])
def test_the_disks_of_virtual_machines_do_not_count(
    kernel: Kernel, places: dict[bytes, str], bus: str
) -> None:
    """The kernel assumes that they spin, which says nothing of the disk of the host."""
    kernel.disk("vda", "254:0", spins=True, bus=bus)
    places[b"/a"] = "254:0"
    assert NO_DISK == SpinningDisks(kernel.sysfs).under(b"/a")


def test_nobody_looks_where_a_file_lies_while_no_disk_spins(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is asked of every file. A loop device repeats what the disk below it says, which is listed too."""
    kernel.disk("vda", "254:0", spins=True, bus="pci0/virtio1")
    kernel.disk("loop0", "7:0", spins=True, bus="virtual")
    looked: list[bytes] = []
    monkeypatch.setattr(disks, "_device_of", looked.append)
    assert NO_DISK == SpinningDisks(kernel.sysfs).under(b"/a")
    assert [] == looked


def test_btrfs_is_found_by_what_is_mounted(
    kernel: Kernel, places: dict[bytes, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its subvolumes have numbers that stand for no device."""
    kernel.disk("sda", "8:0", spins=True)
    places[b"/a"] = "0:61"
    monkeypatch.setattr(disks, "source_of", {b"/a": b"/dev/sda"}.__getitem__)
    monkeypatch.setattr(disks, "_number_of", {b"/dev/sda": os.makedev(8, 0)}.__getitem__)
    assert frozenset({"sda"}) == SpinningDisks(kernel.sysfs).under(b"/a")


def test_an_answer_is_believed_for_a_while(kernel: Kernel, places: dict[bytes, str]) -> None:
    """A disk that was exchanged for one that does not spin is noticed."""
    clock = FakeClock()
    block = kernel.disk("sda", "8:0", spins=True)
    places[b"/a"] = "8:0"
    found = SpinningDisks(kernel.sysfs, clock.monotonic)
    assert frozenset({"sda"}) == found.under(b"/a")
    kernel.flag(block, spins=False)
    assert frozenset({"sda"}) == found.under(b"/a")
    clock.advance(BELIEVED_SECONDS)
    assert NO_DISK == found.under(b"/a")


def test_without_a_tree_nothing_spins(tmp_path: Path) -> None:
    """On macOS there is none, and in some containers."""
    assert NO_DISK == SpinningDisks(tmp_path / "none").under(bytes(tmp_path))


@pytest.mark.skipif(not Path("/sys/block").is_dir(), reason="no sysfs here")
def test_this_machine(tmp_path: Path) -> None:
    """Whatever lies under the folder of the tests, it is a disk that the kernel lists."""
    listed = {block.name for block in Path("/sys/block").iterdir()}
    assert SpinningDisks().under(bytes(tmp_path)) <= listed
