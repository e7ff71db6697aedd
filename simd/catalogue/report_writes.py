"""Write verbs about reports: the small pictures that the next one shows again."""

import json
from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import text

from simd.catalogue.writing import Writing

_PUT_PREVIEW: Final = text("""
    INSERT INTO preview (image_id, webp)
    SELECT id, :webp FROM image WHERE id = :image_id
    ON CONFLICT (image_id) DO UPDATE SET webp = excluded.webp
""")

_KEEP_PREVIEWS: Final = text("""
    DELETE FROM preview WHERE image_id NOT IN (SELECT value FROM json_each(:image_ids))
""")


class ReportWrites(Writing):
    """What becomes of the pictures of a report."""

    def put_previews(self, previews: Sequence[tuple[int, bytes]]) -> None:
        """Keep small pictures, as WebP, by image; those of images that are gone by now are left out."""
        if previews:
            rows = [{"image_id": image_id, "webp": webp} for image_id, webp in previews]
            self._connection.execute(_PUT_PREVIEW, rows)

    def keep_previews(self, image_ids: Collection[int]) -> None:
        """Drop every small picture but those of these images."""
        self._connection.execute(_KEEP_PREVIEWS, {"image_ids": json.dumps(list(image_ids))})
