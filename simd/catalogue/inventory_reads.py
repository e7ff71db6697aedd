"""Read verb for plans: every file of many images, by columns.

Whole columns come as one text each, see :func:`~simd.catalogue.reading.numbers`: rows of a hundred
thousand files take several times as long.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import compress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simd.catalogue.paths import SEPARATOR, join
from simd.catalogue.reading import Reading, numbers
from simd.core.actions.inventory import Inventory
from simd.core.columns import chosen
from simd.core.holdings import Holdings
from simd.core.keeping import is_lossless
from simd.core.keeprules import USUAL_ORDER, KeepOrder

_NEWLINE: Final = "\n"

# A blob as text is the same bytes, which SQLite puts one after the other whatever they are.
_FILE_COLUMNS: Final = """
SELECT CAST(group_concat(CAST(file.name AS TEXT), '/') AS BLOB),
       group_concat(file.image_id), group_concat(file.directory_id), group_concat(file.size),
       group_concat(file.mtime_ns), group_concat(file.ctime_ns), group_concat(file.inode)
"""
_IMAGE_COLUMNS: Final = """
SELECT CAST(group_concat(CAST(image.digest AS TEXT), '') AS BLOB),
       group_concat(ifnull(image.taken_at, ''), char(10)), group_concat(image.format, char(10)),
       group_concat(image.id), group_concat(image.width * image.height), group_concat(image.size),
       group_concat(image.phash), group_concat((image.has_position IS 1) + 2 * (image.rating IS NOT NULL))
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
_DIGEST: Final = "V32"
"""Bytes as they are: of the usual kind NumPy would leave out zeros at the end."""

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
        # SQLite leaves the interpreter to others while it reads; files and images each take about as long.
        generation = self.generation
        with ThreadPoolExecutor(1, "inventory") as beside:
            elsewhere = beside.submit(self._pictured_elsewhere, ids, generation)
            names, columns = self._named(ids)
            places = self._places(columns[1])
            images = elsewhere.result() or self._pictured(ids)
        return _inventory(names, columns, places, images, order)

    def _named(self, ids: NDArray[np.int64]) -> tuple[Sequence[bytes], Sequence[NDArray[np.int64]]]:
        """The names of the files of some images, which ascend; and the columns of numbers."""
        sql = _FILES_BETWEEN if _is_dense(ids) else _FILES_OF
        [(joined, *texts)] = self._driver_rows(sql, _given(ids))
        names, columns = joined.split(SEPARATOR) if joined else [], list(map(numbers, texts))
        meant = _among(columns[0], ids)
        if meant.all():
            return names, columns
        return list(compress(names, meant.tolist())), [column[meant] for column in columns]

    def _pictured(self, ids: NDArray[np.int64]) -> _Images:
        """These images, which ascend, and maybe others between them."""
        sql = _IMAGES_BETWEEN if _is_dense(ids) else _IMAGES_OF
        [(digests, taken_at, formats, *texts)] = self._driver_rows(sql, _given(ids))
        known, pixels, contents, hashes, flags = map(numbers, texts)
        return _Images(
            digests=np.frombuffer(digests or b"", _DIGEST).tolist(),
            taken_at=[each or None for each in taken_at.split(_NEWLINE)] if len(known) else [],
            ids=known,
            pixels=pixels,
            contents=contents,
            hashes=hashes.view(np.uint64),
            lossless=np.fromiter(map(is_lossless, formats.split(_NEWLINE) if formats else ()), np.bool_),
            positioned=flags & 1 != 0,
            rated=flags & 2 != 0,
        )

    def _pictured_elsewhere(self, ids: NDArray[np.int64], generation: int) -> _Images | None:
        """The same through a connection of its own; None if a commit has come since this generation."""
        with self._connection.engine.connect() as connection, connection.begin():
            other = type(self)(connection)
            return other._pictured(ids) if other.generation == generation else None  # noqa: SLF001 - its own

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
            folders=chosen(paths, places),
            roots=[holding[place].path for place in places],
            devices=np.array([root.device for root in holding], np.int64)[which],
            online=np.array([root.online for root in holding], np.bool_)[which],
        )


def _is_dense(ids: NDArray[np.int64]) -> bool:
    return len(ids) > 0 and bool(ids[-1] - ids[0] < _DENSE * len(ids))


def _given(ids: NDArray[np.int64]) -> Mapping[str, Any]:
    """Some ids, which ascend, as the statements ask for them."""
    if _is_dense(ids):
        return {"first": int(ids[0]), "last": int(ids[-1])}
    return {"ids": json.dumps(ids.tolist())}


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
        taken_at=chosen(images.taken_at, own),
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
        digests=chosen(images.digests, own),
    )
