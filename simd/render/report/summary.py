"""A report in a few lines of text, for terminals, journals and mail."""

from collections.abc import Iterator
from pathlib import PurePath

from simd.core.report.value import Card, Report
from simd.render.report.wording import CATEGORY_TITLES, deeds, headline, lying, relief
from simd.render.style import PLAIN
from simd.render.table import Cell, table, width
from simd.render.words import count, escape, size

_COLUMNS = 80
_CARDS = 5
_NAME_WIDTH = 58


def summary(report: Report) -> str:
    """Plain text of at most 80 columns without a line break at its end; a quiet night is one line."""
    if report.quiet and not _troubled(report) and not deeds(report.head):
        return f"simd report {report.head.id}. {headline(report)}"
    blocks = [
        f"simd report {report.head.id}\n{_folded(f'{headline(report)} {relief(report)}'.rstrip())}",
        *_figures(report),
        *_cards(report),
        *_deeds(report),
        *_troubles(report),
        _where(report),
    ]
    return "\n\n".join(blocks)


def _troubled(report: Report) -> bool:
    return bool(report.notes or report.head.problems)


def _figures(report: Report) -> Iterator[str]:
    head = report.head
    if report.quiet or not head.library.files:
        return
    rows: list[list[Cell]] = [
        [
            "could be freed",
            size(head.totals.reclaimable_bytes),
            f"{count(head.totals.groups, 'group')}, {count(head.totals.files, 'file')}",
        ]
    ]
    for part in head.categories:
        if part.totals.groups:
            title = CATEGORY_TITLES[part.category].lower()
            found = count(part.totals.groups, "group")
            rows.append([f"  {title}", size(part.totals.reclaimable_bytes), found])
    rows.append(["watched", size(head.library.bytes), count(head.library.images, "picture")])
    yield table(rows, PLAIN, right={1})


def _cards(report: Report) -> Iterator[str]:
    shown = report.savings if report.first else report.news
    if not shown:
        return
    title = "Largest savings" if report.first else "New"
    rows: list[list[Cell]] = [_card(card) for card in shown[:_CARDS]]
    lines = table(rows, PLAIN, right={0}, indent="  ")
    total = report.head.totals.groups if report.first else report.head.new.groups
    more = f"\n  and {count(total - len(rows), 'more group')}" if total > len(rows) else ""
    yield f"{title}\n{lines}{more}"


def _card(card: Card) -> list[Cell]:
    files = count(len(card.group.members) + card.hidden_members, "file")
    return [size(card.group.reclaimable_bytes), shortened(escape(card.group.path), _NAME_WIDTH), files]


def _deeds(report: Report) -> Iterator[str]:
    sentences = filter(None, (deeds(report.head), lying(report.head)))
    if told := " ".join(sentences):
        yield _folded(told)


def _troubles(report: Report) -> Iterator[str]:
    if report.head.problems:
        yield f"{count(report.head.problems, 'file')} could not be read: simctl problems"
    for note in report.notes:
        hint = f"\n{_folded('  ' + escape(note.hint), '  ')}" if note.hint else ""
        yield _folded(f"! {escape(note.message)}", "  ") + hint


def _where(report: Report) -> str:
    """The page's path, or its name alone where the path is too long for a line."""
    path = escape(report.head.paths.html)
    line = f"Page: {path}"
    return line if width(line) <= _COLUMNS else f"Page: {shortened(escape(PurePath(path).name), 60)}"


def _folded(text: str, indent: str = "") -> str:
    """The text in lines that fit, broken at blanks where there are any."""
    lines, rest = [], text
    while width(rest) > _COLUMNS:
        fits = _fitting(rest, _COLUMNS)
        cut = rest.rfind(" ", len(indent) + 1, fits + 1)
        cut = fits if cut < 0 else cut
        lines.append(rest[:cut].rstrip())
        rest = indent + rest[cut:].lstrip()
    return "\n".join([*lines, rest])


def shortened(text: str, most: int) -> str:
    """The end of the text, which tells more of a path than its beginning, in so many columns."""
    if width(text) <= most:
        return text
    reverse = text[::-1]
    return "…" + reverse[: _fitting(reverse, most - 1)][::-1]


def _fitting(text: str, columns: int) -> int:
    """How many characters of the text fit into the columns."""
    taken = 0
    for number, char in enumerate(text):
        taken += width(char)
        if taken > columns:
            return number
    return len(text)
