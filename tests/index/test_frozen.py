"""The frozen tier against a plain scan: by buckets, by scan, and as it chooses itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simd.index import frozen as frozen_module
from simd.index.bands import Bands
from simd.index.frozen import FrozenIndex, Positions
from tests.index.oracle import ALL_RADII, Pairs, hashes, pair_sets, scan


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


@pytest.fixture(params=[Bands(4, 5), Bands(3, 12), Bands(1, 4)], ids=str)
def always_by_buckets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make opening buckets look free, so that a few hashes are not scanned; with several cuts."""
    for cost in ("SEARCH_COST", "PROBE_COST", "CANDIDATE_COST"):
        monkeypatch.setattr(frozen_module, cost, 0)
    monkeypatch.setattr(frozen_module, "_bands_for", lambda _: request.param)


@pytest.mark.usefixtures("always_by_buckets")
@settings(deadline=None, max_examples=50)
@given(pairs=pair_sets, data=st.data())
def test_bucket_search_is_exact(pairs: Pairs, data: st.DataObject) -> None:
    """Whatever the cut, opening buckets finds what a scan finds, at every radius."""
    index = frozen_of(sorted(pairs))
    wanted = data.draw(st.one_of(hashes, st.sampled_from([hash_ for hash_, _ in pairs] or [0])))
    for radius in ALL_RADII:
        assert scan(pairs, wanted, radius) == answers(index, wanted, radius)


@settings(deadline=None)
@given(pairs=st.lists(st.tuples(hashes, st.integers(1, 4)), max_size=60), wanted=hashes)
def test_search_as_it_chooses_is_exact(pairs: list[tuple[int, int]], wanted: int) -> None:
    """Pairs in any order, some of them repeated, at every radius."""
    index = frozen_of(pairs)
    assert len(set(pairs)) == len(index)
    for radius in ALL_RADII:
        assert scan(set(pairs), wanted, radius) == answers(index, wanted, radius)


@pytest.mark.parametrize("crowded", [False, True], ids=["spread", "crowded"])
def test_many_hashes_at_every_radius(crowded: bool) -> None:  # noqa: FBT001 - a case of the test
    """150,000 hashes, where every way of searching has its radii; crowded ones share three bands of four."""
    rng = np.random.default_rng(7)
    values = rng.integers(0, 2**64, 150_000, dtype=np.uint64)
    if crowded:
        values &= np.uint64(0xFFFF | 0x3 << 40)
    index = FrozenIndex(values, np.arange(len(values)))
    for wanted in (int(values[0]), int(values[1]) ^ 0b1011 << 30, 0):
        distances = np.bitwise_count(values ^ np.uint64(wanted))
        for radius in (0, 1, 2, 3, 4, 6, 8, 10, 12, 14, 16):
            found = index.find(wanted, radius)
            assert np.array_equal(np.flatnonzero(distances <= radius), np.sort(index.ids[found.slots]))
            assert np.array_equal(distances[index.ids[found.slots]], found.distances)


def test_crowded_buckets_are_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nearly all hashes share a bucket, a radius that buckets usually serve is scanned instead."""
    crowded = FrozenIndex(np.arange(150_000, dtype=np.uint64), np.arange(150_000))
    spread = FrozenIndex(
        np.arange(150_000, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15), np.arange(150_000)
    )
    scanned = []

    def scan_and_tell(index: FrozenIndex, hash_: int, radius: int) -> Positions:
        scanned.append(index)
        return whole_scan(index, hash_, radius)

    whole_scan = FrozenIndex._scan
    monkeypatch.setattr(FrozenIndex, "_scan", scan_and_tell)
    crowded.find(5, 4)
    spread.find(5, 4)
    assert [crowded] == scanned


@settings(deadline=None)
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
