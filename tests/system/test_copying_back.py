"""Copies that take the place of a file: with the bytes of one, and the traits of another."""

import errno
import json
import os
import stat
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from simd.system.sharing import copy_back, traits_of

SOMEBODY = 4711
"""The number of a user that nobody has."""

DESCRIPTORS = Path("/dev/fd")

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")
ROOT = pytest.mark.skipif(os.getuid() != 0, reason="needs root, to give a file away")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A file that is kept, and one that was there."""
    a, b = tmp_path / "a.jpg", tmp_path / "b.jpg"
    for path in (a, b):
        path.write_bytes(b"picture" * 1000)
    return a, b


@contextmanager
def _as_somebody() -> Iterator[None]:
    """With the rights of another user, as far as files are concerned."""
    os.seteuid(SOMEBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def _traits(path: Path) -> str:
    with path.open("rb") as stream:
        return traits_of(stream.fileno())


def _look(path: Path) -> tuple[int, int, int, int, int]:
    found = path.stat()
    return stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, found.st_atime_ns, found.st_mtime_ns


def test_a_copy_has_the_bytes_of_one_file_and_the_traits_of_another(pair: tuple[Path, Path]) -> None:
    """Mode and times to the nanosecond; it is a file of its own."""
    keeper, was = pair
    keeper.write_bytes(os.urandom(2_100_000))
    was.chmod(0o4640)
    os.utime(was, ns=(1_000_000_000_000_000_001, 1_100_000_000_123_456_789))
    traits, before = _traits(was), _look(was)
    was.unlink()
    copy_back(os.fsencode(keeper), os.fsencode(was), traits)
    assert before == _look(was)
    assert (keeper.read_bytes(), 1, False) == (was.read_bytes(), was.stat().st_nlink, keeper.samefile(was))


@ROOT
def test_a_copy_has_the_owner_of_the_file(pair: tuple[Path, Path]) -> None:
    """And a bit of the mode that a change of the owner takes away."""
    keeper, was = pair
    os.chown(was, SOMEBODY, SOMEBODY + 1)
    was.chmod(0o6755)
    traits, before = _traits(was), _look(was)
    was.unlink()
    copy_back(os.fsencode(keeper), os.fsencode(was), traits)
    assert before == _look(was)


@ROOT
def test_who_cannot_give_a_file_away_makes_no_copy(pair: tuple[Path, Path]) -> None:
    """A file of somebody else would come back as one's own, without a word."""
    keeper, was = pair
    traits = json.dumps(json.loads(_traits(was)) | {"uid": SOMEBODY + 1})
    was.unlink()
    was.parent.chmod(0o777)  # for the other user
    descriptor = os.open(was.parent, os.O_RDONLY)
    try:
        with _in_folder(descriptor), _as_somebody(), pytest.raises(PermissionError):
            copy_back(keeper.name.encode(), was.name.encode(), traits)
    finally:
        os.close(descriptor)
    assert [keeper] == list(keeper.parent.iterdir())


@contextmanager
def _in_folder(descriptor: int) -> Iterator[None]:
    """There is no way for another user through the temporary folders of this one."""
    before = os.open(".", os.O_RDONLY)
    os.fchdir(descriptor)
    try:
        yield
    finally:
        os.fchdir(before)
        os.close(before)


ATTRIBUTES = {"user.comment": b"Z\xfcrich\0", "user.caf\udce9": b"", "user.xdg.tags": b"holiday"}


@LINUX
def test_a_copy_has_the_attributes_of_the_file(pair: tuple[Path, Path]) -> None:
    """Names and values of any bytes; also where the file may only be read."""
    keeper, was = pair
    try:
        for name, value in ATTRIBUTES.items():
            os.setxattr(was, name, value)
    except OSError as error:
        pytest.skip(f"no extended attributes here: {error.strerror}")
    was.chmod(0o444)
    traits = _traits(was)
    was.unlink()
    copy_back(os.fsencode(keeper), os.fsencode(was), traits)
    assert ATTRIBUTES == {name: os.getxattr(was, name) for name in os.listxattr(was)}
    assert 0o444 == stat.S_IMODE(was.stat().st_mode)


@LINUX
@ROOT
def test_a_copy_does_not_inherit_what_the_file_had_not(pair: tuple[Path, Path]) -> None:
    """An access list that every new file of the folder gets, and no attribute of the system."""
    keeper, was = pair
    entries = [(1, 7, 2**32 - 1), (2, 7, SOMEBODY), (4, 5, 2**32 - 1), (16, 7, 2**32 - 1), (32, 5, 2**32 - 1)]
    listed = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(was.parent, "system.posix_acl_default", listed)
        os.setxattr(was, "trusted.simd", b"mine")
    except OSError as error:
        pytest.skip(f"no access lists here: {error.strerror}")
    traits = _traits(was)
    was.unlink()
    copy_back(os.fsencode(keeper), os.fsencode(was), traits)
    assert [] == os.listxattr(was)
    listing = was.with_name("listed")
    listing.touch()
    traits = _traits(listing)
    copy_back(os.fsencode(keeper), os.fsencode(was.with_name("copy")), traits)
    assert ["system.posix_acl_access"] == os.listxattr(was.with_name("copy"))
    assert _alike(traits, _traits(was.with_name("copy")))


def _alike(one: str, other: str) -> bool:
    """Equal but for the moment of the last access."""
    a, b = ({**json.loads(traits), "atime_ns": 0} for traits in (one, other))
    return a == b


@LINUX
def test_a_filesystem_without_attributes_has_none(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is no error; a disk that fails is."""
    numbers = iter([errno.ENOTSUP, errno.EIO])

    def fail(_: int) -> list[str]:
        number = next(numbers)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "listxattr", fail)
    assert {} == json.loads(_traits(pair[0]))["xattrs"]
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        _traits(pair[0])


@pytest.mark.parametrize("taken", ["file", "dangling link"])
def test_a_copy_replaces_nothing(pair: tuple[Path, Path], taken: str) -> None:
    """And what stands there is not taken for a failed copy."""
    keeper, to = pair
    if taken == "file":
        to.write_bytes(b"other")
    else:
        to.unlink()
        to.symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        copy_back(os.fsencode(keeper), os.fsencode(to), _traits(keeper))
    assert "nowhere" == str(to.readlink()) if to.is_symlink() else to.read_bytes() == b"other"
    assert not to.with_name("nowhere").exists()


@pytest.mark.parametrize("call", ["write", "fchmod", "fsync"])
def test_a_copy_that_fails_leaves_nothing(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Whether the disk is full or breaks, and no descriptor stays open."""
    keeper, to = pair
    to.unlink()

    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "full")

    traits, before = _traits(keeper), len(list(DESCRIPTORS.iterdir()))
    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OSError, match="full"):
        copy_back(os.fsencode(keeper), os.fsencode(to), traits)
    assert (False, before) == (to.exists(), len(list(DESCRIPTORS.iterdir())))


def test_a_disk_that_takes_little_at_a_time_gets_all(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A short write is no error."""
    keeper, to = pair
    to.unlink()
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, piece: write(fd, bytes(piece[:1000])))
    copy_back(os.fsencode(keeper), os.fsencode(to), _traits(keeper))
    assert keeper.read_bytes() == to.read_bytes()


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_only_a_regular_file_is_copied(pair: tuple[Path, Path], kind: str) -> None:
    """A link could lead anywhere, and a pipe would be waited for."""
    keeper, to = pair
    to.unlink()
    traits, other = _traits(keeper), keeper.with_name("other")
    make: dict[str, Callable[[], object]] = {
        "link": lambda: other.symlink_to(keeper),
        "pipe": lambda: os.mkfifo(other),
        "folder": other.mkdir,
    }
    make[kind]()
    with pytest.raises(OSError, match=r".") as caught:
        copy_back(os.fsencode(other), os.fsencode(to), traits)
    assert (errno.ELOOP if kind == "link" else errno.EINVAL) == caught.value.errno
    assert not to.exists()


@pytest.mark.parametrize("traits", ["", "[]", "{}", '{"mode": 420}', "null"])
def test_traits_that_cannot_be_read_are_refused(pair: tuple[Path, Path], traits: str) -> None:
    """Before anything is made."""
    keeper, to = pair
    to.unlink()
    with pytest.raises(OSError, match="cannot be read") as caught:
        copy_back(os.fsencode(keeper), os.fsencode(to), traits)
    assert (errno.EINVAL, False) == (caught.value.errno, to.exists())
