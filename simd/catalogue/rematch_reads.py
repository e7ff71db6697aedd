"""Read verbs of a rematch: what it compares, what it checks, and how far it has come."""

import json
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from simd.catalogue.reading import Reading
from simd.catalogue.schema import LOW_DETAIL, MASK_64, image, match, state
from simd.core.keeping import LOSSLESS_FORMATS
from simd.core.matching import Bookmark, Crowding, Stage

MATCHING: Final = "matching"
"""Key of ``state``: the rules that made the stored pairs; absent in a catalogue of the first ones."""

FIRST_MATCHING: Final = 1

BOOKMARK: Final = {
    "matching": "rematch_matching",
    "last_id": "rematch_last_id",
    "bands": "rematch_bands",
    "width": "rematch_width",
    "stage": "rematch_stage",
    "done": "rematch_done",
}
"""Keys of ``state`` that hold the fields of a bookmark; absent while there is no rematch."""

CROWD: Final = "crowd"
"""Key of ``state``: a :class:`Crowding` since the last rematch began; absent where nothing is noted."""

CROWDS: Final = "crowds"
"""Key of ``state``: the fingerprint of the crowds by which pairs are stored; absent while there are none."""

_LOSSLESS: Final = ", ".join(f"'{name}'" for name in sorted(LOSSLESS_FORMATS))

_COMPARABLE: Final = f"""
    SELECT id, phash, width, height, brightness,
           {LOW_DETAIL}, format IN ({_LOSSLESS}), size, substr(digest, 1, 8)
    FROM image
    WHERE id > :after AND id <= :last AND +recipe = :recipe
    ORDER BY id LIMIT :limit
"""  # noqa: S608 - made of constants; the values are bound

COMPARABLE_TYPE: Final = np.dtype(
    [
        ("id", np.int64),
        ("phash", np.int64),
        ("width", np.int64),
        ("height", np.int64),
        ("brightness", np.float64),
        ("low_detail", np.bool_),
        ("lossless", np.bool_),
        ("size", np.int64),
        ("digest", "S8"),
    ]
)

_PAIRS: Final = """
    SELECT a, b FROM match WHERE (a, b) > (:a, :b) AND b <= :last ORDER BY a, b LIMIT :limit
"""

_VERSIONS: Final = """
    SELECT image.id, image.recipe, image.phash
    FROM json_each(:ids) AS wanted JOIN image ON image.id = wanted.value
"""


class RematchReads(Reading):
    """Questions of a rematch."""

    def comparable(self, recipe: int, after: int, last: int, limit: int) -> NDArray[np.void]:
        """What decides whom images of a recipe are compared with, in order of their ids.

        Args:
            recipe: the recipe.
            after: ids up to this one are left out.
            last: so are those beyond this one.
            limit: most rows.

        Returns:
            A structured array of :data:`COMPARABLE_TYPE`; ``digest`` is the beginning of the digest.
        """
        values = {"recipe": recipe, "after": after, "last": last, "limit": limit}
        return np.fromiter(self._driver_rows(_COMPARABLE, values), dtype=COMPARABLE_TYPE)

    def versions(self, image_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Recipe and phash of the known images among ids: what changes with their thumbnails."""
        rows = self._driver_rows(_VERSIONS, {"ids": json.dumps(list(image_ids))})
        return {image_id: (recipe, phash & MASK_64) for image_id, recipe, phash in rows}

    def pairs_after(self, after: tuple[int, int], last: int, limit: int) -> list[tuple[int, int]]:
        """The next stored pairs, in order, among the images up to ``last``; ``limit`` at most."""
        values = {"a": after[0], "b": after[1], "last": last, "limit": limit}
        return [(a, b) for a, b in self._driver_rows(_PAIRS, values)]

    def image_count(self) -> int:
        """Images of any recipe, with files or without."""
        return int(self._connection.execute(select(func.count()).select_from(image)).scalar_one())

    def pair_count(self) -> int:
        """Stored pairs."""
        return int(self._connection.execute(select(func.count()).select_from(match)).scalar_one())

    def matching(self) -> int:
        """The number of the rules that made the stored pairs."""
        found = self._state(MATCHING)
        return FIRST_MATCHING if found is None else found

    def crowding(self) -> Crowding | None:
        """What has become of crowds since the last rematch began; None for nothing."""
        found = self._state(CROWD)
        return None if found is None else Crowding(found)

    def crowds(self) -> int:
        """The fingerprint of the crowds by which pairs are stored."""
        return self._state(CROWDS) or 0

    def bookmark(self) -> Bookmark | None:
        """Where an unfinished rematch goes on; None when there is none."""
        query = select(state.c.key, state.c.value).where(state.c.key.in_(BOOKMARK.values()))
        found = {key: int(value) for key, value in self._connection.execute(query)}
        if len(found) < len(BOOKMARK):
            return None
        matching, last_id, bands, width, stage, done = (found[key] for key in BOOKMARK.values())
        return Bookmark(matching, last_id, bands, width, Stage(stage), done)

    def _state(self, key: str) -> int | None:
        found = self._connection.execute(select(state.c.value).where(state.c.key == key)).scalar_one_or_none()
        return None if found is None else int(found)
