"""Reports in a few lines of text."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simd.core.answers import Activity, Category, Deeds, DeedTotals, Note, ReportTrigger
from simd.core.report.value import Report
from simd.render.report import summary
from simd.render.report.summary import shortened
from simd.render.report.wording import headline, nearness, since_when
from simd.render.table import width
from tests.render.report.samples import NO_NEWS, card, full_report, head, member, near_group, report, section


def test_the_summary_in_full() -> None:
    """Headline, figures, what is new, what is wrong, and where the page is."""
    assert """\
simd report 2026-11-21
2 new or larger duplicate groups since 20 November: 10 MB could be freed.

could be freed   20 MB  45 groups, 999 files
  identical     3.4 MB  1 group
  near          3.4 MB  41 groups
  doubtful      3.4 MB  1 group
watched          48 GB  12,010 pictures

New
  3.4 MB  /home/a/Camera/beach.jpg  2 files
  6.8 MB  /home/a/Camera/party.jpg  3 files

7 files could not be read: simctl problems

! /mnt/disk is offline: it vanished
  Mount it again.

Page: /state/reports/report-2026-11-21.html""" == summary(full_report())


def test_a_quiet_night_is_one_line() -> None:
    """The journal gets no more than that."""
    quiet = report([], [section(Category.NEAR, [card(near_group())])])
    assert "simd report 2026-11-21. A quiet night: nothing new since 20 November." == summary(quiet)


def test_what_was_done_is_told_in_a_sentence() -> None:
    """Of a night on which nothing was found, too; what they are is said once."""
    deeds = Deeds(
        quarantined=DeedTotals(pictures=1_200, bytes=3_400_000),
        undone=DeedTotals(pictures=1, bytes=2_000),
        refused=DeedTotals(pictures=2, bytes=5_000),
        in_quarantine=DeedTotals(pictures=1, bytes=3_000),
    )
    told = report([], [], {"activity": Activity(added=0, moved=0, removed=0, deeds=deeds)})
    assert """\
simd report 2026-11-21
A quiet night: nothing new since 20 November.

simd put 1,200 pictures into quarantine (3.4 MB), put 1 back (2.0 kB) and left 2
alone (5.0 kB). 1 picture (3.0 kB) lies in quarantine.

Page: /state/reports/report-2026-11-21.html""" == summary(told)


def test_a_quiet_night_with_trouble_tells_the_trouble() -> None:
    """Nothing new, but something to do."""
    said = summary(replace(report(), notes=[Note(message="the disk is away", hint=None)]))
    assert "A quiet night: nothing new since 20 November." in said
    assert "! the disk is away" in said
    assert "could be freed" not in said


def test_the_first_summary_names_the_largest_savings() -> None:
    """Everything is new then: what matters is what is large."""
    first = replace(full_report(), head=replace(full_report().head, since=None), news=())
    assert "Largest savings\n  3.4 MB  /home/a/Camera/cat.jpg    990 files" in summary(first)


@settings(max_examples=100)
@given(st.text(max_size=200), st.text(max_size=300))
def test_no_line_is_wider_than_80_columns(name: str, said: str) -> None:
    """Long names lose their beginning, long sentences are folded, and no terminal is given an order."""
    cards = [card(near_group(1, name))]
    where = replace(head().paths, html=f"/{said}/report.html")
    made = replace(report(cards, [], {"paths": where, "problems": 1}), notes=[Note(message=said, hint=said)])
    lines = summary(made).split("\n")
    assert max(width(line) for line in lines) <= 80
    assert not {unicodedata.category(char) for line in lines for char in line} & {"Cc", "Cf", "Cs"}


@given(st.text(), st.integers(1, 100))
def test_a_shortened_text_is_the_end_of_the_text(text: str, most: int) -> None:
    """It fits, and what is left out is marked."""
    short = shortened(text, most)
    assert width(short) <= most
    assert short == text or (short[0] == "…" and text.endswith(short[1:]))


@pytest.mark.parametrize(
    ("expected", "since"),
    [
        ("20 November", "2026-11-20"),
        ("20 November", "2026-11-20-153012"),
        ("31 December 2025", "2025-12-31"),
        ("15:30 today", "2026-11-21-153012"),
        ("last night", "2026-11-21"),
    ],
)
def test_the_report_before_is_named_as_people_name_it(expected: str, since: str) -> None:
    """By its day, with the year only when it is another, and by its hour on the same day."""
    assert expected == since_when(head(since=since))


def _headline(made: Report) -> str:
    return headline(made)


@pytest.mark.parametrize(
    ("expected", "made"),
    [
        ("1 new duplicate group since 20 November: 3.4 MB could be freed.", report([card(near_group())])),
        ("All quiet: nothing new since 20 November.", report([], [], {"trigger": ReportTrigger.ASKED})),
        (
            "No new duplicates since 20 November.",
            replace(
                report([], [], {"new": replace(NO_NEWS, freed_bytes=5)}), resolved=full_report().resolved
            ),
        ),
    ],
)
def test_headlines(expected: str, made: Report) -> None:
    """The news in a sentence."""
    assert expected == _headline(made)


@pytest.mark.parametrize(
    ("expected", "similarity", "distance"),
    [
        ("100 % alike, distance 0", 1.0, 0),
        ("99 % alike, distance 0", 0.9999, 0),
        ("57 % alike, distance 12", 0.57, 12),
    ],
)
def test_nearness_is_never_rounded_up(expected: str, similarity: float, distance: int) -> None:
    """A hundred per cent is said only of equal hashes, and binary fractions lose nothing."""
    assert expected == nearness(member(1, "/a", similarity=similarity, distance=distance))
