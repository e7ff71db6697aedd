"""Which of several duplicates is worth keeping, and why.

The rules of a :class:`~simd.core.keeprules.KeepOrder` are gone through in turn; by the usual ones
the best has more pixels; then it is lossless rather than lossy; then it has more bytes; then it
is protected; then it is the oldest; then its path is the shortest. Where no rule tells two files
apart, the path that sorts first is kept, and the image's id ends the list, so that the order is total.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from simd.core.keeprules import USUAL_ORDER, Criterion, KeepOrder, KeepRule
from simd.core.protection import lies_within

LOSSLESS_FORMATS = frozenset({"BMP", "GIF", "PNG", "TIFF"})
"""Pillow's names of the formats that usually keep what they were given.

TIFF may hold JPEG data and GIF has few colours, yet as copies of the same size they are
the likelier originals. WebP, AVIF and HEIF can be lossless but rarely are: they count as
lossy, like JPEG and MPO.
"""

KeepKey = tuple[int | bytes, ...]

UNDATED = 0
"""In place of a date taken; every other date is greater."""

PATH_SORTS = "path-sorts-first"
"""In place of a rule, where none tells two files apart."""

BY_PATH = "path sorts first"
"""What is said then of two files at different paths."""

_LATEST = 10**14
"""Greater than every date taken, which has fourteen digits."""

_MERITS: Mapping[tuple[Criterion, bool], str] = {
    (Criterion.PREFER, False): "in a preferred folder",
    (Criterion.PROTECTED, False): "protected",
    (Criterion.RESOLUTION, False): "more pixels",
    (Criterion.LOSSLESS, False): "lossless",
    (Criterion.BYTES, False): "more bytes",
    (Criterion.METADATA, False): "more metadata",
    (Criterion.TAKEN, False): "taken earlier",
    (Criterion.TAKEN, True): "taken later",
    (Criterion.MODIFIED, False): "older",
    (Criterion.MODIFIED, True): "newer",
    (Criterion.PATH, False): "shorter path",
    (Criterion.NAME, False): "not named like a copy",
}
"""What speaks for whoever wins by a rule, by what it looks at and whether it keeps the newest."""

_WANTS: Mapping[tuple[Criterion, bool], str] = {
    (Criterion.PROTECTED, False): "not protected",
    (Criterion.RESOLUTION, False): "fewer pixels",
    (Criterion.LOSSLESS, False): "lossy",
    (Criterion.BYTES, False): "fewer bytes",
    (Criterion.TAKEN, False): "taken later",
    (Criterion.TAKEN, True): "taken earlier",
    (Criterion.MODIFIED, False): "newer",
    (Criterion.MODIFIED, True): "older",
    (Criterion.PATH, False): "longer path",
    (Criterion.NAME, False): "named like a copy",
}
"""What whoever loses by a rule lacks; of preferred folders and metadata more is said."""

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the choice of a keeper asks about one image.

    Attributes:
        image_id: the image's id in the catalogue.
        pixels: width times height.
        lossless: whether the format keeps what it was given, see :func:`is_lossless`.
        size: bytes of the file.
        mtime_ns: modification time of the file that stands for the image, in nanoseconds.
        path: the file that stands for the image, the first by :func:`copy_key`.
        taken_at: EXIF capture time as ISO 8601; None where there is none.
        positioned: whether EXIF says where it was taken.
        rated: whether it bears a rating.
    """

    image_id: int
    pixels: int
    lossless: bool
    size: int
    mtime_ns: int
    path: bytes
    taken_at: str | None = None
    positioned: bool = False
    rated: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Why one file is kept rather than another.

    Attributes:
        rule: the first that tells them apart, as people write it; :data:`PATH_SORTS` when none does.
        reason: what speaks for the one that is kept, in words.
        lacks: in what the other one falls short, by every rule, in their order.
    """

    rule: str
    reason: str
    lacks: tuple[str, ...] = ()


def is_lossless(format_name: str) -> bool:
    """Whether Pillow's format of that name counts as lossless."""
    return format_name in LOSSLESS_FORMATS


def taken_number(taken_at: str | None) -> int:
    """A capture time as a number that sorts, by the camera's clock; :data:`UNDATED` where there is none.

    Offsets are left aside: most cameras note none, and times with and without cannot be compared.
    """
    found = _DATE.match(taken_at or "")
    return int("".join(found.groups())) if found else UNDATED


def copy_key(mtime_ns: int, path: bytes, order: KeepOrder = USUAL_ORDER) -> KeepKey:
    """Sort key of files with equal bytes: the smallest key is the one to keep."""
    worths = [
        _OF_A_FILE[rule.criterion](rule, order, mtime_ns, path)
        for rule in order.rules
        if rule.criterion in _OF_A_FILE
    ]
    return (*worths, path)


def keep_key(candidate: Candidate, order: KeepOrder = USUAL_ORDER) -> KeepKey:
    """Sort key of images: the smallest key is the one to keep."""
    return (*_worths(candidate, order), candidate.path, candidate.image_id)


def _worths(candidate: Candidate, order: KeepOrder) -> list[int]:
    """What a candidate is worth by each rule: the least is the best."""
    return [_worth(candidate, rule, order) for rule in order.rules]


def _worth(candidate: Candidate, rule: KeepRule, order: KeepOrder) -> int:
    of_a_file = _OF_A_FILE.get(rule.criterion)
    if of_a_file is not None:
        return of_a_file(rule, order, candidate.mtime_ns, candidate.path)
    return _OF_CONTENT[rule.criterion](rule, candidate)


def place_judge(rule: KeepRule, order: KeepOrder) -> Callable[[bytes], bool]:
    """Tells of a path whether it speaks for a file, by a rule that looks at nothing else.

    Raises:
        ValueError: the rule looks at something else.
    """
    if rule.criterion is Criterion.PROTECTED:
        return order.protection.covers
    if rule.criterion is Criterion.NAME:
        return lambda path: not order.names_copy(path)
    if rule.folder is not None:
        return partial(lies_within, folder=rule.folder)
    raise ValueError(f"{rule} does not look at a path alone")


def taken_worth(number: int, *, newest: bool) -> int:
    """What a date taken is worth, from :func:`taken_number`: whoever has none comes last either way."""
    if newest:
        return -number
    return number or _LATEST


def decide(keeper: Candidate, other: Candidate, order: KeepOrder = USUAL_ORDER) -> Decision:
    """Why ``keeper`` is kept rather than ``other``: the first rule that tells them apart.

    Raises:
        ValueError: ``other`` is the better one.
    """
    ours, theirs = _worths(keeper, order), _worths(other, order)
    if (theirs, other.path, other.image_id) < (ours, keeper.path, keeper.image_id):
        raise ValueError(f"image {other.image_id} ranks before image {keeper.image_id}")
    lost = _lost(order, ours, theirs)
    if not lost:
        return Decision(PATH_SORTS, BY_PATH if keeper.path != other.path else "alike")
    wanting = tuple(want for rule in lost for want in _wants(rule, keeper, other))
    return Decision(str(lost[0]), merit(lost[0], other.taken_at), wanting)


def lacks(keeper: Candidate, other: Candidate, order: KeepOrder = USUAL_ORDER) -> tuple[str, ...]:
    """In what ``other`` falls short of ``keeper``, by every rule of the order; it may be the better one."""
    lost = _lost(order, _worths(keeper, order), _worths(other, order))
    return tuple(want for rule in lost for want in _wants(rule, keeper, other))


def _lost(order: KeepOrder, ours: Sequence[int], theirs: Sequence[int]) -> list[KeepRule]:
    """The rules by which the second is worth less than the first."""
    return [rule for rule, mine, yours in zip(order.rules, ours, theirs, strict=True) if mine < yours]


def merit(rule: KeepRule, taken_at: str | None) -> str:
    """What speaks for whoever wins by a rule against a picture that was taken then."""
    if rule.criterion is Criterion.TAKEN and taken_number(taken_at) == UNDATED:
        return "has a date taken"
    return _MERITS[rule.criterion, rule.newest]


def _wants(rule: KeepRule, keeper: Candidate, other: Candidate) -> Sequence[str]:
    """What ``other`` lacks by a rule by which it is the worse one."""
    if rule.criterion is Criterion.TAKEN and taken_number(other.taken_at) == UNDATED:
        return ("no date taken",)
    if rule.criterion is Criterion.METADATA:
        has = _metadata(other)
        return [f"no {name}" for name in _metadata(keeper) if name not in has]
    if rule.criterion is Criterion.PREFER:
        return (f"not in {str(rule).partition(':')[2]}",)
    return (_WANTS[rule.criterion, rule.newest],)


def _metadata(candidate: Candidate) -> tuple[str, ...]:
    """What a picture tells of itself beside what it shows."""
    parts = {
        "date taken": taken_number(candidate.taken_at) != UNDATED,
        "position": candidate.positioned,
        "rating": candidate.rated,
    }
    return tuple(name for name, there in parts.items() if there)


_OF_A_FILE: Mapping[Criterion, Callable[[KeepRule, KeepOrder, int, bytes], int]] = {
    Criterion.PREFER: lambda rule, order, _, path: not place_judge(rule, order)(path),
    Criterion.PROTECTED: lambda _, order, __, path: not order.protection.covers(path),
    Criterion.NAME: lambda _, order, __, path: order.names_copy(path),
    Criterion.MODIFIED: lambda rule, _, mtime_ns, __: ~mtime_ns if rule.newest else mtime_ns,
    Criterion.PATH: lambda _, __, ___, path: len(path),
}
"""What a file is worth by a rule that looks at its place or its time, in which copies differ."""

_OF_CONTENT: Mapping[Criterion, Callable[[KeepRule, Candidate], int]] = {
    Criterion.RESOLUTION: lambda _, candidate: -candidate.pixels,
    Criterion.LOSSLESS: lambda _, candidate: not candidate.lossless,
    Criterion.BYTES: lambda _, candidate: -candidate.size,
    Criterion.METADATA: lambda _, candidate: -len(_metadata(candidate)),
    Criterion.TAKEN: lambda rule, candidate: taken_worth(
        taken_number(candidate.taken_at), newest=rule.newest
    ),
}
"""The same for rules that look at the bytes, which copies share."""
