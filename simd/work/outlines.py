"""The outlines of all groups under one preset: who belongs together, who is kept, what it frees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simd.catalogue import PairTable, Snapshot
from simd.core.answers import GroupTotals, MatchKind
from simd.core.grouping import Grouping, cluster
from simd.core.keeping import keep_key
from simd.core.model import FileRow
from simd.core.presets import Preset
from simd.work.describe import best_file, candidate


@dataclass(frozen=True, slots=True)
class Outline:
    """A group without its rows, so that many can be kept in memory.

    Attributes:
        images: the keeper first, then the others, best first.
        files: how many files hold them.
        reclaimable: bytes that would be freed by keeping one file; hard links free nothing.
    """

    images: tuple[int, ...]
    files: int
    reclaimable: int

    @property
    def kind(self) -> MatchKind:
        """Groups of one image hold equal bytes only."""
        return MatchKind.IDENTICAL if len(self.images) == 1 else MatchKind.NEAR

    @property
    def position(self) -> tuple[int, int]:
        """Where the group stands among all: the largest savings first."""
        return (-self.reclaimable, self.images[0])


@dataclass(frozen=True, slots=True)
class Outlines:
    """Every group of one state of the catalogue, and the pairs that made them.

    Attributes:
        generation: the state of the catalogue.
        groups: in order of their positions.
        pairs: all that the preset accepts.
    """

    generation: int
    groups: Sequence[Outline]
    pairs: PairTable


def outline_all(preset: Preset, grouping: Grouping, snapshot: Snapshot) -> Outlines:
    """Every group under a preset, from the stored pairs and the images with several files."""
    pairs = snapshot.pairs(preset.radius, preset.correlation, preset.colour)
    edges = np.column_stack([pairs.a, pairs.b, pairs.distance.astype(np.int64)])
    copied = snapshot.copies()
    ids = sorted({*pairs.a.tolist(), *pairs.b.tolist(), *copied})
    images, files = snapshot.images(ids), snapshot.files_of(ids)
    rank = {image_id: keep_key(candidate(images[image_id], files[image_id])) for image_id in ids}
    clusters = cluster(edges, rank, grouping)
    grouped = {image_id for found in clusters for image_id in (found.keeper, *found.members)}
    memberships = [(found.keeper, *found.members) for found in clusters]
    memberships += [(image_id,) for image_id in copied if image_id not in grouped]
    disks = Disks.of(snapshot)
    groups = sorted(
        (_outline(members, files, disks) for members in memberships), key=lambda group: group.position
    )
    return Outlines(snapshot.generation, groups, pairs)


def total(outlines: Sequence[Outline]) -> GroupTotals:
    """The sums over groups."""
    return GroupTotals(
        groups=len(outlines),
        images=sum(len(outline.images) for outline in outlines),
        files=sum(outline.files for outline in outlines),
        reclaimable_bytes=sum(outline.reclaimable for outline in outlines),
    )


@dataclass(frozen=True, slots=True)
class Disks:
    """Tells hard links from files: an inode number says something within one filesystem only."""

    devices: Mapping[bytes, int]

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Disks":
        """The filesystems of the roots."""
        return cls({root.path: root.device for root in snapshot.roots()})

    def inode(self, row: FileRow) -> tuple[int, int]:
        """The filesystem and the inode of a file."""
        return self.devices[row.root], row.stamp.inode


def _outline(members: tuple[int, ...], files: Mapping[int, Sequence[FileRow]], disks: Disks) -> Outline:
    rows = [row for image_id in members for row in files[image_id]]
    sizes = {disks.inode(row): row.stamp.size for row in rows}
    del sizes[disks.inode(best_file(files[members[0]]))]
    return Outline(members, len(rows), sum(sizes.values()))
