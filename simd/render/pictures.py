"""What several views say of one picture."""

from simd.core.wire import Json
from simd.render.table import Cell
from simd.render.words import escape, size

UNTURNED = "identity"
"""The transform of a picture that matches as it is."""


def pixels(picture: Json) -> str:
    """Width and height: ``4000x3000``."""
    return f"{picture['width']}x{picture['height']}"


def facts(picture: Json) -> list[Cell]:
    """Cells of a table: pixels, size, format."""
    return [pixels(picture), size(picture["bytes"]), escape(picture["format"])]


def nearness(part: Json) -> list[Cell]:
    """Cells of a table: distance and similarity."""
    return [f"d {part['distance']}", f"{part['similarity']:.2f}"]


def _why(part: Json) -> list[str]:
    """Why it is not the one to keep; what it lacks says more than that the keeper has it."""
    reason, lacking = part.get("reason"), ", ".join(part.get("lacks", ()))
    if lacking and reason and reason.startswith("keeper: "):
        return [lacking]
    return [word for word in (reason, lacking) if word]


def remarks(part: Json) -> str:
    """Reason, what it lacks, turn, tags and doubt in parentheses, or nothing."""
    transform = part.get("transform", UNTURNED)
    said = [
        *_why(part),
        *([transform] if transform != UNTURNED else []),
        *part.get("tags", ()),
        *([f"doubtful: {part['words']}"] if part.get("doubtful") else []),
    ]
    return f"({escape('; '.join(said))})" if said else ""
