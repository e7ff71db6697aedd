"""What a person has decided about pictures; ``render.verdict`` is about the daemon's own state."""

from simd.core.wire import Json
from simd.render.style import Style
from simd.render.table import Cell, table
from simd.render.words import count, escape, moment

_COLOURS = {"different": "yellow", "series": "cyan", "keep": "green"}
_DONE = {"different": "marked as different", "series": "marked as a series", "keep": "marked to be kept"}

_SHORT_DIGEST = len("sha256:") + 12


def verdicts(answer: Json, style: Style) -> str:
    """A line for each verdict of one page: since when, what, and the pictures."""
    if not answer["verdicts"]:
        return "Nothing is decided about any picture."
    rows: list[list[Cell]] = [
        [
            moment(verdict["since"]),
            (escape(verdict["verdict"]), _COLOURS.get(verdict["verdict"])),
            *(_picture(image) for image in verdict["images"]),
        ]
        for verdict in answer["verdicts"]
    ]
    return table(rows, style)


def total(answer: Json) -> str:
    """How many there are on all pages."""
    return f"{count(answer['total'], 'verdict')}."


def marked(answer: Json, verdict: str) -> str:
    """What became of pictures that were marked."""
    one = "picture" if verdict == "keep" else "pair"
    changed = answer["added"] + answer["replaced"]
    lines = []
    if changed:
        lines.append(f"{count(changed, one)} {_DONE[verdict]}.")
    if answer["replaced"]:
        lines.append(f"{count(answer['replaced'], one)} had another verdict before; the later one holds.")
    if answer["unchanged"]:
        lines.append(f"{count(answer['unchanged'], one)} had this verdict already.")
    return "\n".join(lines)


def unmarked(answer: Json) -> str:
    """What became of pictures that were unmarked."""
    if not answer["removed"]:
        return "Nothing was decided about them."
    return f"{count(answer['removed'], 'verdict')} taken back."


def imported(answer: Json) -> str:
    """What became of verdicts that were imported."""
    return (
        f"{count(answer['added'], 'verdict')} added, {answer['replaced']:,} in place of earlier ones, "
        f"{answer['unchanged']:,} unchanged."
    )


def exported(number: int, name: str) -> str:
    """So many verdicts were written to a file."""
    return f"{count(number, 'verdict')} written to {escape(name)}."


def _picture(image: Json) -> Cell:
    """Where a picture is, or what is known of it where it is nowhere."""
    if image["path"] is not None:
        return escape(image["path"])
    where = "no file now" if image["id"] is not None else "not in the catalogue"
    return (f"{escape(image['digest'])[:_SHORT_DIGEST]}... ({where})", "dim")
