"""The command cull export: what it lays where, and what it refuses."""

import os
from pathlib import Path

import pytest

from simd.ctl.laying import copy
from tests.client.canned import Canned, CannedServer
from tests.ctl.conftest import Run
from tests.ctl.culls import Album, album

__all__ = ["album"]


def test_groups_are_laid_as_links(album: Album) -> None:
    """The keeper first, every name tells its path, and every file is the original under another name."""
    ran = album.export()
    place = str(album.photos)[1:].replace("/", "+")
    assert {
        f"1/0-keep {place}+a.jpg": "a.jpg",
        f"1/1 {place}+copy of a.jpg": "copy of a.jpg",
        f"1/2 {place}+small+a.jpg": "small/a.jpg",
        f"2/0-keep {place}+b.png": "b.png",
        f"2/1 {place}+b.jpg": "b.jpg",
    } == {
        str(path.relative_to(album.out)): str(original.relative_to(album.photos))
        for path in album.out.glob("*/*")
        for original in album.photos.rglob("*.*")
        if path.samefile(original)
    }
    assert {"1", "2", "info.json"} == {path.name for path in album.out.iterdir()}
    assert f"Laid 5 files of 2 groups into {album.out}.\n5 hard links that take no space" in ran.out
    assert f"simctl cull check {album.out}" in ran.out


def test_the_record_maps_every_name(album: Album) -> None:
    """With all that tells a file again, and what the export was made of."""
    album.export("--preset", "loose")
    info, original = album.info, (album.photos / "b.jpg").stat()
    file = info["groups"][1]["files"][1]
    assert {
        "name": album.laid(album.photos / "b.jpg").name,
        "path": str(album.photos / "b.jpg"),
        "digest": file["digest"],
        "bytes": 9,
        "mtime_ns": original.st_mtime_ns,
        "inode": original.st_ino,
        "laid_mtime_ns": original.st_mtime_ns,
        "laid_inode": original.st_ino,
        "keeper": False,
        "protected": False,
        "linked": True,
    } == file
    assert {"grouping": "star", "preset": "loose"} == info["choice"]
    assert (1, 7, []) == (info["format"], info["generation"], info["left_out"])
    assert [(1, "40"), (2, "41")] == [(group["folder"], group["id"]) for group in info["groups"]]


def test_copies_are_the_bytes_that_simd_read(album: Album) -> None:
    """Of the same time, and no link; what has other bytes under an old date is left out, with its group."""
    changed = album.photos / "b.jpg"
    before = changed.stat()
    changed.write_bytes(b"9 others!")
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))
    answer = album.export("--copy", "--json").json
    assert (3, 0, 1) == (answer["files"], answer["linked"], answer["groups"])
    laid = album.laid(album.photos / "a.jpg")
    assert (b"a", 1) == (laid.read_bytes(), laid.stat().st_nlink)
    assert (album.photos / "a.jpg").stat().st_mtime_ns == laid.stat().st_mtime_ns
    assert [
        {"path": str(changed), "reason": "It changed after it was looked at."},
        {"path": str(album.photos / "b.png"), "reason": "Nothing else of its group could be laid."},
    ] == answer["left_out"]
    assert not (album.out / "2").exists()


def test_what_changed_or_vanished_is_left_out(album: Album) -> None:
    """And told; the rest of its group is laid."""
    album.group(("c.jpg", b"c"), ("c2.jpg", b"c2"), ("c3.jpg", b"as long"), ("c4.jpg", b"c4"))
    (album.photos / "a.jpg").write_bytes(b"another length")
    (album.photos / "copy of a.jpg").unlink()
    (album.photos / "c3.jpg").unlink()
    (album.photos / "c3.jpg").symlink_to("a/c.jpg")
    os.utime(album.photos / "c4.jpg", (1, 1))
    ran = album.export()
    assert {f"{album.photos}/{name}" for name in ("b.png", "b.jpg", "c.jpg", "c2.jpg")} == {
        file["path"] for group in album.info["groups"] for file in group["files"]
    }
    assert [
        f"simctl: {album.photos}/a.jpg: It changed after it was looked at.",
        f"simctl: {album.photos}/copy of a.jpg: It is no longer at its place.",
        f"simctl: {album.photos}/small/a.jpg: Nothing else of its group could be laid.",
        f"simctl: {album.photos}/c3.jpg: It changed after it was looked at.",
        f"simctl: {album.photos}/c4.jpg: It changed after it was looked at.",
    ] == [line for line in ran.err.splitlines() if line.startswith("simctl: ")]


def test_a_file_that_cannot_be_read_is_told_with_5(album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no link can be made either; the rest is laid."""

    def sick(path: bytes, to: bytes, algorithm: str, digest: str) -> None:
        if b"small" in path:
            raise OSError(5, "Input/output error")
        copy(path, to, algorithm, digest)

    monkeypatch.setattr(os, "link", _refuse_links)
    monkeypatch.setattr("simd.ctl.cull.placing.copy", sick)
    ran = album.cull("export")
    assert (5, True) == (ran.code, f"{album.photos}/small/a.jpg: Input/output error." in ran.err)
    assert "4 copies, where a hard link could not be." in ran.out


def test_what_is_replaced_at_this_moment_is_not_linked(album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    """The link shows another file than the one that was looked at, and is taken away."""
    link = os.link

    def late(path: bytes, to: bytes, *, follow_symlinks: bool) -> None:
        if b"small" in path:
            Path(os.fsdecode(path)).write_bytes(b"another one")
        link(path, to, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "link", late)
    answer = album.export("--json").json
    assert [
        {"path": f"{album.photos}/small/a.jpg", "reason": "It changed after it was looked at."}
    ] == answer["left_out"]
    assert 2 == len(list((album.out / "1").iterdir()))


def test_names_are_as_long_as_the_filesystem_takes(album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some take fewer bytes than most."""
    album.group((f"{'long ' * 40}1.jpg", b"c"), (f"{'long ' * 40}2.jpg", b"d"))
    monkeypatch.setattr(os, "pathconf", lambda _path, _name: 143)
    album.export()
    assert [143, 143] == [len(path.name) for path in (album.out / "3").iterdir()]


def test_links_that_cannot_be_are_copies(album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on another filesystem; the record says which is which."""
    monkeypatch.setattr(os, "link", _refuse_links)
    answer = album.export("--json").json
    assert (5, 0) == (answer["files"], answer["linked"])
    assert {False} == {file["linked"] for group in album.info["groups"] for file in group["files"]}


def _refuse_links(*_arguments: object, **_options: object) -> None:
    raise OSError(18, "Invalid cross-device link")


def test_protected_files_say_so(album: Album) -> None:
    """A group of nothing else is not laid, nor one of which nothing else is left."""
    album.group(("d.jpg", b"d"), ("d2.jpg", b"d2"), protected=("d2.jpg",))
    album.group(("e.jpg", b"e"), ("e2.jpg", b"e2"), protected=("e.jpg", "e2.jpg"))
    album.group(("f.jpg", b"f"), ("f2.jpg", b"f2"), ("f3.jpg", b"f3"), protected=("f.jpg", "f2.jpg"))
    (album.photos / "f3.jpg").unlink()
    album.export()
    assert 3 == len(album.info["groups"])
    assert album.laid(album.photos / "d2.jpg").name.startswith("1-protected ")


def test_some_groups_alone(album: Album) -> None:
    """By their numbers; one that there is not is refused before anything is made."""
    album.export("41")
    assert ["41"] == [group["id"] for group in album.info["groups"]]
    album.out = album.out.with_name("other")
    ran = album.cull("export", "41", "77")
    assert (4, "simctl: there is no group 77 by these options") == (ran.code, ran.err.splitlines()[0])
    assert not album.out.exists()


def test_no_file_is_laid_twice(album: Album) -> None:
    """Although groups may change while one pages through them."""
    album.group(("a.jpg", b"a"), ("new.jpg", b"new"))
    album.export()
    assert ["40", "41"] == [group["id"] for group in album.info["groups"]]


def test_no_groups_is_1(simctl: Run, server: CannedServer, tmp_path: Path) -> None:
    """And nothing is made."""
    empty = Album(simctl, server, tmp_path)
    ran = empty.cull("export")
    assert (1, "There is no group of which a file may go.\n") == (ran.code, ran.out)
    assert not empty.out.exists()


@pytest.mark.parametrize("place", ["photos/out", ".", "link/out"])
def test_a_watched_place_is_refused(album: Album, tmp_path: Path, place: str) -> None:
    """Within a watched folder, around one, and by way of a link: simd would find the copies."""
    (tmp_path / "link").symlink_to(album.photos)
    if place == ".":
        root = album.photos / "new/inner"
        album.server.answers["GET", "/v1/status"] = Canned({"roots": [{"path": str(root)}]})
        place = "photos/new"
    album.out = tmp_path / place
    ran = album.cull("export")
    assert 4 == ran.code
    assert "lie within one another" in ran.err
    assert "\nhint: simd would take what is laid there for new duplicates" in ran.err
    assert not album.out.exists()


def test_a_folder_in_use_is_refused(album: Album) -> None:
    """What is in it stays; the daemon is asked nothing."""
    album.out.mkdir()
    (album.out / "mine").write_bytes(b"mine")
    ran = album.cull("export")
    assert (4, True) == (ran.code, "hint: name a new or empty folder" in ran.err)
    assert ([], ["mine"]) == (album.server.questions, [path.name for path in album.out.iterdir()])


def test_an_export_that_finds_no_room_is_not_finished(album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with 5 and says so; check refuses it, with the way on."""

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("simd.ctl.cull.placing.copy", full)
    ran = album.cull("export", "--copy")
    assert (5, True) == (ran.code, "nothing more can be laid into" in ran.err)
    ran = album.cull("check")
    assert (4, f"simctl: the export into {album.out} was interrupted") == (ran.code, ran.err.splitlines()[0])
    assert "hint: delete that folder, and make a new export" in ran.err
