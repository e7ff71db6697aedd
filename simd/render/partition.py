"""What became of pictures that were parted."""

from simd.core.wire import Json
from simd.render.style import Style
from simd.render.table import Cell, table
from simd.render.words import count, duration, escape

_SHOWN = 20
"""Groups that get a line of their own."""


def partition(answer: Json, style: Style) -> str:
    """A line for each group of several pictures, the largest first, and the sums."""
    groups = answer["groups"]
    several = sorted(
        (group for group in groups if len(group["pictures"]) > 1),
        key=lambda group: -len(group["pictures"]),
    )
    rows: list[list[Cell]] = [
        [
            (f"{group['number']}/", "bold"),
            count(len(group["pictures"]), "picture"),
            escape(group["pictures"][0]["name"]),
        ]
        for group in several[:_SHOWN]
    ]
    pictures = sum(len(group["pictures"]) for group in groups)
    alone = len(groups) - len(several)
    sums = (
        f"{count(pictures, 'picture')} in {count(len(groups), 'group')}, {alone:,} of them of one picture, "
        f"in {escape(answer['out'])}, parted in {duration(answer['took_ms'] / 1_000)}."
    )
    more = f"... and {count(len(several) - _SHOWN, 'group')} more" if len(several) > _SHOWN else ""
    return "\n".join(part for part in (table(rows, style, right={1}), more, sums) if part)
