"""The watcher: folders in, hints out."""
# Paths are bytes, which pathlib does not take:
# ruff: noqa: PTH112, PTH117

import contextlib
import errno
import logging
import os
import secrets
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from threading import Thread
from types import MappingProxyType

from watchdog.events import FileCreatedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers.api import ObservedWatch

from simd.core.errors import Failed, Unavailable
from simd.core.hints import Cookie, Degraded, Hint, Lost
from simd.core.skipping import SkipRules
from simd.watching.observe import portable
from simd.watching.observe.chain import Chain, Ended, Mark, NoteEvent
from simd.watching.observe.marks import Marks
from simd.watching.observe.translate import Territory, translate

log = logging.getLogger(__name__)

FAREWELL_SECONDS = 10.0
"""How long the threads of an observer may take to end; those that hang are left behind."""

_HINTS = {
    errno.ENOSPC: "raise the limit: sudo sysctl fs.inotify.max_user_watches=1048576",
    errno.EMFILE: "raise the limit: sudo sysctl fs.inotify.max_user_instances=512",
    errno.EACCES: "give the daemon's user read permission on the folder",
    errno.EPERM: "give the daemon access to the folder; on macOS that is Full Disk Access",
    errno.ENOENT: "create the folder, or mount the disk that it is on",
}


class Watcher:
    """Watches roots and delivers what happens in them as hints.

    Roots are added and removed by one thread. ``deliver`` is called from the watcher's own
    thread and must not block; what it raises is logged and counted in ``failures``. A root that
    ends (removed, moved away, unmounted) is delivered as :class:`Lost` and is no longer in
    ``roots``; add it again when its folder is back. After ``alive`` turned False, or a cookie did
    not come back, nothing more can be trusted: stop, start anew, add the roots and sweep them.

    Attributes:
        failures: events that could not be handled.
        heard_at: the moment, on the steady clock, at which the last event came through.
    """

    def __init__(self, deliver: Callable[[Hint], object], skip: SkipRules, canary: Path) -> None:
        self.failures = 0
        self.heard_at = time.monotonic()
        self._deliver = deliver
        self._skip = skip
        self._canary = canary
        self._chain: Chain | None = None
        self._marks = Marks()
        self._canary_watch: ObservedWatch | None = None
        self._watches: dict[bytes, ObservedWatch] = {}
        self._lines: dict[bytes, int] = {}
        self._degraded: dict[bytes, str] = {}
        self._remedies: dict[bytes, str] = {}
        self._rung: dict[str, float] = {}
        self._setting_watches = False
        self._watches_set_at = 0.0
        self._hurried = False

    @property
    def waiting_since(self) -> float | None:
        """Since when the oldest cookie is on its way, on the steady clock; None when there is none.

        The observer lets nothing through while the watches of a root are set, so that time does not count.
        """
        laid = list(self._rung.values())
        return max(min(laid), self._watches_set_at) if laid and not self._setting_watches else None

    @property
    def running(self) -> bool:
        """Whether it was started, and not stopped since."""
        return self._chain is not None

    @property
    def degraded(self) -> Mapping[bytes, str]:
        """The roots that are watched in part only, and why."""
        return MappingProxyType(self._degraded)

    @property
    def remedies(self) -> Mapping[bytes, str]:
        """What to do for roots that are watched in part only, where that is known."""
        return MappingProxyType(self._remedies)

    @property
    def roots(self) -> frozenset[bytes]:
        """The roots that are being watched."""
        return frozenset(self._watches)

    def start(self) -> None:
        """Begin, with the canary folder (made if it is missing) and no root.

        Raises:
            Unavailable: the system gives no way to watch, or the canary folder cannot be used.
        """
        # watchdog 7.1 warns on every new folder that its reader and its walk both come upon.
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)
        self._marks = Marks()
        self._rung.clear()
        canary = os.fsencode(self._canary)
        try:
            self._canary.mkdir(mode=0o700, parents=True, exist_ok=True)
            for left_over in self._canary.iterdir():
                left_over.unlink()
            self._chain = self._build(canary)
            self._canary_watch = self._schedule(canary, self._take_canary, recursive=False)
            self._chain.observer.start()
            self.heard_at = time.monotonic()
        except OSError as error:
            self.stop()
            raise _unavailable(canary, error) from error

    def stop(self) -> None:
        """End; no hint is delivered afterwards, unless a thread hangs and has to be left behind."""
        chain, self._chain = self._chain, None
        if chain is None:
            return
        ending = Thread(target=_end, args=(chain,), name="watcher-end", daemon=True)
        ending.start()
        ending.join(FAREWELL_SECONDS)
        if ending.is_alive():
            log.error("the watcher did not end within %.0f s and is left behind", FAREWELL_SECONDS)
        self._watches.clear()
        self._lines.clear()
        self._degraded.clear()
        self._remedies.clear()
        self._rung.clear()

    def hurry(self) -> None:
        """Let :meth:`add_root` return early: nobody needs the watches any more. From any thread."""
        self._hurried = True

    def add_root(self, root: bytes) -> None:
        """Watch a folder and all below it; returns when the watches are set.

        A root that is watched already is watched anew. Sweep it afterwards, not before.

        Raises:
            Unavailable: it cannot be watched at all; the hint says what to do.
        """
        self.remove_root(root)
        if not os.path.isabs(root) or os.path.realpath(root) != root:
            raise Unavailable(
                "a watched folder is given by its real, absolute path",
                hint="symbolic links are not followed; name the folder they lead to",
                path=os.fsdecode(root),
            )
        try:
            if not os.path.isdir(root):
                raise FileNotFoundError(errno.ENOENT, "there is no such folder", root)
            take = partial(self._take, Territory(root, self._skip))
            self._watches[root] = self._schedule(root, take, recursive=True)
        except OSError as error:
            raise _unavailable(root, error) from error

    def remove_root(self, root: bytes) -> None:
        """Stop watching a folder; one that is not watched is no error."""
        watch = self._watches.pop(root, None)
        self._degraded.pop(root, None)
        self._remedies.pop(root, None)
        if watch is not None:
            self._running().observer.unschedule(watch)
        for name in self._marks.close_line(self._lines.pop(root, 0)):
            self._came_through(name)

    def ring(self) -> str:
        """Lay a cookie in the canary folder; its :class:`Cookie` hint follows all earlier hints.

        Raises:
            Unavailable: the canary folder cannot be written.
        """
        self._running()
        name = secrets.token_hex(8)
        cookie = self._canary / name
        self._marks.expect(name)
        self._rung[name] = time.monotonic()
        try:
            cookie.touch(mode=0o600, exist_ok=False)
        except OSError as error:
            self._marks.settle(name)
            self._rung.pop(name, None)
            raise _unavailable(os.fsencode(cookie), error) from error
        return name

    def alive(self) -> bool:
        """Whether every thread runs that an event passes through on its way here."""
        chain = self._chain
        return (
            chain is not None
            and self._canary_watch is not None
            and chain.observer.is_alive()
            and chain.reader_alive()
        )

    def _running(self) -> Chain:
        if self._chain is None:
            raise Failed("the watcher is not running")
        return self._chain

    def _build(self, canary: bytes) -> Chain:
        """The exact chain where it can be had, else the portable one."""
        if sys.platform == "linux":
            from simd.watching.observe import inotify, watches  # noqa: PLC0415 - cannot be loaded elsewhere

            missing = inotify.missing_names()
            if not missing:
                shared = watches.Shared(
                    self._skip, self._marks, canary, self._opened, self._refused, lambda: self._hurried
                )
                return inotify.build(shared)
            log.warning("this watchdog is unknown (no %s); lost events are read off its log", missing)
        return portable.build(self._overflowed)

    def _schedule(
        self, path: bytes, take: Callable[[FileSystemEvent], None], *, recursive: bool
    ) -> ObservedWatch:
        chain = self._running()
        handler = _Handler(take, self._failed)
        events = list(chain.events if recursive else chain.cookie_events)
        self._setting_watches = True
        try:
            return chain.observer.schedule(
                handler, os.fsdecode(path), recursive=recursive, event_filter=events
            )
        finally:
            self._watches_set_at = time.monotonic()
            self._setting_watches = False

    def _take(self, territory: Territory, event: FileSystemEvent) -> None:
        """Handle one event of a root."""
        self.heard_at = time.monotonic()
        if isinstance(event, NoteEvent):
            self._take_note(territory.root, event)
            return
        for hint in translate(event, territory):
            self._deliver(hint)

    def _take_canary(self, event: FileSystemEvent) -> None:
        """Handle one event of the canary folder."""
        if isinstance(event, NoteEvent):
            self._take_note(None, event)
        elif isinstance(event, FileCreatedEvent) and not self._running().marks:
            name = Path(os.fsdecode(event.src_path)).name
            if self._marks.settle(name):
                self._came_through(name)

    def _take_note(self, root: bytes | None, event: NoteEvent) -> None:
        """Handle a note; ``root`` is None for the canary folder."""
        match event.note:
            case Mark(name):
                if self._marks.passed(name, event.line):
                    self._came_through(name)
            case Ended(reason):
                self._ended(root, event.line, reason)
                for name in self._marks.close_line(event.line):
                    self._came_through(name)
            case Lost() | Degraded() as hint:
                self._deliver(hint)

    def _ended(self, root: bytes | None, line: int, reason: str) -> None:
        if root is None:
            log.error("the canary folder %s is no longer watched: %s", self._canary, reason)
            self._canary_watch = None
            return
        self._deliver(Lost(root, reason))
        if self._lines.get(root) == line:  # else it is watched anew already
            self.remove_root(root)

    def _came_through(self, name: str) -> None:
        self._rung.pop(name, None)
        with contextlib.suppress(FileNotFoundError):
            (self._canary / name).unlink()
        self._deliver(Cookie(name))

    def _opened(self, root: bytes, line: int) -> None:
        self._lines[root] = line

    def _refused(self, root: bytes, reason: str, number: int) -> None:
        self._degraded[root] = reason
        if number in _HINTS:
            self._remedies[root] = _HINTS[number]

    def _overflowed(self) -> None:
        for root in list(self._watches):
            self._deliver(Lost(root, "the kernel's event queue ran over"))

    def _failed(self) -> None:
        self.failures += 1


class _Handler(FileSystemEventHandler):
    """Hands events on; an exception here would end watchdog's only dispatching thread."""

    def __init__(self, take: Callable[[FileSystemEvent], None], failed: Callable[[], None]) -> None:
        self._take = take
        self._failed = failed

    def dispatch(self, event: FileSystemEvent) -> None:
        """Take one event."""
        try:
            self._take(event)
        except Exception:
            self._failed()
            log.exception("an event was not understood: %r", event)


def _end(chain: Chain) -> None:
    """Stop an observer, and wait for its threads."""
    chain.observer.stop()
    if chain.observer.is_alive():
        chain.observer.join()
    chain.close()


def _unavailable(path: bytes, error: OSError) -> Unavailable:
    """What an error of the system means for a person."""
    reason = error.strerror or str(error)
    return Unavailable(
        f"the folder cannot be watched: {reason}", hint=_HINTS.get(error.errno or 0), path=os.fsdecode(path)
    )
