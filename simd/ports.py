"""What has a second implementation: the clock, which tests turn by hand."""

from datetime import datetime
from threading import Event
from typing import Protocol


class Clock(Protocol):
    """Wall time, steady time, and waiting."""

    def now(self) -> datetime:
        """The present moment, with the local offset."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    def wait(self, event: Event, seconds: float | None) -> bool:
        """Wait until ``event`` is set or ``seconds`` have passed; True when it is set."""
        ...
