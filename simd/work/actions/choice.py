"""Files that are to go: why others are spared, and what has to be true for those that a person has chosen."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from simd.core.actions.files import Files
from simd.core.actions.known import Known
from simd.core.actions.leaving import Leaving, alone
from simd.core.actions.model import PlanRequest, Removal
from simd.core.actions.words import SHARING
from simd.core.answers.likeness import MatchKind
from simd.core.model import FileRow, FileState, ImageRow
from simd.core.questions import GroupOptions
from simd.work.groups import Groups, Survey
from simd.work.groupviews import Disks


class Spared(StrEnum):
    """Why files are not in a plan although they might have been, as a warning puts it for one or many."""

    PROTECTED = "protected"
    LINKED = "another name of the kept file, so that nothing would be freed"
    AWAY = "on a disk that is away, or kept by a file that is"
    ALONE = "has a raw file or a video that the kept picture has not"
    UNSEEN = "the folder cannot be listed, so that nobody knows what belongs to it"
    DOUBTFUL = "doubtful: a closer look has found that the kept picture is not the same"
    UNKNOWN = "not there any more, as far as the catalogue knows"
    LAST = "none of those that are kept is the same picture, so that it would be lost"
    UNEQUAL = "not equal, and only equal bytes can be shared"


class Loss(NamedTuple):
    """A file that goes, and the one that stays instead."""

    file: FileRow
    image: ImageRow
    keeper: FileRow
    kept: ImageRow


def chosen_by_hand(groups: Groups, request: PlanRequest, spared: Counter[Spared]) -> Leaving:
    """The files that a person has chosen, as far as each picture has another file that stays.

    Args:
        groups: tell who belongs together.
        request: with removals.
        spared: counts those that are left out.

    Raises:
        BadRequest: no such preset.
    """
    removals = request.removals or ()
    options = GroupOptions(preset=request.preset, grouping=request.grouping, keep=request.keep)
    with groups.survey(options) as survey:
        known = _Catalogued.of(survey, removals)
        protection = survey.order.protection
    found = []
    for removal in removals:
        if protection.covers(removal.path):
            spared[Spared.PROTECTED] += 1
            continue
        chosen = known.loss(removal)
        if isinstance(chosen, Spared):
            spared[chosen] += 1
        elif request.action in SHARING and chosen.image.id != chosen.kept.id:
            spared[Spared.UNEQUAL] += 1
        else:
            found.append(chosen)
    return _leaving(found)


def _leaving(found: Sequence[Loss]) -> Leaving:
    equal = [loss.image.id == loss.kept.id for loss in found]
    sheet = alone(
        files=Files.of(Known(loss.file.path, loss.file.stamp, loss.image.digest) for loss in found),
        keepers=Files.of(Known(loss.keeper.path, loss.keeper.stamp, loss.kept.digest) for loss in found),
        roots=[loss.file.root for loss in found],
        kinds=[MatchKind.IDENTICAL if same else MatchKind.NEAR for same in equal],
        whys=["chosen by hand"] * len(found),
        sizes=[loss.file.stamp.size for loss in found],
    )
    return Leaving(sheet, [loss.image.taken_at for loss in found], [loss.kept.taken_at for loss in found])


@dataclass(frozen=True, slots=True)
class _Catalogued:
    """What the catalogue knows of the files that are named.

    Attributes:
        rows: those at hand, by their paths.
        images: theirs.
        groups: the keeper of the group that each image is in.
        disks: tell hard links.
        going: the paths of all that a person wants to be rid of.
    """

    rows: Mapping[bytes, FileRow]
    images: Mapping[int, ImageRow]
    groups: Mapping[int, int]
    disks: Disks
    going: Collection[bytes]

    @classmethod
    def of(cls, survey: Survey, removals: Sequence[Removal]) -> "_Catalogued":
        """Read it."""
        paths = {path for removal in removals for path in (removal.path, *removal.kept)}
        rows = survey.snapshot.files_at(paths)
        present = {path: row for path, row in rows.items() if row.state is FileState.PRESENT}
        images = {row.image_id for row in present.values() if row.image_id is not None}
        return cls(
            present,
            survey.snapshot.images(images),
            {image: outline.images[0] for outline in survey.outlines for image in outline.images},
            Disks.of(survey.snapshot),
            frozenset(removal.path for removal in removals),
        )

    def loss(self, removal: Removal) -> Loss | Spared:
        """What goes, and the first of those that stay which is the same picture."""
        row = self.rows.get(removal.path)
        if row is None or row.image_id is None:
            return Spared.UNKNOWN
        for kept in self._staying(removal):
            if kept.image_id is None or not self._belong_together(row.image_id, kept.image_id):
                continue
            if self.disks.inode(kept) == self.disks.inode(row):
                return Spared.LINKED
            return Loss(row, self.images[row.image_id], kept, self.images[kept.image_id])
        return Spared.LAST

    def _staying(self, removal: Removal) -> Iterator[FileRow]:
        return (self.rows[path] for path in removal.kept if path in self.rows and path not in self.going)

    def _belong_together(self, one: int, other: int) -> bool:
        return one == other or (one in self.groups and self.groups[one] == self.groups.get(other))
