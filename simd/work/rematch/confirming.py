"""Stored pairs held against the present rules: what they no longer allow is dropped.

This comes last, when all pairs of the present rules are written: so duplicates leave the answers
one by one, and only those that are none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simd.catalogue import Catalogue, Transaction
from simd.core.matching import Bookmark
from simd.core.measures import verified
from simd.ports import Clock
from simd.runtime.broadcast import Broadcast
from simd.work.rematch.comparing import COMMIT_SECONDS, COMPARED_AT_ONCE, Pictures, Version
from simd.work.rematch.library import Judge

PairOfIds = tuple[int, int]


class Confirming:
    """Walks through the stored pairs, in their order."""

    def __init__(
        self, catalogue: Catalogue, broadcast: Broadcast, clock: Clock, judges: Sequence[Judge]
    ) -> None:
        self._catalogue = catalogue
        self._broadcast = broadcast
        self._clock = clock
        self._judges = judges

    def run(self, bookmark: Bookmark, advance: Callable[[int], None]) -> None:
        """Check the pairs that are left.

        Args:
            bookmark: where to begin.
            advance: called after every slice of work, with how many ids it has passed.

        Raises:
            CatalogueError: pairs could not be read or dropped.
            Stopped: the daemon is stopping.
        """
        last = (bookmark.done, bookmark.last_id)
        committed_at = self._clock.monotonic()
        while pairs := self._next(last, bookmark.last_id):
            refused = self._refused(pairs)
            passed, last = pairs[-1][0] - last[0], pairs[-1]
            due = self._clock.monotonic() - committed_at >= COMMIT_SECONDS
            if refused or due:
                # The last image may have more pairs, which are to be checked in any case.
                self._catalogue.write(_Dropping(refused, replace(bookmark, done=last[0] - 1))).result()
                committed_at = self._clock.monotonic()
            if refused:
                images = sorted({image_id for pair, *_ in refused for image_id in pair})
                self._broadcast.tell("groups", images=images, generation=self._catalogue.generation())
            advance(passed)

    def _next(self, after: PairOfIds, last_id: int) -> list[PairOfIds]:
        with self._catalogue.read() as snapshot:
            return snapshot.pairs_after(after, last_id, COMPARED_AT_ONCE)

    def _refused(self, pairs: list[PairOfIds]) -> list[tuple[PairOfIds, Version, Version]]:
        """Those that are no pairs any more, with the versions of the images that were looked at."""
        pictures = Pictures.read(self._catalogue, {image_id for pair in pairs for image_id in pair})
        present = [pair for pair in pairs if pictures.both(*pair)]
        kept = {(pair.a, pair.b) for pair in verified(pictures.thumbs, present)}
        ids = np.array(present, dtype=np.int64).reshape(-1, 2)
        allowed = np.logical_and.reduce([judge.allows(ids) for judge in self._judges])
        return [
            (pair, pictures.versions[pair[0]], pictures.versions[pair[1]])
            for pair, may in zip(present, allowed.tolist(), strict=True)
            if not (may and pair in kept)
        ]


@dataclass(frozen=True, slots=True)
class _Dropping:
    """A job of the writer. A pair stays when one of its images was read again since it was checked."""

    refused: list[tuple[PairOfIds, Version, Version]]
    bookmark: Bookmark

    def __call__(self, transaction: Transaction) -> None:
        present = transaction.snapshot.versions({image_id for pair, *_ in self.refused for image_id in pair})
        transaction.put_bookmark(self.bookmark)
        transaction.drop_pairs(
            [pair for pair, *versions in self.refused if versions == [present.get(i) for i in pair]]
        )
