"""The canary: proves again and again that events still come, and has the watcher rebuilt when they do not."""

import logging
from collections.abc import Callable
from concurrent.futures import Future

from simd.core.answers import Note
from simd.core.canary import RING_SECONDS, Sight, fault_of, rest_after
from simd.core.errors import SimdError
from simd.watching.observe import Watcher

log = logging.getLogger(__name__)

VAIN_REBUILDS = 3
"""After so many rebuilds that changed nothing the fault lies in this process, and a new one may do better."""


class Canary:
    """Looks after the watcher. Used by one thread, but for what it says of itself."""

    def __init__(self, watcher: Watcher, rebuild: Callable[[str], Future[None]]) -> None:
        """``rebuild`` has the watcher started anew and every root swept, whoever owns the watches."""
        self._watcher = watcher
        self._rebuild = rebuild
        self._rebuilding: Future[None] | None = None
        self._rebuilds = 0
        self._ring_at = float("-inf")
        self._proving = False
        self._rebuild_at = float("-inf")
        self._fault: str | None = None
        self._hint: str | None = None
        self._refused = False

    @property
    def fault(self) -> str | None:
        """Why events cannot be trusted to come; None while they can."""
        return self._fault

    @property
    def hopeless(self) -> bool:
        """Whether rebuilding does not help, and the system is not to blame for that."""
        return self._rebuilds > VAIN_REBUILDS and not self._refused

    def note(self) -> Note | None:
        """What a person should know."""
        fault = self._fault
        if fault is None:
            return None
        return Note(
            message=f"Changes are not noticed at once, for the watcher does not work: {fault}. "
            "It is started anew by itself; until then folders are swept by the clock.",
            hint=self._hint
            or "If this lasts, restart simd; simctl doctor looks at the limits of the machine.",
        )

    def look(self, now: float, excused_until: float) -> None:
        """See to it that a cookie is under way from time to time, and judge whether it is late.

        Args:
            now: the present moment on the steady clock.
            excused_until: up to when the whole machine stood still.
        """
        if self._rebuilding is not None:
            if not self._rebuilding.done():
                return
            self._note_rebuilt(self._rebuilding, now)
            self._rebuilding = None
        watcher = self._watcher
        sight = Sight(alive=watcher.alive(), waiting_since=watcher.waiting_since, heard_at=watcher.heard_at)
        fault = fault_of(sight, now, excused_until)
        if fault is not None:
            self._repair(fault, now)
        elif sight.waiting_since is None and self._proving:
            self._note_well()
        if sight.alive and now >= self._ring_at:
            self._ring(now)

    def _repair(self, fault: str, now: float) -> None:
        if self._fault is None:
            log.error("the watcher does not work: %s", fault)
        if not self._refused:
            self._fault = fault
        if now >= self._rebuild_at:
            self._rebuilds += 1
            self._rebuild_at = now + rest_after(self._rebuilds)
            self._rebuilding = self._rebuild(fault)

    def _note_rebuilt(self, rebuilding: Future[None], now: float) -> None:
        error = rebuilding.exception()
        self._proving = False
        self._refused = isinstance(error, SimdError)
        if isinstance(error, SimdError):
            self._fault, self._hint = error.message, error.hint
            log.error("the watcher cannot be started anew: %s", error.message)
        elif error is not None:
            self._fault = "it could not be started anew; the log says why"
            log.error("the watcher could not be started anew", exc_info=error)
        else:
            self._ring(now)

    def _note_well(self) -> None:
        if self._fault is not None:
            log.info("the watcher works again")
        self._fault = self._hint = None
        self._refused = False
        self._rebuilds = 0

    def _ring(self, now: float) -> None:
        self._ring_at = now + RING_SECONDS
        try:
            self._watcher.ring()
            self._proving = True
        except SimdError as error:
            # The disk is full, say: no fault of the watcher, and the next cookie is not far.
            log.warning("no sign of life can be sent through the watcher: %s", error.message)
