"""The watched folders and how each of them stands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock

from simd.core.model import Root, RootState


@dataclass(frozen=True, slots=True)
class Standing:
    """How a root stands.

    Attributes:
        root: its row in the catalogue.
        network: it lies on a network filesystem, which sends no events.
        reason: why its state is not simply that it is watched.
        unwatched: why no watches could be set on it.
        remedy: what a person can do about ``reason``.
        accepts_loss: the next sweep believes whatever it finds, because a person said so.
    """

    root: Root
    state: RootState
    network: bool
    reason: str | None = None
    unwatched: str | None = None
    remedy: str | None = None
    accepts_loss: bool = False


def remedy_of(standing: Standing) -> str:
    """What a person can do about a root that is offline or degraded."""
    if standing.state is RootState.OFFLINE:
        return (
            "Mount the disk or bring the folder back; nothing is forgotten until then. If the files are "
            "really gone: simctl scan --accept-missing FOLDER"
        )
    rest = "Until then the folder is swept by the clock."
    if standing.remedy is None:
        return f"simctl doctor says what to change on this machine. {rest}"
    return f"{standing.remedy[0].upper()}{standing.remedy[1:].rstrip('.')}. {rest}"


class Roots:
    """The standing of every configured root, by path. Safe to use from every thread."""

    def __init__(self) -> None:
        self._standings: dict[bytes, Standing] = {}
        self._lock = Lock()

    def add(self, root: Root, state: RootState, *, network: bool) -> None:
        """Enrol a root."""
        with self._lock:
            self._standings[root.path] = Standing(root, state, network)

    def remove(self, path: bytes) -> None:
        """Forget a root; one that is not there is no error."""
        with self._lock:
            self._standings.pop(path, None)

    def update(self, path: bytes, **changes: object) -> None:
        """Replace parts of a root's standing; of one that has been removed meanwhile, nothing."""
        with self._lock:
            if path not in self._standings:
                return
            self._standings[path] = replace(self._standings[path], **changes)  # type: ignore[arg-type]  # parts are named by the caller

    def accept_loss(self, paths: Sequence[bytes]) -> None:
        """Let the next sweep of these roots be believed, whatever it does not find."""
        for path in paths:
            if path in self:
                self.update(path, accepts_loss=True)

    def all(self) -> list[Standing]:
        """Every root, in the order of enrolment."""
        with self._lock:
            return list(self._standings.values())

    def __getitem__(self, path: bytes) -> Standing:
        return self._standings[path]

    def __contains__(self, path: object) -> bool:
        return path in self._standings

    def holding(self, path: bytes) -> bytes | None:
        """The root that is ``path`` or holds it."""
        for root in list(self._standings):
            if path == root or path.startswith(root.rstrip(b"/") + b"/"):
                return root
        return None

    def same_device(self, one: bytes, other: bytes) -> bool:
        """Whether two roots lie on one filesystem, so that inode numbers tell files apart."""
        with self._lock:
            devices = [self._standings[path].root.device for path in (one, other) if path in self._standings]
        return len(devices) == 2 and devices[0] == devices[1]  # noqa: PLR2004 - both are still there

    def is_online(self, path: bytes) -> bool:
        """Whether a path lies in a root that is there."""
        root = self.holding(path)
        standing = None if root is None else self._standings.get(root)
        return standing is not None and standing.root.online
