"""What keeps its place, and what became of a wish to change that."""

from collections.abc import Iterator

from simd.core.wire import Json
from simd.render.style import Style
from simd.render.table import Cell, table
from simd.render.words import count, escape, moment


def protected(answer: Json, style: Style) -> str:
    """Everything that is protected: path, files, since when."""
    if not answer["protected"]:
        return "Nothing is protected. simctl protect PATH has a file or a folder keep its place."
    rows: list[list[Cell]] = [
        [escape(each["path"]), count(each["files"], "file"), (_since(each), "dim")]
        for each in answer["protected"]
    ]
    return table(rows, style, right={1})


def now_protected(answer: Json) -> str:
    """What is protected from now on, and what was already."""
    return "\n".join(
        [*_lines(answer["changed"], "Protected"), *_lines(answer["unchanged"], "Already protected")]
    )


def now_unprotected(answer: Json) -> str:
    """What is not protected by itself any more."""
    return "\n".join(_lines(answer["changed"], "Not protected any more"))


def _lines(paths: list[Json], word: str) -> Iterator[str]:
    return (f"{word}: {escape(each['path'])} ({count(each['files'], 'file')})" for each in paths)


def _since(each: Json) -> str:
    return "by the settings" if each["since"] is None else f"since {moment(each['since'])}"
