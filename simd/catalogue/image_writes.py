"""Write verbs about images: signatures, verified pairs, and forgetting what is long gone."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, exists, func, or_, select, text, update
from sqlalchemy.dialects.sqlite import insert

from simd.catalogue.many import Upsert
from simd.catalogue.reading import chunks
from simd.catalogue.schema import LAST_IMAGE_ID, directory, file, image, match, state, thumbnail
from simd.catalogue.writing import Writing
from simd.core.judgement import PairLook
from simd.core.measures import brightness
from simd.core.model import Pair, Signature

_new_image = insert(image)
_IMAGE_COLUMNS: Final = [column.name for column in image.c]
_PUT_IMAGE: Final = Upsert(
    _new_image.on_conflict_do_update(
        index_elements=[image.c.id],
        set_={name: _new_image.excluded[name] for name in _IMAGE_COLUMNS if name not in {"id", "added_at"}},
    ),
    image,
    _IMAGE_COLUMNS,
)

_new_thumbnail = insert(thumbnail)
_PUT_THUMBNAIL: Final = Upsert(
    _new_thumbnail.on_conflict_do_update(
        index_elements=[thumbnail.c.image_id],
        set_={"grey": _new_thumbnail.excluded.grey, "rgb": _new_thumbnail.excluded.rgb},
    ),
    thumbnail,
    ["image_id", "grey", "rgb"],
)

_new_match = insert(match)
_MEASURES: Final = [column for column in match.c if not column.primary_key]
_PUT_MATCH: Final = Upsert(
    _new_match.on_conflict_do_update(
        index_elements=[match.c.a, match.c.b],
        set_={column.name: _new_match.excluded[column.name] for column in _MEASURES},
        where=or_(*(column.is_distinct_from(_new_match.excluded[column.name]) for column in _MEASURES)),
    ),
    match,
    ["a", "b", *(column.name for column in _MEASURES)],
)


_PUT_DETAILS: Final = (
    update(image)
    .where(image.c.id == bindparam("image_id"))
    .values(has_position=bindparam("has_position"), rating=bindparam("rating"))
)


_PUT_LOOK: Final = """
    INSERT INTO look (a, b, judgement, a_words, b_words)
    SELECT a, b, :judgement, :a_words, :b_words FROM match WHERE a = :a AND b = :b
    ON CONFLICT (a, b) DO UPDATE
    SET judgement = excluded.judgement, a_words = excluded.a_words, b_words = excluded.b_words
    WHERE (judgement, a_words, b_words) <> (excluded.judgement, excluded.a_words, excluded.b_words)
"""


class ImageWrites(Writing):
    """What becomes of images and their pairs."""

    def put_images(self, images: Sequence[tuple[int, Signature]]) -> None:
        """Write images with their thumbnails, by id; one that is known gets its new signature."""
        _PUT_IMAGE.run(self._connection, [self._image_row(*known) for known in images])
        thumbnails = [(image_id, its.thumbs.grey, its.thumbs.rgb) for image_id, its in images]
        _PUT_THUMBNAIL.run(self._connection, thumbnails)

    def put_details(self, images: Sequence[tuple[int, Signature]]) -> None:
        """Note position and rating of known images, and nothing else of what was read."""
        values = [
            {"image_id": image_id, "has_position": its.has_position, "rating": its.rating}
            for image_id, its in images
        ]
        if values:
            self._connection.execute(_PUT_DETAILS, values)

    def put_pairs(self, pairs: Sequence[Pair]) -> int:
        """Write verified pairs; a known pair gets its new measures, and is not touched if it has them.

        Returns:
            How many were new or had other measures.
        """
        return _PUT_MATCH.run(self._connection, [_pair_row(pair) for pair in pairs])

    def put_looks(self, looks: Sequence[PairLook]) -> None:
        """Write what closer looks at pairs have found; of what is no stored pair, nothing is kept."""
        if looks:
            self._connection.execute(text(_PUT_LOOK), [asdict(look) for look in looks])

    def drop_pairs_of(self, image_ids: Sequence[int]) -> None:
        """Forget every pair of these images."""
        for chunk in chunks(image_ids):
            either = or_(match.c.a.in_(chunk), match.c.b.in_(chunk))
            self._connection.execute(delete(match).where(either))

    def forget_missing(self, before: datetime) -> list[tuple[int, int]]:
        """Delete files missing since before that moment, then images and directories without files.

        Pairs, thumbnails and problems go with what they belong to. Gives (image id, phash)
        of each deleted image, for the index.
        """
        self._connection.execute(delete(file).where(file.c.missing_since < before))
        self._keep_last_image_id()
        orphaned = ~exists().where(file.c.image_id == image.c.id)
        purged = delete(image).where(orphaned).returning(image.c.id, image.c.phash)
        forgotten = [(image_id, phash) for image_id, phash in self._connection.execute(purged)]
        empty = ~exists().where(file.c.directory_id == directory.c.id)
        self._connection.execute(delete(directory).where(empty))
        self._directories.forget()
        return forgotten

    def _keep_last_image_id(self) -> None:
        last = select(func.coalesce(func.max(image.c.id), 0)).scalar_subquery()
        statement = insert(state).values(key=LAST_IMAGE_ID, value=last)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[state.c.key],
                set_={"value": func.max(state.c.value, statement.excluded.value)},
            )
        )

    def _image_row(self, image_id: int, signature: Signature) -> tuple[Any, ...]:
        """The values of an image, in the order of its columns."""
        thumbs = signature.thumbs
        return (
            image_id,
            signature.digest,
            signature.size,
            signature.format,
            thumbs.width,
            thumbs.height,
            thumbs.phash,
            thumbs.phash256,
            thumbs.deviation,
            brightness(thumbs),
            signature.taken_at,
            signature.camera,
            signature.recipe,
            self._now,
            signature.has_position,
            signature.rating,
        )


def _pair_row(pair: Pair) -> tuple[Any, ...]:
    """The values of a pair, in the order of its columns."""
    its = pair.measures
    return (
        pair.a,
        pair.b,
        its.distance,
        its.distance256,
        its.correlation,
        its.colour,
        its.worst_cell,
        its.flat,
    )
