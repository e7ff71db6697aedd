"""What is wrong with a configuration, said so that a person can put it right."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from simd.delivery import hidden

Keys = tuple[str | int, ...]
"""The way to a value: keys, and positions in lists."""

Place = Callable[[Keys], str]
"""Tells where a value was written: a flag, a variable, or file and line."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        key: path of the key with dots, such as ``watch.settle_seconds``; or the name of a
            variable; empty when the file as a whole is meant.
        message: what is wrong.
        hint: what to do about it.
        place: file and line, or where else the value came from.
    """

    key: str
    message: str
    hint: str | None = None
    place: str | None = None

    def __str__(self) -> str:
        said = ": ".join(part for part in (self.place, self.key, self.message) if part)
        return f"{said} ({self.hint})" if self.hint else said


def dotted(keys: Keys) -> str:
    """A key path as people write it: ``watch.skip[2]``. A URL that took the place of a key is hidden."""
    said = ""
    for part in keys:
        key = hidden(part) if isinstance(part, str) and "://" in part else part
        said += f"[{key}]" if isinstance(key, int) else f".{key}" if said else key
    return said


def describe(faults: Sequence[Fault]) -> str:
    """All faults as text, one in a line after a heading."""
    count = "one error" if len(faults) == 1 else f"{len(faults)} errors"
    return "\n".join([f"the configuration has {count}:", *(f"  {fault}" for fault in faults)])


def did_you_mean(word: str, known: Iterable[str], prefix: str = "") -> str | None:
    """A hint that names the known word most like a misspelt one, or all known words.

    Args:
        word: as it was written.
        known: the words there are.
        prefix: what all words begin with; it makes none of them more alike.
    """
    words = sorted(known)
    bare = [known_word.removeprefix(prefix) for known_word in words]
    near = get_close_matches(word.removeprefix(prefix), bare, n=1, cutoff=0.6)
    if near:
        return f"did you mean {prefix}{near[0]}?"
    return f"known here: {', '.join(words)}" if words else None
