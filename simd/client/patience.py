"""Waiting for a daemon that has started and is still loading its catalogue."""

import time
from collections.abc import Callable

from simd.core.errors import Loading

TYPE_CHECKING = False
if TYPE_CHECKING:  # as in simd.core.wire
    from typing import TypeVar

    T = TypeVar("T")

POLL_SECONDS = 0.2


class Patience:
    """Asks again for as long as the answer is that the daemon is loading.

    Attributes:
        seconds: how long, unless a question has a time of its own.
        waited: seconds that went by in waiting so far.
    """

    def __init__(self, seconds: float = 0.0, on_wait: Callable[[], object] | None = None) -> None:
        """``on_wait`` is called once, when the waiting begins."""
        self.seconds = seconds
        self.waited = 0.0
        self._on_wait = on_wait

    def ask(self, question: "Callable[[], T]", seconds: float | None = None) -> "T":
        """What the question comes to once the daemon is ready.

        Args:
            question: asked at least once.
            seconds: how long to wait in place of :attr:`seconds`.

        Raises:
            Loading: the daemon is still loading when the time is up.
        """
        most = self.waited + (self.seconds if seconds is None else seconds)
        while True:
            try:
                return question()
            except Loading as error:
                if self.waited >= most:
                    raise Loading(error.message, hint="simctl status says what it is doing") from error
            self._wait()

    def _wait(self) -> None:
        if self._on_wait is not None:
            self._on_wait()
            self._on_wait = None
        began = time.monotonic()
        time.sleep(POLL_SECONDS)
        self.waited += time.monotonic() - began
