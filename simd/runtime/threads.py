"""Named threads that say so when they die."""

import logging
from collections.abc import Callable
from threading import Event, Thread

log = logging.getLogger(__name__)


class NamedThread:
    """A thread around a loop function that is handed a stop event.

    A loop that raises is logged and told to ``on_fault``: the thread is not restarted here,
    because only its owner knows what a restart must repair.
    """

    def __init__(
        self,
        name: str,
        loop: Callable[[Event], None],
        on_stop: Callable[[], None] | None = None,
        on_fault: Callable[[str], None] | None = None,
    ) -> None:
        """``on_stop`` wakes a loop that waits; ``on_fault`` is told the name of a thread that died."""
        self.name = name
        self._loop = loop
        self._on_stop = on_stop
        self._on_fault = on_fault
        self._stopping = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, seconds: float = 10.0) -> None:
        """Ask the loop to end and wait for it."""
        self.ask_to_stop()
        if self._thread.ident is not None:
            self._thread.join(seconds)
        if self._thread.is_alive():
            log.warning("thread %s did not stop within %.1f s", self.name, seconds)

    def ask_to_stop(self) -> None:
        """Ask the loop to end, and wait for nothing; asking again does no harm."""
        self._stopping.set()
        if self._on_stop is not None:
            self._on_stop()

    @property
    def alive(self) -> bool:
        """Whether the loop is running."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._loop(self._stopping)
        except Exception:
            log.exception("thread %s ended by an error", self.name)
            if self._on_fault is not None:
                self._on_fault(self.name)
