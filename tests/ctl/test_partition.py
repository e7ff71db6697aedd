"""The command partition: what it lays where, and what it refuses."""

import hashlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.client.canned import Canned, CannedServer, refused
from tests.ctl.conftest import Run

OTHER = Path("/dev/shm")  # noqa: S108 - a filesystem in memory that every Linux has


def picture(path: Path, content: bytes | None = None) -> dict[str, Any]:
    """A picture of the answer; a file is made of its content."""
    if content is not None:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    sha1 = hashlib.sha1(content or b"", usedforsecurity=False).hexdigest()
    return {"name": path.name, "path": str(path), "sha1": sha1}


def answer(*groups: list[dict[str, Any]], broken: Path | None = None) -> Canned:
    """An answer of the daemon."""
    bad = (
        []
        if broken is None
        else [{"name": broken.name, "path": str(broken), "code": "corrupt", "reason": "Bad."}]
    )
    numbered = [{"number": number, "pictures": group} for number, group in enumerate(groups, 1)]
    return Canned({"grade": 0.95, "groups": numbered, "refused": bad, "took_ms": 10.0, "generation": 1})


@pytest.fixture(autouse=True)
def _events(server: CannedServer) -> None:
    server.answers["GET", "/v1/events"] = Canned(events=": hello\n\n")


def test_copies_are_laid_by_group(simctl: Run, server: CannedServer, tmp_path: Path) -> None:
    """Names that collide within a group get a number, ends included; elsewhere they keep theirs."""
    names = ["x/a.jpg", "y/a.jpg", "z/a.jpg", "z/a-2.jpg"]
    first = [picture(tmp_path / name, name.encode()) for name in names]
    server.answers["POST", "/v1/partition"] = answer(first, [picture(tmp_path / "x/b", b"b")])
    ran = simctl("partition", str(tmp_path / "x"), "--grade", "0.9", "--out", str(tmp_path / "out"))
    assert (0, "") == (ran.code, ran.err)
    assert "5 pictures in 2 groups, 1 of them of one picture" in ran.out
    laid = {
        str(path.relative_to(tmp_path / "out")): path.read_bytes() for path in (tmp_path / "out").glob("*/*")
    }
    assert {
        "1/a.jpg": b"x/a.jpg", "1/a-2.jpg": b"y/a.jpg", "1/a-3.jpg": b"z/a.jpg", "1/a-2-2.jpg": b"z/a-2.jpg",
        "2/b": b"b",
    } == laid  # fmt: skip
    assert {"paths": [{"path": str(tmp_path / "x")}], "grade": 0.9} == server.questions[1].json
    assert 1 == (tmp_path / "x/a.jpg").stat().st_nlink


def test_links_take_no_space(simctl: Run, server: CannedServer, tmp_path: Path) -> None:
    """With ``--link`` the same file has a second name, and JSON says where."""
    server.answers["POST", "/v1/partition"] = answer([picture(tmp_path / "x/a.jpg", b"a")])
    (tmp_path / "out").mkdir()
    ran = simctl("partition", str(tmp_path), "--out", str(tmp_path / "out"), "--link", "--json")
    laid = tmp_path / "out/1/a.jpg"
    assert (tmp_path / "x/a.jpg").samefile(laid)
    assert (True, [], str(laid)) == (
        ran.json["linked"],
        ran.json["failed"],
        ran.json["groups"][0]["pictures"][0]["to"],
    )


@pytest.mark.skipif(not OTHER.is_dir(), reason="needs a second filesystem")
def test_links_to_another_filesystem_are_refused_before_the_first(
    simctl: Run, server: CannedServer, tmp_path: Path
) -> None:
    """However deep the folder would lie; copies are as good there."""
    server.answers["POST", "/v1/partition"] = answer([picture(tmp_path / "x/a.jpg", b"a")])
    with TemporaryDirectory(dir=OTHER) as other:
        out = Path(other, "deep/out")
        ran = simctl("partition", str(tmp_path), "--out", str(out), "--link")
        assert (4, "") == (ran.code, ran.out)
        assert f"{tmp_path}/x/a.jpg lies on another filesystem than {out}" in ran.err
        assert "leave out --link to have copies" in ran.err
        assert [] == list(Path(other).iterdir())
        assert 0 == simctl("partition", str(tmp_path), "--out", str(out)).code
        assert b"a" == (out / "1/a.jpg").read_bytes()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a place where nobody makes folders")
def test_a_folder_that_cannot_be_made_is_told(simctl: Run, server: CannedServer, tmp_path: Path) -> None:
    """With what the system says of it."""
    server.answers["POST", "/v1/partition"] = answer([picture(tmp_path / "x/a.jpg", b"a")])
    ran = simctl("partition", str(tmp_path), "--out", "/proc/simd-out")
    assert (5, "") == (ran.code, ran.out)
    assert "/proc/simd-out/1 cannot be made: No such file or directory" in ran.err


def test_broken_pictures_are_named_and_the_rest_goes_on(
    simctl: Run, server: CannedServer, tmp_path: Path
) -> None:
    """On standard error and in the result; the exit code is 4."""
    server.answers["POST", "/v1/partition"] = answer(
        [picture(tmp_path / "x/a.jpg", b"a")], broken=tmp_path / "bad.jpg"
    )
    ran = simctl("partition", str(tmp_path), "--out", str(tmp_path / "out"))
    assert (4, f"simctl: {tmp_path}/bad.jpg: Bad.\n") == (ran.code, ran.err)
    assert (tmp_path / "out/1/a.jpg").exists()
    as_json = simctl("partition", str(tmp_path), "--out", str(tmp_path / "other"), "--json")
    assert (4, ["bad.jpg"]) == (as_json.code, [each["name"] for each in as_json.json["refused"]])


def test_what_changed_meanwhile_is_not_laid(simctl: Run, server: CannedServer, tmp_path: Path) -> None:
    """A file that is not what the daemon saw, or is gone, is told with exit code 5, and leaves nothing."""
    changed, gone = picture(tmp_path / "x/a.jpg", b"a"), picture(tmp_path / "x/gone.jpg")
    (tmp_path / "x/a.jpg").write_bytes(b"another")
    server.answers["POST", "/v1/partition"] = answer([changed, gone, picture(tmp_path / "x/c", b"c")])
    ran = simctl("partition", str(tmp_path), "--out", str(tmp_path / "out"), "--json")
    assert 5 == ran.code
    assert ["It changed after it was looked at.", "No such file or directory."] == [
        each["reason"] for each in ran.json["failed"]
    ]
    assert ["c"] == [path.name for path in (tmp_path / "out/1").iterdir()]


@pytest.mark.parametrize("grade", ["1.5", "-0.1", "nan", "x"])
def test_a_grade_is_0_to_1(simctl: Run, server: CannedServer, tmp_path: Path, grade: str) -> None:
    """Wrong usage, with what is allowed, and the daemon is asked nothing."""
    ran = simctl("partition", "a", f"--grade={grade}", "--out", str(tmp_path / "out"))
    assert (2, "") == (ran.code, ran.out)
    assert "0 (all are alike) to 1" in ran.err
    assert [] == server.questions


def test_a_folder_in_use_is_refused(simctl: Run, server: CannedServer, tmp_path: Path) -> None:
    """One that holds something, and a file, before the daemon is asked; they stay as they are."""
    used = tmp_path / "used"
    used.mkdir()
    (used / "mine").write_bytes(b"mine")
    for out in (used, used / "mine"):
        ran = simctl("partition", "a", "--out", str(out))
        assert (4, "") == (ran.code, ran.out)
        assert "hint: name a new or empty folder" in ran.err
    assert b"mine" == (used / "mine").read_bytes()
    assert [] == server.questions


def test_a_refusal_leaves_no_folder(simctl: Run, server: CannedServer, tmp_path: Path) -> None:
    """Where there are no pictures, nothing is made."""
    server.answers["POST", "/v1/partition"] = refused(400, "bad-request", "There are no pictures.")
    assert 4 == simctl("partition", str(tmp_path), "--out", str(tmp_path / "out")).code
    assert not (tmp_path / "out").exists()
