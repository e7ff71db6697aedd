"""The live tier: pybktree's BK-tree over what arrived since the last freeze.

The tree holds distinct hashes; a dictionary beside it holds the image ids of each. It
answers where it is the quickest: while it holds a few hashes, and for equal hashes, where a
search meets few nodes. At wider radii it would meet most of its nodes: the same hashes, kept
in a row, are scanned instead. One thread at a time may write (the caller sees to that), and
any number may search meanwhile without a lock.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pybktree import BKTree

from simd.index.scan import scan, scan_many

TREE_NODES = 8
"""Up to this many hashes the tree is the quickest at every radius."""

TREE_RADIUS = 0
"""The widest radius at which it is so in a larger tree; both are measured by bench/live_tier.py."""

TOMBSTONE_SHARE = 0.25
"""The tree is built anew when more than this share of its hashes has no image left."""


def hamming(a: int, b: int) -> int:
    """Number of bits in which two hashes differ."""
    return (a ^ b).bit_count()


class _Children(dict[int, Any]):
    """Children of a node, by distance, that may gain one while another thread looks through them."""

    __slots__ = ()

    def items(self) -> Any:
        """The children of this moment. Copying is one step; looking through them is not."""
        return self.copy().items()


class _GrowingTree(BKTree):  # type: ignore[misc]  # pybktree has no annotations
    """A BK-tree that may be searched while it grows.

    pybktree's search iterates over plain dictionaries and fails with "dictionary changed
    size during iteration" when an insertion meets it. Here each node's children are of a
    kind that hands out copies, and an insertion becomes visible in a single assignment.
    """

    tree: tuple[int, _Children] | None

    def add(self, item: int) -> None:
        """Add a hash that is not in the tree yet."""
        node = self.tree
        if node is None:
            self.tree = (item, _Children())
            return
        while node is not None:
            parent, children = node
            distance = hamming(item, parent)
            node = children.get(distance)
        children[distance] = (item, _Children())


class _Row:
    """The same hashes one after the other, which may be scanned while the row grows."""

    def __init__(self, hashes: Sequence[int] = ()) -> None:
        self._filled: NDArray[np.uint64] = np.array(hashes, dtype=np.uint64)
        self._space = self._filled

    def add(self, hash_: int) -> None:
        """Add a hash that is not in the row yet."""
        count = len(self._filled)
        if count == len(self._space):
            self._space = np.concatenate((self._filled, np.empty(count + 64, dtype=np.uint64)))
        self._space[count] = hash_
        self._filled = self._space[: count + 1]

    def find(self, hash_: int, radius: int) -> list[tuple[int, int]]:
        """``(distance, hash)`` of everything within ``radius`` bits."""
        filled = self._filled
        near = filled.take(scan(filled, hash_, radius)).tolist()
        return [(hamming(found, hash_), found) for found in near]

    def find_many(self, hashes: NDArray[np.uint64], radius: int) -> list[list[tuple[int, int]]]:
        """What :meth:`find` says of each hash, worked out for many at a time."""
        filled, wanted = self._filled, hashes.tolist()
        found: list[list[tuple[int, int]]] = [[] for _ in wanted]
        near = scan_many(filled, hashes, radius)
        for query, hash_ in zip(near.queries.tolist(), filled.take(near.positions).tolist(), strict=True):
            found[query].append((hamming(hash_, wanted[query]), hash_))
        return found


class LiveIndex:
    """Hashes and their image ids in a BK-tree; one writer, many readers."""

    def __init__(self) -> None:
        self._tree = _GrowingTree(hamming)
        self._row = _Row()
        # A hash without ids is a tombstone: it left, but the tree cannot forget it.
        self._ids: dict[int, set[int]] = {}
        self._count = 0
        self._tombstones = 0

    def __len__(self) -> int:
        """Number of pairs of a hash and an image id."""
        return self._count

    @property
    def nodes(self) -> int:
        """Number of hashes in the tree, tombstones included."""
        return len(self._ids)

    @property
    def tombstones(self) -> int:
        """Number of hashes in the tree that have no image left."""
        return self._tombstones

    def add(self, hash_: int, image_id: int) -> None:
        """Add an image; nothing happens when it is there."""
        ids = self._ids.get(hash_)
        if ids is None:
            self._ids[hash_] = {image_id}
            self._tree.add(hash_)
            self._row.add(hash_)
            self._count += 1
        elif image_id not in ids:
            self._tombstones -= not ids
            ids.add(image_id)
            self._count += 1

    def discard(self, hash_: int, image_id: int) -> None:
        """Take an image out; nothing happens when it is not there."""
        ids = self._ids.get(hash_)
        if ids is None or image_id not in ids:
            return
        ids.remove(image_id)
        self._count -= 1
        self._tombstones += not ids
        if self._tombstones > TOMBSTONE_SHARE * len(self._ids):
            self._rebuild()

    def find(self, hash_: int, radius: int) -> list[tuple[int, int]]:
        """``(distance, image id)`` of everything within ``radius`` bits, in no promised order."""
        # Hashes before ids: ids only grow newer, and a hash that left meanwhile is passed over.
        in_tree = radius <= TREE_RADIUS or len(self._ids) <= TREE_NODES
        near = (self._tree if in_tree else self._row).find(hash_, radius)
        return self._images(near)

    def find_many(self, hashes: NDArray[np.uint64], radius: int) -> list[list[tuple[int, int]]]:
        """What :meth:`find` says of each hash; for many at a time the row is quicker at every size."""
        return [self._images(near) for near in self._row.find_many(hashes, radius)]

    def pairs(self) -> list[tuple[int, int]]:
        """Every ``(hash, image id)``. Only the writer may ask."""
        return [(hash_, image_id) for hash_, ids in self._ids.items() for image_id in ids]

    def hashes(self) -> list[int]:
        """The hashes that have an image. Only the writer may ask."""
        return [hash_ for hash_, ids in self._ids.items() if ids]

    def _images(self, near: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        return [(distance, image_id) for distance, found in near for image_id in self._ids_of(found)]

    def _ids_of(self, hash_: int) -> set[int]:
        return self._ids.get(hash_, set()).copy()

    def _rebuild(self) -> None:
        alive = self.hashes()
        self._tree = _GrowingTree(hamming, alive)
        self._row = _Row(alive)
        for hash_ in [hash_ for hash_, ids in self._ids.items() if not ids]:
            del self._ids[hash_]
        self._tombstones = 0
