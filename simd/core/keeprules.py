"""The rules by which one of several duplicates is kept: their names, their order, and how they are written.

A list of rules is gone through from its beginning; the first rule that tells two files apart decides
between them. Rules that a person did not name follow behind, in the usual order: they only decide
what would be left to chance.
"""

import fnmatch
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from posixpath import normpath

from simd.core.protection import UNPROTECTED, Protection


class Criterion(StrEnum):
    """What a rule looks at."""

    PREFER = "prefer"
    PROTECTED = "protected"
    RESOLUTION = "resolution"
    LOSSLESS = "lossless"
    BYTES = "bytes"
    METADATA = "metadata"
    TAKEN = "taken"
    MODIFIED = "modified"
    PATH = "path"
    NAME = "name"


_OF_A_TIME = frozenset({Criterion.TAKEN, Criterion.MODIFIED})
_GLOB_PART = re.compile(r"\[!?+\]?+[^\]]*\]|.", re.DOTALL)
"""A set of characters, or one character, of a glob as :mod:`fnmatch` reads it."""

_NOTHING = r"(?!)"
"""Matches no text."""

_OLDEST, _NEWEST = "oldest", "newest"

RULES_THERE_ARE = (
    "the rules are prefer:FOLDER, protected, resolution, lossless, bytes, metadata, taken:oldest, "
    "taken:newest, modified:oldest, modified:newest, path and name"
)


@dataclass(frozen=True, slots=True)
class KeepRule:
    """One rule.

    Attributes:
        folder: absolute path of what is preferred; None for all other rules.
        newest: for rules about time, whether the newest is kept instead of the oldest.
    """

    criterion: Criterion
    folder: bytes | None = None
    newest: bool = False

    def __str__(self) -> str:
        """The rule as people write it; a path that is not UTF-8 is escaped."""
        if self.folder is not None:
            return f"{self.criterion}:{self.folder.decode('utf-8', 'backslashreplace')}"
        if self.criterion in _OF_A_TIME:
            return f"{self.criterion}:{_NEWEST if self.newest else _OLDEST}"
        return str(self.criterion)


USUAL = (
    KeepRule(Criterion.RESOLUTION),
    KeepRule(Criterion.LOSSLESS),
    KeepRule(Criterion.BYTES),
    KeepRule(Criterion.PROTECTED),
    KeepRule(Criterion.MODIFIED),
    KeepRule(Criterion.PATH),
)
"""Quality first; then what stays anyway; then what was likely there before the others."""

COPY_NAMES = (
    "*([0-9])",
    "*([0-9][0-9])",
    "*[-_ (]copy",
    "*[-_ (]copy)",
    "* copy [0-9]",
    "copy of *",
    "*[-_ (]kopie",
    "*[-_ (]kopie)",
    "* kopie [0-9]",
    "kopie von *",
    "*[-_]edited",
    "*[-_]bearbeitet",
)
"""What file managers, browsers and Google Photos make of a name when they copy or edit."""


@dataclass(frozen=True, slots=True)
class KeepOrder:
    """How files are ranked. It can be compared, hashed and pickled.

    Attributes:
        rules: the first that tells two files apart decides; see :func:`completed`.
        copy_names: globs that a name without its extension matches when it is a copy's.
        protection: the files that keep their place.
    """

    rules: tuple[KeepRule, ...] = USUAL
    copy_names: tuple[str, ...] = COPY_NAMES
    protection: Protection = UNPROTECTED

    def names_copy(self, path: bytes) -> bool:
        """Whether the name of a file says that it is a copy, or an edit of another one."""
        name = path[path.rfind(b"/") + 1 :]
        text = _text(name[: name.rfind(b".")] if b"." in name else name)
        begins, ends = _expressions(self.copy_names)
        return bool(ends.match(text[::-1]) or begins.match(text))


USUAL_ORDER = KeepOrder()


def completed(asked: Iterable[KeepRule]) -> tuple[KeepRule, ...]:
    """The rules asked for, and behind them those of the usual order that look at something else."""
    first = tuple(asked)
    named = {rule.criterion for rule in first}
    return (*first, *(rule for rule in USUAL if rule.criterion not in named))


def parse_rule(text: str) -> KeepRule:
    """A rule as people write it: ``resolution``, ``taken:newest``, ``prefer:/mnt/photos``.

    ``taken`` and ``modified`` alone mean the oldest. Bytes of a folder that are not UTF-8 come as
    surrogate escapes.

    Raises:
        ValueError: there is no such rule, or its folder is not an absolute path.
    """
    name, colon, detail = text.strip().partition(":")
    if name not in list(Criterion):
        raise ValueError(f"there is no keep rule {text!r}: {RULES_THERE_ARE}")
    criterion = Criterion(name)
    if criterion is Criterion.PREFER:
        return KeepRule(criterion, folder=_folder(detail))
    if criterion in _OF_A_TIME and detail in {_OLDEST, _NEWEST}:
        return KeepRule(criterion, newest=detail == _NEWEST)
    if colon:
        raise ValueError(f"there is no keep rule {text!r}: {RULES_THERE_ARE}")
    return KeepRule(criterion)


def parse_rules(text: str) -> tuple[KeepRule, ...]:
    r"""Rules parted by commas; ``\,`` is a comma within the name of a folder.

    Raises:
        ValueError: one of them is none, or they contradict each other.
    """
    rules = tuple(map(parse_rule, _parted(text)))
    if fault := contradiction(rules):
        raise ValueError(fault)
    return rules


def contradiction(rules: Sequence[KeepRule]) -> str | None:
    """What is wrong with a list of rules: one that can decide nothing after an earlier one; or None."""
    seen: dict[tuple[Criterion, bytes | None], KeepRule] = {}
    for rule in rules:
        key = (rule.criterion, rule.folder)
        if key in seen:
            return f"{rule} can decide nothing after {seen[key]}"
        seen[key] = rule
    return None


def _folder(text: str) -> bytes:
    path = text.encode("utf-8", "surrogateescape")
    if not path.startswith(b"/") or b"\0" in path:
        raise ValueError(f"prefer: takes an absolute path, such as prefer:/mnt/photos, not {text!r}")
    return b"/" + normpath(path).lstrip(b"/")


def _parted(text: str) -> list[str]:
    return [part.replace("\\,", ",") for part in re.split(r"(?<!\\),", text)]


@lru_cache(maxsize=16)
def _expressions(globs: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What a :func:`_text` may match, and what its reverse may: most globs are about the end of a name.

    To look for an end from the beginning takes ten times as long.
    """
    plain = [unicodedata.normalize("NFC", glob).lower() for glob in globs]
    begins = [glob for glob in plain if not glob.startswith("*")]
    ends = [_reversed(glob) for glob in plain if glob.startswith("*")]
    return _any_of(begins), _any_of(ends)


def _reversed(glob: str) -> str:
    """What the reverse of a text has to match. A bracket that opens no set must not open one now."""
    return "".join("[[]" if part == "[" else part for part in reversed(_GLOB_PART.findall(glob)))


def _any_of(globs: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(fnmatch.translate, globs)) or _NOTHING)


def _text(name: bytes) -> str:
    """A name as text; letters large and small, and the two ways of writing accents, count as equal."""
    if name.isascii():
        return name.decode("ascii").lower()
    return unicodedata.normalize("NFC", name.decode("utf-8", "surrogateescape")).lower()
