"""Colour, where a terminal shows it."""

from collections.abc import Mapping

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class Style:
    """Paints text, or leaves it as it is when colour is off."""

    def __init__(self, *, colour: bool = False) -> None:
        self._colour = colour

    def paint(self, text: str, name: str | None) -> str:
        """The text in one of the colours ``bold``, ``dim``, ``red``, ``green``, ``yellow``, ``cyan``."""
        if not self._colour or name is None or not text:
            return text
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m"


PLAIN = Style()


def wants_colour(*, is_terminal: bool, environ: Mapping[str, str]) -> bool:
    """Whether to paint: on a terminal that can, unless ``NO_COLOR`` is set (no-color.org)."""
    return is_terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
