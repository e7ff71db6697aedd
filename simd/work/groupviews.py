"""Groups in full, from their outlines: every file, measured against the keeper."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from simd.catalogue import PairTable, Snapshot
from simd.core.answers import Group, Member
from simd.core.display import display_path, path_b64
from simd.core.keeping import Candidate, explain
from simd.core.model import FileRow, ImageRow
from simd.core.presets import tags
from simd.core.verdicts import KEPT
from simd.work.describe import best_file, candidate, describe_image, kind_of, similarity
from simd.work.outlines import Outline

FILES_AT_ONCE = 2_000
"""Groups are read together until they have so many files: few queries, and little memory."""


def hydrate(outlines: Iterable[Outline], pairs: PairTable, snapshot: Snapshot) -> Iterator[Group]:
    """Groups in full, in the order of their outlines; the rows are read bit by bit."""
    for chunk in portions(outlines):
        rows = GroupRows.of(chunk, snapshot)
        for outline in chunk:
            yield show_group(outline, rows, pairs)


def portions(outlines: Iterable[Outline]) -> Iterator[list[Outline]]:
    """Cut a sequence of outlines where their files become many."""
    portion: list[Outline] = []
    files = 0
    for outline in outlines:
        portion.append(outline)
        files += outline.files
        if files >= FILES_AT_ONCE:
            yield portion
            portion, files = [], 0
    if portion:
        yield portion


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


@dataclass(frozen=True, slots=True)
class GroupRows:
    """The rows of some groups, by the ids of their images."""

    images: Mapping[int, ImageRow]
    files: Mapping[int, Sequence[FileRow]]
    disks: Disks

    @classmethod
    def of(cls, outlines: Iterable[Outline], snapshot: Snapshot) -> "GroupRows":
        """Read them, with a query or two for all."""
        ids = [image_id for outline in outlines for image_id in outline.images]
        return cls(snapshot.images(ids), snapshot.files_of(ids), Disks.of(snapshot))

    def ordered(self, image_id: int) -> list[FileRow]:
        """The files of an image, the one that stands for it first, the others by path."""
        best = best_file(self.files[image_id])
        return [best, *(row for row in self.files[image_id] if row is not best)]

    def keeper_file(self, outline: Outline) -> FileRow:
        """The file of a group that is worth keeping."""
        return best_file(self.files[outline.images[0]])


def show_group(outline: Outline, rows: GroupRows, pairs: PairTable, most: int | None = None) -> Group:
    """One group; with ``most``, only so many members, and as many files of the keeper at the most.

    One file of each image comes before further copies, so that a thousand copies of one image
    do not hide the others.
    """
    keeper = rows.images[outline.images[0]]
    kept = rows.keeper_file(outline)
    files = rows.files[keeper.id] if most is None else rows.ordered(keeper.id)[:most]
    standard = candidate(keeper, rows.files[keeper.id])
    marked = frozenset(outline.images[: outline.kept])
    shown = _Members(rows, pairs, keeper, kept, standard, marked)
    return Group(
        id=str(keeper.id),
        kind=outline.kind,
        keeper=describe_image(keeper, files),
        path=display_path(kept.path),
        path_b64=path_b64(kept.path),
        members=list(shown.of(outline, outline.files if most is None else most)),
        reclaimable_bytes=outline.reclaimable,
    )


@dataclass(frozen=True, slots=True)
class _Members:
    """The files of one group, measured against its keeper; ``marked`` are the images to be kept."""

    rows: GroupRows
    pairs: PairTable
    keeper: ImageRow
    keeper_file: FileRow
    standard: Candidate
    marked: frozenset[int]

    def of(self, outline: Outline, most: int) -> Iterator[Member]:
        """One member for each of up to ``most`` files, those of the keeper's image first."""
        images = outline.images[:most]
        copies = most - len(images)
        for image_id in images:
            further = min(copies, len(self.rows.files[image_id]) - 1)
            yield from self._of_image(self.rows.images[image_id], 1 + further)
            copies -= further

    def _of_image(self, image: ImageRow, most: int) -> Iterator[Member]:
        """What is said of an image is worked out once: it may have a thousand copies."""
        pair = None if image is self.keeper else self.pairs.find(image.id, self.keeper.id)
        said = tags(pair.measures) if pair else ()
        kind = kind_of(image, self.keeper.digest)
        distance = (image.phash ^ self.keeper.phash).bit_count()
        likeness = round(similarity(image.phash256, self.keeper.phash256), 4)
        reason = self._reason(image)
        for row in self.rows.ordered(image.id)[:most]:
            yield Member(
                # Its own file alone: a thousand copies would otherwise be listed a thousand times each.
                image=describe_image(image, [row]),
                path=display_path(row.path),
                path_b64=path_b64(row.path),
                kind=kind,
                distance=distance,
                similarity=likeness,
                reason=self._reason_of_file(row) or reason,
                tags=said,
            )

    def _reason(self, image: ImageRow) -> str:
        if image.id == self.keeper.id:
            return "same bytes"
        if self.keeper.id in self.marked and image.id not in self.marked:
            return f"keeper: {KEPT}"
        return f"keeper: {explain(self.standard, candidate(image, self.rows.files[image.id]))}"

    def _reason_of_file(self, row: FileRow) -> str | None:
        if row is self.keeper_file:
            return "keeper"
        if self.rows.disks.inode(row) == self.rows.disks.inode(self.keeper_file):
            return "hard link to the keeper: frees nothing"
        return None
