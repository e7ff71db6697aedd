"""The shelf lists whole reports, the newest first, and passes over everything else without touching it."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from simd.catalogue import Tallies
from simd.core.answers import (
    Activity,
    Category,
    CategoryTotals,
    GroupTotals,
    LibraryTotals,
    ReportHead,
    ReportNews,
    ReportTrigger,
)
from simd.core.errors import BadReportFolder, BadRequest, Failed, NotFound
from simd.core.report.membership import GroupRecord
from simd.work.report.shelf import Entry, Shelf, write_record

SUMS = GroupTotals(groups=1, images=2, files=3, reclaimable_bytes=4)
RECORDS = [
    GroupRecord("00" * 8, ("00" * 8, "11" * 8), 3, 4, "/a.jpg", None),
    GroupRecord("22" * 8, ("22" * 8,), 2, 1, "/\\xff.jpg", "L/8uanBn"),
]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A shelf without a folder yet."""
    return Shelf(tmp_path / "reports")


def entry(shelf: Shelf, report_id: str, made_at: str | None = None) -> Entry:
    """What a report says of itself."""
    head = ReportHead(
        id=report_id,
        date=report_id[:10],
        made_at=made_at or f"{report_id[:10]}T03:00:00+01:00",
        trigger=ReportTrigger.NIGHTLY,
        since=None,
        preset="default",
        library=LibraryTotals(files=3, images=2, bytes=9),
        totals=SUMS,
        categories=[CategoryTotals(category=Category.NEAR, totals=SUMS)],
        new=ReportNews(groups=1, images=2, reclaimable_bytes=4, resolved_groups=0, freed_bytes=0),
        activity=Activity(added=3, moved=0, removed=0),
        problems=0,
        paths=shelf.paths(report_id),
    )
    return Entry(head=head, summary=f"words of {report_id}", tallies=Tallies(3, 0, 0))


def put(shelf: Shelf, report_id: str, made_at: str | None = None) -> Entry:
    """Put a report on the shelf."""
    shelf.folder.mkdir(exist_ok=True)
    told = entry(shelf, report_id, made_at)
    for suffix in ("html", "json", "csv", "txt"):
        Path(getattr(told.head.paths, suffix)).write_text(report_id)
    with (shelf.folder / f"report-{report_id}.groups.gz").open("wb") as stream:
        write_record(stream, told, RECORDS)
    return told


def listed(shelf: Shelf) -> list[str]:
    """The ids of all entries."""
    return [each.head.id for each in shelf.entries()]


def test_what_was_put_comes_back(shelf: Shelf) -> None:
    """Head, summary, tallies and every group, with paths that are not UTF-8."""
    told = put(shelf, "2026-11-21")
    assert [told] == shelf.entries()
    assert told == shelf.get("2026-11-21")
    assert RECORDS == shelf.records("2026-11-21")
    found = shelf.newest_readable(shelf.entries())
    assert found is not None
    assert (told.head, RECORDS, told.tallies) == (found.head, found.records, found.tallies)


def test_no_folder_is_no_report(shelf: Shelf) -> None:
    """Before the first report the list is empty, and asking for one says how to get one."""
    assert [] == shelf.entries()
    for report_id in ("latest", "2026-11-21"):
        with pytest.raises(NotFound, match="no report yet") as caught:
            shelf.get(report_id)
        assert "simctl report now makes one." == caught.value.hint


def test_the_newest_is_first(shelf: Shelf) -> None:
    """By the moment, not by the name: offsets and clocks may differ."""
    put(shelf, "2026-11-21", "2026-11-21T03:00:00+01:00")
    put(shelf, "2026-11-21-025900", "2026-11-21T02:59:00+00:00")
    put(shelf, "2026-11-20")
    assert ["2026-11-21-025900", "2026-11-21", "2026-11-20"] == listed(shelf)
    assert "2026-11-21-025900" == shelf.get("latest").head.id


def test_an_unknown_id_is_answered_with_the_known(shelf: Shelf) -> None:
    """The hint names the newest ones, and how many there are besides."""
    for day in range(1, 13):
        put(shelf, f"2026-11-{day:02d}")
    with pytest.raises(NotFound, match=r"no report 2026-11-21\.") as caught:
        shelf.get("2026-11-21")
    hint = caught.value.hint or ""
    assert hint.startswith("There are: 2026-11-12, 2026-11-11, ")
    assert hint.endswith("2026-11-03 and 2 older ones.")


@pytest.mark.parametrize("report_id", ["2026-02-30", "../../etc/passwd", "yesterday"])
def test_what_is_no_id_is_a_bad_request(shelf: Shelf, report_id: str) -> None:
    """A day that the calendar does not have is not just not found."""
    put(shelf, "2026-11-21")
    with pytest.raises(BadRequest) as caught:
        shelf.get(report_id)
    assert "bad-request" == caught.value.code


def damaged_records(told: Entry) -> dict[str, bytes]:
    """Records that are no records."""
    line = json.dumps({"head": {"id": told.head.id}}).encode()
    good = gzip.compress(b"{}\n")
    return {
        "empty": b"",
        "text": b"not compressed",
        "no object": gzip.compress(b"[]\n"),
        "no json": gzip.compress(b"{\n"),
        "no text": gzip.compress(b"\xff\xfe\n"),
        "half a head": gzip.compress(line),
        "cut off": good[: len(good) // 2],
        "flipped": good[:12] + bytes([good[12] ^ 0xFF]) + good[13:],
    }


@pytest.mark.parametrize(
    "kind", ["empty", "text", "no object", "no json", "no text", "half a head", "cut off", "flipped"]
)
def test_a_damaged_record_is_passed_over(shelf: Shelf, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """The others are listed, the log names it, and its bytes stay for whoever wants to look."""
    told = put(shelf, "2026-11-20")
    put(shelf, "2026-11-21")
    path = shelf.folder / "report-2026-11-21.groups.gz"
    data = damaged_records(told)[kind]
    path.write_bytes(data)
    assert ["2026-11-20"] == listed(shelf)
    assert f"{path} is passed over" in caplog.text
    assert shelf.find("2026-11-21") is None
    assert data == path.read_bytes()


def test_a_record_under_another_name_is_passed_over(shelf: Shelf) -> None:
    """A copy of a record does not make a second report of the same night."""
    put(shelf, "2026-11-20")
    put(shelf, "2026-11-21")
    (shelf.folder / "report-2026-11-20.groups.gz").replace(shelf.folder / "report-2026-11-21.groups.gz")
    assert [] == listed(shelf)


def test_a_moment_without_offset_is_damage(shelf: Shelf) -> None:
    """Moments that cannot be compared with others have no place in the order."""
    put(shelf, "2026-11-20")
    put(shelf, "2026-11-21", "2026-11-21T03:00:00")
    assert ["2026-11-20"] == listed(shelf)


def test_half_a_report_is_none(shelf: Shelf) -> None:
    """Without its page, or without its record, it does not count."""
    for report_id in ("2026-11-19", "2026-11-20", "2026-11-21"):
        put(shelf, report_id)
    (shelf.folder / "report-2026-11-19.html").unlink()
    (shelf.folder / "report-2026-11-20.groups.gz").unlink()
    assert ["2026-11-21"] == listed(shelf)
    assert shelf.find("2026-11-19") is None
    assert shelf.find("2026-11-20") is None


def test_a_groups_line_that_is_damaged_is_told(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever compares is told; the next report takes the one before it for its measure."""
    put(shelf, "2026-11-20")
    told = put(shelf, "2026-11-21")
    with (shelf.folder / "report-2026-11-21.groups.gz").open("wb") as stream:
        write_record(stream, told, [replace(RECORDS[0]), "nothing"])  # type: ignore[list-item]  # damage
    with pytest.raises(Failed, match="record of report 2026-11-21 cannot be read"):
        shelf.records("2026-11-21")
    found = shelf.newest_readable(shelf.entries())
    assert found is not None
    assert "2026-11-20" == found.head.id
    assert "2026-11-21" in caplog.text


def test_a_folder_that_was_moved_has_its_new_paths(shelf: Shelf) -> None:
    """The head tells where the files are now, not where they were written."""
    put(shelf, "2026-11-21")
    moved = shelf.folder.with_name("elsewhere")
    shelf.folder.replace(moved)
    assert str(moved / "report-2026-11-21.html") == Shelf(moved).get("latest").head.paths.html


def test_removing_takes_all_files_of_a_report(shelf: Shelf) -> None:
    """And nothing else; what is gone already is no error."""
    put(shelf, "2026-11-20")
    put(shelf, "2026-11-21")
    (shelf.folder / "report-2026-11-20.csv").unlink()
    (shelf.folder / "report-2026-11-20.pdf").write_text("printed")
    shelf.remove(["2026-11-20", "2026-11-01"])
    assert ["2026-11-21"] == listed(shelf)
    left = {path.name for path in shelf.folder.iterdir() if "2026-11-20" in path.name}
    assert {"report-2026-11-20.pdf"} == left


def test_a_file_in_place_of_the_folder_is_told(shelf: Shelf) -> None:
    """The list does not pretend to be empty."""
    shelf.folder.write_text("")
    with pytest.raises(BadReportFolder, match="cannot be read: not a directory"):
        shelf.entries()
