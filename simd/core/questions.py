"""What can be asked of the service, as plain values."""

from dataclasses import dataclass

from simd.core.answers import MatchKind
from simd.core.display import display_path
from simd.core.grouping import Grouping
from simd.core.keeprules import KeepRule


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySubject:
    """The picture that a question is about: exactly one of path, image_id and upload.

    Attributes:
        path: absolute path of a file, catalogued or not.
        image_id: id of a catalogued image.
        upload: the bytes of a picture.
        name: what the sender calls the upload; for display only.

    Raises:
        ValueError: none or several of the three are given.
    """

    path: bytes | None = None
    image_id: int | None = None
    upload: bytes | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        given = sum(part is not None for part in (self.path, self.image_id, self.upload))
        if given != 1:
            raise ValueError("a subject is exactly one of path, image_id and upload")


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureName:
    """A picture that is meant, at hand or not: exactly one of path, image_id and digest.

    Attributes:
        path: absolute path of a catalogued file.
        image_id: id of a catalogued image.
        digest: SHA-256 of the bytes; the catalogue need not know it.

    Raises:
        ValueError: none or several of the three are given.
    """

    path: bytes | None = None
    image_id: int | None = None
    digest: bytes | None = None

    def __post_init__(self) -> None:
        given = sum(part is not None for part in (self.path, self.image_id, self.digest))
        if given != 1:
            raise ValueError("a picture is named by exactly one of path, image_id and digest")

    @property
    def shown(self) -> str:
        """The name as a person reads it."""
        if self.path is not None:
            return display_path(self.path)
        return f"#{self.image_id}" if self.digest is None else f"sha256:{self.digest.hex()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryOptions:
    """How to look for near-duplicates.

    Attributes:
        preset: name of a preset of :mod:`simd.core.presets`; None for the configured one.
        radius: greatest Hamming distance of the 64-bit hashes, in place of the preset's.
        top: at most this many matches, the nearest; None for all.
        transforms: also find the picture rotated by quarter turns and mirrored.
    """

    preset: str | None = None
    radius: int | None = None
    top: int | None = None
    transforms: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOptions:
    """Which duplicate groups to list.

    Attributes:
        preset: name of a preset of :mod:`simd.core.presets`; None for the configured one.
        grouping: how pairs become groups.
        kind: only groups of this kind; None for both.
        under: only groups with a file in this folder or below it.
        limit: at most this many groups on the page.
        cursor: where the page before ended.
        keep: rules by which keepers are chosen, before the usual ones; None for the configured ones.
    """

    preset: str | None = None
    grouping: Grouping = Grouping.STAR
    kind: MatchKind | None = None
    under: bytes | None = None
    limit: int = 100
    cursor: str | None = None
    keep: tuple[KeepRule, ...] | None = None
