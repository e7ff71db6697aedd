"""What ``doctor`` can see only from within a running daemon."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from simd.catalogue import Catalogue
from simd.core.answers import Check, Note
from simd.imaging import DecodePool
from simd.ports import Clock
from simd.render.words import count

BACKUP_IS_LATE = timedelta(days=3)
"""It is due daily, and made up for after a night in which the machine was off."""


class Checkup:
    """Looks at the parts of the daemon. Any thread may ask."""

    def __init__(self, catalogue: Catalogue, pool: DecodePool, clock: Clock) -> None:
        self._catalogue = catalogue
        self._pool = pool
        self._clock = clock

    def checks(self, notes: Sequence[Note]) -> list[Check]:
        """Every check; each of the status's ``notes`` counts as one that failed, if something can be done."""
        return [self._integrity(), self._backup(), self._workers(), *_noted(notes)]

    def _integrity(self) -> Check:
        with self._catalogue.read() as snapshot:
            at = snapshot.job_success("integrity")
        if at is None:
            message = "the catalogue has not been checked for damage yet"
            return Check(name="catalogue", ok=True, checked=False, message=message, hint=None)
        # What that check found is among the notes.
        message = f"last checked for damage {at.astimezone():%Y-%m-%d %H:%M}"
        return Check(name="catalogue", ok=True, message=message, hint=None)

    def _backup(self) -> Check:
        with self._catalogue.read() as snapshot:
            at = snapshot.job_success("backup")
        if at is None:
            message = "the catalogue has not been copied yet"
            return Check(name="backup", ok=True, checked=False, message=message, hint=None)
        message = f"the catalogue was copied {at.astimezone():%Y-%m-%d %H:%M}"
        if self._clock.now() - at > BACKUP_IS_LATE:
            hint = "the log says why it was not copied since; is the disk of the state folder full?"
            return Check(name="backup", ok=False, message=message, hint=hint)
        return Check(name="backup", ok=True, message=message, hint=None)

    def _workers(self) -> Check:
        replaced = f", all replaced {count(self._pool.restarts, 'time')}" if self._pool.restarts else ""
        message = f"{count(self._pool.workers, 'worker')}, {self._pool.decoded:,} pictures read{replaced}"
        return Check(name="workers", ok=True, message=message, hint=None)


def _noted(notes: Sequence[Note]) -> Iterator[Check]:
    for note in notes:
        yield Check(name="status", ok=note.hint is None, message=note.message, hint=note.hint)
