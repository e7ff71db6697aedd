"""watchdog's inotify observer with the watches of :mod:`simd.watching.observe.watches`."""

import logging
import os
from dataclasses import fields
from typing import Any

from watchdog.events import DirCreatedEvent, DirMovedEvent
from watchdog.observers.api import EventQueue, ObservedWatch
from watchdog.observers.inotify import InotifyEmitter, InotifyObserver, InotifyWatchGroup
from watchdog.observers.inotify_move_event_grouper import (
    GroupedInotifyEvent,
    InotifyMoveEventGrouper,
    PathedInotifyEvent,
)

from simd.core.hints import Degraded, Lost
from simd.watching.observe.chain import COOKIE_EVENTS, LINUX_EVENTS, Chain, Ended, Mark, Note, NoteEvent
from simd.watching.observe.watches import Shared, WatchGroup

log = logging.getLogger(__name__)


class WatchEmitter(InotifyEmitter):
    """The thread of one root, which passes notes on and says when it ends."""

    def __init__(
        self, event_queue: EventQueue, watch: ObservedWatch, *, shared: Shared, **options: Any
    ) -> None:
        super().__init__(event_queue, watch, **options)
        self._shared = shared
        self._inotify: WatchGroup | None = None
        self._line = 0
        self._reason = "the folder was removed"

    def on_thread_start(self) -> None:
        """Set the watches; whoever schedules the root waits for this.

        Raises:
            OSError: the root cannot be watched.
        """
        group = WatchGroup(self._inotify_fd, self.watch, self.get_event_mask_from_filter(), self._shared)
        self._line = group.line
        self._shared.opened(group.path, group.line)
        self._inotify = group

    def run(self) -> None:
        """Pass events on until the root ends or the observer stops."""
        try:
            super().run()
        except Exception as error:
            log.exception("the thread that watches %s ended by an error", self.watch.path)
            self._reason = f"watching failed: {error}"
        finally:
            self._tell(Ended(self._reason))

    def build_and_queue_event(self, event: GroupedInotifyEvent | Note, *, full_events: bool = False) -> None:
        """Pass on one note, or one event as watchdog does; a moved directory without its contents."""
        match event:
            case Ended(reason):
                self._reason = reason
                self.stop()
            case Mark() | Lost() | Degraded():
                self._tell(event)
            case (PathedInotifyEvent() as left, PathedInotifyEvent() as right) if left.ev.is_directory:
                self.queue_event(DirMovedEvent(os.fsdecode(left.path), os.fsdecode(right.path)))
            case PathedInotifyEvent(arrival, path) if arrival.is_moved_to and arrival.is_directory:
                self.queue_event(DirCreatedEvent(os.fsdecode(path)))
            case PathedInotifyEvent(departure, _) if departure.is_moved_from and departure.is_directory:
                if self._inotify is not None:
                    self._inotify.departed(departure.cookie)
                super().build_and_queue_event(event)
            case PathedInotifyEvent(removal, path) if removal.is_delete_self:
                if path == os.fsencode(self.watch.path):
                    self.stop()
            case _:
                super().build_and_queue_event(event, full_events=full_events)

    def _tell(self, note: Note) -> None:
        self._event_queue.put((NoteEvent("", note=note, line=self._line), self.watch))


class WatchObserver(InotifyObserver):
    """An inotify observer whose roots are watched by the classes above."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._emitter_class = WatchEmitter
        self._emitter_kwargs["shared"] = shared

    def reader_alive(self) -> bool:
        """Whether the thread that reads from the kernel runs; without it everything looks well."""
        return self._inotify_fd.is_alive()


_FIELDS = {
    "_active_callbacks_by_path",
    "_active_callbacks_by_watch",
    "_id",
    "_inotify_fd",
    "_lock",
    "_move_event_grouper",
}
_METHODS = (
    "_add_all_callbacks",
    "_add_callback",
    "_build_event_source_path",
    "_recursive_simulate",
    "_remove_callbacks",
    "_remove_watch_internally",
)


def missing_names() -> list[str]:
    """The private names this package leans on that the installed watchdog does not have."""
    missing = sorted(_FIELDS - {field.name for field in fields(InotifyWatchGroup)})
    missing += [name for name in _METHODS if not hasattr(InotifyWatchGroup, name)]
    missing += [] if hasattr(InotifyMoveEventGrouper(), "_queue") else ["_queue"]
    return missing


def build(shared: Shared) -> Chain:
    """The observer with its notes.

    Raises:
        OSError: the system has no inotify instance left.
        AttributeError: watchdog's insides have changed.
    """
    observer = WatchObserver(shared)
    return Chain(
        observer=observer,
        events=LINUX_EVENTS,
        cookie_events=COOKIE_EVENTS,
        reader_alive=observer.reader_alive,
        marks=True,
        close=lambda: None,
    )
