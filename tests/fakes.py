"""The clock that tests turn by hand."""

from datetime import UTC, datetime, timedelta, tzinfo
from threading import Event, Lock

POLL_SECONDS = 0.002
"""How often a waiting thread looks whether the hands were moved, in real seconds."""


class FakeClock:
    """Time that passes only when a test says so.

    Args:
        start: the first moment, aware.
        zone: where ``now`` is told; that of ``start`` when None.
    """

    def __init__(
        self, start: datetime = datetime(2026, 1, 15, 12, tzinfo=UTC), zone: tzinfo | None = None
    ) -> None:
        self._zone = zone or start.tzinfo
        # Wall time is kept in UTC: adding to a local time would forget that clocks are put back.
        self._wall = start.astimezone(UTC)
        self._steady = 1_000.0
        self._lock = Lock()

    def now(self) -> datetime:
        """The present moment in the clock's zone."""
        with self._lock:
            return self._wall.astimezone(self._zone)

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        with self._lock:
            return self._steady

    def wait(self, event: Event, seconds: float | None) -> bool:
        """Wait until ``event`` is set or ``seconds`` were passed by :meth:`advance`."""
        if seconds is None:
            return event.wait()
        end = self.monotonic() + seconds
        while self.monotonic() < end:
            if event.wait(POLL_SECONDS):
                return True
        return event.is_set()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self._wall += timedelta(seconds=seconds)
            self._steady += seconds

    def suspend(self, seconds: float) -> None:
        """Let the machine sleep: the steady clock stands still, as on Linux."""
        self.set_wall(seconds)

    def set_wall(self, seconds: float) -> None:
        """Put the wall clock forward, or back with a negative number."""
        with self._lock:
            self._wall += timedelta(seconds=seconds)
