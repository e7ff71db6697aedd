"""The plain observer, for systems and versions whose insides are not known.

It hears of lost events only through watchdog's log.
"""

import logging
from collections.abc import Callable

from watchdog.observers import Observer

from simd.watching.observe.chain import PORTABLE_EVENTS, Chain

_OVERFLOW_LOG = "watchdog.observers.inotify_c"


class OverflowListener(logging.Handler):
    """Calls ``overflowed`` whenever watchdog logs that the kernel's queue ran over."""

    def __init__(self, overflowed: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._overflowed = overflowed

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one record."""
        if "overflow" in record.getMessage().lower():
            self._overflowed()


def build(overflowed: Callable[[], None]) -> Chain:
    """An observer of watchdog's own choice.

    Args:
        overflowed: called, from any thread, when events of every root may be lost.
    """
    observer = Observer()
    listener = OverflowListener(overflowed)
    source = logging.getLogger(_OVERFLOW_LOG)
    source.addHandler(listener)
    return Chain(
        observer=observer,
        events=PORTABLE_EVENTS,
        cookie_events=PORTABLE_EVENTS,
        reader_alive=lambda: all(emitter.is_alive() for emitter in observer.emitters),
        marks=False,
        close=lambda: source.removeHandler(listener),
    )
