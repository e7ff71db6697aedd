"""Files that share their bytes, on filesystems that can do it and on those that cannot."""

import errno
import fcntl
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simd.system import sharing
from simd.system.sharing import Differs, link_into, same_bytes, share_extents
from tests.disks import FORMATS, disk_that_shares, shared_everywhere

MIB = 1 << 20
OTHER = Path("/dev/shm")  # noqa: S108 - a filesystem in memory that every Linux has
SOMEBODY = 4711
"""The number of a user that nobody has."""

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux has the call")


@contextmanager
def _opened(*paths: Path) -> Iterator[list[int]]:
    """Descriptors of files, open for reading."""
    with ExitStack() as stack:
        yield [stack.enter_context(path.open("rb")).fileno() for path in paths]


def _same(a: Path, b: Path) -> bool:
    with _opened(a, b) as (a_fd, b_fd):
        return same_bytes(a_fd, b_fd)


def _share(keeper: Path, path: Path) -> None:
    with _opened(keeper, path) as (keeper_fd, fd):
        share_extents(keeper_fd, fd)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two equal files."""
    a, b = tmp_path / "a.jpg", tmp_path / "b.jpg"
    for path in (a, b):
        path.write_bytes(b"picture" * 1000)
    return a, b


@settings(max_examples=50)
@given(
    length=st.sampled_from([0, 1, 63, 64, 65, 128]),
    where=st.none() | st.integers(min_value=0, max_value=127),
    tail=st.binary(max_size=2),
)
def test_one_byte_more_or_another_one_makes_files_differ(length: int, where: int | None, tail: bytes) -> None:
    """Wherever it lies: at the start, at the end, or where two pieces meet."""
    content = bytearray(b"\x55" * length)
    other = content + tail
    changed = where is not None and where < length
    if where is not None and changed:
        other[where] ^= 1
    with tempfile.TemporaryDirectory() as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sharing, "_PIECE", 64)
        one, two = Path(made, "one"), Path(made, "two")
        one.write_bytes(content)
        two.write_bytes(other)
        assert {content == other} == {_same(one, two), _same(two, one)}


def test_comparing_does_not_mind_where_a_file_stands_or_how_it_is_handed_out(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read from its beginning, in whatever portions it comes, and stands where it stood."""
    a, b = pair
    pread = os.pread
    with _opened(a, b) as (a_fd, b_fd):
        os.lseek(a_fd, 100, os.SEEK_SET)
        monkeypatch.setattr(os, "pread", lambda fd, n, at: pread(fd, min(n, 999 if fd == a_fd else 1234), at))
        assert same_bytes(a_fd, b_fd)
        assert 100 == os.lseek(a_fd, 0, os.SEEK_CUR)


def test_a_file_gets_a_second_name(pair: tuple[Path, Path]) -> None:
    """Both names are one file then."""
    a, b = pair
    b.unlink()
    link_into(os.fsencode(a), os.fsencode(b))
    assert a.samefile(b)


def test_a_second_name_replaces_nothing(pair: tuple[Path, Path]) -> None:
    """Nor does it follow a link that stands there."""
    a, b = pair
    link = b.with_name("link")
    link.symlink_to("nowhere")
    for taken in (b, link):
        with pytest.raises(FileExistsError):
            link_into(os.fsencode(a), os.fsencode(taken))
    assert ({1}, "nowhere") == ({path.stat().st_nlink for path in pair}, str(link.readlink()))


def test_a_symbolic_link_gets_no_second_name(pair: tuple[Path, Path]) -> None:
    """It would be no copy of the picture; nothing is left of the attempt."""
    a, b = pair
    link, to = b.with_name("link"), b.with_name("to")
    link.symlink_to(a)
    with pytest.raises(OSError, match="no regular file") as caught:
        link_into(os.fsencode(link), os.fsencode(to))
    assert (errno.ELOOP, False) == (caught.value.errno, os.path.lexists(to))
    assert link.is_symlink()


@pytest.fixture(scope="module", params=sorted(FORMATS))
def disk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A filesystem in a file that can share blocks."""
    with disk_that_shares(request.param, tmp_path_factory.mktemp(request.param)) as point:
        yield point


def _laid(disk: Path, name: str, content: bytes) -> Path:
    path = disk / name
    path.write_bytes(content)
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
    return path


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files need not be large to be shared a range at a time."""
    monkeypatch.setattr(sharing, "_SHARED_AT_ONCE", 1 << 16)


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("size", [10_001, 1 << 16, (1 << 18) + 5])
def test_equal_files_share_their_blocks(disk: Path, size: int) -> None:
    """From the first to the last, with their stamps as they were; once more does no harm."""
    content = os.urandom(size)
    a, b = (_laid(disk, name, content) for name in ("a", "b"))
    before = b.stat()
    assert not shared_everywhere(b)
    _share(a, b)
    after = b.stat()
    assert shared_everywhere(a)
    assert shared_everywhere(b)
    assert (before.st_ino, before.st_mtime_ns, before.st_ctime_ns, before.st_size, before.st_nlink) == (
        after.st_ino,
        after.st_mtime_ns,
        after.st_ctime_ns,
        after.st_size,
        after.st_nlink,
    )
    _share(a, b)
    with b.open("r+b") as stream:
        stream.write(b"edited")
    assert (content[:6], b"edited") == (a.read_bytes()[:6], b.read_bytes()[:6])


@pytest.mark.parametrize("size", [0, 1, 4096])
def test_the_smallest_files_are_no_special_case(disk: Path, size: int) -> None:
    """They stay equal, whether or not the filesystem has blocks for them."""
    a, b = (_laid(disk, name, b"x" * size) for name in ("a", "b"))
    _share(a, b)
    assert b"x" * size == b.read_bytes()


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("other", ["first byte", "last byte", "longer", "shorter"])
def test_the_kernel_compares_before_it_shares(disk: Path, other: str) -> None:
    """A file that differs keeps its bytes."""
    content = os.urandom(200_000)
    changed = {
        "first byte": bytes([content[0] ^ 1]) + content[1:],
        "last byte": content[:-1] + bytes([content[-1] ^ 1]),
        "longer": content + b"\0",
        "shorter": content[:-1],
    }[other]
    a, b = _laid(disk, "a", content), _laid(disk, "b", changed)
    with pytest.raises(Differs):
        _share(a, b)
    assert (content, changed) == (a.read_bytes(), b.read_bytes())


def test_what_belongs_to_somebody_else_is_not_shared(disk: Path) -> None:
    """Its owner needs no right to write it; whoever only reads it is refused."""
    a, b, c = (_laid(disk, name, b"x" * 8192) for name in "abc")
    os.chown(b, SOMEBODY, SOMEBODY)
    b.chmod(0o444)
    with _opened(a, b, c) as (a_fd, b_fd, c_fd), _as_somebody():
        share_extents(a_fd, b_fd)
        with pytest.raises(PermissionError):
            share_extents(a_fd, c_fd)
    assert [True, False] == [shared_everywhere(path) for path in (b, c)]


@contextmanager
def _as_somebody() -> Iterator[None]:
    """With the rights of another user, as far as files are concerned."""
    os.seteuid(SOMEBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_one_file_does_not_share_with_itself(pair: tuple[Path, Path]) -> None:
    """Whoever asks for that has mistaken two names for two files."""
    a, b = pair
    b.unlink()
    os.link(a, b)
    with pytest.raises(OSError, match="same file") as caught:
        _share(a, b)
    assert errno.EINVAL == caught.value.errno


def _asking(answer: Callable[[], tuple[int, int]]) -> Callable[..., int]:
    """A kernel that answers with what was shared and a status."""

    def ioctl(_fd: int, _request: int, argument: bytearray) -> int:
        values = list(sharing._RANGE.unpack(argument))
        values[7:9] = answer()
        argument[:] = sharing._RANGE.pack(*values)
        return 0

    return ioctl


def _refuse() -> tuple[int, int]:
    raise OSError(errno.ENOTTY, "what?")


@LINUX
@pytest.mark.parametrize(
    ("answer", "number"),
    [
        (lambda: (0, -errno.EOPNOTSUPP), errno.ENOTSUP),
        (lambda: (0, -errno.EINVAL), errno.ENOTSUP),
        (lambda: (0, -errno.EXDEV), errno.EXDEV),
        (lambda: (0, -errno.EPERM), errno.EPERM),
        (lambda: (0, 0), errno.EIO),
        (_refuse, errno.ENOTSUP),
    ],
)
def test_whatever_hinders_sharing_is_told(
    pair: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    answer: Callable[[], tuple[int, int]],
    number: int,
) -> None:
    """A status counts like an error, and a kernel that shares nothing is not asked for ever."""
    monkeypatch.setattr(fcntl, "ioctl", _asking(answer))
    with pytest.raises(OSError, match=r".") as caught:
        _share(*pair)
    assert number == caught.value.errno


@pytest.mark.skipif(not OTHER.is_dir(), reason="needs a filesystem without blocks")
def test_where_blocks_cannot_be_shared_that_is_said(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a filesystem in memory, and of a system that has no such call."""
    with tempfile.TemporaryDirectory(dir=OTHER) as made:
        in_memory = [Path(made, path.name) for path in pair]
        for path in in_memory:
            path.write_bytes(b"picture")
        with pytest.raises(OSError, match="the filesystem cannot") as caught:
            _share(*in_memory)
        assert errno.ENOTSUP == caught.value.errno
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(OSError, match="this system cannot") as caught:
        _share(*pair)
    assert errno.ENOTSUP == caught.value.errno
