"""A report is on the disk whole or not at all, and a folder that refuses says so in words."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from simd.core.errors import BadReportFolder
from simd.work.report.draft import LINK, Draft, point_latest

ID = "2026-11-21"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that is yet to be made."""
    return tmp_path / "reports"


def write(draft: Draft, *suffixes: str, text: str = "words") -> None:
    """Write files of a report."""
    for suffix in suffixes:
        with draft.text(suffix) as stream:
            stream.write(text)


def names(folder: Path) -> set[str]:
    """What is in a folder."""
    return {path.name for path in folder.iterdir()}


def test_files_get_their_names_at_the_end(folder: Path) -> None:
    """Until the end there are only temporary names; afterwards only final ones, closed to others."""
    with Draft(folder, ID) as draft:
        write(draft, ".html", ".json")
        assert all(name.startswith(".report-") and name.endswith(".part") for name in names(folder))
        draft.publish()
        expected = {f"report-{ID}.html", f"report-{ID}.json"}
        assert expected == names(folder)
    assert expected == names(folder)
    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    assert {0o600} == {stat.S_IMODE((folder / name).stat().st_mode) for name in expected}


def test_the_page_comes_last(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sees the page sees the rest; every file is synced before any has its name."""
    steps: list[str] = []
    replace, fsync = Path.replace, os.fsync

    def note_replace(self: Path, target: Path) -> Path:
        steps.append(target.suffix)
        return replace(self, target)

    def note_fsync(descriptor: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    monkeypatch.setattr(Path, "replace", note_replace)
    monkeypatch.setattr(os, "fsync", note_fsync)
    with Draft(folder, ID) as draft:
        write(draft, ".html", ".json", ".csv")
        draft.publish()
    assert ["file", "file", "file", ".json", ".csv", "folder", ".html", "folder"] == steps


def test_an_error_leaves_nothing(folder: Path) -> None:
    """Whatever ends the writing, before, within or between the files."""

    def write_half() -> None:
        with Draft(folder, ID) as draft:
            write(draft, ".html")
            with draft.text(".json") as stream:
                stream.write("half")
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert set() == names(folder)


def test_an_error_while_naming_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that had their names already lose them when the page cannot be named."""
    replace = Path.replace

    def refuse_page(self: Path, target: Path) -> Path:
        if target.suffix == ".html":
            raise OSError(5, "Input/output error")
        return replace(self, target)

    def publish() -> None:
        with Draft(folder, ID) as draft:
            write(draft, ".html", ".json")
            draft.publish()

    monkeypatch.setattr(Path, "replace", refuse_page)
    with pytest.raises(BadReportFolder, match="input/output error"):
        publish()
    assert set() == names(folder)


def test_remains_of_the_dead_are_swept(folder: Path) -> None:
    """Temporary files of processes that are gone, of this one, and of old go; others stay."""
    folder.mkdir()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    abandoned = folder / f".report-2026-11-20.html.{gone.pid}.part"
    ours = folder / f".report-2026-11-20.html.{os.getpid()}.part"
    busy = folder / f".report-2026-11-20.json.{os.getppid()}.part"
    old = folder / f".report-2026-11-20.csv.{os.getppid()}.part"
    foreign = folder / ".report.part"
    for path in (abandoned, ours, busy, old, foreign):
        path.touch()
    os.utime(old, (0, 0))
    with Draft(folder, ID):
        assert {busy.name, foreign.name} == names(folder)


def test_a_folder_that_exists_is_left_as_it_is(folder: Path) -> None:
    """A person's folder keeps its mode and what is in it."""
    folder.mkdir(mode=0o755)
    (folder / "letter.txt").write_text("dear")
    with Draft(folder, ID) as draft:
        write(draft, ".html")
        draft.publish()
    assert 0o755 == stat.S_IMODE(folder.stat().st_mode)
    assert {"letter.txt", f"report-{ID}.html"} == names(folder)


def test_a_missing_parent_is_told(tmp_path: Path) -> None:
    """A disk that is not mounted does not get a folder in its place."""
    with (
        pytest.raises(BadReportFolder, match="cannot be made or used") as caught,
        Draft(tmp_path / "a" / "b", ID),
    ):
        pass
    assert "report-folder" == caught.value.code
    assert caught.value.hint
    assert "report.folder" in caught.value.hint
    assert not (tmp_path / "a").exists()


def test_a_file_in_its_place_is_told(folder: Path) -> None:
    """What is there is no folder, and stays."""
    folder.write_text("a letter")
    with pytest.raises(BadReportFolder, match="cannot be made or used"), Draft(folder, ID):
        pass
    assert "a letter" == folder.read_text()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_told(folder: Path) -> None:
    """Mode 0500: the message says that it cannot be written."""
    folder.mkdir(mode=0o500)
    with pytest.raises(BadReportFolder, match="cannot be written"), Draft(folder, ID) as draft:
        write(draft, ".html")


def test_a_read_only_disk_is_told(tiny: Path) -> None:
    """A folder on a disk that was mounted read-only."""
    folder = tiny / "reports"
    folder.mkdir()
    subprocess.run(["mount", "-o", "remount,ro", tiny], check=True)
    with pytest.raises(BadReportFolder, match="cannot be written: read-only"), Draft(folder, ID) as draft:
        write(draft, ".html")


@pytest.mark.parametrize("length", [70_000, 1_000_000])
def test_a_full_disk_is_told(tiny: Path, length: int) -> None:
    """The message says that it does not fit; nothing of it remains, and what was there does."""
    folder = tiny / "reports"
    with Draft(folder, ID) as draft:
        write(draft, ".html", ".json")
        draft.publish()
    before = names(folder)
    with pytest.raises(BadReportFolder, match="does not fit") as caught, Draft(folder, "2026-11-22") as draft:
        write(draft, ".html", text="x" * length)
    assert caught.value.hint
    assert before == names(folder)


def test_latest_leads_to_the_newest(folder: Path) -> None:
    """The link is relative, and replaced in one step."""
    folder.mkdir()
    for report_id in ("2026-11-20", ID):
        (folder / f"report-{report_id}.html").write_text(report_id)
        point_latest(folder, report_id)
        assert report_id == (folder / LINK).read_text()
    assert f"report-{ID}.html" == str((folder / LINK).readlink())
    assert {LINK, "report-2026-11-20.html", f"report-{ID}.html"} == names(folder)


def test_a_disk_without_links_has_none(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The report is there all the same; the log says why ``latest.html`` is not."""
    folder.mkdir()

    def refuse(_self: Path, _target: str) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    point_latest(folder, ID)
    assert "latest.html cannot be renewed: Operation not permitted" in caplog.text
    assert set() == names(folder)
