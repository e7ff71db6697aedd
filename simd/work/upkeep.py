"""The catalogue's own maintenance: forgetting, backing up, checking, freezing the index."""

import logging
import time
from datetime import timedelta
from pathlib import Path
from threading import Event

from simd.catalogue import Catalogue
from simd.index import HashIndex
from simd.ports import Clock
from simd.runtime.heartbeat import Heart
from simd.work.ingest import Ingest

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0
REREAD_SECONDS = 60.0
REREAD_AT_ONCE = 2_000
SECONDS_ALLOWED = 600.0
"""Freezing the index of ten million images takes a minute."""


class Upkeep:
    """What the schedule asks for. Every method may be called at any time, more than once."""

    def __init__(
        self,
        catalogue: Catalogue,
        index: HashIndex,
        ingest: Ingest,
        clock: Clock,
        recipe: int,
        backups: Path,
        backups_kept: int,
        forget_after: timedelta,
    ) -> None:
        self.faults: list[str] = []
        self.heart = Heart("upkeep", SECONDS_ALLOWED)
        self._catalogue = catalogue
        self._index = index
        self._ingest = ingest
        self._clock = clock
        self._recipe = recipe
        self._backups = backups
        self._backups_kept = backups_kept
        self._forget_after = forget_after

    def back_up(self) -> None:
        """Write a copy of the catalogue, and drop the oldest."""
        began = time.monotonic()
        path = self._catalogue.backup(self._backups, self._backups_kept).result()
        seconds = round(time.monotonic() - began, 1)
        log.info("catalogue backed up to %s, %.1f s", path, seconds, extra={"path": path, "seconds": seconds})

    def check(self) -> None:
        """Look for damage in the catalogue; what is found is shown in ``status``."""
        began = time.monotonic()
        self.faults = self._catalogue.check().result()
        seconds = round(time.monotonic() - began, 1)
        log.info(
            "catalogue checked in %.1f s", seconds, extra={"seconds": seconds, "faults": len(self.faults)}
        )
        for fault in self.faults:
            log.error("catalogue: %s", fault)

    def forget(self) -> None:
        """Drop what has been missing for too long, between two batches of the ingest loop."""
        before = self._clock.now() - self._forget_after
        gone = self._ingest.errand(
            lambda: self._catalogue.write(lambda t: t.forget_missing(before)).result()
        ).result()
        for image_id, phash in gone:
            self._index.discard(phash, image_id)
        if gone:
            log.info("forgot %d images that no file holds any more", len(gone))
        self._catalogue.checkpoint().result()

    def loop(self, stop: Event) -> None:
        """Freeze the index when it has grown, and renew old signatures when nothing else is to be read."""
        reread_at = 0.0
        while not stop.wait(CHECK_SECONDS):
            self.heart.beat()
            if self._index.needs_freeze():
                self._index.freeze()
            if self._clock.monotonic() >= reread_at and not len(self._ingest.pending):
                reread_at = self._clock.monotonic() + REREAD_SECONDS
                self._reread_outdated()

    def _reread_outdated(self) -> None:
        """Have some of the pictures read again whose signatures an earlier recipe made."""
        with self._catalogue.read() as snapshot:
            outdated = snapshot.stale_recipe(self._recipe, REREAD_AT_ONCE)
        self._ingest.offer([file.path for file in outdated])
