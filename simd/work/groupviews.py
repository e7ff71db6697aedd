"""Groups in full, from their outlines: every file, measured against the keeper."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from simd.catalogue import PairTable, Snapshot
from simd.core.answers import Group, Member
from simd.core.display import display_path, path_b64
from simd.core.judgement import PairLook
from simd.core.keeping import Candidate, Decision, decide, lacks
from simd.core.keeprules import USUAL_ORDER, KeepOrder
from simd.core.model import FileRow, ImageRow
from simd.core.presets import tags
from simd.core.protection import clearance
from simd.core.verdicts import KEPT
from simd.work.describe import best_file, candidate_at, describe_image, kind_of, similarity
from simd.work.outlines import Outline

BY_VERDICT = "verdict"
"""In place of a rule, where a person marked the keeper to be kept."""

FILES_AT_ONCE = 2_000
"""Groups are read together until they have so many files: few queries, and little memory."""


def hydrate(
    outlines: Iterable[Outline], pairs: PairTable, snapshot: Snapshot, order: KeepOrder = USUAL_ORDER
) -> Iterator[Group]:
    """Groups in full, in the order of their outlines; the rows are read bit by bit.

    ``order`` is the one by which the outlines were made.
    """
    for chunk in portions(outlines):
        rows = GroupRows.of(chunk, snapshot, order)
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
    """The rows of some groups, by the ids of their images, how they are ranked, and what looks have found."""

    images: Mapping[int, ImageRow]
    files: Mapping[int, Sequence[FileRow]]
    disks: Disks
    order: KeepOrder = USUAL_ORDER
    looks: Mapping[tuple[int, int], PairLook] = field(default_factory=dict)

    @classmethod
    def of(
        cls, outlines: Iterable[Outline], snapshot: Snapshot, order: KeepOrder = USUAL_ORDER
    ) -> "GroupRows":
        """Read them, with a query or two for all."""
        ids = [image_id for outline in outlines for image_id in outline.images]
        disks, looks = Disks.of(snapshot), snapshot.looks_among(ids)
        return cls(snapshot.images(ids), snapshot.files_of(ids), disks, order, looks)

    def look(self, one: int, other: int) -> PairLook | None:
        """What a closer look at two images has found; None where nobody looked."""
        return self.looks.get((min(one, other), max(one, other)))

    def ordered(self, image_id: int) -> list[FileRow]:
        """The files of an image, the one that stands for it first, the others by path."""
        files = self.files[image_id]
        if len(files) == 1:
            return [*files]
        best = best_file(files, self.order)
        return [best, *(row for row in files if row is not best)]

    def keeper_file(self, outline: Outline) -> FileRow:
        """The file of a group that is worth keeping."""
        return best_file(self.files[outline.images[0]], self.order)

    def candidate(self, image_id: int) -> Candidate:
        """What the keep rules ask of an image."""
        return candidate_at(self.images[image_id], best_file(self.files[image_id], self.order))

    def obstacle(self, outline: Outline, kept: FileRow) -> str | None:
        """Why no file of a group may go but the one that is kept; None where one may."""
        if not self.order.protection:
            return None
        every = (row for image_id in outline.images for row in self.files[image_id])
        return clearance((row.path for row in every if row is not kept), self.order.protection).obstacle


def show_group(outline: Outline, rows: GroupRows, pairs: PairTable, most: int | None = None) -> Group:
    """One group; with ``most``, only so many members, and as many files of the keeper at the most.

    One file of each image comes before further copies, so that a thousand copies of one image
    do not hide the others.
    """
    keeper = rows.images[outline.images[0]]
    kept = rows.keeper_file(outline)
    files = rows.files[keeper.id] if most is None else rows.ordered(keeper.id)[:most]
    marked = frozenset(outline.images[: outline.kept])
    shown = _Members(rows, pairs, keeper, kept, candidate_at(keeper, kept), marked)
    obstacle = rows.obstacle(outline, kept)
    return Group(
        id=str(keeper.id),
        kind=outline.kind,
        keeper=describe_image(keeper, files),
        path=display_path(kept.path),
        path_b64=path_b64(kept.path),
        members=list(shown.of(outline, outline.files if most is None else most)),
        reclaimable_bytes=outline.reclaimable,
        decided_by=shown.decided_by(outline),
        clearable=obstacle is None,
        obstacle=obstacle,
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
    decisions: dict[int, Decision] = field(default_factory=dict)

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
        reason, lacking = self._reason(image), self._lacking(image)
        look = self.rows.look(image.id, self.keeper.id)
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
                lacks=self._lacking_of_copy(row) if lacking is None else lacking,
                protected=self.rows.order.protection.covers(row.path),
                doubtful=look is not None and look.doubtful,
                words=None if look is None else look.words_of(image.id),
            )

    def decided_by(self, outline: Outline) -> str:
        """What told the keeper from the best of the other images; where there is none, from the best copy."""
        if len(outline.images) == 1:
            others = [row for row in self.rows.files[self.keeper.id] if row is not self.keeper_file]
            next_best = candidate_at(self.keeper, best_file(others, self.rows.order))
            return decide(self.standard, next_best, self.rows.order).rule
        if self._is_marked_before(outline.images[1]):
            return BY_VERDICT
        return self._decision(outline.images[1]).rule

    def _reason(self, image: ImageRow) -> str:
        if image.id == self.keeper.id:
            return "same bytes"
        if self._is_marked_before(image.id):
            return f"keeper: {KEPT}"
        return f"keeper: {self._decision(image.id).reason}"

    def _decision(self, image_id: int) -> Decision:
        """Why the keeper is kept rather than another image; worked out once."""
        found = self.decisions.get(image_id)
        if found is None:
            found = decide(self.standard, self.rows.candidate(image_id), self.rows.order)
            self.decisions[image_id] = found
        return found

    def _is_marked_before(self, image_id: int) -> bool:
        """Whether a verdict, and no rule, made the keeper what it is beside another image."""
        return self.keeper.id in self.marked and image_id not in self.marked

    def _lacking(self, image: ImageRow) -> Sequence[str] | None:
        """What an image lacks, for all its files; None for the keeper's, whose copies differ by place."""
        if image.id == self.keeper.id:
            return None
        if self._is_marked_before(image.id):
            return lacks(self.standard, self.rows.candidate(image.id), self.rows.order)
        return self._decision(image.id).lacks

    def _lacking_of_copy(self, row: FileRow) -> Sequence[str]:
        if row is self.keeper_file:
            return ()
        return lacks(self.standard, candidate_at(self.keeper, row), self.rows.order)

    def _reason_of_file(self, row: FileRow) -> str | None:
        if row is self.keeper_file:
            return "keeper"
        if self.rows.disks.inode(row) == self.rows.disks.inode(self.keeper_file):
            return "hard link to the keeper: frees nothing"
        return None
