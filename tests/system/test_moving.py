"""Moving files without ever overwriting one, and the folders that this needs."""

import errno
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simd.system import moving
from simd.system.moving import inode_at, make_folders, move, remove_empty, sync_folders

# ruff: noqa: PTH102, PTH103, PTH105, PTH108, PTH112, PTH115, PTH116, PTH118, PTH123 - pathlib does not take bytes
# ruff: noqa: PTH208, PTH211 - likewise

OTHER = "/dev/shm"  # noqa: S108 - a filesystem of its own that every Linux has

NAMES = st.binary(min_size=1, max_size=255).filter(
    lambda name: b"/" not in name and b"\0" not in name and name not in {b".", b".."}
)


@pytest.fixture
def folder(tmp_path: Path) -> bytes:
    """An empty folder."""
    return os.fsencode(tmp_path)


@pytest.fixture(params=["rename", "not in the library", "not in the kernel", "not on the filesystem"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of the ways to move a file: by the system's own call, and by a link for lack of it."""
    lacks = {"not in the kernel": errno.ENOSYS, "not on the filesystem": errno.EINVAL}
    if request.param == "not in the library":
        monkeypatch.setattr(moving, "_exclusive_rename", lambda: None)
    elif request.param in lacks:
        number = lacks[request.param]
        monkeypatch.setattr(moving, "_exclusive_rename", lambda: lambda _source, _target: number)
    return str(request.param)


def _write(path: bytes, content: bytes = b"picture") -> bytes:
    with open(path, "xb") as stream:
        stream.write(content)
    return path


def _read(path: bytes) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


@pytest.mark.usefixtures("way")
def test_a_file_gets_its_new_name(folder: bytes) -> None:
    """It is the same file, with its bytes, and stands nowhere else."""
    source, target = _write(folder + b"/a"), folder + b"/b"
    before = inode_at(source)
    move(source, target)
    assert (before, None) == (inode_at(target), inode_at(source))
    assert (b"picture", 1) == (_read(target), os.stat(target).st_nlink)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    "taken", ["file", "folder", "dangling link", "link to it", "hard link to it", "itself"]
)
def test_whatever_stands_at_the_target_stays(folder: bytes, taken: str) -> None:
    """Be it a file, a folder, or a link, even one that leads nowhere; the source stays as well."""
    source, target = _write(folder + b"/a"), folder + b"/b"
    make: dict[str, Callable[[], object]] = {
        "file": lambda: _write(target, b"other"),
        "folder": lambda: os.mkdir(target),
        "dangling link": lambda: os.symlink(b"nowhere", target),
        "link to it": lambda: os.symlink(source, target),
        "hard link to it": lambda: os.link(source, target),
        "itself": lambda: None,
    }
    make[taken]()
    target = source if taken == "itself" else target
    before = inode_at(source), inode_at(target)
    with pytest.raises(FileExistsError) as caught:
        move(source, target)
    assert (source, target) == (caught.value.filename, caught.value.filename2)
    assert before == (inode_at(source), inode_at(target))
    assert b"picture" == _read(source)


@pytest.mark.usefixtures("way")
def test_a_symbolic_link_is_moved_itself(folder: bytes) -> None:
    """What it leads to stays."""
    picture, link = _write(folder + b"/a"), folder + b"/link"
    os.symlink(picture, link)
    move(link, folder + b"/b")
    assert (picture, True) == (os.readlink(folder + b"/b"), os.path.lexists(picture))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("source", "target", "number"),
    [
        (b"/none", b"/b", errno.ENOENT),
        (b"/a", b"/none/b", errno.ENOENT),
        (b"/a", b"/a/b", errno.ENOTDIR),
        (b"/a", b"/" + b"n" * 256, errno.ENAMETOOLONG),
        (b"/a", b"/b\0c", errno.EINVAL),
    ],
)
def test_what_cannot_be_moved_is_said_with_both_names(
    folder: bytes, source: bytes, target: bytes, number: int
) -> None:
    """The number of the error is the system's, and nothing has changed."""
    _write(folder + b"/a")
    with pytest.raises(OSError, match=r".") as caught:
        move(folder + source, folder + target)
    assert (number, folder + source) == (caught.value.errno, caught.value.filename)
    assert [b"a"] == os.listdir(folder)


@pytest.mark.usefixtures("way")
@pytest.mark.skipif(not os.path.isdir(OTHER), reason="needs a second filesystem")
def test_nothing_is_moved_to_another_filesystem(folder: bytes) -> None:
    """It would be a copy; the caller has to know."""
    source = _write(folder + b"/a")
    with tempfile.TemporaryDirectory(dir=OTHER) as other:
        if os.stat(other).st_dev == os.stat(folder).st_dev:
            pytest.skip("the temporary folder lies there too")
        with pytest.raises(OSError, match=r".") as caught:
            move(source, os.fsencode(other) + b"/a")
        assert errno.EXDEV == caught.value.errno
        assert ([], b"picture") == (os.listdir(other), _read(source))


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP])
def test_nothing_is_risked_where_neither_way_is_open(
    folder: bytes, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """A filesystem with neither call gets no rename that might replace something."""

    def no_link(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    source = _write(folder + b"/a")
    monkeypatch.setattr(moving, "_exclusive_rename", lambda: None)
    monkeypatch.setattr(os, "link", no_link)
    with pytest.raises(OSError, match="neither a rename") as caught:
        move(source, folder + b"/b")
    assert errno.ENOTSUP == caught.value.errno
    assert [b"a"] == os.listdir(folder)


def test_a_folder_is_not_moved_by_links(folder: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is called a folder, and the filesystem is not blamed."""
    os.mkdir(folder + b"/a")
    monkeypatch.setattr(moving, "_exclusive_rename", lambda: None)
    with pytest.raises(IsADirectoryError):
        move(folder + b"/a", folder + b"/b")


def test_what_was_replaced_while_it_was_linked_is_not_unlinked(
    folder: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editor that saves at the worst moment keeps its new file, and the link is taken back."""
    source, target, link = _write(folder + b"/a"), folder + b"/b", os.link

    def link_and_replace(*names: bytes, follow_symlinks: bool) -> None:
        link(*names, follow_symlinks=follow_symlinks)
        os.replace(_write(folder + b"/new", b"edited"), source)

    monkeypatch.setattr(moving, "_exclusive_rename", lambda: None)
    monkeypatch.setattr(os, "link", link_and_replace)
    with pytest.raises(OSError, match="replaced") as caught:
        move(source, target)
    assert errno.ESTALE == caught.value.errno
    assert (b"edited", [b"a"]) == (_read(source), os.listdir(folder))


def test_a_source_that_stays_takes_its_link_back(folder: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only folder does not end with one file under two names."""
    source, target, unlink = _write(folder + b"/a"), folder + b"/b", os.unlink

    def refuse(path: bytes) -> None:
        if path == source:
            raise PermissionError(errno.EACCES, "read-only", path)
        unlink(path)

    monkeypatch.setattr(moving, "_exclusive_rename", lambda: None)
    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(PermissionError):
        move(source, target)
    assert [b"a"] == os.listdir(folder)


@settings(max_examples=50)
@given(names=st.lists(NAMES, min_size=2, max_size=2, unique=True))
def test_names_are_any_bytes(names: list[bytes]) -> None:
    """A name need not be text, and may be as long as the system allows."""
    with tempfile.TemporaryDirectory() as made:
        source, target = (os.path.join(os.fsencode(made), name) for name in names)
        _write(source)
        move(source, target)
        assert [names[1]] == os.listdir(os.fsencode(made))
        with pytest.raises(FileExistsError):
            move(target, target)


def test_folders_are_made_down_to_the_last(folder: bytes) -> None:
    """Those that were there are not named, and the others are private."""
    os.mkdir(folder + b"/one")
    made = make_folders(folder, b"one/two//three/")
    assert [folder + b"/one/two", folder + b"/one/two/three"] == made
    assert {0o700} == {stat.S_IMODE(os.stat(path).st_mode) for path in made}
    assert [] == make_folders(folder, b"one/two/three")
    assert [] == make_folders(folder, b"")


@pytest.mark.parametrize("kind", ["file", "link to a folder", "dangling link"])
def test_no_folder_is_made_beyond_a_link_or_a_file(folder: bytes, kind: str) -> None:
    """A link in the way could lead anywhere; what was made before it is taken back."""
    os.makedirs(folder + b"/top/one")
    os.mkdir(folder + b"/elsewhere")
    place = folder + b"/top/one/two"
    if kind == "file":
        _write(place)
    else:
        os.symlink(folder + (b"/elsewhere" if "folder" in kind else b"/nowhere"), place)
    for below in (b"one/two/three", b"one/two"):
        with pytest.raises(NotADirectoryError) as caught:
            make_folders(folder + b"/top", below)
        assert place == caught.value.filename
    assert [] == os.listdir(folder + b"/elsewhere")


def test_folders_that_were_made_in_vain_are_taken_back(folder: bytes) -> None:
    """The last name is too long for the system."""
    with pytest.raises(OSError, match=r".") as caught:
        make_folders(folder, b"one/two/" + b"n" * 256)
    assert (errno.ENAMETOOLONG, []) == (caught.value.errno, os.listdir(folder))


@pytest.mark.parametrize("below", [b"/one", b"../one", b"one/../../two", b"./one"])
def test_only_plain_relative_paths_are_made(folder: bytes, below: bytes) -> None:
    """None that leads out of the folder."""
    with pytest.raises(OSError, match="relative") as caught:
        make_folders(folder, below)
    assert (errno.EINVAL, []) == (caught.value.errno, os.listdir(folder))


def test_empty_folders_go_up_to_the_first_that_is_not(folder: bytes) -> None:
    """The top stays in any case, and a folder that is gone hinders nobody."""
    os.makedirs(folder + b"/one/two/three")
    _write(folder + b"/one/file")
    remove_empty(folder + b"/one/two/three/four", folder)
    assert [b"file"] == os.listdir(folder + b"/one")
    os.unlink(folder + b"/one/file")
    remove_empty(folder + b"/one", folder + b"/")
    assert [] == os.listdir(folder)
    remove_empty(folder, folder)
    assert os.path.isdir(folder)


def test_nothing_but_empty_folders_below_the_top_is_removed(folder: bytes) -> None:
    """Neither a link to one, nor a folder beside the top whose name begins alike, nor one reached by dots."""
    for name in (b"/top", b"/topmost", b"/there"):
        os.mkdir(folder + name)
    os.symlink(folder + b"/there", folder + b"/top/link")
    with pytest.raises(NotADirectoryError):
        remove_empty(folder + b"/top/link", folder + b"/top")
    for path in (b"/topmost", b"/top/../there"):
        with pytest.raises(OSError, match=r".") as caught:
            remove_empty(folder + path, folder + b"/top")
        assert errno.EINVAL == caught.value.errno
    assert {b"top", b"topmost", b"there"} == set(os.listdir(folder))


def test_folders_are_written_to_the_disk_once_each(folder: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are gone, or are files by now, are passed over, and no descriptor is left."""
    synced: list[tuple[int, int]] = []
    descriptors: set[int] = set()

    def note(descriptor: int) -> None:
        found = os.fstat(descriptor)
        synced.append((found.st_dev, found.st_ino))
        descriptors.add(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    os.mkdir(folder + b"/one")
    _write(folder + b"/file")
    sync_folders([folder, folder + b"/one", folder + b"/gone", folder + b"/file", folder])
    assert [inode_at(folder), inode_at(folder + b"/one")] == synced
    for descriptor in descriptors:
        with pytest.raises(OSError, match="descriptor"):
            os.fstat(descriptor)


def test_a_disk_that_fails_is_not_passed_over(folder: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A filesystem that knows no such call for folders is; the difference is the number."""

    def failing(number: int) -> Callable[[int], None]:
        def fail(_: int) -> None:
            raise OSError(number, os.strerror(number))

        return fail

    monkeypatch.setattr(os, "fsync", failing(errno.EINVAL))
    sync_folders([folder])
    monkeypatch.setattr(os, "fsync", failing(errno.EIO))
    with pytest.raises(OSError, match=r".") as caught:
        sync_folders([folder])
    assert (errno.EIO, folder) == (caught.value.errno, caught.value.filename)


def test_an_inode_is_that_of_the_name_itself(folder: bytes) -> None:
    """A link has its own; where nothing stands, or could stand, there is none."""
    path = _write(folder + b"/a")
    os.symlink(path, folder + b"/link")
    os.link(path, folder + b"/same")
    assert inode_at(path) == inode_at(folder + b"/same")
    assert inode_at(path) != inode_at(folder + b"/link")
    assert (os.stat(path).st_dev, os.stat(path).st_ino) == inode_at(path)
    assert (None, None) == (inode_at(folder + b"/none"), inode_at(path + b"/below"))
