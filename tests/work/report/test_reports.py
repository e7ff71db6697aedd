"""Reports are made once, whole, one at a time, and say what became of things since the one before."""

import csv
import json
import os
import stat
import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from simd.core.actions.summing import Summary
from simd.core.answers import Change, Deeds, DeedTotals, Note, ReportHead, ReportTrigger
from simd.core.errors import BadRequest, NotFound, Unavailable
from simd.core.verdicts import VerdictKind, verdicts_on
from simd.runtime.errand import Errands
from simd.work.report.previews import Previews
from simd.work.report.reports import Reports
from tests.fakes import FakeClock
from tests.work.report.library import Bureau, Library, opened

ASKED, NIGHTLY = ReportTrigger.ASKED, ReportTrigger.NIGHTLY
DAY = 86_400.0
_SOON = 60.0


def test_a_report_has_all_its_files(bureau: Bureau, reports: Reports, library: Library) -> None:
    """Page, JSON, CSV, text, record and link are there, closed to others, and agree with each other."""
    library.near(1)
    head = reports.make(ASKED)
    assert "2026-01-15-120000" == head.id
    stem = "report-2026-01-15-120000"
    assert [
        "latest.html",
        *(f"{stem}.{it}" for it in ("csv", "groups.gz", "html", "json", "txt")),
    ] == bureau.names()
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in bureau.folder.glob(f"{stem}.*")}
    page = Path(head.paths.html).read_text("utf-8")
    assert page == (bureau.folder / "latest.html").read_text("utf-8")
    assert 2 == page.count("data:image/webp;base64,")
    groups = json.loads(Path(head.paths.json).read_text("utf-8"))["groups"]
    with Path(head.paths.csv).open(encoding="utf-8", newline="") as rows:
        listed = [row["path"] for row in csv.DictReader(rows)]
    members = [os.fspath(library.photos / name) for name in ("camera/1.png", "backup/1.jpg")]
    assert members == [member["path"] for member in groups[0]["members"]]
    assert sorted(members) == sorted(listed)
    assert reports.get("latest").summary == Path(head.paths.txt).read_text("utf-8")
    assert (1, 1) == (head.totals.groups, head.new.groups)


def test_its_process_is_told_what_was_decided(
    bureau: Bureau, library: Library, clock: FakeClock, closing: ExitStack
) -> None:
    """Verdicts travel with the order; two who are marked apart are no group in the report."""
    library.near(1)
    parted = library.near(2)
    with library.catalogue.read() as snapshot:
        digests = [row.digest for row in snapshot.images(parted).values()]
    bureau.verdicts = verdicts_on(VerdictKind.SERIES, digests, clock.now())
    assert 1 == opened(bureau, closing).make(ASKED).totals.groups


def test_the_answer_is_what_is_listed(reports: Reports, library: Library) -> None:
    """What making returns, what the list says and what is asked for by id is one and the same."""
    library.near(1)
    head = reports.make(ASKED)
    assert [head] == list(reports.list().reports)
    assert head == reports.get(head.id).report == reports.get("latest").report
    assert library.catalogue.generation() == reports.list().generation == reports.get(head.id).generation


def test_the_next_says_what_is_new(
    bureau: Bureau, closing: ExitStack, library: Library, clock: FakeClock
) -> None:
    """The second report knows the first: the link leads to it, and only what came since is news.

    It asks the journal of actions what was done from where the first one had read to.
    """
    bureau.deeds = lambda since: Summary(Deeds(undone=DeedTotals(pictures=since + 1)), since + 7)
    reports = opened(bureau, closing)
    library.near(1)
    first = reports.make(ASKED)
    library.near(2)
    clock.advance(60)
    second = reports.make(ASKED)
    assert (None, first.id) == (first.since, second.since)
    assert (2, 1) == (second.totals.groups, second.new.groups)
    assert (2, 0) == (second.activity.added, second.activity.removed)
    assert [1, 8] == [head.activity.deeds.undone.pictures for head in (first, second)]
    assert Path(second.paths.html).name == str((bureau.folder / "latest.html").readlink())
    assert [second.id, first.id] == [head.id for head in reports.list().reports]


def test_previews_are_made_once(bureau: Bureau, reports: Reports, library: Library, clock: FakeClock) -> None:
    """The second report shows the pictures of the first, asks for none, and their files may be gone."""
    ids = library.near(1)
    first = reports.make(ASKED)
    kept = library.kept(ids)
    assert set(ids) == kept.keys()
    for path in library.photos.rglob("1.*"):
        path.unlink()
    clock.advance(60)
    listener = bureau.broadcast.subscribe()
    second = reports.make(ASKED)
    assert {"phase": "previews", "done": 0, "total": 0} in [notice.data for notice in listener.take(0)]
    assert kept == library.kept(ids)
    pictures = [Path(head.paths.html).read_text("utf-8").count("data:image/webp") for head in (first, second)]
    assert [2, 2] == pictures


def test_a_night_is_summed_up_in_the_log(
    reports: Reports, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    """Who reads the journal over coffee finds the summary there, once; of a report by day one line tells.

    The status, too, finds the newest.
    """
    library.near(1)
    caplog.set_level("INFO", "simd.work.report.reports")
    assert reports.newest() is None
    asked = reports.make(ASKED)
    assert asked == reports.newest()
    [made] = caplog.messages
    assert made.startswith(f"the report {asked.id} is made (asked): 1 group, ")
    caplog.clear()
    reports.make(NIGHTLY)
    reports.make(NIGHTLY)
    summary = reports.get("2026-01-15").summary
    assert [line for line in summary.splitlines() if line] == caplog.messages[1:]
    assert caplog.messages[0].startswith("the report 2026-01-15 is made (nightly): 1 group, ")


def test_one_report_a_night(bureau: Bureau, reports: Reports, library: Library, clock: FakeClock) -> None:
    """However often the clock asks on one local date, and across restarts; the next date has its own."""
    library.near(1)
    head = reports.make(NIGHTLY)
    assert "2026-01-15" == head.id
    written = Path(head.paths.html).stat().st_mtime_ns
    clock.advance(3_600)
    again = bureau.open()
    assert head == reports.make(NIGHTLY) == again.make(NIGHTLY)
    again.close()
    assert written == Path(head.paths.html).stat().st_mtime_ns
    clock.advance(DAY)
    reports.nightly()
    assert ["2026-01-16", "2026-01-15"] == [each.id for each in reports.list().reports]


def test_the_date_is_local(library: Library, bureau: Bureau, closing: ExitStack) -> None:
    """Half past midnight in Auckland is a new day there, whatever the date is in Greenwich."""
    bureau.clock = FakeClock(datetime(2026, 1, 15, 11, 30, tzinfo=UTC), ZoneInfo("Pacific/Auckland"))
    head = opened(bureau, closing).make(NIGHTLY)
    assert ("2026-01-16", "2026-01-16", "2026-01-16T00:30:00+13:00") == (head.id, head.date, head.made_at)


def test_an_hour_that_comes_twice(library: Library, bureau: Bureau, closing: ExitStack) -> None:
    """When clocks are put back, the same local second gets another id; no report is overwritten."""
    bureau.clock = FakeClock(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    reports = opened(bureau, closing)
    first = reports.make(ASKED)
    bureau.clock.advance(3_600)
    second = reports.make(ASKED)
    assert ["2026-10-25-023000", "2026-10-25-023001"] == [first.id, second.id]
    assert [second.id, first.id] == [head.id for head in reports.list().reports]


def test_two_at_once_share_one(reports: Reports, library: Library, bureau: Bureau) -> None:
    """The second waits for the report that is being made, and gets it."""
    library.near(1)
    heads: list[ReportHead] = []
    gate = threading.Barrier(5)

    def ask() -> None:
        gate.wait(_SOON)
        heads.append(reports.make(ASKED))

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_SOON)
    assert [heads[0]] * 5 == heads
    assert 1 == len(reports.list().reports)


def test_a_night_waits_for_its_own(
    reports: Reports, library: Library, bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report that somebody asked for does not stand for that of the night; both are made, in turn."""
    library.near(1)
    begun, at_once, running = threading.Event(), [], []
    run = Errands.run

    def run_and_tell(self: Any, *args: Any) -> Any:
        running.append(1)
        at_once.append(len(running))
        begun.set()
        try:
            return run(self, *args)
        finally:
            running.pop()

    monkeypatch.setattr(Errands, "run", run_and_tell)
    asking = threading.Thread(target=reports.make, args=(ASKED,))
    asking.start()
    assert begun.wait(_SOON)
    assert "2026-01-15" == reports.make(NIGHTLY).id
    asking.join(_SOON)
    assert {"2026-01-15", "2026-01-15-120000"} == {head.id for head in reports.list().reports}
    assert [1, 1] == at_once


def test_old_reports_go(bureau: Bureau, closing: ExitStack, library: Library, clock: FakeClock) -> None:
    """Of each report that is past its time every file goes; the link leads to the newest."""
    bureau.keep_nightly, bureau.keep_monthly = 2, 1
    reports = opened(bureau, closing)
    for _ in range(4):
        reports.nightly()
        clock.advance(DAY)
    kept = ["2026-01-18", "2026-01-17", "2026-01-15"]
    assert kept == [head.id for head in reports.list().reports]
    assert 5 * len(kept) + 1 == len(bureau.names())
    assert "report-2026-01-18.html" == str((bureau.folder / "latest.html").readlink())


def test_progress_is_told(bureau: Bureau, reports: Reports, library: Library) -> None:
    """Whoever listens learns of each phase, and of the end with its id."""
    library.near(1)
    listener = bureau.broadcast.subscribe()
    head = reports.make(ASKED)
    told = [notice.data for notice in listener.take(0) if notice.event == "report"]
    assert ["gather", "previews", "done"] == list(dict.fromkeys(each["phase"] for each in told))
    assert {"phase": "previews", "done": 2, "total": 2} in told
    assert {"phase": "done", "id": head.id} == told[-1]


def test_notes_are_in_the_report(bureau: Bureau, closing: ExitStack, library: Library) -> None:
    """What is wrong with the daemon is on the page."""
    bureau.notes = [Note(message="/photos is offline: unplugged", hint="Plug it in.")]
    head = opened(bureau, closing).make(ASKED)
    page = Path(head.paths.html).read_text("utf-8")
    assert "/photos is offline: unplugged" in page
    assert "Plug it in." in page


def test_the_next_one_is_announced(bureau: Bureau, closing: ExitStack) -> None:
    """The list says where reports are and when the next one is due, if any."""
    reports = opened(bureau, closing)
    assert (None, []) == (reports.list().next_at, list(reports.list().reports))
    bureau.next_at = bureau.clock.now() + timedelta(hours=3)
    assert "2026-01-15T15:00:00+00:00" == reports.list().next_at
    assert str(bureau.folder) == reports.list().folder


def test_two_reports_are_compared(reports: Reports, library: Library, clock: FakeClock) -> None:
    """What appeared from one to the other, both ways round; ``latest`` may stand for the newest."""
    library.near(1)
    first = reports.make(ASKED)
    library.near(2)
    clock.advance(60)
    second = reports.make(ASKED)
    found = reports.diff(first.id, "latest")
    assert (first.id, second.id, library.catalogue.generation()) == (found.a, found.b, found.generation)
    (change,) = found.changes
    assert (Change.APPEARED, os.fspath(library.photos / "camera/2.png")) == (change.change, change.path)
    assert (0, 2, 0) == (change.files_before, change.files_after, change.reclaimable_before)
    sums = (first.totals.reclaimable_bytes, second.totals.reclaimable_bytes)
    assert sums == (found.reclaimable_before, found.reclaimable_after)
    assert sums[1] - sums[0] == change.reclaimable_after
    (back,) = reports.diff(second.id, first.id).changes
    assert (Change.RESOLVED, 2, 0) == (back.change, back.files_before, back.files_after)
    assert [] == list(reports.diff(first.id, first.id).changes)


def test_strange_ids(reports: Reports, library: Library) -> None:
    """A day that does not exist is a bad request; a report that does not is not found, by name."""
    known = reports.make(ASKED).id
    for ask in (reports.get, lambda each: reports.diff(known, each), lambda each: reports.diff(each, known)):
        with pytest.raises(BadRequest, match="no such day"):
            ask("2026-02-30")
        with pytest.raises(NotFound, match="There is no report 2026-02-28") as caught:
            ask("2026-02-28")
        assert f"There are: {known}." == caught.value.hint


def test_closing_ends_it(bureau: Bureau, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that stops does not wait for a report, and leaves no half of one."""
    library.near(1)
    reports = bureau.open()

    def close_and_go_on(*_: object) -> int:
        reports.close()
        return 0

    monkeypatch.setattr(Previews, "provide", close_and_go_on)
    with pytest.raises(Unavailable, match="stopping"):
        reports.make(ASKED)
    assert all(name.endswith(".part") for name in bureau.names())
    again = bureau.open()
    monkeypatch.undo()
    again.make(ASKED)
    again.close()
    assert not any(name.endswith(".part") for name in bureau.names())
