"""The whole index against a plain scan, under adds, discards, freezes and a second thread."""

from threading import Thread
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from simd.core.errors import BadRequest
from simd.index import live, two_tier
from simd.index.frozen import FrozenIndex
from simd.index.two_tier import HashIndex, IndexSizes
from tests.index.oracle import ALL_RADII, Pairs, hashes, image_ids, pair_sets, scan


def built(pairs: Pairs, freeze_at: int = 4) -> HashIndex:
    """An index whose pairs are all frozen."""
    return HashIndex.build(
        np.array([hash_ for hash_, _ in pairs], dtype=np.uint64),
        np.array([image_id for _, image_id in pairs], dtype=np.int64),
        freeze_at,
    )


class IndexMachine(RuleBasedStateMachine):
    """An index and a set of pairs, to which the same things are done."""

    @initialize(pairs=pair_sets)
    def start(self, pairs: Pairs) -> None:
        """Begin with some pairs frozen, perhaps none."""
        self.pairs = set(pairs)
        self.index = built(pairs)

    @rule(hash_=hashes, image_id=image_ids)
    def add(self, hash_: int, image_id: int) -> None:
        """Add a pair that may be there."""
        self.index.add(hash_, image_id)
        self.pairs.add((hash_, image_id))

    @rule(hash_=hashes, image_id=image_ids)
    def discard(self, hash_: int, image_id: int) -> None:
        """Discard a pair that is hardly there."""
        self.index.discard(hash_, image_id)
        self.pairs.discard((hash_, image_id))

    @rule(data=st.data(), back=st.booleans())
    def discard_known(self, data: st.DataObject, back: bool) -> None:  # noqa: FBT001 - drawn
        """Discard a pair that is there, and perhaps add it again."""
        if self.pairs:
            pair = data.draw(st.sampled_from(sorted(self.pairs)))
            self.discard(*pair)
            if back:
                self.add(*pair)

    @rule()
    def freeze(self) -> None:
        """Fold the live tier in; nothing is left of it, nor of any tombstone."""
        self.index.freeze()
        assert IndexSizes(live=0, frozen=len(self.pairs), tombstones=0) == self.index.sizes()
        assert not self.index.needs_freeze()

    @rule(wanted=hashes)
    def find(self, wanted: int) -> None:
        """Search anywhere."""
        for radius in ALL_RADII:
            assert scan(self.pairs, wanted, radius) == self.index.find(wanted, radius)

    @rule(data=st.data(), radius=st.sampled_from(ALL_RADII))
    def find_known(self, data: st.DataObject, radius: int) -> None:
        """Search for a hash that is there."""
        if self.pairs:
            wanted, _ = data.draw(st.sampled_from(sorted(self.pairs)))
            assert scan(self.pairs, wanted, radius) == self.index.find(wanted, radius)

    @rule(
        wanted=st.lists(hashes, max_size=12),
        radius=st.sampled_from(ALL_RADII),
        at_once=st.sampled_from([1, 9, 2**18]),
    )
    def find_many(self, wanted: list[int], radius: int, at_once: int) -> None:
        """Search for many at a time, some of them equal, in one go or in several."""
        with patch.object(live, "COMPARED_AT_ONCE", at_once):
            found = self.index.find_many(wanted + wanted[:1], radius)
        assert [scan(self.pairs, hash_, radius) for hash_ in wanted + wanted[:1]] == found

    @invariant()
    def numbers_agree(self) -> None:
        """Counts are those of the plain set."""
        sizes = self.index.sizes()
        assert len(self.pairs) == len(self.index) == sizes.live + sizes.frozen
        assert len({hash_ for hash_, _ in self.pairs}) == self.index.distinct


IndexMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestIndexMachine = IndexMachine.TestCase


def test_writes_and_searches_during_a_freeze(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the arrays are built, searches answer and writes go on; all are there afterwards."""
    index = built({(0, 1), (0, 2), (7, 3)})
    index.add(15, 4)
    index.add(15, 5)
    seen = []

    def build_slowly(values: np.ndarray, ids: np.ndarray) -> FrozenIndex:
        index.add(31, 6)
        index.discard(0, 1)
        index.discard(15, 4)
        index.discard(7, 3)
        index.add(7, 3)
        seen.append(index.find(0, 64))
        return FrozenIndex(values, ids)

    monkeypatch.setattr(two_tier, "FrozenIndex", build_slowly)
    index.freeze()
    expected = [(0, 2), (3, 3), (4, 5), (5, 6)]
    assert [expected] == seen
    assert expected == index.find(0, 64)
    assert IndexSizes(live=1, frozen=3, tombstones=2) == index.sizes()


def test_a_failed_freeze_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """When there is no memory for new arrays, the old tiers stay, and a later freeze succeeds."""
    index = built({(0, 1)})
    index.add(1, 2)
    with monkeypatch.context() as patch:
        patch.setattr(two_tier, "FrozenIndex", _no_memory)
        with pytest.raises(MemoryError):
            index.freeze()
    index.add(3, 3)
    assert [(0, 1), (1, 2), (2, 3)] == index.find(0, 64)
    index.freeze()
    assert IndexSizes(live=0, frozen=3, tombstones=0) == index.sizes()


def _no_memory(_values: np.ndarray, _ids: np.ndarray) -> FrozenIndex:
    raise MemoryError


def test_a_search_takes_no_lock() -> None:
    """A search answers although a writer holds the lock (or this test never ends)."""
    index = built({(0, 1)})
    index.add(1, 2)
    with index._writing, index._freezing:
        assert [(0, 1), (1, 2)] == index.find(0, 1)


@pytest.mark.usefixtures("restless_threads")
def test_searches_beside_a_writer_that_freezes() -> None:
    """What is always there is always found, exactly once, while much else comes, goes and is frozen."""
    rng = np.random.default_rng(11)
    fixed = {
        (int(value), number) for number, value in enumerate(rng.integers(0, 2**64, 400, dtype=np.uint64))
    }
    passing = [int(value) for value in rng.integers(0, 2**64, 3_000, dtype=np.uint64)]
    index = built(set(sorted(fixed)[:200]), freeze_at=200)
    for pair in sorted(fixed)[200:]:
        index.add(*pair)

    def write() -> None:
        for number, hash_ in enumerate(passing):
            index.add(hash_, 1_000 + number)
            index.discard(passing[number // 2], 1_000 + number // 2)
            if index.needs_freeze():
                index.freeze()

    writer = Thread(target=write)
    writer.start()
    searches = 0
    while writer.is_alive() or searches < 20:
        wanted = passing[searches % len(passing)]
        found = [pair for pair in index.find(wanted, 28) if pair[1] < 1_000]
        assert scan(fixed, wanted, 28) == found
        searches += 1
    writer.join()
    left = {(hash_, 1_000 + number) for number, hash_ in enumerate(passing) if number >= 1_500}
    assert scan(fixed | left, 0, 64) == index.find(0, 64)


def test_when_a_freeze_is_worth_it() -> None:
    """A full live tier asks for a freeze, and so do many tombstones in the frozen one."""
    index = built({(number, number) for number in range(40)}, freeze_at=3)
    for number in range(10):
        index.discard(number, number)
    assert not index.needs_freeze()
    index.discard(10, 10)
    assert index.needs_freeze()
    index.freeze()
    index.add(100, 100)
    index.add(101, 101)
    index.add(101, 102)
    assert not index.needs_freeze()
    index.add(102, 103)
    assert index.needs_freeze()


@pytest.mark.parametrize("radius", [-1, 65])
def test_an_impossible_radius_is_refused(radius: int) -> None:
    """A radius outside 0 to 64 is the asker's mistake."""
    with pytest.raises(BadRequest, match=f"radius {radius} is not between 0 and 64"):
        HashIndex().find(0, radius)
    with pytest.raises(BadRequest, match=f"radius {radius} is not between 0 and 64"):
        HashIndex().find_many([], radius)


@pytest.mark.parametrize("hash_", [-1, 2**64])
def test_an_impossible_hash_is_refused(hash_: int) -> None:
    """A hash that is no unsigned 64-bit number is refused by every method that takes one."""
    index = HashIndex()
    for ask in (index.find, index.add, index.discard):
        with pytest.raises(BadRequest, match="not an unsigned 64-bit hash"):
            ask(hash_, 1)
    with pytest.raises(BadRequest, match="not an unsigned 64-bit hash"):
        index.find_many([0, hash_], 1)
    assert len(index) == 0


def test_blank_scans_cost_no_more_than_others() -> None:
    """30,000 images under one hash, added, discarded and frozen, are found in order."""
    index = HashIndex(freeze_at=10)
    for image_id in range(30_000):
        index.add(0, image_id)
    assert (1, 30_000) == (index.distinct, len(index))
    index.freeze()
    for image_id in range(0, 30_000, 2):
        index.discard(0, image_id)
    assert [(0, image_id) for image_id in range(1, 30_000, 2)] == index.find(0, 12)
