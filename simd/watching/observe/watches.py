"""The inotify watches of one root: which folders, and what becomes of them.

watchdog 7.1 repairs its watches after an overflow of the kernel's queue but emits no event,
drops "no space" and "permission denied" for folders below a root, and stays silent when a root
goes away. The group below puts notes about these into the queue of its root, in their place
among the events. It leans on private names, which ``inotify.missing_names`` checks.
"""
# Paths are bytes, which pathlib does not take:
# ruff: noqa: PTH108, PTH116, PTH118

import errno
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from watchdog.observers.api import ObservedWatch
from watchdog.observers.inotify import InotifyWatchGroup
from watchdog.observers.inotify_c import InotifyConstants, InotifyEvent, InotifyFD, Mask, WatchDescriptor

from simd.core.hints import Degraded, Lost
from simd.core.skipping import SkipRules
from simd.watching.observe.chain import Ended, Mark, Note
from simd.watching.observe.marks import Marks

log = logging.getLogger(__name__)

_VANISHED = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_REASONS = {
    errno.ENOSPC: "the system's limit of watched folders is reached (fs.inotify.max_user_watches)",
    errno.EACCES: "some folders may not be read",
}


@dataclass(frozen=True, slots=True)
class Shared:
    """What every root of one observer has in common.

    Attributes:
        canary: the folder whose new files are cookies.
        opened: told the line of marks of a root, before the root is scheduled.
        refused: told that a part of a root is not watched, why, and the number of the error.
        hurried: asked before each folder; after True no more watches are set.
    """

    skip: SkipRules
    marks: Marks
    canary: bytes
    opened: Callable[[bytes, int], None]
    refused: Callable[[bytes, str, int], None]
    hurried: Callable[[], bool]


class WatchGroup(InotifyWatchGroup):
    """The watches of one root, without those that the rules skip and without other filesystems."""

    def __init__(self, reader: InotifyFD, watch: ObservedWatch, mask: Mask, shared: Shared) -> None:
        path = os.fsencode(watch.path)
        self._shared = shared
        self._told: set[int] = set()
        self._departing: dict[int, dict[WatchDescriptor, bytes]] = {}
        self.line = 0
        self._device = os.stat(path).st_dev
        super().__init__(reader, path, Mask(mask | InotifyConstants.IN_MOVE_SELF), watch.is_recursive)
        self.line = shared.marks.open_line(lambda name: self.note(Mark(name)))

    def note(self, note: Note) -> None:
        """Put a note behind the events that came before it."""
        self._move_event_grouper._queue.put(note)  # type: ignore[arg-type]  # noqa: SLF001 - see module

    def on_event(self, event: InotifyEvent) -> None:
        """Take one event from the reader thread."""
        if event.mask & InotifyConstants.IN_MOVE_SELF:
            if self._active_callbacks_by_watch.get(event.wd) == self.path:
                self.note(Ended("the folder was moved away"))
            return
        if event.is_move and event.is_directory:
            self._follow(event)
        super().on_event(event)
        if event.is_create and self.path == self._shared.canary:
            self._shared.marks.send(os.fsdecode(event.name))

    def on_queue_overflow(self) -> None:
        """Say that events were lost, and repeat the marks that were thrown away with them."""
        self._watch_anew()
        self._departing.clear()
        if self.path == self._shared.canary:
            self._touch_again()
        else:
            self.note(Lost(self.path, "the kernel's event queue ran over"))
        if self.path not in self._active_callbacks_by_path:
            self.note(Ended("the folder could not be watched again after lost events"))
        self._shared.marks.send_again(self.line)

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:
        """Forget a watch that the kernel removed; without the root's own there is nothing left."""
        was_root = self.is_active and self._active_callbacks_by_watch.get(wd) == self.path
        super().on_watch_deleted(wd)
        if was_root:
            self.note(Ended("the folder was removed or its disk unmounted"))

    def departed(self, cookie: int) -> None:
        """Stop watching a directory that left the root: its events would be told under its old path."""
        with self._lock:
            watches = self._departing.pop(cookie, {})
            left = [wd for wd, path in watches.items() if self._active_callbacks_by_watch.get(wd) == path]
            self._remove_callbacks(left)

    def _follow(self, event: InotifyEvent) -> None:
        """Remember the watches of a directory on the move until it is known where it went."""
        with self._lock:
            if event.is_moved_to:
                self._departing.pop(event.cookie, None)
                return
            path = self._build_event_source_path(event)
            if path is not None:
                below = path + b"/"
                watches = self._active_callbacks_by_watch.items()
                self._departing[event.cookie] = {
                    wd: watched for wd, watched in watches if watched == path or watched.startswith(below)
                }

    def _touch_again(self) -> None:
        """Lay the cookies that may be among the lost events down once more."""
        for name in self._shared.marks.unsent():
            cookie = os.path.join(self.path, os.fsencode(name))
            try:
                os.unlink(cookie)
                os.close(os.open(cookie, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
            except OSError:
                log.exception("a cookie could not be renewed")

    def _recursive_simulate(self, src_path: bytes) -> list[InotifyEvent]:
        """No events are made up for the contents of a new directory: it is swept as a whole."""
        del src_path
        return []

    def _watch_anew(self) -> None:
        """Watch what is there now and nothing else, and let go of nothing that stays.

        watchdog lets go of everything first. Each watch that ends causes an event, so that with more
        directories than the kernel queues events the queue would run over again, and so for ever.
        """
        with self._lock:
            if not self.is_active:
                return
            self._move_event_grouper.discard_pending_events()
            before = self._active_callbacks_by_watch
            self._active_callbacks_by_path, self._active_callbacks_by_watch = {}, {}
            try:
                complete = self._watch_below(self.path)
            except OSError:
                log.info("%r cannot be watched any more", self.path, exc_info=True)
                complete = True
            gone = {wd: path for wd, path in before.items() if wd not in self._active_callbacks_by_watch}
            if complete:
                self._inotify_fd.remove_callbacks([(wd, self._id) for wd in gone])
            else:  # perhaps they were not reached
                self._active_callbacks_by_watch |= gone
                self._active_callbacks_by_path = {path: wd for wd, path in gone.items()} | (
                    self._active_callbacks_by_path
                )

    def _add_all_callbacks(self, path: bytes) -> None:
        """Watch a directory and all below it, unless it is skipped."""
        if path == self.path or not self._shared.skip.skips(path, self.path, directory=True):
            self._watch_below(path)

    def _watch_below(self, path: bytes) -> bool:
        """Watch a directory and all below it, each before it is listed; whether the end was reached.

        Raises:
            OSError: the root itself cannot be watched.
        """
        waiting = [path]
        while waiting:
            directory = waiting.pop()
            if self._shared.hurried() or not self._watch(directory):
                return False
            if self.is_recursive:
                waiting.extend(self._children(directory))
        return True

    def _add_callback(self, path: bytes) -> None:
        self._watch(path)

    def _watch(self, path: bytes) -> bool:
        """Watch one directory; False when the limit is reached, so that trying on is vain.

        Raises:
            OSError: the root itself cannot be watched.
        """
        try:
            wd = self._inotify_fd.add_callback(path, self.event_mask, self, self._id)
            if wd < 0:  # watchdog registers a folder that may not be read under -1
                self._inotify_fd.remove_callbacks([(wd, self._id)])
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        except OSError as error:
            if path == self.path:
                raise
            self._refuse(error)
            return error.errno != errno.ENOSPC
        self._active_callbacks_by_path[path] = wd
        self._active_callbacks_by_watch[wd] = path
        for departing in self._departing.values():
            departing.pop(wd, None)
        return True

    def _children(self, directory: bytes) -> Iterator[bytes]:
        """The directories in ``directory`` that are to be watched as well."""
        skips = self._shared.skip.skips_directory
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    if not entry.is_dir(follow_symlinks=False) or skips(entry.path, entry.name, self.path):
                        continue
                    if entry.stat(follow_symlinks=False).st_dev == self._device:
                        yield entry.path
        except OSError as error:
            self._refuse(error)

    def _refuse(self, error: OSError) -> None:
        """Say once for every sort of failure that a part of the root is not watched."""
        number = error.errno or 0
        if number in _VANISHED or number in self._told:
            return
        self._told.add(number)
        reason = _REASONS.get(number, os.strerror(number))
        self._shared.refused(self.path, reason, number)
        self.note(Degraded(self.path, reason))

    def _remove_watch_internally(self, wd: WatchDescriptor) -> None:
        """Forget a watch, even when another one has taken its path over.

        A directory may be moved out and another of its name come and go before it is removed;
        watchdog's own version then raises KeyError, and its reader thread ends.
        """
        path = self._active_callbacks_by_watch.pop(wd, None)
        if path is not None and self._active_callbacks_by_path.get(path) == wd:
            del self._active_callbacks_by_path[path]
