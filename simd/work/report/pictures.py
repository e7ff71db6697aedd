"""What a report's page shows of each image: its preview where one is kept, else a sketch."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from simd.catalogue import Snapshot
from simd.core.model import Thumbs
from simd.core.report.value import Preview
from simd.imaging.preview import restore, sketch

log = logging.getLogger(__name__)

MOST_PICTURES: Final = 2_500
"""Previews that are made and read; a page has room for about 2,200, and the rest is sketched."""

_READ_AT_ONCE: Final = 200


class Pictures(Mapping[int, Preview]):
    """Previews by image. Sketches are drawn when they are asked for: not all fit into a page.

    It is valid while its snapshot is open.
    """

    def __init__(self, snapshot: Snapshot, shown: Sequence[int]) -> None:
        """``shown`` are the images of the page, the most important first."""
        self._snapshot = snapshot
        self._shown = dict.fromkeys(shown)
        self._kept = snapshot.previews(shown[:MOST_PICTURES])
        self._unread = [image_id for image_id in self._shown if image_id not in self._kept]
        self._thumbs: dict[int, Thumbs] = {}
        self._drawn: dict[int, Preview] = {}

    def __getitem__(self, image_id: int) -> Preview:
        if image_id not in self._shown:
            raise KeyError(image_id)
        webp = self._kept.get(image_id)
        if webp is not None:
            try:
                return restore(webp)
            except OSError as error:
                log.warning("the preview of image %d is damaged: %s", image_id, error)
        if image_id not in self._drawn:
            # An image that has gone since the report was gathered has no thumbnails either.
            self._drawn[image_id] = sketch(self._read(image_id))
        return self._drawn[image_id]

    def __iter__(self) -> Iterator[int]:
        return iter(self._shown)

    def __len__(self) -> int:
        return len(self._shown)

    def _read(self, image_id: int) -> Thumbs:
        """The thumbnails of an image. Those that the page asks for next are read with it."""
        if image_id not in self._thumbs:
            place = self._unread.index(image_id) if image_id in self._unread else 0
            self._thumbs = self._snapshot.thumbs({image_id, *self._unread[place : place + _READ_AT_ONCE]})
        return self._thumbs[image_id]
