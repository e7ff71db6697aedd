"""The page of a report: what it says, to whom it can be read, and how large it gets."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from simd.core.answers import Activity, Category, Change, Deeds, DeedTotals, LibraryTotals
from simd.core.report.value import Preview, PreviewKind, Report
from tests.render.report.parsing import Page, page_of
from tests.render.report.samples import (
    NO_NEWS,
    card,
    full_report,
    identical_group,
    near_group,
    report,
    section,
)

WEBP = Preview(b"RIFF....WEBPVP8 ", 240, 180, PreviewKind.PICTURE)
ADDRESS = "data:image/webp;base64,UklGRi4uLi5XRUJQVlA4IA=="


@pytest.fixture(scope="module")
def full() -> Page:
    """The page of a report with something in each part."""
    return page_of(full_report(), {1: WEBP, 2: replace(WEBP, kind=PreviewKind.SKETCH)})


def test_the_news_come_first(full: Page) -> None:
    """The heading says what is new, and the sections follow in the order of their weight."""
    assert full.one("h1").text == "2 new or larger duplicate groups since 20 November: 10 MB could be freed."
    titles = [element.text for element in full.all("h2")]
    assert titles == [
        "How sure",
        "New since 20 November",
        "Largest savings",
        "Identical",
        "Near",
        "Doubtful",
        "Resolved since 20 November",
        "By folder",
        "By year",
        "Problems",
        "What simd did",
    ]


def test_everything_of_the_report_is_said(full: Page) -> None:
    """Each part of the value is found in the text of the page."""
    text = full.one("body").text
    for said in (
        "Saturday 21 November 2026",
        "and 988 more copies",
        "and 40 more groups",
        "half as wide",
        "98 % alike, distance 2",
        "recoloured",
        "more pixels",
        "4,000 × 3,000 · JPEG · 3.4 MB",  # noqa: RUF001 - as the page writes it
        "taken 6 May 2024, 07:08",
        "5 files, now 3",
        "and 6 more pairs of folders",
        "7 files: the file ends too early",
        "Copy it again from where it came.",
        "/home/a/broken.jpg",
        "/mnt/disk is offline: it vanished",
        "Mount it again.",
        "12 files added, 3 moved, 1 removed",
        "preset default",
    ):
        assert said in text


def test_it_can_be_read_aloud_and_walked_through(full: Page) -> None:
    """Landmarks, headings in order without gaps, alternatives for pictures, captions and scopes of tables."""
    assert "en" == full.one("html").attributes["lang"]
    for landmark in ("main", "nav", "footer", "h1"):
        full.one(landmark)
    assert "#main" == full.all("a")[0].attributes["href"]
    levels = [int(element.tag[1]) for element in full.all("h1", "h2", "h3")]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(element.attributes.get("alt") for element in full.all("img"))
    assert "beach.jpg, 4,000 × 3,000 pixels" == full.all("img")[0].attributes["alt"]  # noqa: RUF001 - as above
    assert len(full.all("table")) == len(full.all("caption")) > 3
    assert all("scope" in element.attributes for element in full.all("th"))
    for plot in full.all("svg"):
        assert "img" == plot.attributes["role"]
        assert plot.attributes["aria-labelledby"] in full.values("id")


def test_links_within_the_page_lead_somewhere(full: Page) -> None:
    """Every id is there once, and every fragment names one of them."""
    ids = full.values("id")
    assert len(ids) == len(set(ids))
    fragments = {link[1:] for link in full.values("href") if link.startswith("#")}
    assert fragments <= set(ids)
    assert {"group-7", "group-1", "near", "problems"} <= fragments


def test_it_needs_nothing_from_elsewhere(full: Page) -> None:
    """Pictures are in the page; links lead into it, to the report's own files, or to the pictures' files."""
    own = {f"report-2026-11-21.{form}" for form in ("json", "csv", "txt")}
    links = full.values("href", "src", "action", "data", "xlink:href", "srcset", "poster")
    assert all(
        link[0] == "#" or link.startswith(("file:///", "data:image/")) or link in own for link in links
    )
    assert own <= set(links)
    style = full.one("style").text
    assert "@import" not in style
    assert set(re.findall(r"url\(\W?([a-z]+:)", style)) == {"data:"}
    assert len(re.findall(r"url\(", style)) == len(re.findall(r"url\(\Wdata:", style))
    assert not full.all("script", "link", "iframe", "object", "embed", "base", "form")
    policy = next(value for value in full.values("content") if "default-src" in value)
    assert {"default-src 'none'", "img-src data:", "style-src 'unsafe-inline'"} <= set(policy.split("; "))


def test_previews_are_shown_where_there_are_any(full: Page) -> None:
    """A preview is embedded, a sketch says that it is one, and what is missing has an empty frame."""
    picture, sketch, missing = full.all("img")[:3]
    assert ADDRESS == picture.attributes["src"] == sketch.attributes["src"]
    assert ("240", "180") == (picture.attributes["width"], picture.attributes["height"])
    assert "title" not in picture.attributes
    assert "small preview" == sketch.attributes["title"]
    assert (sketch.attributes["alt"] or "").endswith(", small preview")
    assert (missing.attributes["src"] or "").startswith("data:image/svg+xml,")
    assert ("4000", "3000") == (missing.attributes["width"], missing.attributes["height"])


def test_a_click_on_a_preview_opens_the_picture(full: Page) -> None:
    """Preview and name lead to the file; only the name is a stop of the tab key."""
    first, second = [
        one for one in full.all("a") if (one.attributes.get("href") or "").endswith("/beach.jpg")
    ][:2]
    assert "file:///home/a/Camera/beach.jpg" == first.attributes["href"] == second.attributes["href"]
    assert "-1" == first.attributes["tabindex"]
    assert "tabindex" not in second.attributes


def test_the_keeper_is_marked_with_the_rule_that_chose_it() -> None:
    """One mark for each card, with the reasons that the members give."""
    page = page_of(report([card(near_group())]))
    (keep,) = page.of_class("keep")
    assert "Keep more pixels" in keep.text
    assert 1 == len(page.of_class("keeper"))


def test_equal_copies_share_one_picture() -> None:
    """Nothing is to be compared between files of equal bytes: one picture, and each file with its folder."""
    page = page_of(report([card(identical_group(copies=3), Category.IDENTICAL)]))
    page.one("img")
    files = page.of_class("files")[0]
    assert "Camera" in files.text
    assert "Camera/copy 1 · same bytes" in files.text
    assert "Camera/copy 2 · same bytes" in files.text


def test_thousands_of_copies_in_one_card() -> None:
    """A card with five thousand files is drawn as one picture with five thousand names."""
    page = page_of(report([card(identical_group(copies=5_000), Category.IDENTICAL)]))
    page.one("img")
    assert 5_000 == page.source.count("<bdi>a.jpg</bdi></a>")


def test_what_has_to_be_looked_at_is_marked() -> None:
    """A tag stands out, once, even when it is also among the differences; a doubt without a tag is told."""
    tagged = card(near_group(1, tags=("recoloured",)), Category.DOUBTFUL, differences=[(), ("recoloured",)])
    doubted = card(near_group(3), Category.DOUBTFUL, doubts=[False, True])
    page = page_of(report([], [section(Category.DOUBTFUL, [tagged, doubted])]))
    assert ["recoloured", "uncertain"] == [element.text for element in page.of_class("tag")]
    assert ["recoloured", "uncertain"] == [element.text for element in page.of_class("chips")]


def test_what_was_done_is_told_beside_what_happened() -> None:
    """That nothing was deleted is said only where it is so."""
    nothing = page_of(full_report()).one("body").text
    purged = Deeds(purged=DeedTotals(pictures=3, bytes=2_000))
    done = {"activity": Activity(added=0, moved=0, removed=0, deeds=purged)}
    something = page_of(report([], [], done)).one("body").text
    assert "1 removed. Nothing was deleted by simd." in nothing
    assert "0 removed. simd deleted 3 pictures out of quarantine (2.0 kB)." in something
    assert "Nothing was deleted" not in something


def test_a_quiet_night_says_so_in_one_line() -> None:
    """Nothing new: one sentence, and no section of news."""
    page = page_of(report([], [section(Category.NEAR, [card(near_group())])]))
    assert "A quiet night: nothing new since 20 November." == page.one("h1").text
    assert "new" not in page.values("id")
    assert "resolved" not in page.values("id")


def test_the_first_report_explains_itself() -> None:
    """It says what is watched, what a group is, what to do next, and that nothing is deleted."""
    page = page_of(report([], [section(Category.NEAR, [card(near_group())])], {"since": None}))
    assert "1 duplicate group among 12,010 pictures: 3.4 MB could be freed." == page.one("h1").text
    (first,) = page.of_class("first")
    for said in (
        "12,010 pictures so far",
        "simctl groups",
        "simctl show",
        "Nothing is ever deleted by itself",
    ):
        assert said in first.text
    assert not page_of(full_report()).of_class("first")


def test_an_empty_library_is_told_how_to_begin() -> None:
    """No figures of nothing: what to do instead."""
    empty = LibraryTotals(files=0, images=0, bytes=0)
    page = page_of(report([], [], {"since": None, "library": empty}))
    assert "No picture is watched yet." == page.one("h1").text
    assert "simd run --root DIR" in page.of_class("first")[0].text
    assert not page.of_class("figures")


def test_a_library_without_duplicates() -> None:
    """No group at all: the page says so and has no sections of groups."""
    page = page_of(report([], [], {"since": None}))
    assert "No duplicates: 12,010 pictures and no two alike." == page.one("h1").text
    assert not page.all("article", "svg")


def test_problems_are_seen_at_a_glance() -> None:
    """The figure counts files and notes, is coloured, and leads to the section; without any it says so."""
    page = page_of(full_report())
    figure = next(element for element in page.of_class("wrong") if element.tag == "div")
    assert "8" in figure.text
    assert "#problems" in page.values("href")
    calm = page_of(report([], []))
    assert not calm.of_class("wrong")
    assert "everything could be read" in calm.one("main").text


def test_a_group_that_grew_is_told_from_a_new_one() -> None:
    """The mark beside the name."""
    cards = [card(near_group(1), change=Change.APPEARED), card(near_group(3), change=Change.GREW)]
    assert ["new", "grew"] == [element.text for element in page_of(report(cards)).of_class("change")]


def test_a_plot_needs_two_points() -> None:
    """A trend of one report and a single year are no plots; the year still has its table."""
    one = replace(full_report(), trend=full_report().trend[:1], years=full_report().years[:1])
    page = page_of(one)
    assert not page.all("svg")
    assert "What could be freed, by year" in [element.text for element in page.all("caption")]


def _large_report(cards: int) -> tuple[Report, dict[int, Preview]]:
    """Near groups of two pictures each, every picture with a preview of 4 kB that no other has."""
    views = [card(near_group(2 * number, f"IMG_{number:05}")) for number in range(1, cards + 1)]
    previews = {
        number: Preview(number.to_bytes(4, "big") * 1_000, 240, 180, PreviewKind.PICTURE)
        for number in range(2, 2 * cards + 2)
    }
    return report([], [section(Category.NEAR, views)]), previews


def test_two_thousand_cards_stay_below_15_megabytes() -> None:
    """Previews beyond the room are left out from the end of the page on, and none is embedded twice."""
    page = page_of(*_large_report(2_000))
    assert 2_000 == len(page.all("article"))
    assert 13_000_000 < len(page.source.encode()) < 15_000_000
    embedded = [element.attributes["src"] or "" for element in page.all("img")]
    pictures = [source for source in embedded if source.startswith("data:image/webp")]
    assert len(pictures) == len(set(pictures)) > 1_500
    assert embedded[: len(pictures)] == pictures
    assert len(embedded) == 4_000 > len(pictures)


def test_all_previews_are_embedded_while_there_is_room() -> None:
    """A page of ordinary size leaves none out."""
    page = page_of(*_large_report(300))
    assert all((element.attributes["src"] or "").startswith("data:image/webp") for element in page.all("img"))


def test_resolved_groups_alone_are_news() -> None:
    """A night on which only something went away says what was freed, and is not called quiet."""
    news = replace(NO_NEWS, resolved_groups=2, freed_bytes=14_000)
    page = page_of(replace(report([], [], {"new": news}), resolved=full_report().resolved))
    assert "No new duplicates since 20 November." == page.one("h1").text
    assert "2 groups resolved: 14 kB freed." == page.of_class("relief")[0].text
