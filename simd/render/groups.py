"""Duplicate groups: the keeper first, then what could go."""

from simd.core.wire import Json
from simd.render.pictures import facts, nearness, remarks
from simd.render.style import Style
from simd.render.table import Cell, table
from simd.render.words import count, escape, size


def groups(answer: Json, style: Style) -> str:
    """The groups of one page, with a blank line between them."""
    if not answer["groups"]:
        return "No duplicate groups."
    return "\n\n".join(group(part, style) for part in answer["groups"])


def group(part: Json, style: Style) -> str:
    """One group: a header, then a line for the keeper and one for each member."""
    others = [member for member in part["members"] if not _is_keeper(member, part)]
    head = (
        f"{style.paint('Group ' + escape(part['id']), 'bold')}: {escape(part['kind'])}, "
        f"{count(len(others) + 1, 'file')}, {size(part['reclaimable_bytes'])} reclaimable"
    )
    if part.get("decided_by") is not None:
        head += f", kept by {escape(part['decided_by'])}"
    if not part.get("clearable", True):
        head += f"; not to be cleared: {escape(part['obstacle'])}"
    kept_anyway = any(member.get("protected") for member in part["members"] if _is_keeper(member, part))
    rows: list[list[Cell]] = [
        [
            ("keep", "green"),
            *facts(part["keeper"]),
            "",
            "",
            (escape(part["path"]), "green"),
            ("(protected)", "dim") if kept_anyway else "",
        ],
        *(
            [
                ("protected", "green") if member.get("protected") else "",
                *facts(member["image"]),
                *nearness(member),
                escape(member["path"]),
                (remarks(member), "dim"),
            ]
            for member in others
        ),
    ]
    return f"{head}\n{table(rows, style, right={1, 2, 4}, indent='  ')}"


def _is_keeper(member: Json, part: Json) -> bool:
    return (member["path"], member.get("path_b64")) == (part["path"], part.get("path_b64"))


def totals(answer: Json) -> str:
    """The sums over all pages in one line."""
    sums = answer["totals"]
    return (
        f"{count(sums['groups'], 'group')}, {count(sums['files'], 'file')}, "
        f"{count(sums['images'], 'image')}, {size(sums['reclaimable_bytes'])} reclaimable"
    )
