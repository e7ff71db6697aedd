"""Which filesystem a path lies on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simd.core.errors import ConfigError
from simd.system import mounts
from simd.system.mounts import (
    UNKNOWN,
    check_local,
    filesystem_of,
    is_network,
    mount_point_of,
    parse_mountinfo,
    source_of,
)

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux has /proc")

MOUNTINFO = rb"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /mnt/nas rw,relatime - autofs systemd-1 rw
31 30 0:41 / /mnt/nas rw,relatime shared:3 master:2 - nfs4 nas:/photos rw,vers=4.2
32 22 0:42 /sub /mnt/na\040\134s rw - fuse.sshfs me@there: rw
33 22 0:43 / /mnt/nasty rw - btrfs /dev/sdb rw
34 22 broken line
"""


@pytest.fixture
def mountinfo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with network folders."""
    path = tmp_path / "mountinfo"
    path.write_bytes(MOUNTINFO)
    monkeypatch.setattr(mounts, "MOUNTINFO", path)


@LINUX
@pytest.mark.usefixtures("mountinfo")
@pytest.mark.parametrize(
    ("path", "filesystem"),
    [
        (b"/home/me", "ext4"),
        (b"/", "ext4"),
        (b"/mnt/nas", "nfs4"),
        (b"/mnt/nas/2024/caf\xe9", "nfs4"),
        (b"/mnt/na \\s/x", "fuse.sshfs"),
        (b"/mnt/nasty/x", "btrfs"),
        (b"/mnt/n", "ext4"),
    ],
)
def test_longest_mount_point_decides(path: bytes, filesystem: str) -> None:
    """The innermost mount counts, the later of two on one point, by whole names; escapes are undone."""
    assert filesystem == filesystem_of(path)


def test_broken_lines_are_passed_over() -> None:
    """A line without its parts says nothing."""
    assert [b"/", b"/mnt/nas", b"/mnt/nas", b"/mnt/na \\s", b"/mnt/nasty"] == [
        mount.point for mount in parse_mountinfo(MOUNTINFO)
    ]


@LINUX
@pytest.mark.usefixtures("mountinfo")
def test_what_is_mounted_is_named() -> None:
    """A device, or whatever the filesystem calls its origin."""
    assert [b"/dev/sdb", b"nas:/photos"] == [source_of(b"/mnt/nasty/x"), source_of(b"/mnt/nas/x")]


@LINUX
@pytest.mark.usefixtures("mountinfo")
def test_the_place_of_a_mount_is_named() -> None:
    """The innermost one."""
    assert [b"/mnt/nasty", b"/"] == [mount_point_of(b"/mnt/nasty/x"), mount_point_of(b"/mnt/x")]


@LINUX
def test_machine_agrees_with_stat(tmp_path: Path) -> None:
    """What is said of this machine's folders is what coreutils' stat says; links are followed."""
    link = tmp_path / "link"
    link.symlink_to("/proc")
    assert "proc" == filesystem_of(os.fsencode(link / "self"))
    aliases = {"ext2/ext3": "ext4", "overlayfs": "overlay"}
    for folder in (tmp_path, Path("/dev/shm")):  # noqa: S108 - a mount that every Linux has
        said = subprocess.run(
            ["stat", "-f", "-c", "%T", folder], capture_output=True, text=True, check=True
        ).stdout
        assert aliases.get(said.strip(), said.strip()) == filesystem_of(os.fsencode(folder))


@LINUX
@pytest.mark.usefixtures("mountinfo")
@pytest.mark.parametrize("folder", ["/mnt/nas/simd", "/mnt/na \\s/not/there/yet"])
def test_a_state_folder_on_another_machine_is_refused(folder: str) -> None:
    """With the type of the filesystem and what to do, before anything is made there."""
    with pytest.raises(ConfigError, match="network filesystem") as refusal:
        check_local(Path(folder))
    assert "--state-dir" in (refusal.value.hint or "")
    assert folder == refusal.value.path


@LINUX
@pytest.mark.usefixtures("mountinfo")
def test_a_state_folder_of_this_machine_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    """What its host shares with a virtual machine is taken with a warning."""
    check_local(Path("/mnt/nasty/simd"))
    assert not caplog.messages
    mounts.MOUNTINFO.write_bytes(b"22 1 0:9 / / rw - virtiofs host rw\n")
    check_local(Path("/home/me"))
    assert "virtiofs" in caplog.text


def test_network_filesystems() -> None:
    """Filesystems that change elsewhere are told from local ones and unknown ones."""
    assert all(is_network(kind) for kind in ("nfs", "nfs4", "cifs", "fuse.sshfs", "9p", "smbfs"))
    assert not any(is_network(kind) for kind in ("ext4", "btrfs", "apfs", "fuseblk", "overlay", UNKNOWN))
