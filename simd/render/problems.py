"""Files that could not be read."""

from simd.core.wire import Json
from simd.render.style import Style
from simd.render.table import Cell, table
from simd.render.words import escape, moment


def problems(answer: Json, style: Style) -> str:
    """A line for each file of one page: since when, why, how often it was tried again, which."""
    if not answer["problems"]:
        return "No unreadable files."
    rows: list[list[Cell]] = [
        [
            moment(problem["since"]),
            (escape(problem["code"]), "yellow"),
            escape(problem["path"]),
            (f"({escape(problem['reason'])}{_retried(problem['retried'])})", "dim"),
        ]
        for problem in answer["problems"]
    ]
    return table(rows, style)


def _retried(times: int) -> str:
    return f"; tried again {times} times" if times > 1 else "; tried again once" if times else ""
