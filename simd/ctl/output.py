"""Standard output and standard error: text for a person, one JSON object, or bare paths."""

import io
import json
import os
import sys
from collections.abc import Iterable, Mapping

from simd.core.errors import SimdError
from simd.render.style import Style, wants_colour
from simd.render.words import escape


class Output:
    """Writes what a command has to say in the form that was asked for.

    Attributes:
        as_json: standard output is for exactly one JSON object.
        style: how to paint text on standard output.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.style = Style(colour=wants_colour(is_terminal=sys.stdout.isatty(), environ=os.environ))
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")

    def text(self, text: str) -> None:
        """A block of text, escaped and painted already."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def json(self, answer: Mapping[str, object]) -> None:
        """The one JSON object; in ASCII, so that any encoding carries it."""
        sys.stdout.write(json.dumps(answer) + "\n")

    def paths(self, paths: Iterable[bytes]) -> None:
        """Paths as the filesystem knows them, each ended by NUL, for ``xargs -0``."""
        sys.stdout.flush()
        for path in paths:
            sys.stdout.buffer.write(path + b"\0")

    def note(self, text: str) -> None:
        """A line beside the answer, on standard error."""
        sys.stderr.write(f"{escape(text)}\n")
        sys.stderr.flush()

    def error(self, error: SimdError) -> None:
        """An error: its object when JSON was asked for, else message and hint on standard error."""
        if self.as_json:
            self.json({"error": describe(error)})
            return
        self.note(f"simctl: {error.message}")
        if error.hint:
            self.note(f"hint: {error.hint}")


def describe(error: SimdError) -> dict[str, object]:
    """The error as the protocol shapes it."""
    return {"code": error.code, "message": error.message, "hint": error.hint, "path": error.path}
