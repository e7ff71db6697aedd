"""Waiting until everything that happened before now is committed and searchable."""

import time
from collections import deque
from collections.abc import Callable
from threading import Condition

from simd.core.errors import TimedOut, Unavailable
from simd.work.pending import Pending


class Barrier:
    """A cookie through the watcher, then every ticket that was open when it came back.

    The watcher's events arrive in the order in which things happened, so a file that simd
    itself touches in its own folder comes after every change that was made before.
    """

    def __init__(
        self, ring: Callable[[], str], pending: Pending, sweep_unwatched: Callable[[], None]
    ) -> None:
        """``sweep_unwatched`` asks for a sweep of every root whose changes cause no events."""
        self._ring = ring
        self._pending = pending
        self._sweep_unwatched = sweep_unwatched
        self._seen: deque[str] = deque(maxlen=256)
        self._changed = Condition()

    def note(self, cookie: str) -> None:
        """A cookie came through the mailbox."""
        with self._changed:
            self._seen.append(cookie)
            self._changed.notify_all()

    def wait(self, seconds: float) -> None:
        """Return when all that changed before this call is committed and searchable.

        Raises:
            TimedOut: it took longer than ``seconds``.
            Unavailable: the watcher cannot be asked, or the daemon is stopping.
        """
        end = time.monotonic() + seconds
        self._sweep_unwatched()
        cookie = self._ring()
        with self._changed:
            came = self._changed.wait_for(lambda: cookie in self._seen, max(end - time.monotonic(), 0.0))
        if not came:
            raise Unavailable(
                f"The watcher did not answer within {seconds:g} s.",
                hint="simctl scan looks at every folder without the watcher; simctl doctor says more.",
            )
        if not self._pending.wait_for_all_before_now(max(end - time.monotonic(), 0.0)):
            if self._pending.closed:
                raise Unavailable("simd is stopping; what is left is done after its next start.")
            raise TimedOut(
                f"{len(self._pending)} changes were still being worked on after {seconds:g} s.",
                hint="Give a longer --timeout, or watch simctl status.",
            )
