"""How far the files on their way have come, for whoever asks and whoever listens."""

from dataclasses import dataclass

from simd.core.settling import Settling
from simd.ports import Clock
from simd.runtime.broadcast import Broadcast
from simd.work.pending import Pending
from simd.work.reading import Reading

PROGRESS_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class IngestCounts:
    """Where files stand on their way. One that is read while it settles counts as settling."""

    settling: int
    waiting: int
    decoding: int
    done: int
    total: int


class Progress:
    """Counts what is done until nothing is left to do, and tells of it now and then."""

    def __init__(
        self, pending: Pending, settling: Settling, reading: Reading, clock: Clock, broadcast: Broadcast
    ) -> None:
        self._pending = pending
        self._settling = settling
        self._reading = reading
        self._clock = clock
        self._broadcast = broadcast
        self._done = 0
        self._told_at = 0.0

    def counts(self) -> IngestCounts:
        """Where files stand; may be called from any thread."""
        settling = len(self._settling)
        unfinished = self._pending.files
        decoding = self._reading.in_flight_of(lambda path: path not in self._settling)
        return IngestCounts(
            settling=settling,
            waiting=max(unfinished - settling - decoding, 0),
            decoding=decoding,
            done=self._done,
            total=self._done + unfinished,
        )

    def finish(self, path: bytes) -> None:
        """A file has been dealt with."""
        self._pending.leave(path)
        self._done += 1
        if not len(self._pending):
            self._tell(0)
            self._done = 0

    def tell(self) -> None:
        """Tell listeners, if there is anything to tell and it is time again."""
        unfinished = self._pending.files
        if unfinished and self._clock.monotonic() - self._told_at >= PROGRESS_SECONDS:
            self._tell(unfinished)

    def _tell(self, unfinished: int) -> None:
        self._told_at = self._clock.monotonic()
        self._broadcast.tell("progress", phase="decode", done=self._done, total=self._done + unfinished)
