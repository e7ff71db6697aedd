"""The one place that knows why no picture is read at present."""

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Lock

from simd.core.holds import Hold, HoldReason, Holds
from simd.ports import Clock

log = logging.getLogger(__name__)


class Holding:
    """The reasons that hold reading. Every method may be called from any thread."""

    def __init__(self, clock: Clock, wake: Callable[[], None]) -> None:
        """``wake`` is called when the last reason has gone, and reading goes on."""
        self._clock = clock
        self._wake = wake
        self._holds = Holds()
        self._lock = Lock()

    @property
    def holds(self) -> Holds:
        """The reasons at this moment; none means that pictures are read."""
        return self._holds

    def hold(
        self, reason: HoldReason, *, since: datetime | None = None, until: datetime | None = None
    ) -> None:
        """Have reading wait for this reason, too.

        Args:
            reason: why; one that holds already is only told its new end.
            since: when it began; now when None.
            until: when it ends, where that is known. Nothing ends by itself: this is what is shown.
        """
        with self._lock:
            is_new = reason not in self._holds
            self._holds = self._holds.begun(Hold(reason, since or self._clock.now(), until))
        if is_new:
            log.info("no picture is read: %s", reason, extra={"reason": reason})

    def lift(self, reason: HoldReason) -> None:
        """This reason is gone; reading goes on if it was the last."""
        with self._lock:
            was_held = reason in self._holds
            self._holds = self._holds.ended(reason)
            remaining = self._holds
        if not was_held:
            return
        log.info(
            "over: %s; %s",
            reason,
            f"still no picture is read: {', '.join(hold.reason for hold in remaining)}"
            if remaining
            else "pictures are read",
            extra={"reason": reason},
        )
        if not remaining:
            self._wake()
