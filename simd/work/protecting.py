"""What keeps its place: decided by the person, path by path, or set in the configuration."""

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from threading import Lock

from simd.catalogue import Catalogue, ProtectedTable, Snapshot
from simd.core.answers import ProtectedList, ProtectedPath, ProtectionChanged
from simd.core.display import display_path, path_b64
from simd.core.errors import BadRequest, CatalogueError, NotFound
from simd.core.protection import Protection, lies_within
from simd.ports import Clock
from simd.runtime.broadcast import Broadcast

log = logging.getLogger(__name__)


class Protecting:
    """The protected paths, held in memory. Any thread may use it."""

    def __init__(
        self,
        table: ProtectedTable,
        catalogue: Catalogue,
        roots: Callable[[], Sequence[bytes]],
        clock: Clock,
        broadcast: Broadcast,
        configured: Iterable[bytes] = (),
    ) -> None:
        """Know what was decided so far.

        Args:
            table: keeps the decisions.
            catalogue: tells which images are concerned.
            roots: gives the watched folders.
            clock: dates the decisions.
            broadcast: tells of the images whose groups may have changed.
            configured: what the settings protect, symbolic links followed.

        Raises:
            CatalogueError: the decisions cannot be read.
        """
        self._table = table
        self._catalogue = catalogue
        self._roots = roots
        self._clock = clock
        self._broadcast = broadcast
        self._lock = Lock()
        self._decided = table.all()
        self._configured = frozenset(configured)
        self._protection = self._gathered()

    @property
    def protection(self) -> Protection:
        """All that is protected now."""
        return self._protection

    def follow(self, configured: Iterable[bytes]) -> None:
        """Protect other folders from now on, beside those that the person chose."""
        with self._lock:
            before, self._configured = self._configured, frozenset(configured)
            self._protection = self._gathered()
        self._announce(before ^ self._configured)

    def protect(self, paths: Sequence[bytes]) -> ProtectionChanged:
        """Have files keep their place, and folders everything below them; symbolic links are followed.

        Raises:
            BadRequest: no path, or one in no watched folder; nothing is protected.
            NotFound: nothing stands at a path; likewise.
            CatalogueError: this cannot be kept.
        """
        wanted = self._checked(paths)
        with self._lock:
            new = [path for path in wanted if path not in self._decided]
            if new:
                now = self._clock.now().astimezone(UTC).replace(microsecond=0)
                self._table.put(new, now)
                self._decided |= dict.fromkeys(new, now)
                self._protection = self._gathered()
            described = self._described_all(wanted)
        self._announce(new)
        return self._answer(described, new)

    def unprotect(self, paths: Sequence[bytes]) -> ProtectionChanged:
        """Take protection back from paths that a person put under it; they need not be there any more.

        Raises:
            BadRequest: a path is not protected by itself; nothing is changed.
            CatalogueError: this cannot be kept.
        """
        with self._lock:
            gone = list(dict.fromkeys(self._found(path) for path in paths))
            described = self._described_all(gone)
            self._table.drop(gone)
            for path in gone:
                del self._decided[path]
            self._protection = self._gathered()
        self._announce(gone)
        return self._answer(described, gone)

    def all(self) -> ProtectedList:
        """Everything that is protected."""
        with self._lock:
            described = self._described_all(sorted(self._protection.paths))
        return ProtectedList(protected=list(described.values()), generation=self._catalogue.generation())

    def _gathered(self) -> Protection:
        return Protection(self._configured | self._decided.keys())

    def _checked(self, paths: Sequence[bytes]) -> list[bytes]:
        """The paths as the catalogue knows them, each once."""
        if not paths:
            raise BadRequest("No path is named.", hint="Name files or folders to protect.")
        roots = self._roots()
        found = []
        for path in paths:
            shown = display_path(path)
            if not os.path.lexists(path):
                raise NotFound(
                    f"There is nothing at {shown}.",
                    hint="Protect what is there; a folder on a disk that is away, once it is mounted.",
                    path=shown,
                )
            real = os.path.realpath(path)
            if not any(lies_within(real, root) for root in roots):
                known = ", ".join(map(display_path, roots)) or "none yet"
                raise BadRequest(
                    f"{display_path(real)} lies in no watched folder, so simd never touches it.",
                    hint=f"The watched folders are: {known}.",
                    path=shown,
                )
            found.append(real)
        return list(dict.fromkeys(found))

    def _found(self, path: bytes) -> bytes:
        """A path that a person protected, as it was kept: it may be gone by now, or have become a link."""
        for each in (path, os.path.realpath(path)):
            if each in self._decided:
                return each
        shown, guardian = display_path(path), self._protection.guardian(os.path.realpath(path))
        if guardian is None:
            raise BadRequest(f"{shown} is not protected.", hint="simctl protect lists what is.", path=shown)
        around = display_path(guardian)
        if guardian in self._decided:
            raise BadRequest(
                f"{shown} is protected by the folder {around} around it.",
                hint=f"simctl unprotect {around} takes the protection from all of it.",
                path=shown,
            )
        raise BadRequest(
            f"{shown} is protected by the settings, as part of {around}.",
            hint="Take it out of keep.protected in the configuration file, then: simctl reload",
            path=shown,
        )

    def _described_all(self, paths: Iterable[bytes]) -> dict[bytes, ProtectedPath]:
        with self._catalogue.read() as snapshot:
            return {path: _described(path, self._decided.get(path), snapshot) for path in paths}

    def _answer(self, described: dict[bytes, ProtectedPath], changed: Sequence[bytes]) -> ProtectionChanged:
        return ProtectionChanged(
            changed=[described[path] for path in changed],
            unchanged=[each for path, each in described.items() if path not in changed],
            generation=self._catalogue.generation(),
        )

    def _announce(self, paths: Iterable[bytes]) -> None:
        """Count the change as a commit, and tell whoever listens; groups find out by themselves."""
        changed = list(paths)
        if not changed:
            return
        with self._catalogue.read() as snapshot:
            ids = sorted(set().union(*map(snapshot.images_at, changed)))
        try:
            self._catalogue.write(lambda to: to.touch_images(ids)).result()
        except CatalogueError as error:
            log.warning("protection is kept, but the catalogue does not count it: %s", error.message)
        self._broadcast.tell("groups", images=ids, generation=self._catalogue.generation())


def _described(path: bytes, since: datetime | None, snapshot: Snapshot) -> ProtectedPath:
    row = snapshot.file_at(path)
    return ProtectedPath(
        path=display_path(path),
        path_b64=path_b64(path),
        files=snapshot.count_under(path) if row is None else 1,
        since=None if since is None else since.astimezone().isoformat(timespec="seconds"),
    )
