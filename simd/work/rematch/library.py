"""What a rematch compares: every image that was there when it began, ready to be walked through."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simd.catalogue import Catalogue
from simd.core.candidates import Families, Integers, Limits
from simd.core.matching import Bookmark
from simd.core.presets import STORED_RADIUS
from simd.index.bands import Bands
from simd.index.join import SelfJoin
from simd.work.rematch.neighbours import HashNeighbours, Neighbourhood, PlainNeighbours, plain_keys

ROWS_AT_ONCE = 10_000

Rows = NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Library:
    """The images, and the cut of their join.

    Attributes:
        detailed, plain: images with detail and without.
        bands: how the hashes are cut; a join is resumed with the same cut.
    """

    detailed: Neighbourhood
    plain: Neighbourhood
    bands: Bands

    @classmethod
    def load(
        cls, catalogue: Catalogue, bookmark: Bookmark, recipe: int, advance: Callable[[int], None]
    ) -> "Library":
        """Read it, a few thousand images at a time.

        Args:
            catalogue: holds it.
            bookmark: which images, and how the join was cut if it was begun.
            recipe: images of other recipes are left out: they are read again soon.
            advance: called after every slice of work.

        Raises:
            CatalogueError: the catalogue cannot be read.
        """
        rows = _read(catalogue, bookmark.last_id, recipe, advance)
        plain = rows["low_detail"]
        detailed_rows, plain_rows = rows[~plain], rows[plain]
        ranks = _ranks(rows)
        families = Families.of(
            detailed_rows["phash"].astype(np.uint64), detailed_rows["id"].copy(), ranks[~plain]
        )
        keys = plain_keys(plain_rows["width"], plain_rows["height"], plain_rows["brightness"])
        plain_families = Families.of(keys, plain_rows["id"].copy(), ranks[plain])
        begun = Bands(bookmark.bands, bookmark.width) if bookmark.bands else None
        join = SelfJoin(families.keys, STORED_RADIUS, begun)
        return cls(HashNeighbours(families, join), PlainNeighbours(plain_families), join.bands)

    def __len__(self) -> int:
        """Steps of comparing everything."""
        return len(self.detailed) + len(self.plain)


class Judge:
    """Whether stored pairs of one neighbourhood are still within the limits."""

    def __init__(self, neighbourhood: Neighbourhood, limits: Limits) -> None:
        self._neighbourhood = neighbourhood
        self._limits = limits
        self._by_id: Integers = np.argsort(neighbourhood.families.ids)
        self._ids = neighbourhood.families.ids[self._by_id]

    def allows(self, pairs: Integers) -> NDArray[np.bool_]:
        """Of each pair of ids, shape (n, 2); true as well where either is not of this neighbourhood."""
        allowed = np.ones(len(pairs), dtype=np.bool_)
        places = np.searchsorted(self._ids, pairs)
        known = np.flatnonzero((np.append(self._ids, -1)[places] == pairs).all(axis=1))
        ones, others = self._by_id[places[known]].T
        families = self._neighbourhood.families
        distances = self._neighbourhood.distances(families.family_of(ones), families.family_of(others))
        allowed[known] = self._limits.allow(ones, others, distances)
        return allowed


def _read(catalogue: Catalogue, last: int, recipe: int, advance: Callable[[int], None]) -> Rows:
    parts: list[Rows] = []
    after = -1
    while True:
        with catalogue.read() as snapshot:
            part = snapshot.comparable(recipe, after, last, ROWS_AT_ONCE)
        parts.append(part)
        advance(0)
        if len(part) < ROWS_AT_ONCE:
            return np.concatenate(parts)
        after = int(part["id"][-1])


def _ranks(rows: Rows) -> Integers:
    """The rank of each image as what groups are kept by, as far as its content tells: 0 is the best."""
    pixels = rows["width"] * rows["height"]
    best_first = np.lexsort((rows["id"], rows["digest"], -rows["size"], ~rows["lossless"], -pixels))
    ranks = np.empty(len(rows), dtype=np.int64)
    ranks[best_first] = np.arange(len(rows))
    return ranks
