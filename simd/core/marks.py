"""What verdicts come to for the images that a catalogue has: who is apart, and who is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from simd.core.verdicts import GivenVerdict, VerdictKind


@dataclass(frozen=True)
class Marks:
    """The verdicts on images that the catalogue has, by their ids.

    Attributes:
        apart: pairs that never stand in one group, the smaller id first.
        kept: images that are the keepers of their groups.
    """

    apart: frozenset[tuple[int, int]] = frozenset()
    kept: frozenset[int] = frozenset()

    @cached_property
    def pairs(self) -> NDArray[np.int64]:
        """The pairs of ``apart``, as an array of shape ``(n, 2)``."""
        return np.array(sorted(self.apart), np.int64).reshape(-1, 2)

    def rank(self, images: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those to be kept first, and otherwise in the order that they have."""
        if not self.kept:
            return images
        kept = np.isin(images, np.fromiter(self.kept, np.int64, len(self.kept)))
        return np.concatenate((images[kept], images[~kept]))

    def differing(self, other: "Marks") -> frozenset[int]:
        """The images about which two of these say different things."""
        return frozenset(chain.from_iterable(self.apart ^ other.apart)) | (self.kept ^ other.kept)


NO_MARKS = Marks()


def marks_of(verdicts: Iterable[GivenVerdict], ids: Mapping[bytes, int]) -> Marks:
    """The marks of images.

    Args:
        verdicts: all of them.
        ids: the images that the catalogue has, by their digests; a verdict on another one waits.
    """
    apart, kept = set(), set()
    for verdict in verdicts:
        found = [ids[digest] for digest in verdict.images if digest in ids]
        if len(found) < len(verdict.images):
            continue
        if verdict.kind is VerdictKind.KEEP:
            kept.add(found[0])
        else:
            apart.add((min(found), max(found)))
    return Marks(frozenset(apart), frozenset(kept))
