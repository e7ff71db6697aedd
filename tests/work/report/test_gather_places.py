"""Duplicates by the folders that they lie in, and by year."""

from dataclasses import replace
from pathlib import Path

from simd.catalogue import Catalogue
from simd.core.report.value import FolderPair, YearTotals
from tests.work.report.gathering import ORDER, ask, closing_catalogue, put, put_at
from tests.work.samples import ROOT, enrol, fill, picture, signature, stamp


class TestFolders:
    """Which folders hold the same pictures."""

    def test_duplicates_are_counted_by_the_folders_that_they_lie_in(self, catalogue: Catalogue) -> None:
        """From the name of the root on; copies within a folder too; every byte of the groups once."""
        for number in range(1, 4):
            put(catalogue, number, f"Camera/{number}", f"Backup/2019/{number}", size=100)
        put(catalogue, 9, "Camera/x", "Camera/longer x", "longest x", size=1_000)

        report = ask(catalogue).report

        assert [
            FolderPair(keeper="photos/Camera", other="photos/Backup/2019", pairs=3, reclaimable_bytes=300),
            FolderPair(keeper="photos/Camera", other="photos", pairs=1, reclaimable_bytes=1_000),
            FolderPair(keeper="photos/Camera", other="photos/Camera", pairs=1, reclaimable_bytes=1_000),
        ] == report.folder_pairs
        assert report.head.totals.reclaimable_bytes == sum(it.reclaimable_bytes for it in report.folder_pairs)

    def test_hard_links_are_pairs_that_free_nothing(self, catalogue: Catalogue) -> None:
        """Neither a link to the keeper nor the second name of a copy."""
        put(catalogue, 1, "a", "copy/b", size=500)
        links = [(ROOT + b"/link/a", stamp(100, size=500), 1), (ROOT + b"/link/b", stamp(101, size=500), 1)]
        fill(catalogue, [], links)
        report = ask(catalogue).report
        assert {"photos/copy": (1, 500), "photos/link": (2, 0)} == {
            it.other: (it.pairs, it.reclaimable_bytes) for it in report.folder_pairs
        }

    def test_roots_of_one_name_are_told_apart(self, catalogue: Catalogue) -> None:
        """Their folders are given in full, as are those of the root of all."""
        enrol(catalogue, b"/disk/photos", device=2)
        put_at(catalogue, 1, ROOT + b"/a/1", b"/disk/photos/b/1")
        [found] = ask(catalogue).report.folder_pairs
        assert ("/photos/a", "/disk/photos/b") == (found.keeper, found.other)

    def test_the_root_of_all_has_no_name_of_its_own(self, tmp_path: Path) -> None:
        """Folders below it are given in full."""
        with closing_catalogue(tmp_path) as other:
            enrol(other, b"/")
            put_at(other, 1, b"/1", b"/deep/down/1")
            [found] = ask(other).report.folder_pairs
        assert ("/", "/deep/down") == (found.keeper, found.other)

    def test_the_rest_is_counted(self, catalogue: Catalogue) -> None:
        """Twenty pairs are shown, those with most duplicates."""
        for number in range(1, 26):
            put(catalogue, number, f"a{number}/1", f"b{number}/1")
        put(catalogue, 99, "a25/2", "b25/2")
        report = ask(catalogue, replace(ORDER, groups_shown=1)).report
        assert (20, 5) == (len(report.folder_pairs), report.hidden_folder_pairs)
        assert ("photos/a25", 2) == (report.folder_pairs[0].keeper, report.folder_pairs[0].pairs)


def test_years_are_those_of_the_picture_that_is_kept(catalogue: Catalogue) -> None:
    """When it was taken, or else changed; the latest first; all groups count, shown or not."""
    for number, taken in enumerate(["2019-05-04T03:02:01", "2021-01-01T00:00:00", "nonsense", None], start=1):
        content = replace(signature(picture(number), number, size=10 * number), taken_at=taken)
        files = [
            (ROOT + b"/%d%d" % (number, copy), stamp(10 * number + copy, size=10 * number), number)
            for copy in range(2)
        ]
        fill(catalogue, [(number, content)], files)
    years = ask(catalogue, replace(ORDER, groups_shown=0)).report.years
    assert [
        YearTotals(year=2021, groups=1, reclaimable_bytes=20),
        YearTotals(year=2019, groups=1, reclaimable_bytes=10),
        YearTotals(year=2001, groups=2, reclaimable_bytes=70),
    ] == years
