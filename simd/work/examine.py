"""What is known of a path before anything is read: unchanged, moved, a hard link, or to be read."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field

from simd.catalogue import Catalogue, Snapshot
from simd.core.model import FileRow, FileState
from simd.core.skipping import SkipRules
from simd.core.stamp import Stamp
from simd.work.arrivals import Arrival, Moved, Recognised, Vanished
from simd.work.roots import Roots


@dataclass(frozen=True, slots=True)
class Place:
    """A path to look at.

    Attributes:
        settled: its stamp is known to have been quiet for long enough.
        forced: it is read although nothing seems to have changed.
        ahead: it is read while it settles, and this is the number of the reading; 0 for all others.
        stamp: what somebody saw there a moment ago; None where it has yet to be looked at.
    """

    path: bytes
    settled: bool = False
    forced: bool = False
    ahead: int = 0
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class ToRead:
    """A file that only its bytes can tell about.

    Attributes:
        known: digests of catalogued images of the same length: equal bytes need no decoding.
    """

    place: Place
    stamp: Stamp
    known: frozenset[bytes]


@dataclass(slots=True)
class Findings:
    """What came of a handful of places."""

    unchanged: list[bytes] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    to_read: list[ToRead] = field(default_factory=list)


class Examiner:
    """Compares places with the catalogue. Reads names and stamps, never contents."""

    def __init__(
        self,
        catalogue: Catalogue,
        roots: Roots,
        skip: SkipRules,
        extensions: frozenset[bytes],
        recipe: int,
    ) -> None:
        self._catalogue = catalogue
        self._roots = roots
        self._skip = skip
        self._extensions = extensions
        self._recipe = recipe

    def concerns(self, path: bytes) -> bool:
        """Whether a file of this name below a watched folder is one of ours to read."""
        if extension_of(path) not in self._extensions:
            return False
        root = self._roots.holding(path)
        return root is not None and not self._skip.skips(path, root)

    def stands(self, path: bytes) -> bool:
        """Whether the root that holds a path is the folder that was enrolled; else nothing vanished in it."""
        holding = self._roots.holding(path)
        if holding is None:
            return True
        root = self._roots[holding].root
        try:
            found = os.lstat(holding)
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == (root.device, root.inode)

    def examine(self, places: Sequence[Place]) -> Findings:
        """Sort places by what has to be done about them, with one look into the catalogue."""
        findings = Findings()
        stamped: list[tuple[Place, Stamp]] = []
        for place in places:
            # A root may have been let go, or a name be skipped, since somebody saw the file.
            stamp = place.stamp or stamp_of(place.path) if self.concerns(place.path) else None
            if stamp is None:
                findings.arrivals.append(Vanished(place.path))
            else:
                stamped.append((place, stamp))
        with self._catalogue.read() as snapshot:
            self._compare(stamped, snapshot, findings)
        return findings

    def moved(self, source: bytes, target: bytes) -> Arrival | None:
        """The move of a catalogued file that kept its content, or None when it must be read."""
        stamp = stamp_of(target)
        if stamp is None or not self.concerns(target):
            return None
        with self._catalogue.read() as snapshot:
            row = snapshot.file_at(source)
            current = row is not None and not self._outdated([row], snapshot)
        if row is None or row.image_id is None or not current or not _same_content(row.stamp, stamp):
            return None
        return Moved(source, target, stamp, row.image_id)

    def _compare(self, stamped: list[tuple[Place, Stamp]], snapshot: Snapshot, findings: Findings) -> None:
        rows = snapshot.files_at([place.path for place, _ in stamped])
        twins = snapshot.twins([stamp for _, stamp in stamped])
        known = snapshot.digests_of_sizes({stamp.size for _, stamp in stamped}, self._recipe)
        outdated = self._outdated([*rows.values(), *twins.values()], snapshot)
        for place, stamp in stamped:
            row = rows.get(place.path)
            if not place.forced:
                if row and row.stamp == stamp and row.image_id not in outdated and _note_same(row, findings):
                    continue
                twin = twins.get((stamp.inode, stamp.size, stamp.mtime_ns))
                if twin and twin.image_id not in outdated and self._is_elsewhere(twin, place.path):
                    findings.arrivals.append(_from_twin(twin, place.path, stamp))
                    continue
            digests = frozenset() if place.forced else known.get(stamp.size, frozenset())
            findings.to_read.append(ToRead(place, stamp, digests))

    def _outdated(self, rows: Sequence[FileRow], snapshot: Snapshot) -> set[int]:
        images = snapshot.images([row.image_id for row in rows if row.image_id is not None])
        return {image.id for image in images.values() if image.recipe != self._recipe}

    def _is_elsewhere(self, twin: FileRow, path: bytes) -> bool:
        """Whether a twin stands on the same filesystem under another path.

        At the same path only the change time differs, and the bytes may have been replaced
        under an old modification time: that is for the digest to say.
        """
        root = self._roots.holding(path)
        if twin.path == path or root is None or twin.root not in self._roots:
            return False
        return self._roots.same_device(twin.root, root)


def extension_of(path: bytes) -> bytes:
    """The lower-case extension of a name, with its dot."""
    _, dot, extension = path.rpartition(b".")
    return dot + extension.lower()


def stamp_of(path: bytes) -> Stamp | None:
    """The stamp of a regular file, or None where there is none (any more)."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Stamp.of(found)


def folder_of(path: bytes) -> bytes:
    """The folder that holds a path."""
    return os.path.dirname(path)  # noqa: PTH120 - pathlib takes no bytes


def is_directory(path: bytes) -> bool:
    """Whether a folder, and not a link to one, stands at a path."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _note_same(row: FileRow, findings: Findings) -> bool:
    """Note a file whose stamp is the catalogued one; False when it must be read all the same."""
    if row.state is not FileState.MISSING:
        findings.unchanged.append(row.path)
    elif row.image_id is not None:
        findings.arrivals.append(Recognised(row.path, row.stamp, row.image_id))
    else:
        return False
    return True


def _same_content(one: Stamp, other: Stamp) -> bool:
    """Equal but for the change time, which a rename touches."""
    return (one.inode, one.size, one.mtime_ns) == (other.inode, other.size, other.mtime_ns)


def _from_twin(twin: FileRow, path: bytes, stamp: Stamp) -> Arrival:
    """A twin whose own path is gone was moved; one that still stands is a hard link."""
    if twin.image_id is None:
        raise ValueError("a twin has an image")
    if stamp_of(twin.path) is None:
        return Moved(twin.path, path, stamp, twin.image_id)
    return Recognised(path, stamp, twin.image_id)
