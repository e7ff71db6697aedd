"""The real clock."""

import time
from datetime import datetime
from threading import Event


class SystemClock:
    """Time as the operating system tells it."""

    def now(self) -> datetime:
        """The present moment, with the local offset."""
        return datetime.now().astimezone()

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic()

    def wait(self, event: Event, seconds: float | None) -> bool:
        """Wait until ``event`` is set or ``seconds`` have passed; True when it is set."""
        return event.wait(seconds)
