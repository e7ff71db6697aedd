"""The command cull check: what is taken for deleted, and what is noticed beside."""

import json
import os
import shutil
from pathlib import Path

import pytest

from simd.core.cull.judging import COPY_EDITED, LINK_EDITED, LOST, PROTECTED, RESCUED
from simd.core.cull.model import Origin
from tests.ctl.culls import Album, album

__all__ = ["album"]


def remarks(album: Album, *words: str, code: int = 0) -> list[tuple[str, str]]:
    """What a check says of which originals."""
    ran = album.cull("check", "--json", *words)
    assert code == ran.code
    return [
        (str(Path(remark["path"]).relative_to(album.photos)), remark["text"])
        for remark in ran.json["remarks"]
    ]


def delete(album: Album, *names: str) -> None:
    """Delete what was laid of these originals."""
    for name in names:
        album.laid(album.photos / name).unlink()


def test_what_was_deleted_is_listed(album: Album) -> None:
    """One original a line, group by group on the screen; no daemon is asked, and no original touched."""
    album.export()
    delete(album, "small/a.jpg", "b.jpg")
    album.server.questions.clear()
    ran = album.cull("check")
    assert (0, "") == (ran.code, ran.err)
    assert [f"{album.photos}/small/a.jpg", f"{album.photos}/b.jpg"] == album.to_delete
    assert [
        "1/",
        f"  goes   12 B  {album.photos}/small/a.jpg",
        f"  stays   1 B  {album.photos}/a.jpg",
        f"  stays   1 B  {album.photos}/copy of a.jpg",
    ] == ran.out.splitlines()[:4]
    assert f"2 files of 2 groups to go, 21 B, listed in {album.out}/to_delete.txt." in ran.out
    assert (5, []) == (len(list(album.photos.rglob("*.*"))), album.server.questions)


def test_repeated_checks_write_their_list_alone(album: Album) -> None:
    """Without deletions it is empty, with exit code 1; one that was edited is written anew."""
    album.export()
    assert (1, []) == (album.cull("check").code, album.to_delete)
    delete(album, "b.jpg")
    before = {
        path: path.stat() for path in album.out.rglob("*") if path.is_file() and path.name != "to_delete.txt"
    }
    assert album.cull("check", "--json").json["corrected"]
    assert not album.cull("check", "--json").json["corrected"]
    (album.out / "to_delete.txt").write_text("")
    assert 0 == album.cull("check").code
    assert [f"{album.photos}/b.jpg"] == album.to_delete
    assert before == {path: path.stat() for path in before}
    assert {"1", "2", "info.json", "to_delete.txt"} == {path.name for path in album.out.iterdir()}


@pytest.mark.parametrize("whole", [True, False])
def test_an_emptied_group_is_refused(album: Album, whole: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """With its folder or without; nothing is written. When it is meant, the best stays, and that is said."""
    album.export()
    if whole:
        shutil.rmtree(album.out / "2")
    else:
        delete(album, "b.png", "b.jpg")
    ran = album.cull("check")
    assert (4, "") == (ran.code, ran.out)
    assert (
        f"folder 2 of {album.out} is empty: no copy of the picture would be left\nhint: put back" in ran.err
    )
    assert not (album.out / "to_delete.txt").exists()
    assert [("b.png", RESCUED)] == remarks(album, "--allow-empty")
    assert [f"{album.photos}/b.jpg"] == album.to_delete


def test_a_protected_file_stays(album: Album) -> None:
    """Although it was deleted in the export."""
    album.group(("d.jpg", b"d"), ("d2.jpg", b"d2"), ("d3.jpg", b"d3"), protected=("d2.jpg",))
    album.export()
    delete(album, "d2.jpg", "d3.jpg")
    assert [("d2.jpg", PROTECTED)] == remarks(album)
    assert [f"{album.photos}/d3.jpg"] == album.to_delete


@pytest.mark.parametrize("options", [(), ("--copy",)])
def test_renamed_and_moved_files_count_as_kept(album: Album, options: tuple[str, ...]) -> None:
    """In their folder, in another one, in one that was renamed, links and copies alike."""
    album.export(*options)
    (album.out / "best").mkdir()
    album.laid(album.photos / "a.jpg").rename(album.out / "1/the one.jpg")
    album.laid(album.photos / "b.png").rename(album.out / "best" / "b.png")
    delete(album, "copy of a.jpg")
    answer = album.cull("check", "--json").json
    (album.out / "1").rename(album.out / "done")
    assert [["1/the one.jpg"], ["best/b.png"]] == [[part["path"]] for part in answer["moved"]]
    assert [f"{album.photos}/copy of a.jpg"] == album.to_delete
    assert answer["groups"] == album.cull("check", "--json").json["groups"]
    assert "done/the one.jpg is taken for 1/0-keep" in album.cull("check").out


def test_a_copy_of_the_export_tells_the_same(album: Album) -> None:
    """Without times and inodes, as after a visit to another disk."""
    album.export()
    for path in [path for path in album.out.rglob("*") if path.is_file()]:
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
        os.utime(path, (1, 1))
    delete(album, "b.jpg")
    answer = album.cull("check", "--json").json
    assert ([f"{album.photos}/b.jpg"], [], []) == (album.to_delete, answer["remarks"], answer["moved"])


def test_what_was_not_exported_is_told_and_ignored(album: Album) -> None:
    """Notes, or a link to a folder of originals; what was put into the trash of a disk counts as deleted."""
    album.export()
    (album.out / "1/notes.txt").write_text("these two")
    (album.out / "all").symlink_to(album.photos)
    trash = album.out / ".Trash-1000/files"
    trash.mkdir(parents=True)
    album.laid(album.photos / "b.jpg").rename(trash / "b.jpg")
    answer = album.cull("check", "--json").json
    assert ["1/notes.txt", "all"] == [part["path"] for part in answer["unknown"]]
    assert [f"{album.photos}/b.jpg"] == album.to_delete
    assert "1/notes.txt was not exported, and is ignored." in album.cull("check").out


def test_edited_files_count_as_kept(album: Album) -> None:
    """Through a link the original is edited as well, which is said; an editor that writes anew spares it."""
    album.export()
    with album.laid(album.photos / "a.jpg").open("ab") as stream:
        stream.write(b" and more")
    anew = album.laid(album.photos / "b.png")
    anew.unlink()
    anew.write_bytes(b"painted over")
    times = (album.photos / "b.png").stat()
    os.utime(anew, ns=(times.st_atime_ns, times.st_mtime_ns))
    delete(album, "small/a.jpg", "b.jpg")
    assert [("a.jpg", LINK_EDITED), ("b.png", COPY_EDITED)] == remarks(album)
    assert [f"{album.photos}/small/a.jpg", f"{album.photos}/b.jpg"] == album.to_delete


def test_originals_that_are_not_what_they_were_are_left_out(album: Album) -> None:
    """One by one; and where the kept one is gone, nothing of its group goes."""
    album.export()
    delete(album, "small/a.jpg", "copy of a.jpg", "b.jpg")
    os.utime(album.photos / "small/a.jpg", (1, 1))
    (album.photos / "copy of a.jpg").rename(album.photos / "elsewhere.jpg")
    (album.photos / "b.png").unlink()
    said = remarks(album, code=1)
    assert [("copy of a.jpg", LOST[Origin.GONE]), ("small/a.jpg", LOST[Origin.CHANGED])] == said[:2]
    assert ["b.png", "b.jpg"] == [name for name, _ in said[2:]]
    assert [] == album.to_delete


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "is damaged"),
        (b"[]", "is damaged"),
        (b'{"format": 1}', "is damaged"),
        (b'{"format": 2}', "is of the format 2, and this simd knows 1"),
        (None, "holds no export: info.json is not there"),
    ],
)
def test_what_is_no_export_is_refused(album: Album, content: bytes | None, words: str) -> None:
    """With the way on."""
    album.out.mkdir()
    if content is not None:
        (album.out / "info.json").write_bytes(content)
    ran = album.cull("check")
    assert (4, True, True) == (ran.code, words in ran.err, "\nhint: " in ran.err)
    album.out = album.out / "absent"
    assert "is no folder" in album.cull("check").err


def test_a_record_that_cannot_be_read_is_told(album: Album) -> None:
    """With what the system says of it, and 5: the export may be as good as ever."""
    (album.out / "info.json").mkdir(parents=True)
    ran = album.cull("check")
    assert (5, f"simctl: {album.out}/info.json cannot be read: Is a directory") == (
        ran.code,
        ran.err.splitlines()[0],
    )


def test_what_cannot_be_looked_at_is_not_taken_for_deleted(
    album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails ends the check with 5, and nothing is written."""
    album.export()
    scan = os.scandir

    def sick(path: bytes) -> object:
        if path.endswith(b"/2"):
            raise OSError(5, "Input/output error", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", sick)
    ran = album.cull("check")
    assert (5, f"simctl: {album.out}/2 cannot be read: Input/output error") == (
        ran.code,
        ran.err.splitlines()[0],
    )
    assert not (album.out / "to_delete.txt").exists()


def test_hostile_names_reach_neither_terminal_nor_another_line(album: Album) -> None:
    """A newline or an escape in a name is shown and listed as an escape."""
    album.group(("x\n\x1b[2J.jpg", b"x"), ("x2.jpg", b"x2"))
    album.export()
    delete(album, "x\n\x1b[2J.jpg")
    (album.out / "3/\x1b[2J.txt").write_text("stranger")
    out = album.cull("check").out
    assert "\x1b" not in out
    assert [f"\\{album.photos}/x\\x0a\\x1b[2J.jpg"] == album.to_delete
    assert json.loads((album.out / "info.json").read_text())["groups"][2]["files"][0]["path"].endswith(
        "\x1b[2J.jpg"
    )
