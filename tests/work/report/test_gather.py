"""What a report says: totals, categories, and what is new."""

from dataclasses import replace
from pathlib import Path

import pytest

from simd.catalogue import Catalogue, Tallies
from simd.core.answers import Activity, Category, Change, GroupTotals, LibraryTotals, ReportNews
from simd.core.errors import BadRequest
from simd.core.report.value import TrendPoint, sum_totals
from simd.core.verdicts import VerdictKind, verdicts_on
from simd.work.report.gather import gather
from tests.work.report.gathering import (
    ORDER,
    ask,
    ask_again,
    closing_catalogue,
    fill_library,
    join,
    names,
    put,
    sections,
)
from tests.work.samples import ROOT, enrol, fill, picture, signature, stamp


@pytest.fixture
def library(catalogue: Catalogue) -> Catalogue:
    """One group of each category, and a picture without any."""
    return fill_library(catalogue)


class TestTheFirst:
    """A report that has none before."""

    def test_it_says_all_of_the_library(self, library: Catalogue) -> None:
        """Totals, categories and activity; everything counts as new, and nothing is shown as news."""
        report = ask(library).report

        head = report.head
        assert LibraryTotals(files=7, images=6, bytes=1_250) == head.library
        assert GroupTotals(groups=3, images=5, files=6, reclaimable_bytes=600) == head.totals
        assert head.totals == sum_totals([part.totals for part in head.categories])
        assert {Category.IDENTICAL: 300, Category.NEAR: 200, Category.DOUBTFUL: 100} == {
            part.category: part.totals.reclaimable_bytes for part in head.categories
        }
        assert (
            ReportNews(groups=3, images=5, reclaimable_bytes=600, resolved_groups=0, freed_bytes=0)
            == head.new
        )
        assert Activity(added=7, moved=0, removed=0) == head.activity
        assert ([], [], True, False) == (report.news, report.resolved, report.first, report.quiet)

    def test_groups_stand_in_the_section_of_their_category(self, library: Catalogue) -> None:
        """Equal bytes, near, and near with a tag, which is doubted."""
        report = ask(library).report

        assert {
            Category.IDENTICAL: [["same/a", "same/b"]],
            Category.NEAR: [["near/a", "other/a"]],
            Category.DOUBTFUL: [["doubt/a", "doubt/b"]],
        } == sections(report)
        [doubted] = report.sections[2].cards
        assert ([False, True], "recoloured") == (doubted.doubts, doubted.differences[1][-1])
        assert [["same/a", "same/b"], ["near/a", "other/a"], ["doubt/a", "doubt/b"]] == [
            names(card) for card in report.savings
        ]

    def test_an_empty_library_has_a_report(self, catalogue: Catalogue) -> None:
        """With zeros in it, and not a single card."""
        with catalogue.read() as snapshot:
            gathered = gather(snapshot, ORDER)
            assert [] == list(gathered.groups())
        report = gathered.report
        assert GroupTotals(groups=0, images=0, files=0, reclaimable_bytes=0) == report.head.totals
        assert LibraryTotals(files=0, images=0, bytes=0) == report.head.library
        assert ([], [], [], []) == (report.cards, gathered.records, gathered.wanted, report.years)
        assert list(Category) == [part.totals.category for part in report.sections]

    def test_an_unknown_preset_is_refused(self, catalogue: Catalogue) -> None:
        """With the names of those that there are."""
        with pytest.raises(BadRequest) as refused:
            ask(catalogue, replace(ORDER, preset="vague"))
        assert "strict, default, loose" in (refused.value.hint or "")


class TestVerdicts:
    """What a person decided holds in reports as it does in groups."""

    def test_a_report_heeds_what_was_decided(self, library: Catalogue) -> None:
        """Two that are different are no group, and who is to be kept is the keeper."""
        digest = {number: signature(picture(number), number).digest for number in (2, 3, 4, 5)}
        decided = [
            *verdicts_on(VerdictKind.DIFFERENT, [digest[2], digest[3]], ORDER.made_at),
            *verdicts_on(VerdictKind.KEEP, [digest[5]], ORDER.made_at),
            *verdicts_on(VerdictKind.KEEP, [bytes(32)], ORDER.made_at),
        ]
        report = ask(library, replace(ORDER, verdicts=decided)).report
        assert {
            Category.IDENTICAL: [["same/a", "same/b"]],
            Category.NEAR: [],
            Category.DOUBTFUL: [["doubt/b", "doubt/a"]],
        } == sections(report)


class TestTheNext:
    """A report that is compared with the one before."""

    def test_nothing_new_is_a_quiet_night(self, library: Catalogue) -> None:
        """Everything stands where it stood."""
        again = ask_again(library, ask(library)).report
        assert again.quiet
        assert ORDER.id == again.head.since
        assert (
            ReportNews(groups=0, images=0, reclaimable_bytes=0, resolved_groups=0, freed_bytes=0)
            == again.head.new
        )
        assert 3 == len(again.cards)

    def test_what_appeared_and_what_grew_is_news(self, library: Catalogue) -> None:
        """It stands among the news, and nowhere else; its category tells what it is."""
        first = ask(library)
        put(library, 7, "new/a", "new/b", size=5_000)
        put(library, 8, "third", size=150, pixels=700)
        join(library, 2, 8)

        report = ask_again(library, first).report

        assert [(Change.APPEARED, ["new/a", "new/b"]), (Change.GREW, ["near/a", "other/a", "third"])] == [
            (card.change, names(card)) for card in report.news
        ]
        assert [["same/a", "same/b"]] == sections(report)[Category.IDENTICAL]
        assert [] == sections(report)[Category.NEAR]
        assert [2, 1, 1] == [part.totals.totals.groups for part in report.sections]
        assert [0, 0, 0] == [part.hidden_groups for part in report.sections]
        assert (2, 2, 5_150) == (
            report.head.new.groups,
            report.head.new.images,
            report.head.new.reclaimable_bytes,
        )
        assert not report.quiet

    def test_what_is_gone_is_told_with_what_it_freed(self, library: Catalogue) -> None:
        """Groups that were resolved, and groups that lost copies, the most freed first."""
        put(library, 1, "same/a", "same/b", "same/c", "same/d", size=300)
        first = ask(library)
        gone = [ROOT + b"/" + name for name in (b"same/a", b"other/a", b"doubt/a", b"doubt/b")]
        library.write(lambda to: to.mark_missing(gone)).result()

        report = ask_again(library, first).report

        assert [
            (Change.SHRANK, "/photos/same/b", 4, 3, 300),
            (Change.RESOLVED, "/photos/near/a", 2, 0, 200),
            (Change.RESOLVED, "/photos/doubt/a", 2, 0, 100),
        ] == [(it.change, it.path, it.files_before, it.files_after, it.freed_bytes) for it in report.resolved]
        assert (2, 600) == (report.head.new.resolved_groups, report.head.new.freed_bytes)
        assert not report.quiet

    def test_a_catalogue_that_was_made_anew_makes_nothing_new(
        self, library: Catalogue, tmp_path: Path
    ) -> None:
        """The same pictures have other ids in it, and what happened is counted from its own beginning."""
        first = ask(library)
        first = replace(first, tallies=Tallies(added=900, moved=4, removed=80))
        with closing_catalogue(tmp_path) as other:
            enrol(other)
            for number, name in enumerate(["alone", "doubt/b", "doubt/a", "other/a", "near/a"], start=1):
                old = 7 - number
                content = signature(
                    picture(old),
                    old,
                    size=50 if old == 6 else 100 if old > 3 else 200,
                    pixels=900 - 100 * (old in {3, 5}),
                )
                fill(other, [(number, content)], [(ROOT + b"/" + name.encode(), stamp(old), number)])
            content = signature(picture(1), 1, size=300)
            fill(other, [(9, content)], [(ROOT + b"/same/%c" % c, stamp(c, size=300), 9) for c in b"ab"])
            join(other, 5, 4)
            join(other, 3, 2, colour=0.5)
            report = ask_again(other, first).report
        assert [] == report.news
        assert [] == report.resolved
        assert Activity(added=7, moved=0, removed=0) == report.head.activity

    def test_what_happened_in_between_is_the_difference_of_two_counts(self, library: Catalogue) -> None:
        """Files that came, moved and went; one that turns up elsewhere after all takes nothing below zero."""
        library.write(lambda to: to.mark_missing([ROOT + b"/alone"])).result()
        first = ask(library)
        put(library, 7, "new")
        library.write(lambda to: to.move_directory(ROOT + b"/same", ROOT + b"/else")).result()
        library.write(lambda to: to.move_file(ROOT + b"/alone", ROOT + b"/found", stamp(600))).result()

        second = ask_again(library, first)

        assert Activity(added=1, moved=3, removed=0) == second.report.head.activity
        library.write(lambda to: to.mark_missing([ROOT + b"/new", ROOT + b"/near/a"])).result()
        assert Activity(added=0, moved=0, removed=2) == ask_again(library, second).report.head.activity

    def test_the_course_of_time_ends_with_this_report(self, library: Catalogue) -> None:
        """The earlier points stay as they are."""
        point = TrendPoint(
            made_at="2026-11-20T03:00:00+00:00", reclaimable_bytes=1, groups=2, library_bytes=3
        )
        report = ask(library, replace(ORDER, trend=[point])).report
        now = TrendPoint(
            made_at="2026-11-21T03:00:00+00:00", reclaimable_bytes=600, groups=3, library_bytes=1_250
        )
        assert [point, now] == report.trend
