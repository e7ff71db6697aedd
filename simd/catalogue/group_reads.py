"""Read verbs for working out groups: accepted pairs in short, whom they connect, and what files hold.

They are made for a million images: rows become arrays, and nothing is asked image by image.
"""

import json
from collections.abc import Collection
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simd.catalogue.accepted import A_LIVES, ACCEPTED, B_LIVES, thresholds
from simd.catalogue.paths import join
from simd.catalogue.reading import Reading
from simd.core.holdings import Holdings
from simd.core.keeping import is_lossless
from simd.core.keeprules import USUAL_ORDER, KeepOrder
from simd.core.presets import Preset

_EDGE_COLUMNS: Final = "group_concat(match.a), group_concat(match.b), group_concat(match.distance)"

_ALL_EDGES: Final = f"SELECT {_EDGE_COLUMNS} FROM match WHERE {ACCEPTED}"  # noqa: S608 - a constant

_HOLDERS: Final = (
    "SELECT group_concat(image_id) FROM file WHERE missing_since IS NULL AND image_id IS NOT NULL"
)

_EDGES_FROM: Final = f"""
    SELECT {_EDGE_COLUMNS}
    FROM json_each(:ids) AS one CROSS JOIN match ON match.a = one.value
    WHERE {ACCEPTED} AND {A_LIVES} AND {B_LIVES}
"""  # noqa: S608 - made of constants; the values are bound

_CONNECTED: Final = f"""
    WITH RECURSIVE connected (id) AS (
        SELECT value FROM json_each(:ids)
        UNION
        SELECT match.b FROM connected CROSS JOIN match ON match.a = connected.id
        WHERE {ACCEPTED} AND {B_LIVES}
        UNION
        SELECT match.a FROM connected CROSS JOIN match ON match.b = connected.id
        WHERE {ACCEPTED} AND {A_LIVES}
    )
    SELECT id FROM connected
"""  # noqa: S608 - made of constants; the values are bound

_HELD_FILES: Final = """
    SELECT image.id, image.width * image.height, image.format, image.size, file.mtime_ns,
           root.path, directory.path, file.name, file.size, file.inode, root.device,
           image.taken_at, image.has_position, image.rating IS NOT NULL
    FROM json_each(:ids) AS wanted
    CROSS JOIN image ON image.id = wanted.value
    JOIN file ON file.image_id = image.id AND file.missing_since IS NULL
    JOIN directory ON directory.id = file.directory_id
    JOIN root ON root.id = directory.root_id
"""


class GroupReads(Reading):
    """Questions about images that belong together."""

    def copies(self) -> list[int]:
        """The images that two or more files have that are not missing."""
        images, counts = self._holders
        several: list[int] = images[counts > 1].tolist()
        return several

    def edges(self, preset: Preset) -> NDArray[np.int64]:
        """The pairs that a preset accepts, of images with a file that is not missing.

        Returns:
            An array of shape ``(n, 3)``: two image ids, the smaller first, and their distance.
        """
        edges = np.column_stack(self._columns(_ALL_EDGES, thresholds(preset)))
        return edges[self.both_live(edges[:, 0], edges[:, 1])]

    def both_live(self, ones: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether both images of each of many pairs have a file that is not missing."""
        images, _ = self._holders
        # Ids are given in order, so a flag for each up to the last takes less than the ids themselves.
        live = np.zeros(1 + max(part.max(initial=0) for part in (images, ones, others)), dtype=np.bool_)
        live[images] = True
        return live[ones] & live[others]

    @cached_property
    def _holders(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The images that have files that are not missing, ascending, and how many each has."""
        [images] = self._columns(_HOLDERS, {})
        return np.unique(images, return_counts=True)

    def edges_from(self, preset: Preset, image_ids: Collection[int]) -> NDArray[np.int64]:
        """Those of :meth:`edges` whose first image is one of these."""
        return np.column_stack(self._columns(_EDGES_FROM, _with_ids(preset, image_ids)))

    def connected(self, preset: Preset, image_ids: Collection[int]) -> set[int]:
        """These images and all that accepted pairs lead to from them, in any number of steps.

        An image without a file is passed through when it is one of ``image_ids``, and no
        other way: whoever it connected before it went is found.
        """
        return {image_id for (image_id,) in self._driver_rows(_CONNECTED, _with_ids(preset, image_ids))}

    def holdings(self, image_ids: Collection[int], order: KeepOrder = USUAL_ORDER) -> Holdings:
        """The files of images that are not missing, to be ranked by an order."""
        rows = list(self._driver_rows(_HELD_FILES, {"ids": json.dumps(list(image_ids))}))
        images, pixels, formats, contents, mtimes, *places, taken_at, positioned, rated = (
            zip(*rows, strict=True) if rows else ((),) * 14
        )
        roots, relatives, names, sizes, inodes, devices = places
        return Holdings(
            images=np.array(images, np.int64),
            pixels=np.array(pixels, np.int64),
            lossless=np.fromiter(map(is_lossless, formats), np.bool_),
            contents=np.array(contents, np.int64),
            mtimes=np.array(mtimes, np.int64),
            paths=[join(join(*folder), name) for *folder, name in zip(roots, relatives, names, strict=True)],
            sizes=np.array(sizes, np.int64),
            inodes=np.array(inodes, np.int64),
            devices=np.array(devices, np.int64),
            taken_at=taken_at,
            positioned=positioned,
            rated=rated,
            order=order,
        )


def _with_ids(preset: Preset, image_ids: Collection[int]) -> dict[str, Any]:
    return {"ids": json.dumps(list(image_ids)), **thresholds(preset)}
