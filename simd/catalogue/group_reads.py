"""Read verbs for working out groups: accepted pairs in short, whom they connect, and what files hold."""

import json
from collections.abc import Collection, Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simd.catalogue.accepted import A_LIVES, ACCEPTED, B_LIVES, BOTH_LIVE, thresholds
from simd.catalogue.paths import join
from simd.catalogue.reading import Reading
from simd.core.presets import Preset

_ALL_EDGES: Final = f"SELECT a, b, distance FROM match WHERE {ACCEPTED} AND {BOTH_LIVE}"  # noqa: S608 - constants

_EDGES_FROM: Final = f"""
    SELECT match.a, match.b, match.distance
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
           root.path, directory.path, file.name, file.size, file.inode, root.device
    FROM json_each(:ids) AS wanted
    CROSS JOIN image ON image.id = wanted.value
    JOIN file ON file.image_id = image.id AND file.missing_since IS NULL
    JOIN directory ON directory.id = file.directory_id
    JOIN root ON root.id = directory.root_id
"""

_EDGE: Final = np.dtype((np.int64, 3))


class HeldFile(NamedTuple):
    """A file that is not missing, with what the choice of a keeper asks of its image.

    Attributes:
        pixels, format, image_size: of the image.
        mtime_ns, path, size, inode, device: of the file; the inode in its signed form.
    """

    image_id: int
    pixels: int
    format: str
    image_size: int
    mtime_ns: int
    path: bytes
    size: int
    inode: int
    device: int


class GroupReads(Reading):
    """Questions about images that belong together."""

    def edges(self, preset: Preset) -> NDArray[np.int64]:
        """The pairs that a preset accepts, of images with a file that is not missing.

        Returns:
            An array of shape ``(n, 3)``: two image ids, the smaller first, and their distance.
        """
        return np.fromiter(self._driver_rows(_ALL_EDGES, thresholds(preset)), dtype=_EDGE)

    def edges_from(self, preset: Preset, image_ids: Collection[int]) -> NDArray[np.int64]:
        """Those of :meth:`edges` whose first image is one of these."""
        return np.fromiter(self._driver_rows(_EDGES_FROM, _with_ids(preset, image_ids)), dtype=_EDGE)

    def connected(self, preset: Preset, image_ids: Collection[int]) -> set[int]:
        """These images and all that accepted pairs lead to from them, in any number of steps.

        An image without a file is passed through when it is one of ``image_ids``, and no
        other way: whoever it connected before it went is found.
        """
        return {image_id for (image_id,) in self._driver_rows(_CONNECTED, _with_ids(preset, image_ids))}

    def held_files(self, image_ids: Collection[int]) -> Iterator[HeldFile]:
        """The files of images that are not missing, those of one image together."""
        for row in self._driver_rows(_HELD_FILES, {"ids": json.dumps(list(image_ids))}):
            image_id, pixels, format_, image_size, mtime_ns, place, relative, name, *rest = row
            path = join(join(place, relative), name)
            yield HeldFile(image_id, pixels, format_, image_size, mtime_ns, path, *rest)


def _with_ids(preset: Preset, image_ids: Collection[int]) -> dict[str, Any]:
    return {"ids": json.dumps(list(image_ids)), **thresholds(preset)}
