"""What looks like a picture."""

from simd.core.wire import Json
from simd.render.pictures import facts, nearness, pixels, remarks
from simd.render.style import Style
from simd.render.table import Cell, table
from simd.render.words import count, escape, size

_KIND_COLOURS = {"identical": "green", "near": "cyan"}
_VERDICT_COLOURS = {"identical": "green", "near": "cyan", "no": "yellow"}
_VERDICT_WIDTH = len("identical")


def query(answer: Json, name: str, style: Style) -> str:
    """A block for one file: what it is, and its matches, the nearest first.

    Args:
        answer: what ``POST /v1/query`` answered.
        name: what the person called the file.
        style: how to paint.
    """
    asked, matches = answer["query"], answer["matches"]
    low_detail = ", too flat for its hash to mean anything" if asked["low_detail"] else ""
    head = (
        f"{style.paint(escape(name), 'bold')}: {pixels(asked)} {escape(asked['format'])}, "
        f"{size(asked['bytes'])}{low_detail}"
    )
    found = count(len(matches), "match", "matches") if matches else "no match"
    bound = f"within distance {answer['radius']} ({escape(answer['preset'])})"
    if not matches:
        return f"{head}\n  {found} {bound}"
    rows: list[list[Cell]] = [
        [
            (match["kind"], _KIND_COLOURS.get(match["kind"])),
            *nearness(match),
            *facts(match["image"]),
            escape(match["path"]),
            (remarks(match), "dim"),
        ]
        for match in matches
    ]
    return f"{head}\n{table(rows, style, right={1, 3, 4}, indent='  ')}\n  {found} {bound}"


def have(entry: Json, name: str, style: Style) -> str:
    """One line for one file: ``identical``, ``near`` or ``no``, the file, and where it already is."""
    verdict = entry["verdict"]
    label = style.paint(verdict, _VERDICT_COLOURS[verdict]) + " " * (_VERDICT_WIDTH - len(verdict))
    where = f"  at {escape(entry['where'])}" if entry["where"] is not None else ""
    distance = f" (distance {entry['distance']})" if verdict == "near" else ""
    return f"{label}  {escape(name)}{where}{distance}"
