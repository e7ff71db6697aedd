"""Read verb for plans: every file of many images, by columns.

Whole columns come as one text each, see :func:`~simd.catalogue.reading.numbers`: rows of a hundred
thousand files take several times as long.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from struct import iter_unpack
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simd.catalogue.paths import SEPARATOR, join
from simd.catalogue.reading import Reading, numbers
from simd.core.actions.inventory import Inventory
from simd.core.holdings import Holdings
from simd.core.keeping import LOSSLESS_FORMATS
from simd.core.keeprules import USUAL_ORDER, KeepOrder

_NEWLINE: Final = "\n"
_LOSSLESS: Final = ", ".join(f"'{name}'" for name in sorted(LOSSLESS_FORMATS))

# A blob as text is the same bytes, which SQLite puts one after the other whatever they are.
_FILE_COLUMNS: Final = """
SELECT CAST(group_concat(CAST(file.name AS TEXT), '/') AS BLOB),
       group_concat(file.image_id), group_concat(file.directory_id), group_concat(file.size),
       group_concat(file.mtime_ns), group_concat(file.ctime_ns), group_concat(file.inode)
"""
_IMAGE_COLUMNS: Final = f"""
SELECT CAST(group_concat(CAST(image.digest AS TEXT), '') AS BLOB),
       group_concat(ifnull(image.taken_at, ''), char(10)),
       group_concat(image.id), group_concat(image.width * image.height), group_concat(image.size),
       group_concat(image.phash),
       group_concat(
           (image.format IN ({_LOSSLESS})) + 2 * (image.has_position IS 1) + 4 * (image.rating IS NOT NULL)
       )
"""
_FILES_OF: Final = f"""{_FILE_COLUMNS}
FROM json_each(:ids) AS wanted
JOIN file ON file.image_id = wanted.value AND file.missing_since IS NULL
"""
_FILES_BETWEEN: Final = f"""{_FILE_COLUMNS}
FROM file WHERE file.image_id BETWEEN :first AND :last AND file.missing_since IS NULL
"""
_IMAGES_OF: Final = f"{_IMAGE_COLUMNS} FROM json_each(:ids) AS wanted JOIN image ON image.id = wanted.value"
_IMAGES_BETWEEN: Final = f"{_IMAGE_COLUMNS} FROM image WHERE image.id BETWEEN :first AND :last"
_DIRECTORIES: Final = """
SELECT directory.id, directory.root_id, directory.path
FROM json_each(:ids) AS wanted
JOIN directory ON directory.id = wanted.value
"""
_DIGEST: Final = "32s"

_DENSE: Final = 3
"""Where one of so many ids in a row is wanted, all are read: one by one they take twice as long."""


@dataclass(frozen=True)
class _Images:
    """Images as parallel columns, in any order."""

    digests: Sequence[bytes]
    taken_at: Sequence[str | None]
    ids: NDArray[np.int64]
    pixels: NDArray[np.int64]
    contents: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    lossless: NDArray[np.bool_]
    positioned: NDArray[np.bool_]
    rated: NDArray[np.bool_]

    def places(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where these images stand, all of which are among them."""
        order = self.ids.argsort()
        found: NDArray[np.int64] = order[self.ids[order].searchsorted(ids)]
        return found


@dataclass(frozen=True)
class _Places:
    """Where files are: the path of the folder of each with a slash, the root that holds it, by columns."""

    folders: Sequence[bytes]
    roots: Sequence[bytes]
    devices: NDArray[np.int64]
    online: NDArray[np.bool_]


class InventoryReads(Reading):
    """The question that a plan asks."""

    def inventory(self, image_ids: Collection[int], order: KeepOrder = USUAL_ORDER) -> Inventory:
        """The files of images that are not missing, in no promised order.

        Args:
            image_ids: each once.
            order: by which they are to be ranked.
        """
        ids = np.sort(np.fromiter(image_ids, np.int64, len(image_ids)))
        is_dense = len(ids) > 0 and ids[-1] - ids[0] < _DENSE * len(ids)
        given = (
            {"first": int(ids[0]), "last": int(ids[-1])} if is_dense else {"ids": json.dumps(ids.tolist())}
        )
        [(joined, *texts)] = self._driver_rows(_FILES_BETWEEN if is_dense else _FILES_OF, given)
        names, columns = joined.split(SEPARATOR) if joined else [], list(map(numbers, texts))
        meant = _among(columns[0], ids)
        if not meant.all():
            names, columns = list(compress(names, meant.tolist())), [column[meant] for column in columns]
        images = self._images(_IMAGES_BETWEEN if is_dense else _IMAGES_OF, given)
        return _inventory(names, columns, self._places(columns[1]), images, order)

    def _images(self, sql: str, given: Mapping[str, Any]) -> _Images:
        [(digests, taken_at, *texts)] = self._driver_rows(sql, given)
        ids, pixels, contents, hashes, flags = map(numbers, texts)
        return _Images(
            digests=[digest for (digest,) in iter_unpack(_DIGEST, digests or b"")],
            taken_at=[each or None for each in taken_at.split(_NEWLINE)] if len(ids) else [],
            ids=ids,
            pixels=pixels,
            contents=contents,
            hashes=hashes.view(np.uint64),
            lossless=flags & 1 != 0,
            positioned=flags & 2 != 0,
            rated=flags & 4 != 0,
        )

    def _places(self, directories: NDArray[np.int64]) -> _Places:
        """Where the files in these directories are."""
        ids, which = np.unique(directories, return_inverse=True)
        rows = self._driver_rows(_DIRECTORIES, {"ids": json.dumps(ids.tolist())})
        found = {row_id: place for row_id, *place in rows}
        roots = {root.id: root for root in self._roots}
        holding = [roots[found[row_id][0]] for row_id in ids.tolist()]
        paths = [
            join(root.path, found[row_id][1]).rstrip(SEPARATOR) + SEPARATOR
            for row_id, root in zip(ids.tolist(), holding, strict=True)
        ]
        places = which.tolist()
        return _Places(
            folders=list(map(paths.__getitem__, places)),
            roots=[holding[place].path for place in places],
            devices=np.array([root.device for root in holding], np.int64)[which],
            online=np.array([root.online for root in holding], np.bool_)[which],
        )


def _among(found: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each of some ids is among those that are wanted, which ascend."""
    places = np.minimum(wanted.searchsorted(found), len(wanted) - 1)
    among: NDArray[np.bool_] = wanted[places] == found
    return among


def _inventory(
    names: Sequence[bytes],
    columns: Sequence[NDArray[np.int64]],
    places: _Places,
    images: _Images,
    order: KeepOrder,
) -> Inventory:
    of, _, sizes, mtimes, ctimes, inodes = columns
    at = images.places(of)
    own = at.tolist()
    holdings = Holdings(
        images=of,
        pixels=images.pixels[at],
        lossless=images.lossless[at],
        contents=images.contents[at],
        mtimes=mtimes,
        paths=[folder + name for folder, name in zip(places.folders, names, strict=True)],
        sizes=sizes,
        inodes=inodes,
        devices=places.devices,
        taken_at=list(map(images.taken_at.__getitem__, own)),
        positioned=images.positioned[at].tolist(),
        rated=images.rated[at].tolist(),
        order=order,
    )
    return Inventory(
        holdings=holdings,
        present=places.online,
        ctimes=ctimes,
        roots=places.roots,
        hashes=images.hashes[at],
        digests=list(map(images.digests.__getitem__, own)),
    )
