"""The trash of the desktop, held against what its specification says."""

import configparser
import errno
import logging
import os
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simd.system import mounts, trash
from simd.system.moving import move
from simd.system.trash import NoTrash, Trash, home_trash, info_of, original_of, release, supported, trash_for

# ruff: noqa: PTH101, PTH102, PTH103, PTH110, PTH116, PTH118, PTH119, PTH120, PTH122 - bytes are no Path
# ruff: noqa: PTH208, PTH211 - likewise

pytestmark = pytest.mark.skipif(not supported(), reason="the specification is for Linux")

AT = datetime(2026, 7, 1, 23, 30, 5, tzinfo=UTC)
UID = os.getuid()

OTHER = "/dev/shm"  # noqa: S108 - a filesystem of its own that every Linux has

NAMES = st.binary(min_size=1, max_size=255).filter(
    lambda name: b"/" not in name and b"\0" not in name and name not in {b".", b".."}
)


@pytest.fixture
def folder(tmp_path: Path) -> bytes:
    """A folder with one picture, on the filesystem of the home folder."""
    (tmp_path / "a.jpg").write_bytes(b"picture")
    return os.fsencode(tmp_path.resolve())


@pytest.fixture
def disk(folder: bytes, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A folder that counts as another filesystem, because the system says that something is mounted there."""
    disk = folder + b"/disk"
    os.makedirs(disk + b"/photos")
    Path(os.fsdecode(disk + b"/photos/a.jpg")).write_bytes(b"picture")
    _mount(monkeypatch, folder, disk)
    return disk


def _mount(monkeypatch: pytest.MonkeyPatch, folder: bytes, *points: bytes) -> None:
    table = Path(os.fsdecode(folder + b"/mountinfo"))
    table.write_bytes(
        b"".join(b"22 1 8:1 / %s rw - ext4 /dev/sda1 rw\n" % point for point in (b"/", *points))
    )
    monkeypatch.setattr(mounts, "MOUNTINFO", table)


def _share(folder: bytes, mode: int = 0o1777) -> None:
    os.mkdir(folder)
    os.chmod(folder, mode)


def _read_as_others_do(info: bytes, top: bytes) -> tuple[bytes, str]:
    """Path and date as a reader of another make finds them: an INI file, and percent signs undone."""
    reader = configparser.RawConfigParser()
    reader.read_string(Path(os.fsdecode(info)).read_text(encoding="ascii"))
    section = reader["Trash Info"]
    return os.path.join(top, unquote_to_bytes(section["Path"])), section["DeletionDate"]


def reserve(found: Trash, path: bytes) -> bytes:
    """Take a place for a file."""
    place = found.propose(path)
    found.claim(place, path, AT)
    return place


def _throw_away(path: bytes, home: bytes | None) -> bytes:
    place = reserve(trash_for(path, home=home, uid=UID), path)
    move(path, place)
    return place


def test_a_file_goes_to_the_main_trash_which_is_made(folder: bytes) -> None:
    """Private, with the absolute path of the file in its info, which is there before the file is."""
    path, home = folder + b"/a.jpg", folder + b"/home/.local/share/Trash"
    place = reserve(trash_for(path, home=home, uid=UID), path)
    assert (home + b"/files/a.jpg", home + b"/info/a.jpg.trashinfo") == (place, info_of(place))
    assert (False, True) == (os.path.exists(place), os.path.exists(info_of(place)))
    assert {0o700} == {stat.S_IMODE(os.stat(home + part).st_mode) for part in (b"", b"/files", b"/info")}
    move(path, place)
    assert (path, _read_as_others_do(info_of(place), b"")[0]) == (original_of(place), path)


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A place where tomorrow begins early."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_east")
def test_the_moment_is_told_in_local_time(folder: bytes) -> None:
    """As the person's clock showed it, without a zone."""
    place = _throw_away(folder + b"/a.jpg", folder + b"/Trash")
    assert "2026-07-02T08:30:05" == _read_as_others_do(info_of(place), b"")[1]


def test_the_disk_has_the_info_before_anything_moves(folder: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the trash of which nobody knows the origin would be half lost."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    found = trash_for(folder + b"/a.jpg", home=folder + b"/Trash", uid=UID)
    assert [os.stat(info_of(reserve(found, folder + b"/a.jpg"))).st_ino] == synced


def test_another_filesystem_has_a_trash_of_its_own(disk: bytes) -> None:
    """At its top, for this user alone, with paths that hold wherever the disk is plugged in."""
    path = disk + b"/photos/a.jpg"
    place = _throw_away(path, os.path.dirname(disk) + b"/Trash")
    assert disk + b"/.Trash-%d/files/a.jpg" % UID == place
    assert 0o700 == stat.S_IMODE(os.stat(disk + b"/.Trash-%d" % UID).st_mode)
    assert b"Path=photos/a.jpg" in Path(os.fsdecode(info_of(place))).read_bytes().splitlines()
    assert (path, path) == (original_of(place), _read_as_others_do(info_of(place), disk)[0])
    assert not os.path.exists(os.path.dirname(disk) + b"/Trash")


def test_a_shared_trash_is_used_if_it_is_safe(disk: bytes) -> None:
    """It has the sticky bit; the path is told from the top of the disk all the same."""
    _share(disk + b"/.Trash")
    path = disk + b"/photos/a.jpg"
    place = _throw_away(path, None)
    assert disk + b"/.Trash/%d/files/a.jpg" % UID == place
    assert (path, path) == (original_of(place), _read_as_others_do(info_of(place), disk)[0])


@pytest.mark.parametrize("kind", ["not sticky", "link", "file"])
def test_a_shared_trash_that_is_not_safe_is_not_used(
    disk: bytes, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The user's own is, even if a folder of theirs is in the other; the administrator is told, once."""
    shared, real = disk + b"/.Trash", disk + b"/real"
    if kind == "not sticky":
        _share(shared, 0o777)
        os.mkdir(shared + b"/%d" % UID)
    elif kind == "link":
        _share(real)
        os.mkdir(real + b"/%d" % UID)
        os.symlink(real, shared)
    else:
        Path(os.fsdecode(shared)).touch()
        os.chmod(shared, 0o1777)  # noqa: S103 - as a shared trash has it
    with caplog.at_level(logging.WARNING, trash.__name__):
        found = {trash_for(disk + b"/photos/a.jpg", home=None, uid=UID) for _ in range(2)}
    assert {Trash(disk + b"/.Trash-%d" % UID, disk)} == found
    assert [
        f"{os.fsdecode(shared)} is not used as trash: it is no folder with the sticky bit"
    ] == caplog.messages


def test_a_shared_trash_that_takes_no_folder_gives_way(disk: bytes) -> None:
    """What stands there for this user is a link, and goes nowhere that they know."""
    _share(disk + b"/.Trash")
    os.symlink(disk + b"/photos", disk + b"/.Trash/%d" % UID)
    assert disk + b"/.Trash-%d" % UID == trash_for(disk + b"/photos/a.jpg", home=None, uid=UID).folder
    assert [b"a.jpg"] == os.listdir(disk + b"/photos")


def test_a_trash_of_somebody_else_is_not_used(disk: bytes) -> None:
    """They could read what is laid there; nothing is made in it."""
    os.mkdir(disk + b"/.Trash-%d" % (UID + 1))
    with pytest.raises(NoTrash, match="somebody else") as caught:
        trash_for(disk + b"/photos/a.jpg", home=None, uid=UID + 1)
    assert [] == os.listdir(caught.value.filename)


@pytest.mark.parametrize("kind", ["file", "link"])
def test_there_is_no_trash_where_none_can_be_made(disk: bytes, kind: str) -> None:
    """The reason is said, and no other filesystem is asked to take the file."""
    own = disk + b"/.Trash-%d" % UID
    if kind == "file":
        Path(os.fsdecode(own)).touch()
    else:
        os.symlink(disk + b"/photos", own)
    with pytest.raises(NoTrash, match="cannot be made: a folder is wanted") as caught:
        trash_for(disk + b"/photos/a.jpg", home=os.path.dirname(disk) + b"/Trash", uid=UID)
    assert (errno.ENOTSUP, own) == (caught.value.errno, caught.value.filename)
    assert [b"a.jpg"] == os.listdir(disk + b"/photos")


def test_a_main_trash_that_cannot_be_made_is_no_reason_to_use_another(folder: bytes) -> None:
    """A file stands in its place; nobody would look for trash at the top of the home filesystem."""
    with pytest.raises(NoTrash, match="cannot be made"):
        trash_for(folder + b"/a.jpg", home=folder + b"/a.jpg/Trash", uid=UID)


def test_what_lies_in_the_trash_is_not_thrown_away_again(folder: bytes) -> None:
    """By whatever way it is reached."""
    place = _throw_away(folder + b"/a.jpg", folder + b"/Trash")
    os.symlink(folder + b"/Trash", folder + b"/link")
    for path in (place, folder + b"/link/files/a.jpg"):
        with pytest.raises(NoTrash, match="already"):
            trash_for(path, home=folder + b"/Trash", uid=UID)


def test_a_main_trash_may_be_a_link(folder: bytes) -> None:
    """What counts is the filesystem that it leads to."""
    os.mkdir(folder + b"/elsewhere")
    os.symlink(folder + b"/elsewhere", folder + b"/Trash")
    place = _throw_away(folder + b"/a.jpg", folder + b"/Trash")
    assert folder + b"/Trash/files/a.jpg" == place
    assert [b"a.jpg"] == os.listdir(folder + b"/elsewhere/files")
    with pytest.raises(NoTrash, match="already"):
        trash_for(folder + b"/elsewhere/files/a.jpg", home=folder + b"/Trash", uid=UID)


def test_a_main_trash_that_is_mounted_elsewhere_does_not_serve(
    folder: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same device under two mounts, as containers have it, allows no rename between them."""
    os.mkdir(folder + b"/home")
    _mount(monkeypatch, folder, folder, folder + b"/home")
    found = trash_for(folder + b"/a.jpg", home=folder + b"/home/Trash", uid=UID)
    assert Trash(folder + b"/.Trash-%d" % UID, folder) == found


def test_a_subvolume_has_a_top_of_its_own(folder: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of mounts does not name it; its device does."""
    _mount(monkeypatch, folder)
    with tempfile.TemporaryDirectory(dir=OTHER) as made:
        assert os.fsencode(OTHER) == trash._top_of(os.fsencode(made))


def test_a_path_over_a_link_is_written_from_the_top_of_its_disk(disk: bytes) -> None:
    """The link lies on another filesystem, and need not exist where the disk is plugged in next."""
    os.symlink(disk + b"/photos", os.path.dirname(disk) + b"/link")
    place = _throw_away(os.path.dirname(disk) + b"/link/a.jpg", None)
    assert disk + b"/photos/a.jpg" == original_of(place)


def test_no_name_is_used_twice(folder: bytes) -> None:
    """Each of many files of one name has a place, and its ending; every one is found again."""
    paths, places = [folder + b"/%d/holiday.tar.gz" % number for number in range(30)], []
    for path in paths:
        os.mkdir(os.path.dirname(path))
        Path(os.fsdecode(path)).touch()
        places.append(_throw_away(path, folder + b"/Trash"))
    assert {b".gz"} == {os.path.splitext(place)[1] for place in places}
    assert [b"holiday.tar 2.gz", b"holiday.tar.gz"] == [os.path.basename(place) for place in places[1::-1]]
    assert paths == [original_of(place) for place in places]


def test_a_file_without_info_keeps_its_name(folder: bytes) -> None:
    """Some other program lost its info; ours takes another name, and leaves no info in its stead."""
    home = folder + b"/Trash"
    found = trash_for(folder + b"/a.jpg", home=home, uid=UID)
    os.symlink(b"nowhere", found.folder + b"/files/a.jpg")
    assert home + b"/files/a 2.jpg" == reserve(found, folder + b"/a.jpg")
    assert [b"a 2.jpg.trashinfo"] == os.listdir(home + b"/info")


def test_nobody_is_given_a_place_that_somebody_has(folder: bytes) -> None:
    """Proposed twice, it is had by whoever claims it first; what comes to lie there unclaimed keeps it."""
    path = folder + b"/a.jpg"
    found = trash_for(path, home=folder + b"/Trash", uid=UID)
    place = found.propose(path)
    assert folder + b"/Trash/files/a 2.jpg" == found.propose(path, {place})
    found.claim(place, path, AT)
    with pytest.raises(FileExistsError):
        found.claim(place, path, AT)
    later = found.propose(path)
    os.symlink(b"nowhere", later)
    with pytest.raises(FileExistsError):
        found.claim(later, path, AT)
    assert [b"a.jpg.trashinfo"] == os.listdir(folder + b"/Trash/info")


def test_a_name_is_given_back(folder: bytes) -> None:
    """After which it is free again; once more does no harm."""
    found = trash_for(folder + b"/a.jpg", home=folder + b"/Trash", uid=UID)
    place = reserve(found, folder + b"/a.jpg")
    release(place)
    release(place)
    assert place == reserve(found, folder + b"/a.jpg")


def test_a_disk_that_is_full_leaves_no_empty_info(folder: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is the system's."""

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    found = trash_for(folder + b"/a.jpg", home=folder + b"/Trash", uid=UID)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="full"):
        reserve(found, folder + b"/a.jpg")
    assert [] == os.listdir(folder + b"/Trash/info")


@settings(max_examples=25)
@given(name=NAMES, middle=NAMES)
def test_names_are_any_bytes_of_any_length(name: bytes, middle: bytes) -> None:
    """Whatever the path, a file with its info fits twice, and both readers find out where it came from."""
    with tempfile.TemporaryDirectory() as made:
        base = os.fsencode(os.path.realpath(made))
        path = base + b"/photos/" + middle + b"/" + name
        os.makedirs(os.path.dirname(path))
        found = trash_for(path, home=base + b"/Trash", uid=UID)
        for _ in range(2):
            Path(os.fsdecode(path)).touch()
            place = reserve(found, path)
            move(path, place)
            assert (path, path) == (original_of(place), _read_as_others_do(info_of(place), b"")[0])


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        (b"n" * 255, b"n" * 245, b"n" * 243 + b" 2"),
        (b"n" * 251 + b".jpg", b"n" * 241 + b".jpg", b"n" * 239 + b" 2.jpg"),
        ("é".encode() * 125 + b".jpg", "é".encode() * 120 + b".jpg", "é".encode() * 119 + b" 2.jpg"),
        (b"\xe9" * 251 + b".jpg", b"\xe9" * 241 + b".jpg", b"\xe9" * 239 + b" 2.jpg"),
        (b"a." + b"e" * 200, b"a." + b"e" * 200, b"a." + b"e" * 200 + b" 2"),
        (b".hidden", b".hidden", b".hidden 2"),
    ],
)
def test_long_names_lose_the_end_of_their_stem(
    folder: bytes, name: bytes, first: bytes, second: bytes
) -> None:
    """The ending says what a file is; no letter is cut in two, where the name has letters."""
    found = trash_for(folder + b"/a.jpg", home=folder + b"/Trash", uid=UID)
    places = [reserve(found, folder + b"/" + name) for _ in range(2)]
    assert [first, second] == [os.path.basename(place) for place in places]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[Trash Info]\n",
        b"[Other]\nPath=/a\n",
        b"\n[Trash Info]\nPath=/a\n",
        b"[Trash Info]\n path=/a\n",
    ],
)
def test_an_info_file_that_says_nothing_is_not_guessed_at(folder: bytes, content: bytes) -> None:
    """The name of the place is not where a file came from."""
    os.makedirs(folder + b"/Trash/info")
    Path(os.fsdecode(folder + b"/Trash/info/a.trashinfo")).write_bytes(content)
    with pytest.raises(OSError, match="does not say") as caught:
        original_of(folder + b"/Trash/files/a")
    assert (errno.EINVAL, folder + b"/Trash/info/a.trashinfo") == (caught.value.errno, caught.value.filename)


def test_of_several_paths_the_first_counts(folder: bytes) -> None:
    """And other lines are passed over, as the specification wants."""
    os.makedirs(folder + b"/Trash/info")
    content = b"[Trash Info]\nColour=red\nPath=/some%20where\nPath=/else\n"
    Path(os.fsdecode(folder + b"/Trash/info/a.trashinfo")).write_bytes(content)
    assert b"/some where" == original_of(folder + b"/Trash/files/a")


def test_what_is_no_place_in_a_trash_has_no_info(folder: bytes) -> None:
    """No file of somebody else is taken for one."""
    for place in (folder + b"/a.jpg", folder + b"/files/", b"a.jpg"):
        with pytest.raises(OSError, match="no place in a trash"):
            info_of(place)
    with pytest.raises(FileNotFoundError):
        original_of(folder + b"/files/a.jpg")


@pytest.mark.parametrize(
    ("environ", "home"),
    [
        ({"XDG_DATA_HOME": "/data", "HOME": "/home/me"}, b"/data/Trash"),
        ({"XDG_DATA_HOME": "data", "HOME": "/home/me"}, b"/home/me/.local/share/Trash"),
        ({"HOME": "/home/caf\udce9"}, b"/home/caf\xe9/.local/share/Trash"),
        ({"HOME": "nowhere"}, None),
    ],
)
def test_the_main_trash_is_where_the_user_keeps_data(environ: dict[str, str], home: bytes | None) -> None:
    """A relative path counts as none, as the specification of the folders wants."""
    assert home == home_trash(environ)


def test_only_linux_has_this_trash(monkeypatch: pytest.MonkeyPatch) -> None:
    """MacOS has another, which the Finder knows."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not supported()
