"""Which files of a group may go, and what stays instead of each."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simd.core.answers.likeness import MatchKind
from simd.core.model import FileRow, ImageRow


class Held(NamedTuple):
    """An image of a group with its files at hand, the one that is worth keeping first; never without any."""

    image: ImageRow
    files: Sequence[FileRow]


class Loss(NamedTuple):
    """A file that may go.

    Attributes:
        file, image: what goes, and what it holds.
        keeper, kept: the file that stays instead, and what that holds.
    """

    file: FileRow
    image: ImageRow
    keeper: FileRow
    kept: ImageRow

    @property
    def kind(self) -> MatchKind:
        """Whether the bytes are equal."""
        return MatchKind.IDENTICAL if self.image.id == self.kept.id else MatchKind.NEAR


def losses(
    group: Sequence[Held], wanted: int, kind: MatchKind | None = None, *, equal_only: bool = False
) -> Iterator[Loss]:
    """The files of a group that may go: all but the best one, and but the best of each image that is wanted.

    Args:
        group: the keeper first.
        wanted: so many of the images, which come first, are marked to be kept, whatever they look like.
        kind: only files of this kind. Where equal bytes are meant, every image keeps its best file.
        equal_only: the same, as for links.
    """
    alike = not equal_only and kind is not MatchKind.IDENTICAL
    for place, held in enumerate(group):
        instead = group[0] if alike and place >= max(wanted, 1) else held
        for file in held.files:
            if file is not instead.files[0]:
                loss = Loss(file, held.image, instead.files[0], instead.image)
                if kind is None or loss.kind is kind:
                    yield loss
