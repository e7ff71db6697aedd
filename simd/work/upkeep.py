"""The catalogue's own maintenance: forgetting, backing up, checking, freezing the index."""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

from simd.catalogue import DATABASE, Catalogue, Decisions, Journal, Transaction
from simd.core.answers import Note
from simd.core.errors import CatalogueError, Unavailable
from simd.core.matching import Crowding
from simd.index import HashIndex
from simd.ports import Clock
from simd.runtime.heartbeat import Heart
from simd.work.ingest import Ingest
from simd.work.refusals import long_log_note, note_of

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0
REREAD_SECONDS = 60.0
REREAD_AT_ONCE = 2_000
SECONDS_ALLOWED = 600.0
"""Freezing the index of ten million images takes a minute."""
RETRY_SECONDS = 5.0
"""How long a catalogue that refuses is left in peace."""


LONG_LOG = 512 * 2**20
"""The log of the catalogue never comes near this unless another program reads in it for very long."""


class Upkeep:
    """What the schedule asks for. Every method may be called at any time, more than once."""

    def __init__(
        self,
        catalogue: Catalogue,
        lasting: Sequence[Decisions | Journal],
        index: HashIndex,
        ingest: Ingest,
        clock: Clock,
        recipe: int,
        backups: Path,
        backups_kept: int,
        forget_after: timedelta,
    ) -> None:
        self.heart = Heart("upkeep", SECONDS_ALLOWED)
        self._catalogue = catalogue
        self._lasting = lasting
        self._index = index
        self._ingest = ingest
        self._clock = clock
        self._recipe = recipe
        self._backups = backups
        self._backups_kept = backups_kept
        self._forget_after = forget_after
        self._faults: list[str] = []
        self._not_copied: CatalogueError | None = None
        self._try_at = self._reread_at = 0.0

    @property
    def needs_a_person(self) -> bool:
        """Whether the catalogue refuses, is damaged, or could not be copied."""
        return bool(self._faults or self._not_copied or self._catalogue.refusal)

    def notes(self) -> Iterator[Note]:
        """What a person should know about the databases."""
        if refusal := self._catalogue.refusal:
            yield note_of(refusal, self._catalogue.folder / DATABASE)
        if self._catalogue.log_bytes() > LONG_LOG:
            yield long_log_note(self._catalogue.log_bytes(), self._catalogue.folder / DATABASE)
        for fault in self._faults:
            yield Note(
                message=f"The catalogue is damaged: {fault}",
                hint="simd sets it aside and restores a copy, when it starts again.",
            )
        if self._not_copied:
            yield Note(
                message=f"No new copy of the catalogue could be made. {self._not_copied.message}",
                hint=self._not_copied.hint,
            )
        for recovery in (self._catalogue.recovery, *(each.recovery for each in self._lasting)):
            if recovery is not None:
                yield Note(message=recovery.message, hint=None)

    def follow(self, backups_kept: int, forget_after: timedelta) -> None:
        """Keep another number of copies from now on, and remember what is gone for another time."""
        self._backups_kept, self._forget_after = backups_kept, forget_after

    def back_up(self) -> None:
        """Write copies of what cannot be made again, and of the catalogue, and drop the oldest.

        Raises:
            Unavailable: they cannot be written at present; ``status`` says why.
        """
        began = time.monotonic()
        try:
            for each in self._lasting:
                each.backup(self._backups, self._backups_kept)
            path = self._catalogue.backup(self._backups, self._backups_kept).result()
        except CatalogueError as error:
            self._not_copied = error
            raise Unavailable(error.message, hint=error.hint) from error
        self._not_copied = None
        seconds = round(time.monotonic() - began, 1)
        log.info("catalogue backed up to %s, %.1f s", path, seconds, extra={"path": path, "seconds": seconds})

    def check(self) -> None:
        """Look for damage in the catalogue; what is found is shown in ``status``."""
        began = time.monotonic()
        self._faults = self._catalogue.check().result()
        seconds = round(time.monotonic() - began, 1)
        log.info(
            "catalogue checked in %.1f s", seconds, extra={"seconds": seconds, "faults": len(self._faults)}
        )
        for fault in self._faults:
            log.error("catalogue: %s", fault)

    def forget(self) -> None:
        """Drop what has been missing for too long, between two batches of the ingest loop."""
        before = self._clock.now() - self._forget_after
        gone = self._ingest.errand(lambda: self._catalogue.write(Forgetting(before)).result()).result()
        for image_id, phash in gone:
            self._index.discard(phash, image_id)
        if gone:
            log.info("forgot %d images that no file holds any more", len(gone))
        self._catalogue.checkpoint().result()

    def loop(self, stop: Event) -> None:
        """Look after the index and the catalogue until ``stop`` is set, or the catalogue is found damaged."""
        while not self._catalogue.suspects_damage and not stop.wait(CHECK_SECONDS):
            self.heart.beat()
            try:
                self.look()
            except CatalogueError as error:
                # Whoever needs the catalogue is told by itself; here it is only a matter of time.
                log.warning("the upkeep of the catalogue is put off: %s", error.message)

    def look(self) -> None:
        """Freeze the index when it has grown; renew old signatures when nothing else is to be read.

        Raises:
            CatalogueError: the catalogue refuses.
        """
        if self._index.needs_freeze():
            self._index.freeze()
        self._catalogue.look_at_place()
        now = self._clock.monotonic()
        if self._catalogue.refusal is not None and now >= self._try_at:
            self._try_at = now + RETRY_SECONDS
            self._catalogue.try_to_write().result()
            log.info("the catalogue can be written again")
        if now >= self._reread_at and not len(self._ingest.pending):
            self._reread_at = now + REREAD_SECONDS
            self._reread_outdated()

    def _reread_outdated(self) -> None:
        """Have some of the pictures read again whose signatures an earlier recipe made."""
        with self._catalogue.read() as snapshot:
            outdated = snapshot.stale_recipe(self._recipe, REREAD_AT_ONCE)
        self._ingest.offer([file.path for file in outdated])


@dataclass(frozen=True, slots=True)
class Forgetting:
    """A job of the writer: it drops what is missing since before a moment."""

    before: datetime

    def __call__(self, transaction: Transaction) -> list[tuple[int, int]]:
        """Give (image id, phash) of each image that leaves."""
        gone = transaction.forget_missing(self.before)
        if gone:
            transaction.note_crowding(Crowding.STIRRED)
        return gone
