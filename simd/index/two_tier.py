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
from simd.index.live import TOMBSTONE_SHARE, LiveIndex

FREEZE_AT = 4096
"""Hashes in the live tier that are worth a freeze."""


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

    def find(self, hash_: int, radius: int) -> list[tuple[int, int]]:
        return sorted(self._find_frozen(hash_, radius) + self.live.find(hash_, radius))

    def find_many(self, hashes: Sequence[int], radius: int) -> list[list[tuple[int, int]]]:
        live = self.live.find_many(hashes, radius)
        return [
            sorted(self._find_frozen(hash_, radius) + near) for hash_, near in zip(hashes, live, strict=True)
        ]

    def _find_frozen(self, hash_: int, radius: int) -> list[tuple[int, int]]:
        if not len(self.frozen):
            return []
        found = self.frozen.find(hash_, radius)
        kept = self.kept.take(found.slots)
        distances, ids = found.distances[kept], self.frozen.ids.take(found.slots[kept])
        return list(zip(distances.tolist(), ids.tolist(), strict=True))

    def arrays(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """All pairs as parallel arrays; the frozen ones are copied, so writing may go on."""
        live = self.live.pairs()
        hashes = np.array([hash_ for hash_, _ in live], dtype=np.uint64)
        ids = np.array([image_id for _, image_id in live], dtype=np.int64)
        return (
            np.concatenate((self.frozen.hashes_of_ids()[self.kept], hashes)),
            np.concatenate((self.frozen.ids[self.kept], ids)),
        )

    def distinct(self) -> int:
        frozen = self.frozen.distinct_among(self.kept)
        live = np.array(self.live.hashes(), dtype=np.uint64)
        shared = np.searchsorted(frozen, live, side="right") - np.searchsorted(frozen, live)
        return len(frozen) + len(live) - int(shared.sum())


@dataclass(slots=True)
class _Journal:
    """What was written while a freeze was building."""

    writes: list[tuple[bool, int, int]] = field(default_factory=list)

    def replay(self, tiers: _Tiers) -> None:
        for added, hash_, image_id in self.writes:
            (tiers.add if added else tiers.discard)(hash_, image_id)


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
        index._tiers = _Tiers(FrozenIndex(hashes, ids))
        return index

    def __len__(self) -> int:
        """Number of images."""
        with self._writing:
            return len(self._tiers)

    @property
    def distinct(self) -> int:
        """Number of different hashes among the images."""
        with self._writing:
            return self._tiers.distinct()

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

    def find(self, hash_: int, radius: int) -> list[tuple[int, int]]:
        """Every image within ``radius`` bits of ``hash_``, without waiting for any writer.

        Returns:
            ``(distance, image id)``, ascending by both. Images added before the call are
            found; those that are added or discarded during the call may or may not be.

        Raises:
            BadRequest: the hash is not an unsigned 64-bit number, or the radius not 0 to 64.
        """
        _check_hash(hash_)
        _check_radius(radius)
        return self._tiers.find(hash_, radius)

    def find_many(self, hashes: Sequence[int], radius: int) -> list[list[tuple[int, int]]]:
        """What :meth:`find` says of each of many hashes, in their order and in less time.

        Raises:
            BadRequest: a hash is not an unsigned 64-bit number, or the radius not 0 to 64.
        """
        for hash_ in hashes:
            _check_hash(hash_)
        _check_radius(radius)
        return self._tiers.find_many(hashes, radius)

    def needs_freeze(self) -> bool:
        """Whether the live tier is full, or the frozen one carries many tombstones."""
        tiers = self._tiers
        return tiers.live.nodes >= self._freeze_at or tiers.gone > max(
            self._freeze_at, TOMBSTONE_SHARE * len(tiers.frozen)
        )

    def freeze(self) -> None:
        """Fold the live tier into a new frozen tier and put it in place.

        Searches and writes go on meanwhile, and what is written is kept. A second call
        waits for the first one and then freezes again.
        """
        with self._freezing:
            with self._writing:
                hashes, ids = self._tiers.arrays()
                self._journal = _Journal()
            try:
                tiers = _Tiers(FrozenIndex(hashes, ids))
                with self._writing:
                    self._journal.replay(tiers)
                    self._tiers = tiers
            finally:
                self._journal = None

    def _write(self, *, added: bool, hash_: int, image_id: int) -> None:
        _check_hash(hash_)
        with self._writing:
            if self._journal is not None:
                self._journal.writes.append((added, hash_, image_id))
            (self._tiers.add if added else self._tiers.discard)(hash_, image_id)


def _check_hash(hash_: int) -> None:
    if not 0 <= hash_ < 1 << HASH_BITS:
        raise BadRequest(f"{hash_} is not an unsigned {HASH_BITS}-bit hash")


def _check_radius(radius: int) -> None:
    if not 0 <= radius <= HASH_BITS:
        raise BadRequest(f"radius {radius} is not between 0 and {HASH_BITS}")
