"""A report as JSON: one object, with every group, whether the page shows it or not."""

from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from simd.core.answers import Group
from simd.core.encoding import encode
from simd.core.report.value import Card, Report


def write_json(stream: TextIO, report: Report, groups: Iterable[Group]) -> None:
    """Write the report, then each group on a line of its own, one at a time.

    ``news`` and ``savings`` name groups by their ids. The text is ASCII.
    """
    parts: dict[str, Any] = {
        "report": report.head,
        "trend": report.trend,
        "news": _ids_with_change(report.news),
        "resolved": report.resolved,
        "savings": [card.group.id for card in report.savings],
        "folder_pairs": report.folder_pairs,
        "years": report.years,
        "troubles": report.troubles,
        "notes": report.notes,
    }
    stream.write("{")
    stream.writelines(f'"{name}":{_text(part)},\n' for name, part in parts.items())
    stream.write('"groups":[')
    stream.writelines((",\n" if number else "\n") + _text(group) for number, group in enumerate(groups))
    stream.write("\n]}\n")


def _ids_with_change(cards: Sequence[Card]) -> list[dict[str, Any]]:
    return [{"id": card.group.id, "category": card.category, "change": card.change} for card in cards]


def _text(part: Any) -> str:
    return encode(part).decode("ascii")
