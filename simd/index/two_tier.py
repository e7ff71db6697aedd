"""The index that everybody asks: a live tier that grows and a frozen tier that is fast.

Searches take no lock. They read one reference to the present tiers, and whatever writers
do meanwhile is visible to them pair by pair. Writers wait for each other only. A freeze
builds its arrays beside the tiers in use, notes what is written meanwhile, repeats that on
the new tiers and puts them in place whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from simd.core.errors import BadRequest
from simd.index.bands import HASH_BITS
from simd.index.frozen import FrozenIndex
from simd.index.layout import Pairs
from simd.index.live import TOMBSTONE_SHARE, LiveIndex
from simd.index.nearest import Image, nearest, nearest_of_each

FREEZE_AT = 8192
"""Hashes or images in the live tier that are worth a freeze; measured, see decisions/0011."""

WRITES_MAY_WAIT = 64
"""Writes that a freeze repeats at its end while other writers wait: less than a millisecond."""


@dataclass(frozen=True, slots=True)
class IndexSizes:
    """Where the images stand.

    Attributes:
        live: images in the live tier.
        frozen: images in the frozen tier.
        tombstones: entries that a tier still carries for images that left.
    """

    live: int
    frozen: int
    tombstones: int


class _Tiers:
    """A frozen tier with a mark for what left it, and the live tier beside it."""

    def __init__(self, frozen: FrozenIndex) -> None:
        self.frozen = frozen
        self.kept = np.ones(len(frozen), dtype=np.bool_)
        self.gone = 0
        self.live = LiveIndex()

    def __len__(self) -> int:
        return len(self.live) + len(self.frozen) - self.gone

    def add(self, hash_: int, image_id: int) -> None:
        slot = self.frozen.slot(hash_, image_id)
        if slot is None:
            self.live.add(hash_, image_id)
        elif not self.kept[slot]:
            self.kept[slot] = True
            self.gone -= 1

    def discard(self, hash_: int, image_id: int) -> None:
        slot = self.frozen.slot(hash_, image_id)
        if slot is None:
            self.live.discard(hash_, image_id)
        elif self.kept[slot]:
            self.kept[slot] = False
            self.gone += 1

    def find(self, hash_: int, radius: int, most: int | None) -> list[Image]:
        live = self.live.find(hash_, radius)
        if not len(self.frozen):
            return sorted(live)[:most]
        found = self.frozen.find(hash_, radius)
        slots, distances = found.slots, found.distances
        if self.gone:
            kept = self.kept.take(slots)
            slots, distances = slots[kept], distances[kept]
        return sorted(nearest(distances, self.frozen.ids.take(slots), most) + live)[:most]

    def find_many(self, hashes: NDArray[np.uint64], radius: int, most: int | None) -> list[list[Image]]:
        images = self.live.find_many(hashes, radius)
        for part in self.frozen.find_many(hashes, radius):
            kept = self.kept.take(part.slots)
            ids = self.frozen.ids.take(part.slots[kept])
            for query, image in nearest_of_each(part.queries[kept], part.distances[kept], ids, most):
                images[query].append(image)
        return [sorted(found)[:most] for found in images]

    def repeat(self, writes: Sequence[tuple[bool, int, int]]) -> None:
        """Do what was done to other tiers: whether a pair was added, its hash and its id."""
        for added, hash_, image_id in writes:
            (self.add if added else self.discard)(hash_, image_id)

    def present(self) -> "_Present":
        """What stands here now. Only the writer may ask."""
        return _Present(self.frozen, self.kept.copy(), self.live.pairs())


@dataclass(frozen=True, slots=True)
class _Present:
    """What stood in the tiers at one moment, to be worked on while they change.

    Attributes:
        frozen: the frozen tier, which never changes.
        kept: a copy of the marks for what left it.
        live: every ``(hash, image id)`` of the live tier.
    """

    frozen: FrozenIndex
    kept: NDArray[np.bool_]
    live: list[tuple[int, int]]

    def tiers(self) -> _Tiers:
        """New tiers, all of it frozen."""
        fresh = Pairs(
            np.array([hash_ for hash_, _ in self.live], dtype=np.uint64),
            np.array([image_id for _, image_id in self.live], dtype=np.int64),
        )
        return _Tiers(self.frozen.with_changes(self.kept, fresh))

    def distinct(self) -> int:
        """Number of different hashes."""
        frozen = self.frozen.distinct_among(self.kept)
        live = np.unique(np.array([hash_ for hash_, _ in self.live], dtype=np.uint64))
        shared = np.searchsorted(frozen, live, side="right") - np.searchsorted(frozen, live)
        return len(frozen) + len(live) - int(shared.sum())


@dataclass(slots=True)
class _Journal:
    """What was written while a freeze was building."""

    writes: list[tuple[bool, int, int]] = field(default_factory=list)

    def taken(self) -> list[tuple[bool, int, int]]:
        """The writes so far, which are forgotten here."""
        writes, self.writes = self.writes, []
        return writes


class HashIndex:
    """Exact search for images whose 64-bit hashes differ in few bits; safe from any thread.

    Many images may share a hash. Image ids are any 64-bit integers. A large set is best
    handed to :meth:`build` at once; what comes later is added one by one, and :meth:`freeze`
    is called from a background thread whenever :meth:`needs_freeze` says so.
    """

    def __init__(self, freeze_at: int = FREEZE_AT) -> None:
        self._freeze_at = freeze_at
        self._tiers = _Tiers(FrozenIndex(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)))
        self._writing = Lock()
        self._freezing = Lock()
        self._journal: _Journal | None = None

    @classmethod
    def build(
        cls, hashes: NDArray[np.uint64], ids: NDArray[np.int64], freeze_at: int = FREEZE_AT
    ) -> "HashIndex":
        """An index over parallel arrays of hashes and image ids, all of them frozen."""
        index = cls(freeze_at)
        index.fill(hashes, ids)
        return index

    def fill(self, hashes: NDArray[np.uint64], ids: NDArray[np.int64]) -> None:
        """Put parallel arrays of hashes and ids into an index that nobody uses yet; all are frozen."""
        self._tiers = _Tiers(FrozenIndex(hashes, ids))

    def __len__(self) -> int:
        """Number of images."""
        with self._writing:
            return len(self._tiers)

    @property
    def distinct(self) -> int:
        """Number of different hashes among the images."""
        with self._writing:
            present = self._tiers.present()
        return present.distinct()

    @property
    def nbytes(self) -> int:
        """Memory of the frozen tier and of its marks, in bytes."""
        tiers = self._tiers
        return tiers.frozen.nbytes + tiers.kept.nbytes

    def sizes(self) -> IndexSizes:
        """How many images stand in which tier."""
        with self._writing:
            tiers = self._tiers
            return IndexSizes(
                live=len(tiers.live),
                frozen=len(tiers.frozen) - tiers.gone,
                tombstones=tiers.gone + tiers.live.tombstones,
            )

    def add(self, hash_: int, image_id: int) -> None:
        """Add an image; nothing happens when it is there under that hash.

        Raises:
            BadRequest: the hash is not an unsigned 64-bit number.
        """
        self._write(added=True, hash_=hash_, image_id=image_id)

    def discard(self, hash_: int, image_id: int) -> None:
        """Take an image out; nothing happens when it is not there under that hash.

        Raises:
            BadRequest: the hash is not an unsigned 64-bit number.
        """
        self._write(added=False, hash_=hash_, image_id=image_id)

    def find(self, hash_: int, radius: int, most: int | None = None) -> list[Image]:
        """Every image within ``radius`` bits of ``hash_``, without waiting for any writer.

        Args:
            hash_: the hash that is sought.
            radius: greatest distance in bits, 0 to 64.
            most: how many to name, the nearest first; None for all. Thousands of blank scans
                share a hash, and whoever looks at a few hundred need not be told of all.

        Returns:
            ``(distance, image id)``, ascending by both. Images added before the call are
            found; those that are added or discarded during the call may or may not be.

        Raises:
            BadRequest: the hash is not an unsigned 64-bit number, or the radius not 0 to 64.
        """
        _check_hash(hash_)
        _check_radius(radius)
        return self._tiers.find(hash_, radius, most)

    def find_many(self, hashes: Sequence[int], radius: int, most: int | None = None) -> list[list[Image]]:
        """What :meth:`find` says of each of many hashes, in their order and in less time.

        Raises:
            BadRequest: a hash is not an unsigned 64-bit number, or the radius not 0 to 64.
        """
        for hash_ in hashes:
            _check_hash(hash_)
        _check_radius(radius)
        distinct, places = np.unique(np.array(hashes, dtype=np.uint64), return_inverse=True)
        found = self._tiers.find_many(distinct, radius, most)
        return [found[place].copy() for place in places.tolist()]

    def needs_freeze(self) -> bool:
        """Whether the live tier is full, or the frozen one carries many tombstones."""
        tiers = self._tiers
        # Images count as well as hashes: a search copies the ids of the hashes that it finds.
        return max(tiers.live.nodes, len(tiers.live)) >= self._freeze_at or tiers.gone > max(
            self._freeze_at, TOMBSTONE_SHARE * len(tiers.frozen)
        )

    def freeze(self) -> None:
        """Fold the live tier into a new frozen tier and put it in place.

        Searches and writes go on meanwhile, and what is written is kept. A second call
        waits for the first one and then freezes again.
        """
        with self._freezing:
            with self._writing:
                present = self._tiers.present()
                self._journal = journal = _Journal()
            try:
                self._catch_up(present.tiers(), journal)
            finally:
                with self._writing:
                    self._journal = None

    def _catch_up(self, tiers: _Tiers, journal: _Journal) -> None:
        """Repeat on new tiers what was written meanwhile, and put them in place."""
        before = None
        while True:
            with self._writing:
                writes = journal.taken()
                # The last few are repeated while writers wait, and so are those of a writer
                # that cannot be caught up with.
                if len(writes) <= WRITES_MAY_WAIT or (before is not None and len(writes) >= before):
                    tiers.repeat(writes)
                    self._tiers = tiers
                    return
            tiers.repeat(writes)
            before = len(writes)

    def _write(self, *, added: bool, hash_: int, image_id: int) -> None:
        _check_hash(hash_)
        with self._writing:
            if self._journal is not None:
                self._journal.writes.append((added, hash_, image_id))
            (self._tiers.add if added else self._tiers.discard)(hash_, image_id)


def _check_hash(hash_: int) -> None:
    if not 0 <= hash_ < 1 << HASH_BITS:
        raise BadRequest(
            f"{hash_} is not an unsigned {HASH_BITS}-bit hash",
            hint=f"A hash is a whole number from 0 to {(1 << HASH_BITS) - 1}: 16 hexadecimal digits.",
        )


def _check_radius(radius: int) -> None:
    if not 0 <= radius <= HASH_BITS:
        raise BadRequest(
            f"radius {radius} is not between 0 and {HASH_BITS}",
            hint=f"A radius is a whole number of bits from 0 to {HASH_BITS}; 0 to 16 is usual.",
        )
