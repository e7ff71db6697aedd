"""Whatever happens to a report that is being made, those that are listed are whole, and the next succeeds."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from threading import Event, Thread

import pytest

from simd.core.answers import ReportTrigger
from simd.core.errors import BadReportFolder, CatalogueError, Failed, SimdError
from simd.work.report import reports as reports_module
from simd.work.report.reports import Reports
from simd.work.report.shelf import Shelf
from tests.fakes import FakeClock
from tests.work.report.library import Bureau, Library

ASKED = ReportTrigger.ASKED
_SOON = 60.0


def assert_whole(folder: Path) -> None:
    """Every report that is listed has all its files to their ends; the link leads to one of them."""
    shelf = Shelf(folder)
    for entry in shelf.entries():
        paths = entry.head.paths
        assert Path(paths.html).read_text("utf-8").rstrip().endswith("</html>")
        assert entry.head.id == json.loads(Path(paths.json).read_text("utf-8"))["report"]["id"]
        assert entry.head.totals.files == len(Path(paths.csv).read_text("utf-8").splitlines()) - 1
        assert entry.summary == Path(paths.txt).read_text("utf-8")
        assert entry.head.totals.groups == len(shelf.records(entry.head.id))
    if (folder / "latest.html").is_symlink():
        assert (folder / "latest.html").exists()


@contextmanager
def asking(reports: Reports, errors: list[SimdError]) -> Iterator[Thread]:
    """Somebody who asks for a report in another thread; errors are kept."""

    def ask() -> None:
        try:
            reports.make(ASKED)
        except SimdError as error:
            errors.append(error)

    thread = Thread(target=ask)
    thread.start()
    yield thread
    thread.join(_SOON)
    assert not thread.is_alive()


def kill_when(reports: Reports, thread: Thread, ripe: Callable[[], bool]) -> None:
    """End the report's process like the kernel that is out of memory, as soon as the moment is there."""
    while thread.is_alive():
        running = list(reports._errands._running)
        if running and ripe():
            for process in running:
                process.kill()
            return


def temporaries(folder: Path) -> int:
    """How many files are being written."""
    return sum(path.suffix == ".part" for path in folder.iterdir()) if folder.exists() else 0


def test_killed_after_so_many_files(
    reports: Reports, library: Library, bureau: Bureau, clock: FakeClock
) -> None:
    """Before the first file, between two, within the page: a failure in words, and nothing half-written."""
    library.near(1)
    head = reports.make(ASKED)
    for files in range(6):
        before = head
        listed = list(reports.list().reports)
        clock.advance(60)
        errors: list[SimdError] = []
        with asking(reports, errors) as thread:
            kill_when(reports, thread, lambda files=files: temporaries(bureau.folder) >= files)  # type: ignore[misc]  # bound now
        assert_whole(bureau.folder)
        if errors:
            assert "was ended by SIGKILL" in errors[0].message
            assert listed == list(reports.list().reports)
            assert "The last report failed" in reports.notes()[0].message
        clock.advance(60)
        head = reports.make(ASKED)
        assert before != head == reports.get("latest").report
        assert 0 == temporaries(bureau.folder)
        assert [] == list(reports.notes())
        assert_whole(bureau.folder)


@pytest.mark.slow
def test_killed_at_any_moment(reports: Reports, library: Library, bureau: Bureau, clock: FakeClock) -> None:
    """Five times, at moments that nobody chose."""
    for number in range(8):
        library.near(number)
    dice = Random(6)  # noqa: S311 - moments, not secrets
    errors: list[SimdError] = []
    for _ in range(5):
        clock.advance(60)
        moment = Event()
        with asking(reports, errors) as thread:
            delay = dice.uniform(0, 2)
            kill_when(reports, thread, lambda moment=moment, delay=delay: not moment.wait(delay))  # type: ignore[misc]  # bound now
        assert_whole(bureau.folder)
    clock.advance(60)
    head = reports.make(ASKED)
    assert head == reports.get("latest").report
    assert f"report-{head.id}.html" == str((bureau.folder / "latest.html").readlink())
    assert 0 == temporaries(bureau.folder)
    assert_whole(bureau.folder)


def test_a_disk_that_is_full(bureau: Bureau, library: Library, tiny: Path, clock: FakeClock) -> None:
    """The error says so; the report before, its link and the next one after tidying are as they should be."""
    library.near(1)
    bureau.folder = tiny / "reports"
    subprocess.run(["mount", "-o", "remount,size=1m", tiny], check=True)
    reports = bureau.open()
    before = reports.make(ASKED)
    names = bureau.names()
    with suppress(OSError), (tiny / "ballast").open("wb", buffering=0) as ballast:
        while True:
            ballast.write(bytes(4_096))
    clock.advance(60)
    with pytest.raises(BadReportFolder, match="does not fit") as caught:
        reports.make(ASKED)
    assert "report-folder" == caught.value.code
    assert caught.value.hint
    assert names == bureau.names()
    assert before == reports.get("latest").report
    assert_whole(bureau.folder)
    (tiny / "ballast").unlink()
    head = reports.make(ASKED)
    assert [head, before] == list(reports.list().reports)
    reports.close()


def test_a_disk_that_is_read_only(bureau: Bureau, library: Library, tiny: Path, clock: FakeClock) -> None:
    """The reports that there are can be read; a new one is refused in words."""
    library.near(1)
    bureau.folder = tiny / "reports"
    subprocess.run(["mount", "-o", "remount,size=1m", tiny], check=True)
    reports = bureau.open()
    before = reports.make(ASKED)
    subprocess.run(["mount", "-o", "remount,ro", tiny], check=True)
    clock.advance(60)
    with pytest.raises(BadReportFolder, match="read-only"):
        reports.make(ASKED)
    assert before == reports.get("latest").report
    reports.close()


def test_a_folder_that_cannot_be(bureau: Bureau, library: Library, tmp_path: Path) -> None:
    """A missing parent and a file in its place are told, with the place; nothing is made there."""
    (tmp_path / "letter").write_text("dear")
    for folder in (tmp_path / "unmounted" / "reports", tmp_path / "letter"):
        bureau.folder = folder
        reports = bureau.open()
        with pytest.raises(BadReportFolder) as caught:
            reports.make(ASKED)
        assert str(folder) == caught.value.path
        reports.close()
    assert not (tmp_path / "unmounted").exists()
    assert "dear" == (tmp_path / "letter").read_text()


def test_no_catalogue(bureau: Bureau, library: Library, tmp_path: Path) -> None:
    """What the child finds wrong with the catalogue is what the one who asked is told."""
    bureau.library = replace(library, state=tmp_path)
    reports = bureau.open()
    with pytest.raises(CatalogueError, match="no catalogue"):
        reports.make(ASKED)
    assert [] == bureau.names()
    reports.close()


def test_a_report_that_hangs(
    bureau: Bureau, reports: Reports, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process is ended when its time is over, and it leaves nothing that the next one does not remove."""
    library.near(1)
    with monkeypatch.context() as patched:
        patched.setattr(reports_module, "DEADLINE_SECONDS", 0.1)
        with pytest.raises(Failed, match="took longer"):
            reports.make(ASKED)
    reports.make(ASKED)
    assert 0 == temporaries(bureau.folder)
    assert_whole(bureau.folder)


def test_damage_is_left_alone(
    bureau: Bureau, reports: Reports, library: Library, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A report whose record is damaged is not listed, not compared with, and not deleted."""
    library.near(1)
    before = reports.make(ASKED)
    clock.advance(60)
    damaged = reports.make(ASKED)
    record = bureau.folder / f"report-{damaged.id}.groups.gz"
    record.write_bytes(record.read_bytes()[:-20])
    clock.advance(60)
    head = reports.make(ASKED)
    assert head.since in {before.id, damaged.id}
    record.write_bytes(b"")
    clock.advance(60)
    assert head.id == reports.make(ASKED).since
    assert damaged.id not in {each.id for each in reports.list().reports}
    assert Path(damaged.paths.html).exists()
    assert f"{record} is passed over" in caplog.text


def test_files_that_went_are_sketched(bureau: Bureau, reports: Reports, library: Library) -> None:
    """Pictures whose files are gone, and were never in a report, are shown from their signatures."""
    library.near(1)
    for path in library.photos.rglob("1.*"):
        path.unlink()
    head = reports.make(ASKED)
    page = Path(head.paths.html).read_text("utf-8")
    assert 2 == page.count("data:image/webp;base64,")
    assert "small preview" in page
