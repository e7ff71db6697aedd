"""Read verbs about images: their signatures, thumbnails and hashes."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, func, select, text

from simd.catalogue.reading import Reading, chunks
from simd.catalogue.schema import LOW_DETAIL, MASK_64, image
from simd.core.model import ImageRow, Thumbs

_IMAGE_ROWS: Final[Select[Any]] = select(
    image.c.id,
    image.c.digest,
    image.c.size,
    image.c.format,
    image.c.width,
    image.c.height,
    image.c.phash,
    image.c.phash256,
    image.c.deviation,
    image.c.taken_at,
    image.c.camera,
    image.c.recipe,
    image.c.has_position,
    image.c.rating,
)

# Every query asks for these, of a few images; SQLAlchemy would take ten times as long as SQLite itself.
_IMAGES_BY_ID: Final = f"{_IMAGE_ROWS} JOIN json_each(:ids) AS wanted ON wanted.value = image.id"
_DIGESTS_OF_SIZES: Final = """
SELECT image.size, image.digest
FROM json_each(:sizes) AS wanted
JOIN image ON image.size = wanted.value AND image.recipe = :recipe
"""
_THUMBS: Final = """
SELECT image.id, image.phash, image.phash256, thumbnail.grey, thumbnail.rgb,
       image.deviation, image.width, image.height
FROM json_each(:ids) AS wanted
JOIN image ON image.id = wanted.value
JOIN thumbnail ON thumbnail.image_id = image.id
"""

# One row for many images: a thread that asks for rows one by one waits for the interpreter after each, which
# takes minutes while other threads compute. The plus keeps SQLite from walking the index of recipes, when
# nearly every row has the one asked for.
_HASHES: Final = f"""
SELECT group_concat(phash), group_concat(id) FROM image
WHERE id BETWEEN :first AND :last AND +recipe = :recipe AND NOT ({LOW_DETAIL})
"""  # noqa: S608 - a constant
_LAST_ID: Final = "SELECT max(id) FROM image"

IDS_AT_ONCE: Final = 1 << 17
"""Ids that one statement looks at, so that the text of its answer stays small."""


class ImageReads(Reading):
    """Questions about content."""

    def image(self, image_id: int) -> ImageRow | None:
        """One image."""
        return self.images([image_id]).get(image_id)

    def images(self, image_ids: Iterable[int]) -> dict[int, ImageRow]:
        """The known images among ids."""
        rows = self._driver_rows(_IMAGES_BY_ID, {"ids": json.dumps(list(image_ids))})
        return {row.id: row for row in map(_image_row, rows)}

    def image_by_digest(self, digest: bytes) -> ImageRow | None:
        """The image with this SHA-256, whatever its recipe."""
        return self.images_by_digest([digest]).get(digest)

    def images_by_digest(self, digests: Iterable[bytes]) -> dict[bytes, ImageRow]:
        """The known images among SHA-256 digests, whatever their recipes."""
        return {
            values.digest: ImageRow(*values)
            for chunk in chunks(digests)
            for values in self._connection.execute(_IMAGE_ROWS.where(image.c.digest.in_(chunk)))
        }

    def ids_by_digest(self, digests: Iterable[bytes]) -> dict[bytes, int]:
        """The ids of the known images among SHA-256 digests; made for many thousands."""
        return {
            digest: image_id
            for chunk in chunks(digests)
            for digest, image_id in self._driver_rows(
                f"SELECT digest, id FROM image WHERE digest IN ({','.join('?' * len(chunk))})",  # noqa: S608 - question marks alone
                chunk,
            )
        }

    def digests_of_sizes(self, sizes: Collection[int], recipe: int) -> dict[int, frozenset[bytes]]:
        """The digests of images that have one of these lengths in bytes; absent where there is none."""
        found: defaultdict[int, set[bytes]] = defaultdict(set)
        values = {"sizes": json.dumps(list(sizes)), "recipe": recipe}
        for size, digest in self._driver_rows(_DIGESTS_OF_SIZES, values):
            found[size].add(digest)
        return {size: frozenset(digests) for size, digests in found.items()}

    def thumbs(self, image_ids: Iterable[int]) -> dict[int, Thumbs]:
        """What the verifier compares, for the known images among ids."""
        rows = self._driver_rows(_THUMBS, {"ids": json.dumps(list(image_ids))})
        return {image_id: Thumbs(phash & MASK_64, *others) for image_id, phash, *others in rows}

    def flat_candidates(
        self, size: tuple[int, int], brightness: float, within: float, limit: int
    ) -> list[int]:
        """Low-detail images of one size, about as bright, the nearest first.

        Args:
            size: width and height.
            brightness: mean of the grey thumbnail.
            within: grey levels between the means.
            limit: most images.
        """
        query = (
            select(image.c.id)
            .where(text(LOW_DETAIL), image.c.width == size[0], image.c.height == size[1])
            .where(image.c.brightness.between(brightness - within, brightness + within))
            .order_by(func.abs(image.c.brightness - brightness), image.c.id)
            .limit(limit)
        )
        return list(self._connection.scalars(query))

    def hashes(self, recipe: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """The 64-bit hashes and ids of every image of this recipe that is not low-detail.

        Two arrays of one length, in no particular order; made for a million rows.
        """
        [(last,)] = self._driver_rows(_LAST_ID, ())
        parts = [
            self._columns(_HASHES, {"first": first, "last": first + IDS_AT_ONCE - 1, "recipe": recipe})
            for first in range(0, (last or 0) + 1, IDS_AT_ONCE)
        ]
        hashes, ids = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        return hashes.view(np.uint64), ids


def _image_row(row: tuple[Any, ...]) -> ImageRow:
    """A row of :data:`_IMAGES_BY_ID`."""
    positioned = None if row[12] is None else bool(row[12])
    return ImageRow._make((*row[:6], row[6] & MASK_64, *row[7:12], positioned, row[13]))
