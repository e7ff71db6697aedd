"""The words that every room shares: files, images, pairs and problems.

A *file* is a path with a stamp; an *image* is content, known by its SHA-256. Many files
may point at one image. Paths are ``bytes`` throughout, as the filesystem gives them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from simd.core.stamp import Stamp

LOW_DETAIL_DEVIATION = 4.0
"""Below this standard deviation of the 32x32 grey thumbnail, a perceptual hash says nothing."""

GREY_SIDE = 32
"""Side of the stored grey thumbnail, in pixels."""

RGB_SIDE = 16
"""Side of the stored colour thumbnail, in pixels."""


class FileState(StrEnum):
    """Where a catalogued file stands."""

    PRESENT = "present"
    MISSING = "missing"
    OFFLINE = "offline"


class RootState(StrEnum):
    """Where a watched folder stands."""

    SCANNING = "scanning"
    WATCHING = "watching"
    DEGRADED = "degraded"
    OFFLINE = "offline"


class ProblemCode(StrEnum):
    """Why a file could not be read."""

    PERMISSION = "permission-denied"
    EMPTY = "empty"
    NOT_AN_IMAGE = "not-an-image"
    TRUNCATED = "truncated"
    CORRUPT = "corrupt"
    TOO_LARGE = "too-large"
    NOT_A_FILE = "not-a-file"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    MEMORY = "out-of-memory"
    IO = "read-error"


@dataclass(frozen=True, slots=True)
class Thumbs:
    """What the verifier compares: everything about one image that a threshold may ask.

    Attributes:
        phash: 64-bit DCT hash, unsigned, most significant bit first as imagehash prints it.
        phash256: 256-bit DCT hash, 32 bytes, most significant bit first.
        grey: 32x32 grey levels, row by row, 1,024 bytes.
        rgb: 16x16 RGB pixels, row by row, 768 bytes.
        deviation: standard deviation of the grey thumbnail, in grey levels.
        width, height: in pixels, after the EXIF orientation.
    """

    phash: int
    phash256: bytes
    grey: bytes
    rgb: bytes
    deviation: float
    width: int
    height: int

    @property
    def low_detail(self) -> bool:
        """Whether the picture is too flat for its perceptual hash to mean anything."""
        return self.deviation < LOW_DETAIL_DEVIATION


@dataclass(frozen=True, slots=True)
class Signature:
    """All that one decode yields.

    Attributes:
        digest: SHA-256 of the file's bytes, 32 bytes.
        size: length of the file in bytes.
        format: Pillow's name of the format (``JPEG``, ``HEIF``...).
        taken_at: EXIF capture time as ISO 8601 (without offset where EXIF has none).
        camera: EXIF maker and model.
        recipe: version of the procedure that made this signature; only equal recipes compare.
        has_position: whether EXIF says where it was taken; None where nobody looked.
        rating: a person's, 1 to 5; None where there is none.
    """

    digest: bytes
    size: int
    format: str
    thumbs: Thumbs
    taken_at: str | None
    camera: str | None
    recipe: int
    has_position: bool | None = None
    rating: int | None = None


# The rows are tuples, which are made in a third of the time: plans and groups read hundreds of thousands.
class ImageRow(NamedTuple):
    """One image of the catalogue, without its thumbnails.

    ``has_position`` is None for one that was read last before simd looked for positions and ratings.
    """

    id: int
    digest: bytes
    size: int
    format: str
    width: int
    height: int
    phash: int
    phash256: bytes
    deviation: float
    taken_at: str | None
    camera: str | None
    recipe: int
    has_position: bool | None = None
    rating: int | None = None

    @property
    def low_detail(self) -> bool:
        """Whether the picture is too flat for its perceptual hash to mean anything."""
        return self.deviation < LOW_DETAIL_DEVIATION


class FileRow(NamedTuple):
    """One file of the catalogue. ``image_id`` is None for a file that could not be read."""

    id: int
    path: bytes
    root: bytes
    stamp: Stamp
    state: FileState
    image_id: int | None


@dataclass(frozen=True, slots=True)
class Root:
    """An enrolled folder and the filesystem it was enrolled on."""

    id: int
    path: bytes
    device: int
    inode: int
    filesystem: str
    online: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be read, and why."""

    path: bytes
    code: ProblemCode
    reason: str
    since: str
    retried: int


@dataclass(frozen=True, slots=True)
class Measures:
    """How far two images are apart, by every measure that needs no file.

    Attributes:
        distance: Hamming distance of the 64-bit hashes.
        distance256: Hamming distance of the 256-bit hashes.
        correlation: gradient correlation of the grey thumbnails, -1 to 1.
        colour: cosine of the chroma vectors, None when either picture is grey.
        worst_cell: largest difference of a standardised grey cell.
        flat: both are low-detail, and were compared by pixels and colour instead of hashes.
    """

    distance: int
    distance256: int
    correlation: float
    colour: float | None
    worst_cell: float
    flat: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A verified pair of images, ``a < b``."""

    a: int
    b: int
    measures: Measures
