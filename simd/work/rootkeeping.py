"""Whether each root is there: enrolment, offline and back again, and its watches."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence

from simd.catalogue import Catalogue, Transaction
from simd.core.display import display_path
from simd.core.errors import Unavailable
from simd.core.mishaps import REPLACED, RETURNED
from simd.core.model import Root, RootState
from simd.core.roots import RootIdentity
from simd.render.words import count
from simd.watching.observe import Watcher
from simd.watching.sweep import identify
from simd.work.roots import Roots, Standing

log = logging.getLogger(__name__)

RETRY_SECONDS = 60.0
"""How often a root that is there, but not as it was known, is given another sweep."""

REWATCH_SECONDS = 600.0
"""How often the watches of a root that is watched in part are set anew: the limit may have been raised."""

NO_WATCHER = "The watcher does not run. It is swept by the clock instead."


class RootKeeper:
    """The one place that changes whether a root counts as online."""

    def __init__(
        self, catalogue: Catalogue, roots: Roots, watcher: Watcher, is_network: Callable[[bytes], bool]
    ) -> None:
        """``is_network`` tells whether a path lies on a filesystem that sends no events."""
        self._catalogue = catalogue
        self._roots = roots
        self._watcher = watcher
        self._is_network = is_network
        self._retry_at: dict[bytes, float] = {}
        self._last_seen: dict[bytes, RootIdentity | None] = {}
        self._rewatched_at: dict[bytes, float] = {}

    def enrol(self, path: bytes, filesystem: str) -> None:
        """Take a configured root into the catalogue; one that is not there waits as offline.

        Its watches are set before its first sweep, by the thread that sweeps: that takes seconds
        in a large library, and nobody should wait for it who only asks.
        """
        present = identify(path)
        device, inode = (present.device, present.inode) if present else (0, 0)
        root = self._catalogue.write(lambda t: t.enrol_root(path, device, inode, filesystem)).result()
        self._roots.add(root, RootState.SCANNING, network=self._is_network(path))
        if present is None:
            self.set_offline(path, "the folder is not there")

    def retire(self, configured: Sequence[bytes]) -> None:
        """Mark the files of roots that are configured no longer as missing; they are forgotten in time."""
        with self._catalogue.read() as snapshot:
            old = [root.path for root in snapshot.roots() if root.path not in configured]
        for path in old:
            log.info("%s is not configured any more", display_path(path), extra={"path": path})
            self._forget_place(path)

    def drop(self, path: bytes) -> None:
        """Let go of a root that is configured no longer, as :meth:`retire` does at the start."""
        self._watcher.remove_root(path)
        self._roots.remove(path)
        self._forget_place(path)

    def rebuild_watcher(self) -> None:
        """Start the watcher anew; every root gets its watches before its next sweep.

        Raises:
            Unavailable: the system gives no way to watch. Roots are swept by the clock then.
        """
        self._watcher.stop()
        self._watcher.start()

    def watch_all(self) -> None:
        """Set the watches of every root that is there, as :meth:`prepare` would before its first sweep."""
        for standing in self._roots.all():
            present = identify(standing.root.path)
            if present is not None:
                self.prepare(standing.root.path, present)

    def hurry(self) -> None:
        """Set no more watches, for the daemon is stopping. From any thread."""
        self._watcher.hurry()

    def check(self) -> Mapping[bytes, str]:
        """Note roots that went away; the roots that deserve a sweep now, and why.

        A disk that is mounted or unmounted at a root may cause no event at all: the identity of the
        folder tells.
        """
        due = {}
        for standing in self._roots.all():
            path = standing.root.path
            present = identify(path)
            if present is None:
                if standing.root.online:
                    self.set_offline(path, "the folder is not there")
            elif not standing.root.online and self._may_retry(path, present):
                due[path] = RETURNED
            elif present != identity_of(standing.root) and self._may_retry(path, present):
                due[path] = REPLACED
            self._last_seen[path] = present
        return due

    def is_there(self, path: bytes) -> bool:
        """Whether a root is online, and the folder there now is the one that it was when it was last swept.

        Of a start it is only known how the roots stood before. Where a disk is not mounted, an empty folder
        may lie; it has another inode. The number of a disk may be another one after every boot.
        """
        root = self._roots[path].root if path in self._roots else None
        present = identify(path)
        return root is not None and root.online and present is not None and present.inode == root.inode

    def prepare(self, path: bytes, present: RootIdentity) -> Standing:
        """Make a root ready to be swept, with its watches set."""
        standing = self._roots[path]
        elsewhere = not standing.root.online or identity_of(standing.root) != present
        if elsewhere or path not in self._watcher.roots or self._may_rewatch(path):
            self._watcher.remove_root(path)
            self._watch(path)
        self._roots.update(path, state=RootState.SCANNING)
        return standing

    def set_offline(self, path: bytes, reason: str) -> None:
        """A root that vanished or cannot be believed: its files are kept as they are known."""
        root = self._roots[path].root
        self._watcher.remove_root(path)
        if root.online:
            log.warning(
                "%s is offline: %s; what is known of it is kept",
                display_path(path),
                reason,
                extra={"path": path, "reason": reason},
            )
            self._write(root, identity_of(root), online=False)
        self._roots.update(path, state=RootState.OFFLINE, reason=reason, remedy=None)

    def set_online(self, path: bytes, present: RootIdentity, unreadable: Sequence[tuple[bytes, str]]) -> None:
        """A root was swept and believed; ``unreadable`` are folders in it that could not be read."""
        standing = self._roots[path]
        if not standing.root.online or identity_of(standing.root) != present:
            if not standing.root.online:
                log.info("%s is online again", display_path(path), extra={"path": path})
            self._write(standing.root, present, online=True)
        reason, remedy = standing.unwatched, standing.remedy
        if path in self._watcher.degraded:
            reason, remedy = self._watcher.degraded[path], self._watcher.remedies.get(path)
        if unreadable:
            first, why = unreadable[0]
            folders = count(len(unreadable), "folder")
            reason = f"{folders} cannot be read, the first is {display_path(first)}: {why}"
            remedy = "Give the daemon's user the right to read and enter the folder."
        state = RootState.WATCHING if reason is None else RootState.DEGRADED
        if reason is None and standing.network:
            reason = "on a network filesystem: swept by the clock"
        self._roots.update(path, state=state, reason=reason, remedy=remedy, accepts_loss=False)

    def _may_retry(self, path: bytes, present: RootIdentity) -> bool:
        """Whether it is time for another sweep; at once when a folder has come since the last look."""
        now = time.monotonic()
        if present == self._last_seen.get(path) and now < self._retry_at.get(path, 0.0):
            return False
        self._retry_at[path] = now + RETRY_SECONDS
        return True

    def _may_rewatch(self, path: bytes) -> bool:
        return (
            path in self._watcher.degraded
            and time.monotonic() >= self._rewatched_at.get(path, 0.0) + REWATCH_SECONDS
        )

    def _forget_place(self, path: bytes) -> None:
        self._catalogue.write(lambda t: t.mark_directory_missing(path)).result()

    def _write(self, root: Root, identity: RootIdentity, *, online: bool) -> None:
        changed = Root(root.id, root.path, identity.device, identity.inode, root.filesystem, online)

        def write(transaction: Transaction) -> None:
            transaction.update_root_identity(root.id, identity.device, identity.inode, root.filesystem)
            transaction.set_root_online(root.id, online)

        self._catalogue.write(write).result()
        self._roots.update(root.path, root=changed)

    def _watch(self, path: bytes) -> None:
        """Set the watches of a root, and note why where that cannot be done."""
        reason, remedy = None, None
        if not self._roots[path].network:
            self._rewatched_at[path] = time.monotonic()
            reason, remedy = self._try_to_watch(path)
        self._roots.update(path, unwatched=reason, remedy=remedy)

    def _try_to_watch(self, path: bytes) -> tuple[str | None, str | None]:
        """Why no watches could be set, and what helps; both None when they are."""
        if not self._watcher.running:
            return NO_WATCHER, None
        try:
            self._watcher.add_root(path)
        except Unavailable as error:
            log.warning("%s cannot be watched: %s", display_path(path), error.message, extra={"path": path})
            return f"{error.message} It is swept by the clock instead.", error.hint
        return None, None


def identity_of(root: Root) -> RootIdentity:
    """What the catalogue remembers of the folder behind a root."""
    return RootIdentity(root.device, root.inode)
