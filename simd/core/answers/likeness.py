"""How alike pictures are: matches, groups and comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from simd.core.answers.pictures import Image, ImageLike
from simd.core.judgement import Judgement


class MatchKind(StrEnum):
    """How alike two files are: equal bytes, or pictures that look the same."""

    IDENTICAL = "identical"
    NEAR = "near"


class Verdict(StrEnum):
    """What a comparison comes to."""

    IDENTICAL = "identical"
    NEAR = "near"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A file of the catalogue that looks like the picture asked about.

    Attributes:
        image: the file's image; ``files`` lists this file alone, as the others have entries of their own.
        path: the file.
        distance: Hamming distance of the 64-bit hashes.
        similarity: 1 - d/128 over the 256-bit hashes, not below 0.
        transform: how the picture asked about was turned to match.
        tags: what a person should know: ``recoloured``, ``edited``.
    """

    image: Image
    path: str
    path_b64: str | None = None
    distance: int
    similarity: float
    kind: MatchKind
    transform: str
    tags: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryAnswer:
    """The near-duplicates of one picture, nearest first. ``took_ms`` is milliseconds."""

    query: ImageLike
    preset: str
    radius: int
    matches: Sequence[Match]
    took_ms: float
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file of a group, measured against the keeper.

    Attributes:
        reason: why the keeper is kept rather than this file; the keeper's own is ``keeper``.
        lacks: in what it falls short of the keeper, by every rule in force; of a further copy of an
            image that is not the keeper's, what its best copy lacks.
        protected: whether it keeps its place, whatever is planned.
        doubtful: a closer look has found that it is not the same picture as the keeper.
        words: what it is as against the keeper, by that look; None where nobody looked.
    """

    image: Image
    path: str
    path_b64: str | None = None
    kind: MatchKind
    distance: int
    similarity: float
    reason: str
    tags: Sequence[str]
    lacks: Sequence[str] = ()
    protected: bool = False
    doubtful: bool = False
    words: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A keeper and its duplicates. The id stays the same while the keeper does.

    ``kind`` is ``identical`` when all the files have equal bytes. ``path`` is the file to
    keep, which is also the first of the members. ``reclaimable_bytes`` is what the others occupy.

    Attributes:
        decided_by: the rule that told the keeper from the best of the other images, or of its copies
            where all are; ``path-sorts-first`` where no rule did, ``verdict`` where a person decided.
        clearable: whether the group is offered for clearing.
        obstacle: why it is not; None where it is.
    """

    id: str
    kind: MatchKind
    keeper: Image
    path: str
    path_b64: str | None = None
    members: Sequence[Member]
    reclaimable_bytes: int
    decided_by: str | None = None
    clearable: bool = True
    obstacle: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTotals:
    """Sums over all groups that were asked for, on this page or not."""

    groups: int
    images: int
    files: int
    reclaimable_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPage:
    """A page of groups. ``next_cursor`` asks for the next page; None on the last one.

    ``keep`` are the rules by which the keepers were chosen, in their order.
    """

    groups: Sequence[Group]
    totals: GroupTotals
    next_cursor: str | None
    generation: int
    keep: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonMeasures:
    """How far two pictures are apart, by every measure.

    Attributes:
        distance, distance256: Hamming distances of the perceptual hashes.
        similarity: 1 - d/128 over the 256-bit hashes, not below 0.
        correlation, colour, worst_cell, flat: as in :class:`Neighbour`.
        ssim: structural similarity of the pictures at a common size of 1,024 pixels or fewer.
        mean_difference: mean absolute difference of the pixels, in grey levels.
        worst_block: largest mean difference of a block of pixels, in grey levels.
        dhash, ahash, whash, colorhash: Hamming distances of imagehash's other hashes.
        colour_difference: mean difference of the colours, CIE76 in L*a*b*.
        sharpness_a, sharpness_b: variance of the Laplacian at the common size, in squared levels.
        changed: share of the 256 blocks that show something else.

    From ``ssim`` on they need the pictures themselves: None when a file is not at hand.
    """

    distance: int
    distance256: int
    similarity: float
    correlation: float
    colour: float | None
    worst_cell: float
    flat: bool
    ssim: float | None
    mean_difference: float | None
    worst_block: float | None
    dhash: int | None
    ahash: int | None
    whash: int | None
    colorhash: int | None
    colour_difference: float | None
    sharpness_a: float | None
    sharpness_b: float | None
    changed: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two pictures compared: by their hashes, and by a closer look at the files where both are at hand.

    Attributes:
        preset: the strictest one that calls them near-duplicates.
        judgement: of the closer look; None when a file is not at hand.
        words: what ``b`` is as against ``a``: ``same picture, smaller``. None with the judgement.
        sharper: ``a`` or ``b``, where one is clearly sharper at the common size.
        doubtful: the closer look contradicts the verdict.
    """

    a: ImageLike
    b: ImageLike
    measures: ComparisonMeasures
    verdict: Verdict
    preset: str | None
    tags: Sequence[str]
    reason: str
    judgement: Judgement | None
    words: str | None
    sharper: str | None
    doubtful: bool
    generation: int
