"""What has arrived and is not written yet: batched, and kept when the catalogue refuses."""

import logging
from collections.abc import Callable, Collection, Sequence

from simd.core.errors import CatalogueError
from simd.ports import Clock
from simd.work.arrivals import Arrival, Arrivals, Moved, Read, Vanished
from simd.work.fresh import Fresh

log = logging.getLogger(__name__)

FLUSH_SECONDS = 0.15
PATIENT_SECONDS = 1.0
"""What a sweep found is not awaited so eagerly, and to write many files at once costs less for each."""

FLUSH_FILES = 500

ENOUGH_FILES = 128
"""When so many have come that somebody waits for, to await more would save little for each."""

RETRY_SECONDS = 5.0

Settle = Callable[[Sequence[Arrival], Collection[bytes]], None]
"""Told what was written, and which of its paths have to be read again."""


class Batch:
    """Arrivals on their way to the writer. Used by one thread only.

    Attributes:
        trouble: why the catalogue cannot be used at present, for ``status``.
        fresh: the signatures that have come and are not written yet.
    """

    def __init__(
        self, arrivals: Arrivals, clock: Clock, settle: Settle, recovered: Callable[[], None]
    ) -> None:
        """``recovered`` is called when the catalogue can be used again and changes were missed."""
        self.trouble: str | None = None
        self.fresh = Fresh()
        self._arrivals = arrivals
        self._clock = clock
        self._settle = settle
        self._recovered = recovered
        self._gathering: dict[bytes, Arrival] = {}
        self._unwritten: list[Arrival] = []
        self._flush_at: float | None = None
        self._retry_at = 0.0
        self._missed_changes = False

    def __contains__(self, path: object) -> bool:
        return path in self._gathering

    @property
    def blocked(self) -> bool:
        """Whether the catalogue is left in peace for a while, or has refused a batch."""
        return bool(self._unwritten) or self._clock.monotonic() < self._retry_at

    @property
    def due_at(self) -> float | None:
        """When something should be written, on the steady clock; None when there is nothing."""
        return self._flush_at

    def add(self, arrival: Arrival, *, patient: bool = False) -> None:
        """Take an arrival; the last word on a path counts. A patient one waits longer for others."""
        replaced = self._gathering.pop(arrival.path, None)
        self._gathering[arrival.path] = arrival
        if isinstance(arrival, Read):
            self.fresh.add(arrival.signature)
        if isinstance(replaced, Read):
            self.fresh.discard(replaced.signature)
        if isinstance(replaced, Moved):
            # The move is not written any more, but nothing stands where it came from.
            self._gathering.setdefault(replaced.source, Vanished(replaced.source))
        now = self._clock.monotonic()
        enough = not patient and len(self._gathering) >= ENOUGH_FILES
        due = now if enough else now + (PATIENT_SECONDS if patient else FLUSH_SECONDS)
        if self._flush_at is None or (due < self._flush_at and not self.blocked):
            self._flush_at = due

    def flush_when_due(self, *, idle: bool) -> None:
        """Write some files when enough have come or waited; call it again while :attr:`due_at` is past.

        Meanwhile the readers can be given something to do. ``idle`` says that nothing more is
        about to come.
        """
        due = self._flush_at is not None and self._clock.monotonic() >= self._flush_at
        if due or (self._gathering and (idle or len(self._gathering) >= FLUSH_FILES)):
            self._write_some()

    def flush(self) -> None:
        """Write all that has come."""
        while self._write_some():
            pass

    def _write_some(self) -> bool:
        """Write one lot; whether to go on. One that was refused is kept as it is, and goes first."""
        if self._clock.monotonic() < self._retry_at:
            return False
        if not self._unwritten:
            self._unwritten = [self._gathering.pop(path) for path in list(self._gathering)[:FLUSH_FILES]]
        if not self._unwritten:
            return False
        try:
            unresolved = self._arrivals.write(self._unwritten)
        except CatalogueError as error:
            self.note_trouble(error)
            return False
        written, self._unwritten = self._unwritten, []
        if not self._gathering:
            self._flush_at = None
        for arrival in written:
            if isinstance(arrival, Read):
                self.fresh.discard(arrival.signature)
        self.clear_trouble()
        self._settle(written, unresolved)
        return True

    def note_trouble(self, error: CatalogueError, *, missed_changes: bool = False) -> None:
        """The catalogue refused: leave it alone for some seconds."""
        log.error("the catalogue refused, trying again in %.0f s: %s", RETRY_SECONDS, error.message)
        self.trouble = f"{error.message} Nothing new is read until the catalogue can be used."
        self._missed_changes |= missed_changes
        self._retry_at = self._flush_at = self._clock.monotonic() + RETRY_SECONDS

    def clear_trouble(self) -> None:
        """The catalogue has answered."""
        self.trouble = None
        if self._missed_changes:
            self._missed_changes = False
            self._recovered()
