"""The whole index against a plain scan, under adds, discards, freezes and a second thread."""

from collections.abc import Callable
from contextlib import ExitStack
from itertools import islice
from threading import Thread
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from numpy.typing import NDArray

from simd.core.errors import BadRequest
from simd.index import frozen, two_tier
from simd.index import scan as scanning
from simd.index.frozen import FrozenIndex
from simd.index.layout import Pairs as PairArrays
from simd.index.two_tier import WRITES_MAY_WAIT, HashIndex, IndexSizes
from tests.examples import brief
from tests.index.oracle import ALL_RADII, Pairs, crowds, hashes, image_ids, pair_sets, scan


def built(pairs: Pairs, freeze_at: int = 4) -> HashIndex:
    """An index whose pairs are all frozen."""
    return HashIndex.build(
        np.array([hash_ for hash_, _ in pairs], dtype=np.uint64),
        np.array([image_id for _, image_id in pairs], dtype=np.int64),
        freeze_at,
    )


numbers = st.one_of(st.none(), st.integers(0, 30))
"""How many finds to name; None for all."""


class IndexMachine(RuleBasedStateMachine):
    """An index and a set of pairs, to which the same things are done."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = ExitStack()

    def teardown(self) -> None:
        """Undo what :meth:`start` patched."""
        self.patches.close()

    @initialize(pairs=st.one_of(pair_sets, crowds), by_buckets=st.booleans())
    def start(self, pairs: Pairs, by_buckets: bool) -> None:  # noqa: FBT001 - drawn
        """Begin with some pairs frozen, perhaps none; in half of the runs buckets look free."""
        for cost in ("SEARCH_COST", "PROBE_COST", "CANDIDATE_COST"):
            self.patches.enter_context(patch.object(frozen, cost, 0 if by_buckets else 20))
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

    @rule(hash_=hashes, count=st.integers(2, 40))
    def add_crowd(self, hash_: int, count: int) -> None:
        """Add blank scans: many images of one hash."""
        for image_id in range(20, 20 + count):
            self.add(hash_, image_id)

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

    @rule(wanted=hashes, most=numbers)
    def find(self, wanted: int, most: int | None) -> None:
        """Search anywhere."""
        for radius in ALL_RADII:
            assert scan(self.pairs, wanted, radius)[:most] == self.index.find(wanted, radius, most)

    @rule(data=st.data(), radius=st.sampled_from(ALL_RADII), most=numbers)
    def find_known(self, data: st.DataObject, radius: int, most: int | None) -> None:
        """Search for a hash that is there."""
        if self.pairs:
            wanted, _ = data.draw(st.sampled_from(sorted(self.pairs)))
            assert scan(self.pairs, wanted, radius)[:most] == self.index.find(wanted, radius, most)

    @rule(
        wanted=st.lists(hashes, max_size=12),
        radius=st.sampled_from(ALL_RADII),
        most=numbers,
        at_once=st.sampled_from([1, 9, 2**17]),
    )
    def find_many(self, wanted: list[int], radius: int, most: int | None, at_once: int) -> None:
        """Search for many at a time, some of them equal and some there, in one go or in several."""
        asked = [*wanted, *wanted[:1], *[hash_ for hash_, _ in sorted(self.pairs)[:4]]]
        with patch.object(scanning, "COMPARED_AT_ONCE", at_once), patch.object(frozen, "AT_ONCE", at_once):
            found = self.index.find_many(asked, radius, most)
        assert [scan(self.pairs, hash_, radius)[:most] for hash_ in asked] == found

    @invariant()
    def numbers_agree(self) -> None:
        """Counts are those of the plain set."""
        sizes = self.index.sizes()
        assert len(self.pairs) == len(self.index) == sizes.live + sizes.frozen
        assert len({hash_ for hash_, _ in self.pairs}) == self.index.distinct


IndexMachine.TestCase.settings = settings(brief(25), stateful_step_count=30)
TestIndexMachine = IndexMachine.TestCase


def freeze_with(index: HashIndex, meanwhile: Callable[[], None]) -> None:
    """Freeze an index, and do something while its new arrays are built."""
    build = FrozenIndex.with_changes

    def build_slowly(tier: FrozenIndex, kept: NDArray[np.bool_], fresh: PairArrays) -> FrozenIndex:
        meanwhile()
        return build(tier, kept, fresh)

    with patch.object(FrozenIndex, "with_changes", build_slowly):
        index.freeze()


def test_writes_and_searches_during_a_freeze() -> None:
    """While the arrays are built, searches answer and writes go on; all are there afterwards."""
    index = built({(0, 1), (0, 2), (7, 3)})
    index.add(15, 4)
    index.add(15, 5)
    seen = []

    def write() -> None:
        index.add(31, 6)
        index.discard(0, 1)
        index.discard(15, 4)
        index.discard(7, 3)
        index.add(7, 3)
        seen.append(index.find(0, 64))

    freeze_with(index, write)
    expected = [(0, 2), (3, 3), (4, 5), (5, 6)]
    assert [expected] == seen
    assert expected == index.find(0, 64)
    assert IndexSizes(live=1, frozen=3, tombstones=2) == index.sizes()


@pytest.mark.parametrize("slowed", [False, True], ids=["caught up with", "never caught up with"])
def test_many_writes_during_a_freeze(slowed: bool) -> None:  # noqa: FBT001 - a case of the test
    """What is written in hundreds is repeated in rounds, in order, even when each round brings as many."""
    index = built({(0, 1)})
    numbers = iter(range(2, 10_000))
    repeat = two_tier._Tiers.repeat

    def write() -> None:
        for number in islice(numbers, 3 * WRITES_MAY_WAIT):
            index.add(number, number)
            index.discard(number - 1, number - 1)

    def repeat_slowly(tiers: two_tier._Tiers, writes: list[tuple[bool, int, int]]) -> None:
        if not index._writing.locked():
            write()
        repeat(tiers, writes)

    with patch.object(two_tier._Tiers, "repeat", repeat_slowly if slowed else repeat):
        freeze_with(index, write)
    last = next(numbers) - 1
    assert (6 if slowed else 3) * WRITES_MAY_WAIT <= last
    assert [1, last] == sorted(image_id for _, image_id in index.find(0, 64))


def test_a_failed_freeze_loses_nothing() -> None:
    """When there is no memory for new arrays, the old tiers stay, and a later freeze succeeds."""
    index = built({(0, 1)})
    index.add(1, 2)
    with pytest.raises(MemoryError):
        freeze_with(index, _no_memory)
    index.add(3, 3)
    assert [(0, 1), (1, 2), (2, 3)] == index.find(0, 64)
    index.freeze()
    assert IndexSizes(live=0, frozen=3, tombstones=0) == index.sizes()


def _no_memory() -> None:
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
    """Many tombstones in the frozen tier ask for a freeze, and so does a live tier full of images."""
    index = built({(number, number) for number in range(40)}, freeze_at=3)
    for number in range(10):
        index.discard(number, number)
    assert not index.needs_freeze()
    index.discard(10, 10)
    assert index.needs_freeze()
    index.freeze()
    for image_id in (101, 102):
        index.add(100, image_id)
    assert not index.needs_freeze()
    index.add(100, 103)
    assert index.needs_freeze()
    index.freeze()


@pytest.mark.parametrize("radius", [-1, 65])
def test_an_impossible_radius_is_refused(radius: int) -> None:
    """A radius outside 0 to 64 is the asker's mistake; the hint names those that are possible."""
    for ask in (lambda: HashIndex().find(0, radius), lambda: HashIndex().find_many([], radius)):
        with pytest.raises(BadRequest, match=f"radius {radius} is not between 0 and 64") as refused:
            ask()
        assert "from 0 to 64" in str(refused.value.hint)


@pytest.mark.parametrize("hash_", [-1, 2**64])
def test_an_impossible_hash_is_refused(hash_: int) -> None:
    """A hash that is no unsigned 64-bit number is refused by every method that takes one, with a hint."""
    index = HashIndex()
    for ask in (
        index.find,
        index.add,
        index.discard,
        lambda hash_, radius: index.find_many([0, hash_], radius),
    ):
        with pytest.raises(BadRequest, match="not an unsigned 64-bit hash") as refused:
            ask(hash_, 1)
        assert "16 hexadecimal digits" in str(refused.value.hint)
    assert 0 == len(index)


def test_blank_scans_cost_no_more_than_others() -> None:
    """30,000 images under one hash, added, discarded and frozen, are found in order: all, or the first."""
    index = HashIndex(freeze_at=10)
    for image_id in range(30_000):
        index.add(0, image_id)
    assert (1, 30_000) == (index.distinct, len(index))
    index.freeze()
    for image_id in range(0, 30_000, 2):
        index.discard(0, image_id)
    odd = [(0, image_id) for image_id in range(1, 30_000, 2)]
    assert odd == index.find(0, 12)
    assert [odd[:7], odd[:7]] == index.find_many([0, 0], 12, 7)
