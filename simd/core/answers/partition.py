"""Pictures that were parted into groups of similar ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from simd.core.model import ProblemCode


@dataclass(frozen=True, slots=True, kw_only=True)
class PartedPicture:
    """A picture of a group. ``path`` is None for an upload; ``sha1`` has 40 hex digits."""

    name: str
    path: str | None
    path_b64: str | None = None
    sha1: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartGroup:
    """A group: its founder first, the others in their order of arrival. ``number`` counts from 1."""

    number: int
    pictures: Sequence[PartedPicture]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRefusal:
    """A file that is in no group, and why. ``path`` is None for an upload."""

    name: str
    path: str | None
    path_b64: str | None = None
    code: ProblemCode
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """The groups in the order of their founders. ``grade`` is the SSIM that was asked for."""

    grade: float
    groups: Sequence[PartGroup]
    refused: Sequence[PartRefusal]
    took_ms: float
    generation: int
