"""Which of several duplicates is worth keeping, and why.

The best has more pixels; then it is lossless rather than lossy; then it has more bytes;
then it is the oldest; then its path is the shortest; then its path sorts first. The
image's id ends the list, so that the order is total.
"""

from dataclasses import dataclass

LOSSLESS_FORMATS = frozenset({"BMP", "GIF", "PNG", "TIFF"})
"""Pillow's names of the formats that usually keep what they were given.

TIFF may hold JPEG data and GIF has few colours, yet as copies of the same size they are
the likelier originals. WebP, AVIF and HEIF can be lossless but rarely are: they count as
lossy, like JPEG and MPO.
"""

KeepKey = tuple[int, bool, int, int, int, bytes, int]
CopyKey = tuple[int, int, bytes]

_REASONS = ("more pixels", "lossless", "more bytes", "older", "shorter path", "path sorts first")


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the choice of a keeper asks about one image.

    Attributes:
        image_id: the image's id in the catalogue.
        pixels: width times height.
        lossless: whether the format keeps what it was given, see :func:`is_lossless`.
        size: bytes of the file.
        oldest_mtime_ns: oldest modification time among the image's files, in nanoseconds.
        path: the file that stands for the image, the first by :func:`copy_key`.
    """

    image_id: int
    pixels: int
    lossless: bool
    size: int
    oldest_mtime_ns: int
    path: bytes


def is_lossless(format_name: str) -> bool:
    """Whether Pillow's format of that name counts as lossless."""
    return format_name in LOSSLESS_FORMATS


def copy_key(mtime_ns: int, path: bytes) -> CopyKey:
    """Sort key of files with equal bytes: the oldest first, then the shortest path, then the path."""
    return (mtime_ns, len(path), path)


def keep_key(candidate: Candidate) -> KeepKey:
    """Sort key of images: the smallest key is the one to keep."""
    return (
        -candidate.pixels,
        not candidate.lossless,
        -candidate.size,
        *copy_key(candidate.oldest_mtime_ns, candidate.path),
        candidate.image_id,
    )


def explain(keeper: Candidate, other: Candidate) -> str:
    """Why ``keeper`` is kept rather than ``other``: the first rule that tells them apart.

    Two candidates that only their ids tell apart are ``"alike"``.

    Raises:
        ValueError: ``other`` is the better one.
    """
    ours, theirs = keep_key(keeper), keep_key(other)
    if theirs < ours:
        raise ValueError(f"image {other.image_id} ranks before image {keeper.image_id}")
    for reason, mine, yours in zip(_REASONS, ours, theirs, strict=False):
        if mine != yours:
            return reason
    return "alike"
