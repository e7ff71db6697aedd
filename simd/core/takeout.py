"""The names that Google Takeout gives to the JSON file beside each picture.

The file about ``NAME.EXT`` is called ``NAME.EXT.json``, or ``NAME.EXT.supplemental-metadata.json`` since
2024. What stands before ``.json`` is cut to 46 characters. The number of a name that occurs more than once
comes after all of it: what is about ``NAME(1).EXT`` is called ``NAME.EXT(1).json``. ``NAME-edited.EXT`` has
no file of its own; that of ``NAME.EXT`` tells of it. All names here are in lower case.
"""

import re
from collections.abc import Iterator

_SUPPLEMENT = b".supplemental-metadata"
MOST_CHARACTERS = 46
_NUMBERED = re.compile(rb"(.*)(\([0-9]{1,5}\))", re.DOTALL)
_EDITED = b"-edited"


def described_names(inner: bytes) -> Iterator[bytes]:
    """The names that a file may be about, besides the one that it is called after and those that were cut.

    Args:
        inner: its name without ``.json``.
    """
    base, number = _without_number(inner)
    for whole in (base, _without_supplement(base)):
        stem, dot, ending = whole.rpartition(b".")
        if dot and stem:
            yield stem + number + dot + ending
            yield stem + _EDITED + number + dot + ending


def cut_names(name: bytes) -> Iterator[bytes]:
    """What the file about a picture with a long name may be called, without ``.json``; nothing else is cut.

    A number at the end of the name may be Google's, and stand behind the cut, or a person's own.
    """
    if len(name) <= MOST_CHARACTERS:
        return
    stem, dot, ending = name.rpartition(b".")
    base, number = _without_number(stem)
    for whole, behind in {name: b"", base + dot + ending: number}.items():
        # Names are any bytes; what is no UTF-8 is counted byte by byte.
        characters = whole.decode("utf-8", "surrogateescape")
        if len(characters) > MOST_CHARACTERS:
            yield characters[:MOST_CHARACTERS].encode("utf-8", "surrogateescape") + behind


def _without_number(name: bytes) -> tuple[bytes, bytes]:
    parts = _NUMBERED.fullmatch(name) if name.endswith(b")") else None
    return (parts[1], parts[2]) if parts else (name, b"")


def _without_supplement(base: bytes) -> bytes:
    """The name without ``.supplemental-metadata``, or the part of it that 46 characters leave."""
    dot = base.rfind(b".")
    return base[:dot] if dot > 0 and _SUPPLEMENT.startswith(base[dot:]) else base
