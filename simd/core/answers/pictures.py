"""What is known of images and of the files that hold them."""

from collections.abc import Sequence
from dataclasses import dataclass

from simd.core.actions.words import CompanionRole
from simd.core.model import FileState, ProblemCode


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of the catalogue; ``root`` is the watched folder that it lies in."""

    path: str
    path_b64: str | None = None
    root: str
    bytes: int
    mtime: str
    state: FileState


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCompanion:
    """A file that belongs to a picture: raw, video or sidecar; moved, kept and restored with it."""

    path: str
    path_b64: str | None = None
    role: CompanionRole
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInFull(File):
    """A file of the catalogue with what belongs to it on the disk; only a present file has companions."""

    companions: Sequence[FileCompanion] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image of the catalogue: content, and the files that hold it.

    Attributes:
        digest: ``sha256:`` and 64 hex digits.
        width, height: pixels, after the EXIF orientation.
        format: Pillow's name of the format.
        phash, phash256: 16 and 64 hex digits, as imagehash prints them.
        low_detail: too flat for its perceptual hashes to mean anything.
        taken_at: EXIF capture time, without offset where EXIF has none.
        camera: EXIF maker and model.
    """

    id: int
    digest: str
    width: int
    height: int
    format: str
    bytes: int
    phash: str
    phash256: str
    low_detail: bool
    taken_at: str | None
    camera: str | None
    files: Sequence[File]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLike:
    """A picture that was asked about. ``id`` is None when it is not in the catalogue.

    ``path`` is the file that was named, or one that holds the image, or the name under
    which an upload came; None for an upload without a name.
    """

    id: int | None
    path: str | None
    path_b64: str | None = None
    digest: str
    width: int
    height: int
    format: str
    bytes: int
    phash: str
    phash256: str
    low_detail: bool
    taken_at: str | None
    camera: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemRow:
    """A file that could not be read. ``retried`` counts the attempts since the first."""

    path: str
    path_b64: str | None = None
    code: ProblemCode
    reason: str
    since: str
    retried: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPage:
    """A page of unreadable files. ``next_cursor`` asks for the next page; None on the last one."""

    problems: Sequence[ProblemRow]
    next_cursor: str | None
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """How many unreadable files are being read again."""

    retried: int
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A stored pair, seen from one of its images: the other image and how near it is.

    Attributes:
        id: the other image.
        path: the file that stands for it; None when none of its files is present.
        correlation: gradient correlation of the grey thumbnails, -1 to 1.
        colour: cosine of the chroma vectors, None when either picture is grey.
        worst_cell: largest difference of a standardised grey cell.
        flat: both are low-detail, and were compared by pixels and colour instead of hashes.
        preset: the strictest preset that accepts the pair.
    """

    id: int
    path: str | None
    path_b64: str | None = None
    distance: int
    distance256: int
    similarity: float
    correlation: float
    colour: float | None
    worst_cell: float
    flat: bool
    preset: str | None
    tags: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageAnswer(Image):
    """All that is known of one image. ``problem`` is why one of its files cannot be read now."""

    files: Sequence[FileInFull]
    pairs: Sequence[Neighbour]
    problem: ProblemRow | None
    generation: int
