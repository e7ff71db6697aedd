"""A report as CSV (RFC 4180): one row for each file of each group."""

import csv
from collections.abc import Iterable, Iterator
from typing import TextIO

from simd.core.answers import Group, Member
from simd.core.report.categories import category_of

COLUMNS = (
    "group",
    "role",
    "category",
    "path",
    "path_b64",
    "bytes",
    "format",
    "width",
    "height",
    "taken_at",
    "mtime",
    "distance",
    "similarity",
    "reason",
    "tags",
    "reclaimable_bytes",
)
"""``reclaimable_bytes`` is the whole group's, on each of its rows; ``tags`` are parted by blanks."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


class CsvWriter:
    """Writes a header at once, then groups as they come. Open the stream with ``newline=""``."""

    def __init__(self, stream: TextIO) -> None:
        self._writer = csv.writer(stream)
        self._writer.writerow(COLUMNS)

    def write(self, group: Group) -> None:
        """Write the rows of one group."""
        self._writer.writerows(_rows(group))


def write_csv(stream: TextIO, groups: Iterable[Group]) -> None:
    """Write a header and the rows of these groups."""
    writer = CsvWriter(stream)
    for group in groups:
        writer.write(group)


def _rows(group: Group) -> Iterator[list[str]]:
    category = category_of(group)
    for number, member in enumerate(group.members):
        role = "duplicate" if number else "keeper"
        yield [neutral(str(cell)) for cell in (group.id, role, category, *_cells(member))] + [
            str(group.reclaimable_bytes)
        ]


def _cells(member: Member) -> tuple[object, ...]:
    image = member.image
    return (
        member.path,
        member.path_b64 or "",
        image.bytes,
        image.format,
        image.width,
        image.height,
        image.taken_at or "",
        image.files[0].mtime if image.files else "",
        member.distance,
        member.similarity,
        member.reason,
        " ".join(member.tags),
    )


def neutral(cell: str) -> str:
    """The cell as a spreadsheet shows it, and never as a formula that it runs.

    An apostrophe is put before a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab, a
    line break or an apostrophe; whoever reads the file takes one leading apostrophe away.
    Lone surrogates, which UTF-8 cannot hold, are escaped.
    """
    text = cell if cell.isascii() else cell.encode("utf-8", "backslashreplace").decode("utf-8")
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
