"""The page of a report: one file that needs no network and no scripts. Owner of Jinja2."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import TextIO

from jinja2 import DictLoader, Environment, StrictUndefined, Template
from markupsafe import Markup

import simd
from simd.core.answers import Category
from simd.core.report.value import Preview, Report
from simd.render.report import wording
from simd.render.report.cards import MARK, view_cards, view_savings
from simd.render.report.plots import plot_trend, plot_years
from simd.render.words import count, escape, size

LARGEST_PAGE = 14_500_000
"""Bytes. What the text leaves of it is for previews."""

LARGEST_PREVIEWS = 12_000_000
"""Bytes of Base64."""

_NO_PICTURE = "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'/%3E"
"""Nothing; the style sheet draws the quiet frame around it."""

_FEWEST_POINTS = 2
_PIECES = 500
"""Jinja2 gives the text in crumbs; this many are joined."""

_TEMPLATES = ("page.html", "card.html", "sections.html", "tables.html")


def write_page(stream: TextIO, report: Report, previews: Mapping[int, Preview]) -> None:
    """Write the page. Previews are embedded in the order of the page as long as there is room.

    Args:
        stream: text in UTF-8.
        report: what the page says.
        previews: by the id of the image; what is missing has an empty frame.
    """
    text = _template().stream(**_context(report, previews))
    text.enable_buffering(_PIECES)
    pieces = list(text)
    marks = sum(piece.count(MARK) for piece in pieces) // 2
    text_bytes = sum(len(piece.encode("utf-8")) for piece in pieces) + marks * len(_NO_PICTURE)
    room = min(LARGEST_PREVIEWS, LARGEST_PAGE - text_bytes)
    stream.writelines(_with_pictures(pieces, previews, room))


def _with_pictures(pieces: Sequence[str], previews: Mapping[int, Preview], room: int) -> Iterator[str]:
    """The pieces with addresses in place of their marks, which are every other part between NULs."""
    for piece in pieces:
        for place, part in enumerate(piece.split(MARK)):
            if place % 2 == 0:
                yield part
                continue
            preview = previews.get(int(part))
            address = _NO_PICTURE if preview is None else _address(preview)
            if len(address) > room:
                address = _NO_PICTURE
            else:
                room -= len(address)
            yield address


def _address(preview: Preview) -> str:
    return f"data:image/webp;base64,{b64encode(preview.data).decode('ascii')}"


@cache
def _template() -> Template:
    folder = files(__package__) / "templates"
    loader = DictLoader({name: _unindented((folder / name).read_text("utf-8")) for name in _TEMPLATES})
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=_visible,
    )
    style = _unindented((folder / "page.css").read_text("utf-8"))
    environment.globals |= {
        "style": Markup(style),  # noqa: S704 - our own file
        "count": count,
        "size": size,
        "words": wording,
        "version": simd.__version__,
    }
    return environment.get_template("page.html")


def _unindented(source: str) -> str:
    """The source without its indentation, which two thousand cards would repeat."""
    return "\n".join(line.lstrip() for line in source.splitlines())


def _visible(value: object) -> object:
    """Text from outside with its invisible characters shown; Jinja2 escapes the markup in it afterwards."""
    return value if isinstance(value, Markup) else escape(value)


def _context(report: Report, previews: Mapping[int, Preview]) -> dict[str, object]:
    head = report.head
    return {
        "report": report,
        "head": head,
        "since": None if head.since is None else wording.since_when(head),
        "names": {form: PurePath(getattr(head.paths, form)).name for form in ("json", "csv", "txt")},
        "previews": previews,
        "view_cards": view_cards,
        "view_savings": view_savings,
        "sections": [part for part in report.sections if part.totals.totals.groups],
        "new_by_category": _new_by_category(report),
        "trend_plot": plot_trend(report.trend) if len(report.trend) >= _FEWEST_POINTS else None,
        "years_plot": plot_years(report.years) if len(report.years) >= _FEWEST_POINTS else None,
        "problems": head.problems + len(report.notes),
    }


def _new_by_category(report: Report) -> dict[Category, int]:
    found = dict.fromkeys(Category, 0)
    for card in report.news:
        found[card.category] += 1
    return found
