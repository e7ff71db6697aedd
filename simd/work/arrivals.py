"""From outcomes of reading to rows: new images are matched once and written with their pairs."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from simd.catalogue import Catalogue, Snapshot, Transaction
from simd.core.matching import Crowding
from simd.core.measures import FLAT_GREY_DIFFERENCE, brightness, verified
from simd.core.model import Pair, ProblemCode, Signature, Thumbs
from simd.core.presets import STORED_RADIUS
from simd.core.stamp import Stamp
from simd.index import HashIndex
from simd.runtime.broadcast import Broadcast

MOST_CANDIDATES = 500
"""No image is compared with more than this many, nearest first: thousands of equal scans
must not cost a quadratic number of pairs."""


@dataclass(frozen=True, slots=True)
class Read:
    """A file that was read and decoded."""

    path: bytes
    stamp: Stamp
    signature: Signature


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file whose stamp tells that it is a catalogued one: a hard link, or one that came back."""

    path: bytes
    stamp: Stamp
    image_id: int


@dataclass(frozen=True, slots=True)
class Copied:
    """A file whose bytes are those of an image of the catalogue."""

    path: bytes
    stamp: Stamp
    digest: bytes


@dataclass(frozen=True, slots=True)
class Moved:
    """A catalogued file under a new path, with the same inode, size and time.

    Attributes:
        image_id: the image that it holds, wherever its row is by now.
    """

    source: bytes
    path: bytes
    stamp: Stamp
    image_id: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not be read."""

    path: bytes
    stamp: Stamp | None
    code: ProblemCode
    reason: str


@dataclass(frozen=True, slots=True)
class Vanished:
    """A path at which nothing stands any more."""

    path: bytes


Arrival = Read | Recognised | Copied | Moved | Unreadable | Vanished


@dataclass(slots=True)
class _Changes:
    """What one batch will write, worked out before the writer's transaction begins."""

    images: dict[int, Signature] = field(default_factory=dict)
    replaced: dict[int, int] = field(default_factory=dict)
    details: list[tuple[int, Signature]] = field(default_factory=list)
    files: list[tuple[bytes, Stamp, int | None]] = field(default_factory=list)
    moves: list[Moved] = field(default_factory=list)
    problems: list[tuple[bytes, Stamp | None, ProblemCode, str]] = field(default_factory=list)
    missing: list[bytes] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    crowding: Crowding | None = None
    unresolved: frozenset[bytes] = frozenset()

    def write(self, transaction: Transaction) -> None:
        """Apply everything in one transaction."""
        transaction.mark_missing(self.missing)
        for move in self.moves:
            if not transaction.move_file(move.source, move.path, move.stamp):
                # A file that was moved and linked has two new paths, and one of them has taken the row.
                transaction.put_files([(move.path, move.stamp, move.image_id)])
        if self.replaced:
            transaction.drop_pairs_of(list(self.replaced))
        transaction.put_images(list(self.images.items()))
        transaction.put_details(self.details)
        transaction.put_files(self.files)
        transaction.put_problems(self.problems)
        transaction.put_pairs(self.pairs)
        if self.crowding is not None:
            transaction.note_crowding(self.crowding)


class Arrivals:
    """Writes batches of arrivals and keeps the index in step. Used by one thread only."""

    def __init__(
        self,
        catalogue: Catalogue,
        index: HashIndex,
        broadcast: Broadcast,
        recipe: int,
        most: int = MOST_CANDIDATES,
    ) -> None:
        """``most`` is the limit of known candidates for one image."""
        self._most = most
        self._catalogue = catalogue
        self._index = index
        self._broadcast = broadcast
        self._recipe = recipe
        self._prepared: _Changes | None = None

    def write(self, batch: Sequence[Arrival]) -> frozenset[bytes]:
        """Match and write a batch; it is searchable when this returns.

        After an error the same batch may be written again: its image ids are kept, so that
        nothing is doubled.

        Returns:
            Paths that must be read again, because the image that they equalled has left the
            catalogue in the meantime.

        Raises:
            CatalogueError: the writer could not commit.
        """
        changes = self._prepared or self._prepare(batch)
        self._prepared = changes
        self._catalogue.write(changes.write).result()
        self._prepared = None
        for image_id, old_hash in changes.replaced.items():
            self._index.discard(old_hash, image_id)
        for image_id, signature in changes.images.items():
            if not signature.thumbs.low_detail:
                self._index.add(signature.thumbs.phash, image_id)
        self._tell(changes)
        return changes.unresolved

    def _prepare(self, batch: Sequence[Arrival]) -> _Changes:
        changes = _Changes()
        with self._catalogue.read() as snapshot:
            ids = self._place(batch, changes, snapshot)
            changes.unresolved = frozenset(
                arrival.path for arrival in batch if isinstance(arrival, Copied) and arrival.digest not in ids
            )
            for arrival in batch:
                if arrival.path not in changes.unresolved:
                    _note(arrival, ids, changes)
            self._match(changes, snapshot)
        return changes

    def _place(self, batch: Sequence[Arrival], changes: _Changes, snapshot: Snapshot) -> dict[bytes, int]:
        """Give every digest of the batch its image id; new and outdated images go to ``changes``."""
        signatures = {a.signature.digest: a.signature for a in batch if isinstance(a, Read)}
        copies = {a.digest for a in batch if isinstance(a, Copied)}
        rows = snapshot.images_by_digest([*signatures, *(copies - signatures.keys())])
        ids = {digest: row.id for digest, row in rows.items()}
        for digest, signature in signatures.items():
            row = rows.get(digest)
            if row is None:
                ids[digest] = self._catalogue.next_image_id()
            if row is None or row.recipe != signature.recipe or row.phash != signature.thumbs.phash:
                changes.images[ids[digest]] = signature
                if row is not None:
                    changes.replaced[row.id] = row.phash
            elif row.has_position is None and signature.has_position is not None:
                changes.details.append((row.id, signature))
        return ids

    def _match(self, changes: _Changes, snapshot: Snapshot) -> None:
        fresh = {image_id: signature.thumbs for image_id, signature in changes.images.items()}
        candidates = self._candidates(fresh, snapshot)
        stored = snapshot.thumbs(sorted({c for found in candidates.values() for c in found}))
        pictures = stored | fresh
        earlier = near_earlier(fresh)
        near: list[tuple[int, int]] = []
        cut_off = False
        for image_id in fresh:
            known, others = candidates[image_id], earlier[image_id]
            near += [(image_id, c) for c in known[: self._most] if c not in fresh and c in stored]
            near += [(image_id, other) for other in others]
            cut_off |= len(known) + len(others) > self._most
        if cut_off:
            changes.crowding = Crowding.CUT_OFF
        elif near or changes.replaced:
            changes.crowding = Crowding.STIRRED
        changes.pairs = verified(pictures, near)

    def _candidates(self, fresh: Mapping[int, Thumbs], snapshot: Snapshot) -> dict[int, list[int]]:
        """Known images that may be near, the nearest first, for each new one: one more than are compared."""
        detailed = [image_id for image_id, thumbs in fresh.items() if not thumbs.low_detail]
        # An image that is read again may be its own candidate, hence two more.
        enough = self._most + 2
        near = self._index.find_many([fresh[image_id].phash for image_id in detailed], STORED_RADIUS, enough)
        found = {i: [other for _, other in pairs] for i, pairs in zip(detailed, near, strict=True)}
        for image_id, thumbs in fresh.items():
            if thumbs.low_detail:
                found[image_id] = flat_candidates(snapshot, thumbs, enough)
        return {image_id: [c for c in others if c != image_id] for image_id, others in found.items()}

    def _tell(self, changes: _Changes) -> None:
        for image_id, signature in changes.images.items():
            self._broadcast.tell("image", id=image_id, digest=f"sha256:{signature.digest.hex()}")
        files_of = Counter(image_id for _, _, image_id in changes.files if image_id is not None)
        copied = {image for image, files in files_of.items() if files > 1 or image not in changes.images}
        touched = sorted(copied.union(*((pair.a, pair.b) for pair in changes.pairs)))
        if touched or changes.missing or changes.moves:
            self._broadcast.tell("groups", images=touched, generation=self._catalogue.generation())


def flat_candidates(snapshot: Snapshot, thumbs: Thumbs, most: int) -> list[int]:
    """Known images that may equal one of low detail: where every cell is alike, so are the means."""
    size = thumbs.width, thumbs.height
    return snapshot.flat_candidates(size, brightness(thumbs), FLAT_GREY_DIFFERENCE, most)


def near_earlier(fresh: Mapping[int, Thumbs]) -> dict[int, list[int]]:
    """For each image of a batch those before it that the index would find if it held them.

    For an image of low detail these are all that are so and of its size.
    """
    found: dict[int, list[int]] = {image_id: [] for image_id in fresh}
    plain: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for image_id, thumbs in fresh.items():
        if thumbs.low_detail:
            same_size = plain[thumbs.width, thumbs.height]
            found[image_id] = same_size.copy()
            same_size.append(image_id)
    detailed = [image_id for image_id, thumbs in fresh.items() if not thumbs.low_detail]
    hashes = np.array([fresh[image_id].phash for image_id in detailed], dtype=np.uint64)
    within = np.bitwise_count(hashes[:, None] ^ hashes) <= STORED_RADIUS
    for later, before in zip(*np.nonzero(np.tril(within, -1)), strict=True):
        found[detailed[later]].append(detailed[before])
    return found


def _note(arrival: Arrival, ids: dict[bytes, int], changes: _Changes) -> None:
    match arrival:
        case Read(path, stamp, signature):
            changes.files.append((path, stamp, ids[signature.digest]))
        case Copied(path, stamp, digest):
            changes.files.append((path, stamp, ids[digest]))
        case Recognised(path, stamp, image_id):
            changes.files.append((path, stamp, image_id))
        case Moved():
            changes.moves.append(arrival)
        case Unreadable(path, stamp, code, reason):
            changes.problems.append((path, stamp, code, reason))
        case Vanished(path):
            changes.missing.append(path)
