"""Watching folders with watchdog, which is used nowhere else: events become hints.

``watcher`` is what others use. ``translate`` says what an event means, ``inotify`` and
``watches`` make watchdog's Linux side tell what it keeps to itself, ``portable`` is the plain
observer for everything else, and ``marks`` proves that all earlier events have come through.
"""

from simd.watching.observe.watcher import Watcher

__all__ = ["Watcher"]
