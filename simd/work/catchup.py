"""Waiting, without keeping a stop waiting, until the catalogue is in step with the folders."""

import logging
from collections.abc import Callable
from threading import Event, Thread

from simd.core.errors import SimdError, Unavailable
from simd.work.barrier import Barrier

log = logging.getLogger(__name__)

LONGEST_SECONDS = 6 * 3_600.0
"""A first scan may take hours; what is known after so many is better than no report."""

LOOK_SECONDS = 2.0
"""How often whoever waits looks whether that still leads anywhere."""


class CatchUp:
    """What a nightly report waits for, so that it speaks of the night and not of the day before.

    A report that was missed is due when the daemon starts, when the first sweep has hardly begun,
    and the very first one at a time when the catalogue is empty. Both wait for that sweep and for
    what it finds, as ``sync`` does. Nobody waits while reading is held, be it by a person or by
    quiet hours, or when the watcher has died, since nothing would come of it: then the report is
    of what is known.
    """

    def __init__(
        self,
        barrier: Barrier,
        can_end: Callable[[], bool],
        longest_seconds: float = LONGEST_SECONDS,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """``can_end`` tells whether waiting leads anywhere: reading goes on, and the watcher lives."""
        self._barrier = barrier
        self._can_end = can_end
        self._longest_seconds = longest_seconds
        self._look_seconds = look_seconds
        self._over = Event()
        self._closed = False

    def wait(self) -> None:
        """Return when all that changed before now is known, or when it is not worth waiting longer.

        One call at a time.

        Raises:
            Unavailable: :meth:`close` was called.
        """
        # Its own, so that a thread which still waits for an earlier call cannot end this one.
        over = self._over = Event()
        if self._can_end() and not self._closed:
            # The barrier knows nothing of a stop, so a thread of its own waits there.
            Thread(target=self._pass_barrier, args=(over,), name="catch-up", daemon=True).start()
            while not over.wait(self._look_seconds) and self._can_end():
                pass
        if self._closed:
            raise Unavailable("The daemon is stopping.", hint="Ask again once it runs.")

    def close(self) -> None:
        """Let go whoever waits."""
        self._closed = True
        self._over.set()

    def _pass_barrier(self, over: Event) -> None:
        try:
            self._barrier.wait(self._longest_seconds)
        except SimdError as error:
            # After a stop nobody wants to know.
            if not self._closed:
                log.warning("not everything is known that changed: %s", error.message)
        finally:
            over.set()
