"""Sorting by hand: what was laid, what a person has deleted of it, and what that would mean."""

from collections.abc import Iterator, Sequence
from shlex import quote

from simd.core.wire import Json
from simd.render.style import Style
from simd.render.table import Cell, table
from simd.render.words import count, escape, size

_GROUPS_SHOWN = 50
"""Groups that are told file by file."""

_SHOWN = 20
"""Lines of any other list."""


def exported(answer: Json) -> str:
    """What was laid where, and how to go on."""
    if not answer["groups"]:
        return "There is no group of which a file may go."
    out, copies = escape(answer["out"]), answer["files"] - answer["linked"]
    parts = [f"Laid {count(answer['files'], 'file')} of {count(answer['groups'], 'group')} into {out}."]
    if answer["linked"]:
        parts.append(
            f"{count(answer['linked'], 'hard link')} that {_take(answer['linked'])} no space: "
            "delete as you like there, but edit nothing, as a link is the original itself."
        )
    if copies:
        parts.append(f"{count(copies, 'copy', 'copies')}, where a hard link could not be.")
    parts.append(
        f"Delete what you do not want with any file manager, then:  simctl cull check {_word(answer['out'])}"
    )
    return "\n".join(parts)


def checked(answer: Json, style: Style) -> str:
    """What goes and what stays, group by group, what else there is to know, and the sums."""
    parts = ["\n\n".join(_group(group, style) for group in answer["groups"][:_GROUPS_SHOWN])]
    if len(answer["groups"]) > _GROUPS_SHOWN:
        parts.append(f"... and {count(len(answer['groups']) - _GROUPS_SHOWN, 'group')} more")
    parts += ["\n".join(noticed(answer)), _sums(answer)]
    return "\n\n".join(part for part in parts if part)


def noticed(answer: Json) -> Iterator[str]:
    """What a person should know of an export beside what goes, a line each."""
    if answer["plans"]:
        yield f"This export has been applied before: {_plans(answer['plans'])}."
    yield from _some([f"{escape(remark['path'])}: {remark['text']}" for remark in answer["remarks"]])
    yield from _some([_moved(part) for part in answer["moved"]])
    yield from _some(
        [f"{escape(part['path'])} was not exported, and is ignored." for part in answer["unknown"]]
    )


def corrected(answer: Json) -> str:
    """Where the list said something else than the folders do, which of them holds; else empty."""
    if not answer["corrected"]:
        return ""
    return f"{escape(answer['list'])} said something else before; what holds is what is in the folders."


def spent(answer: Json) -> str:
    """What becomes of an export that was applied."""
    return f"{escape(answer['out'])} is not needed any more: delete it as you like."


def _group(group: Json, style: Style) -> str:
    rows: list[list[Cell]] = []
    rows += [[("goes", "yellow"), size(file["bytes"]), escape(file["path"])] for file in group["goes"]]
    rows += [
        [("stays", "green"), size(file["bytes"]), (escape(file["path"]), "green")] for file in group["stays"]
    ]
    head = style.paint(f"{group['folder']}/", "bold")
    return f"{head}\n{table(rows, style, right={1}, indent='  ')}"


def _sums(answer: Json) -> str:
    if not answer["files"]:
        return "Nothing is to go."
    return (
        f"{count(answer['files'], 'file')} of {count(len(answer['groups']), 'group')} to go, "
        f"{size(answer['bytes'])}, listed in {escape(answer['list'])}.\n"
        f"Nothing is done yet. Do it:  simctl cull apply {_word(answer['out'])}"
    )


def _moved(part: Json) -> str:
    files = part["files"]
    may_be = escape(files[0]["path"])
    others = f" or {count(len(files) - 1, 'other')}, all of which are kept" if len(files) > 1 else ""
    return f"{escape(part['path'])} is taken for {may_be}{others}."


def _plans(plans: Sequence[str]) -> str:
    return ("plan " if len(plans) == 1 else "plans ") + ", ".join(map(escape, plans))


def _some(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"... and {len(lines) - _SHOWN:,} more like these"


def _word(path: str) -> str:
    """A path as a shell takes it."""
    return escape(quote(path))


def _take(number: int) -> str:
    return "takes" if number == 1 else "take"
