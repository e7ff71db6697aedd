"""Names, EXIF data and reasons that were made to do harm."""

import unicodedata
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simd.core.answers import Category, Note
from simd.core.display import display_path, path_b64
from simd.core.report.value import FolderPair, Report
from tests.render.report.parsing import Page, page_of
from tests.render.report.samples import card, full_report, group, image, keeper, member, report, section

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "</style><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    "<!-- a comment -->",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;script&gt;&#x27;",
    "\u202egpj.exe",
    "\x00\x001\x00\x00\x1b[31m\r\n\x9b",
    "\ud800\udcff",
    "]]>",
)


def _infected(text: str) -> Report:
    """The text in every place that comes from outside."""
    name = f"/home/a/Camera/{text}/{text}.jpg"
    camera = {"camera": text, "format": text, "taken_at": None}
    first = replace(keeper(1, name), image=image(1, name, **camera), reason=text)
    second = replace(member(2, name, reason=f"keeper: {text}", tags=(text,)), image=image(2, name, **camera))
    one = card(group(first, second), Category.DOUBTFUL, differences=[(), (text, text + "!")])
    full = full_report()
    return replace(
        report([one], [section(Category.DOUBTFUL, [card(group(keeper(5, text), member(6, text)))])]),
        head=replace(full.head, preset=text),
        trend=full.trend,
        resolved=[replace(full.resolved[0], path=text)],
        savings=[one],
        folder_pairs=[FolderPair(keeper=text, other=text + "/", pairs=1, reclaimable_bytes=1)],
        troubles=[replace(full.troubles[0], code=text, reason=text, remedy=text, paths=[text])],
        notes=[Note(message=text, hint=text)],
    )


ORDINARY = page_of(_infected("an-ordinary-name_of some length"))


def _assert_harmless(page: Page) -> None:
    assert {one.tag for one in page.elements} <= {one.tag for one in ORDINARY.elements}
    known = {name for one in ORDINARY.elements for name in one.attributes}
    assert {name for one in page.elements for name in one.attributes} <= known
    own = ("#", "file:///home/a/", "report-2026-11-21.")
    assert all(link.startswith(own) for link in page.values("href"))
    assert all(source.startswith("data:image/svg+xml,") for source in page.values("src"))
    kinds = {unicodedata.category(char) for char in page.source.replace("\n", "")}
    assert not kinds & {"Cc", "Cf", "Cs"}
    assert ORDINARY.one("style").text == page.one("style").text


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_is_only_text(text: str) -> None:
    """No element, no attribute, no address and no invisible character comes of it."""
    _assert_harmless(page_of(_infected(text)))


@settings(max_examples=60)
@given(st.text(max_size=30).map(lambda text: text.replace("/", "-") or "-"))
def test_any_text_is_only_text(text: str) -> None:
    """Whatever the text, the page has the shape of an ordinary one."""
    _assert_harmless(page_of(_infected(text)))


def test_markup_in_a_name_is_shown_as_it_is() -> None:
    """The name can be read on the page, and its file is opened by a click."""
    page = page_of(_infected(HOSTILE[0]))
    assert any(HOSTILE[0] in one.text for one in page.all("bdi"))
    assert "%3Cscript%3E" in next(link for link in page.values("href") if link.startswith("file:"))


def test_a_name_that_is_not_utf_8_is_shown_escaped_and_linked_by_its_bytes() -> None:
    """The page says what can be said, and the link has every byte."""
    raw = b"/home/a/Camera/caf\xe9 #1?.jpg"
    named: dict[str, Any] = {"path": display_path(raw), "path_b64": path_b64(raw)}
    first = replace(keeper(1, ""), **named)
    page = page_of(report([card(group(first, member(2, "/home/a/Camera/b.jpg")))]))
    assert "caf\\xe9 #1?.jpg" in page.one("main").text
    assert "file:///home/a/Camera/caf%E9%20%231%3F.jpg" in page.values("href")


@pytest.mark.parametrize("path", ["javascript:alert(1)", "relative.jpg", "", "https://x/y"])
def test_what_is_no_absolute_path_gets_no_link(path: str) -> None:
    """Only files can be opened from the page."""
    page = page_of(report([card(group(keeper(1, path), member(2, path)))]))
    assert not [link for link in page.values("href") if path and path in link]
    assert not [link for link in page.values("href") if link.startswith("file:")]


def test_the_bytes_of_a_path_are_believed_before_its_text() -> None:
    """A text beside other bytes does not decide where the link leads."""
    first = replace(keeper(1, "/home/a/x.jpg"), path_b64=b64encode(b"//host/y.jpg").decode())
    page = page_of(report([card(group(first, member(2, "/home/a/z.jpg")))]))
    assert "file:///host/y.jpg" in page.values("href")
    assert not [link for link in page.values("href") if link.startswith("file:////")]
