"""The one shape in which both observers are handed to the watcher."""

from collections.abc import Callable
from dataclasses import dataclass, field

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
)
from watchdog.observers.api import BaseObserver

from simd.core.hints import Degraded, Lost

LINUX_EVENTS: tuple[type[FileSystemEvent], ...] = (
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
)
"""Everything that can bring or remove a file. Opening and reading are left out of the kernel's
mask, so that the daemon's own reads wake nobody."""

COOKIE_EVENTS: tuple[type[FileSystemEvent], ...] = (FileCreatedEvent,)
"""All that a cookie need cause where it is heard of: after lost events it is laid down anew, and has to fit
even in the smallest queue."""

PORTABLE_EVENTS = (*LINUX_EVENTS, FileModifiedEvent)
"""Where the system does not tell that a file was closed, its modification must do."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark has passed the line."""

    name: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The line carries no more events."""

    reason: str


Note = Lost | Degraded | Mark | Ended


@dataclass(unsafe_hash=True)
class NoteEvent(FileSystemEvent):
    """A note among the events of a root, in its place in their order."""

    note: Note = field(kw_only=True)
    line: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Chain:
    """An observer and what the watcher must know of it.

    Attributes:
        observer: not started yet.
        events: the event classes to ask for.
        cookie_events: those to ask for in the folder of the cookies.
        reader_alive: whether whatever feeds the observer still runs.
        marks: whether it sends marks down its lines by itself; otherwise the cookie's own event
            is all there is, which proves that the chain is alive but not that it is empty.
        close: releases what the observer does not release itself.
    """

    observer: BaseObserver
    events: tuple[type[FileSystemEvent], ...]
    cookie_events: tuple[type[FileSystemEvent], ...]
    reader_alive: Callable[[], bool]
    marks: bool
    close: Callable[[], None]
