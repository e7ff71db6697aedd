"""Whether each root is there: enrolment, offline and back again, and its watches."""

import logging
import time
from collections.abc import Callable, Sequence

from simd.catalogue import Catalogue, Transaction
from simd.core.display import display_path
from simd.core.errors import Unavailable
from simd.core.model import Root, RootState
from simd.core.roots import RootIdentity
from simd.watching.observe import Watcher
from simd.watching.sweep import identify
from simd.work.roots import Roots, Standing

log = logging.getLogger(__name__)

RETRY_SECONDS = 60.0
"""How often an offline root that is there again is given another sweep."""


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
            log.info("root %r is not configured any more", path)
            self._forget_place(path)

    def check(self) -> list[bytes]:
        """Note roots that went away; the offline roots that deserve a sweep because they are there."""
        back = []
        for standing in self._roots.all():
            path = standing.root.path
            present = identify(path)
            if standing.root.online and present is None:
                self.set_offline(path, "the folder is not there")
            elif not standing.root.online and present and time.monotonic() >= self._retry_at.get(path, 0.0):
                self._retry_at[path] = time.monotonic() + RETRY_SECONDS
                back.append(path)
        return back

    def prepare(self, path: bytes, present: RootIdentity) -> Standing:
        """Make a root ready to be swept, with its watches set."""
        standing = self._roots[path]
        elsewhere = not standing.root.online or identity_of(standing.root) != present
        if elsewhere or path not in self._watcher.roots:
            self._watcher.remove_root(path)
            self._roots.update(path, unwatched=self._watch(path))
        self._roots.update(path, state=RootState.SCANNING)
        return standing

    def set_offline(self, path: bytes, reason: str) -> None:
        """A root that vanished or cannot be believed: its files are kept as they are known."""
        root = self._roots[path].root
        self._watcher.remove_root(path)
        if root.online:
            log.warning("root %r is offline: %s; what is known of it is kept", path, reason)
            self._write(root, identity_of(root), online=False)
        self._roots.update(path, state=RootState.OFFLINE, reason=reason)

    def set_online(self, path: bytes, present: RootIdentity, unreadable: Sequence[tuple[bytes, str]]) -> None:
        """A root was swept and believed; ``unreadable`` are folders in it that could not be read."""
        standing = self._roots[path]
        if not standing.root.online or identity_of(standing.root) != present:
            self._write(standing.root, present, online=True)
        reason = self._watcher.degraded.get(path) or standing.unwatched
        if unreadable:
            first, why = unreadable[0]
            reason = f"{len(unreadable)} folders cannot be read, the first is {display_path(first)}: {why}"
        state = RootState.WATCHING if reason is None else RootState.DEGRADED
        if reason is None and standing.network:
            reason = "on a network filesystem: swept by the clock"
        self._roots.update(path, state=state, reason=reason, accepts_loss=False)

    def _forget_place(self, path: bytes) -> None:
        self._catalogue.write(lambda t: t.mark_directory_missing(path)).result()

    def _write(self, root: Root, identity: RootIdentity, *, online: bool) -> None:
        changed = Root(root.id, root.path, identity.device, identity.inode, root.filesystem, online)

        def write(transaction: Transaction) -> None:
            transaction.update_root_identity(root.id, identity.device, identity.inode, root.filesystem)
            transaction.set_root_online(root.id, online)

        self._catalogue.write(write).result()
        self._roots.update(root.path, root=changed)

    def _watch(self, path: bytes) -> str | None:
        """Set the watches of a root; why that cannot be done, or None."""
        if self._roots[path].network:
            return None
        try:
            self._watcher.add_root(path)
        except Unavailable as error:
            log.warning("root %r cannot be watched: %s", path, error.message)
            return f"{error.message} It is swept by the clock instead."
        return None


def identity_of(root: Root) -> RootIdentity:
    """What the catalogue remembers of the folder behind a root."""
    return RootIdentity(root.device, root.inode)
