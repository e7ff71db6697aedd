"""A small library with a group of each category, and reports that are gathered from it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from simd.catalogue import Catalogue
from simd.core.answers import Category, ReportPaths, ReportTrigger
from simd.core.report.value import Card, Report
from simd.work.report.gather import Earlier, Gathered, Order, gather
from tests.catalogue.newborn import open_new
from tests.fakes import FakeClock
from tests.work.samples import ROOT, fill, pair, picture, signature, stamp

ORDER = Order(
    id="2026-11-21",
    date="2026-11-21",
    made_at=datetime(2026, 11, 21, 3, tzinfo=UTC),
    trigger=ReportTrigger.NIGHTLY,
    preset="default",
    paths=ReportPaths(html="r.html", json="r.json", csv="r.csv", txt="r.txt"),
    notes=(),
    previous=None,
    trend=(),
    groups_shown=500,
)


def put(catalogue: Catalogue, number: int, *names: str, size: int = 1_000, pixels: int = 640) -> None:
    """Image ``number``, held by files of these names below ``/photos``, with an inode each."""
    put_at(catalogue, number, *(ROOT + b"/" + name.encode() for name in names), size=size, pixels=pixels)


def put_at(catalogue: Catalogue, number: int, *paths: bytes, size: int = 1_000, pixels: int = 640) -> None:
    """Image ``number``, held by files at these paths."""
    content = signature(picture(number), number, size=size, pixels=pixels)
    files = [(path, stamp(100 * number + place, size=size), number) for place, path in enumerate(paths)]
    fill(catalogue, [(number, content)], files)


def join(catalogue: Catalogue, *numbers: int, colour: float | None = 0.99) -> None:
    """Let each image but the first be near the first."""
    first, *others = numbers
    pairs = [pair(first, other, colour=colour) for other in others]
    catalogue.write(lambda to: to.put_pairs(pairs)).result()


def ask(catalogue: Catalogue, order: Order = ORDER) -> Gathered:
    """Gather a report."""
    with catalogue.read() as snapshot:
        return gather(snapshot, order)


def ask_again(catalogue: Catalogue, before: Gathered, **changes: object) -> Gathered:
    """Gather the report after another."""
    earlier = Earlier(head=before.report.head, records=before.records, tallies=before.tallies)
    return ask(catalogue, replace(ORDER, previous=earlier, id="2026-11-22", **changes))  # type: ignore[arg-type]  # any field


@contextmanager
def closing_catalogue(folder: Path) -> Iterator[Catalogue]:
    """Another empty catalogue, without roots."""
    (folder / "other").mkdir()
    opened = open_new(folder / "other", FakeClock())
    try:
        yield opened
    finally:
        opened.close()


def names(card: Card) -> list[str]:
    """The names of a card's files, keeper first."""
    return [member.path.removeprefix("/photos/") for member in card.group.members]


def sections(report: Report) -> dict[Category, list[list[str]]]:
    """The names on the cards of each section."""
    return {part.totals.category: [names(card) for card in part.cards] for part in report.sections}


def fill_library(catalogue: Catalogue) -> Catalogue:
    """One group of each category, and a picture without any."""
    put(catalogue, 1, "same/a", "same/b", size=300)
    put(catalogue, 2, "near/a", size=200, pixels=900)
    put(catalogue, 3, "other/a", size=200, pixels=800)
    put(catalogue, 4, "doubt/a", size=100, pixels=900)
    put(catalogue, 5, "doubt/b", size=100, pixels=800)
    put(catalogue, 6, "alone", size=50)
    join(catalogue, 2, 3)
    join(catalogue, 4, 5, colour=0.5)
    return catalogue
