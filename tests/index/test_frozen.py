"""The frozen tier against a plain scan: by buckets, by scan, and as it chooses itself."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.index import frozen as frozen_module
from simd.index import scan as scanning
from simd.index.bands import Bands
from simd.index.frozen import FrozenIndex
from simd.index.layout import Pairs as PairArrays
from simd.index.scan import Positions
from tests.examples import brief
from tests.index.oracle import ALL_RADII, Pairs, crowds, hashes, pair_sets, scan


def frozen_of(pairs: list[tuple[int, int]]) -> FrozenIndex:
    """A frozen tier over some pairs."""
    return FrozenIndex(
        np.array([hash_ for hash_, _ in pairs], dtype=np.uint64),
        np.array([image_id for _, image_id in pairs], dtype=np.int64),
    )


def answers(index: FrozenIndex, hash_: int, radius: int) -> list[tuple[int, int]]:
    """What a search found, as ``(distance, id)`` in order."""
    found = index.find(hash_, radius)
    return sorted(zip(found.distances.tolist(), index.ids[found.slots].tolist(), strict=True))


def answers_of_many(index: FrozenIndex, wanted: list[int], radius: int) -> list[list[tuple[int, int]]]:
    """What a search for many found, as ``(distance, id)`` in order for each."""
    images: list[list[tuple[int, int]]] = [[] for _ in wanted]
    for part in index.find_many(np.array(wanted, dtype=np.uint64), radius):
        assert sorted(part.queries.tolist()) == part.queries.tolist()
        ids = index.ids[part.slots].tolist()
        for query, distance, image_id in zip(
            part.queries.tolist(), part.distances.tolist(), ids, strict=True
        ):
            images[query].append((distance, image_id))
    return [sorted(found) for found in images]


@pytest.fixture(params=[Bands(4, 5), Bands(3, 12), Bands(1, 4)], ids=str)
def always_by_buckets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make opening buckets look free, so that a few hashes are not scanned; with several cuts."""
    for cost in ("SEARCH_COST", "PROBE_COST", "CANDIDATE_COST"):
        monkeypatch.setattr(frozen_module, cost, 0)
    monkeypatch.setattr(frozen_module, "_bands_for", lambda _: request.param)


@pytest.mark.usefixtures("always_by_buckets")
@brief(25)
@given(pairs=pair_sets, data=st.data())
def test_bucket_search_is_exact(pairs: Pairs, data: st.DataObject) -> None:
    """Whatever the cut, opening buckets finds what a scan finds, at every radius."""
    index = frozen_of(sorted(pairs))
    wanted = data.draw(st.one_of(hashes, st.sampled_from([hash_ for hash_, _ in pairs] or [0])))
    for radius in ALL_RADII:
        assert scan(pairs, wanted, radius) == answers(index, wanted, radius)


@pytest.mark.usefixtures("always_by_buckets")
@brief(40)
@given(
    pairs=st.one_of(pair_sets, crowds),
    wanted=st.lists(hashes, max_size=8),
    radii=st.sets(st.sampled_from(ALL_RADII), min_size=1, max_size=4),
    at_once=st.integers(1, 99),
)
def test_bucket_search_for_many_is_exact(
    pairs: Pairs, wanted: list[int], radii: set[int], at_once: int
) -> None:
    """Many hashes, some of them equal, are sought at any radius, in parts of any size."""
    index = frozen_of(sorted(pairs))
    asked = [*wanted, *wanted[:2], *[hash_ for hash_, _ in sorted(pairs)[:3]]]
    with patch.object(frozen_module, "AT_ONCE", at_once):
        for radius in radii:
            expected = [scan(pairs, hash_, radius) for hash_ in asked]
            assert expected == answers_of_many(index, asked, radius)


@brief(40)
@given(pairs=st.lists(st.tuples(hashes, st.integers(1, 4)), max_size=60), wanted=hashes)
def test_search_as_it_chooses_is_exact(pairs: list[tuple[int, int]], wanted: int) -> None:
    """Pairs in any order, some of them repeated, at every radius."""
    index = frozen_of(pairs)
    assert len(set(pairs)) == len(index)
    for radius in ALL_RADII:
        expected = scan(set(pairs), wanted, radius)
        assert expected == answers(index, wanted, radius)
        assert [expected, expected] == answers_of_many(index, [wanted, wanted], radius)


@pytest.mark.parametrize("crowded", [False, True], ids=["spread", "crowded"])
def test_many_hashes_at_every_radius(crowded: bool) -> None:  # noqa: FBT001 - a case of the test
    """150,000 hashes, where every way of searching has its radii; crowded ones share three bands of four."""
    rng = np.random.default_rng(7)
    values = rng.integers(0, 2**64, 150_000, dtype=np.uint64)
    if crowded:
        values &= np.uint64(0xFFFF | 0x3 << 40)
    index = FrozenIndex(values, np.arange(len(values)))
    # The last one shares a band with few of the crowded ones, so it is sought by buckets among them.
    stranger = (2**64 - 2**16) | (int(values[2]) & 0xFFFF)
    asked = np.array([int(values[0]), int(values[1]) ^ 0b1011 << 30, 0, stranger], dtype=np.uint64)
    for radius in (0, 1, 2, 3, 4, 6, 8, 10, 12, 14, 16):
        parts = list(index.find_many(asked, radius))
        for query, wanted in enumerate(asked):
            distances = np.bitwise_count(values ^ wanted)
            found = index.find(int(wanted), radius)
            assert np.array_equal(np.flatnonzero(distances <= radius), np.sort(index.ids[found.slots]))
            assert np.array_equal(distances[index.ids[found.slots]], found.distances)
            slots = np.concatenate([part.slots[part.queries == query] for part in parts])
            assert np.array_equal(found.slots, slots)


def test_crowded_buckets_are_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nearly all hashes share a bucket, a radius that buckets usually serve is scanned instead."""
    crowded = FrozenIndex(np.arange(150_000, dtype=np.uint64), np.arange(150_000))
    spread = FrozenIndex(
        np.arange(150_000, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15), np.arange(150_000)
    )
    scanned = []

    def scan_and_tell(values: np.ndarray, hash_: int, radius: int) -> Positions:
        scanned.append(values)
        return whole_scan(values, hash_, radius)

    whole_scan = scanning.scan
    monkeypatch.setattr(frozen_module, "scan", scan_and_tell)
    for index in (crowded, spread):
        index.find(5, 4)
        answers_of_many(index, [5, 6], 4)
    assert [id(crowded.hashes)] * 3 == [id(values) for values in scanned]


@brief(50)
@given(pairs=st.one_of(pair_sets, crowds), fresh=pair_sets, data=st.data())
def test_changes_give_the_tier_that_is_built_from_nothing(
    pairs: Pairs, fresh: Pairs, data: st.DataObject
) -> None:
    """Leaving out some ids and putting in others gives the same arrays as sorting what is then there."""
    index = frozen_of(sorted(pairs))
    gone = data.draw(st.sets(st.sampled_from(sorted(pairs)))) if pairs else set()
    kept = np.array([pair not in gone for pair in sorted(pairs)], dtype=np.bool_)
    shuffled = data.draw(st.permutations(sorted(fresh)))
    changed = index.with_changes(
        kept,
        PairArrays(
            np.array([hash_ for hash_, _ in shuffled], dtype=np.uint64),
            np.array([image_id for _, image_id in shuffled], dtype=np.int64),
        ),
    )
    built = frozen_of(sorted(pairs - gone | fresh))
    for ours, theirs in zip(changed.pairs(), built.pairs(), strict=True):
        assert ours.tolist() == theirs.tolist()
    assert changed._order.tolist() == built._order.tolist()
    assert changed._directory.tolist() == built._directory.tolist()


@brief(50)
@given(pairs=pair_sets, data=st.data())
def test_slot_finds_exactly_the_pairs_that_are_there(pairs: Pairs, data: st.DataObject) -> None:
    """Every pair has its own place, and no other pair has one."""
    index = frozen_of(sorted(pairs))
    slots = [index.slot(*pair) for pair in sorted(pairs)]
    assert list(range(len(pairs))) == slots
    other = data.draw(st.tuples(hashes, st.integers(0, 9)))
    assert (other in pairs) == (index.slot(*other) is not None)


def test_the_arrays_cannot_be_changed() -> None:
    """A frozen tier is shared between threads, so nobody may write into it."""
    index = frozen_of([(5, 1)])
    with pytest.raises(ValueError, match="read-only"):
        index.hashes[0] = 6


def test_memory_per_hash_stays_small() -> None:
    """Large sets take at most 40 bytes per hash, ids included."""
    values = np.random.default_rng(1).integers(0, 2**64, 300_000, dtype=np.uint64)
    index = FrozenIndex(values, np.arange(len(values)))
    assert index.nbytes <= 41 * len(values)
