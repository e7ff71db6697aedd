"""The self-join against a plain comparison of every hash with every other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simd.index import join as join_module
from simd.index.bands import Bands
from simd.index.join import NearPairs, SelfJoin, bands_for_join
from tests.index.oracle import hashes

Triples = list[tuple[int, int, int]]

cuts = st.sampled_from([Bands(1, 3), Bands(2, 6), Bands(3, 4), Bands(4, 16), Bands(3, 21), Bands(6, 2)])


def _family(drawn: list[tuple[int, list[int]]]) -> NDArray[np.uint64]:
    found: dict[int, None] = {}
    for head, bits in drawn:
        found[head] = None
        for bit in bits:
            found[head ^ (1 << bit)] = None
    return np.array(list(found), dtype=np.uint64)


families = st.lists(st.tuples(hashes, st.lists(st.integers(0, 63), max_size=6)), max_size=40).map(_family)
"""Distinct hashes, many of them a few bits from another."""


def every_pair(hashes_: NDArray[np.uint64], radius: int) -> Triples:
    """All pairs within the radius, by looking at each, with their distances."""
    listed = hashes_.tolist()
    return [
        (a, b, distance)
        for a, one in enumerate(listed)
        for b in range(a + 1, len(listed))
        if (distance := (one ^ listed[b]).bit_count()) <= radius
    ]


Steps = list[list[NearPairs]]


def steps_of(join: SelfJoin, done: int = 0) -> Steps:
    """What each step behind the first ones finds, in parts."""
    return [list(parts) for parts in join.run(done)]


def triples(steps: Steps) -> Triples:
    """What some steps found, in order; a pair that is found twice stands twice."""
    parts = [part for step in steps for part in step]
    rows = [zip(s.a.tolist(), s.b.tolist(), s.distances.tolist(), strict=True) for s in parts]
    return sorted(triple for row in rows for triple in row)


@settings(max_examples=60, deadline=None)
@given(library=families, radius=st.integers(0, 16), bands=st.one_of(st.none(), cuts))
def test_a_join_finds_every_pair_once(library: NDArray[np.uint64], radius: int, bands: Bands | None) -> None:
    """Whatever the radius and the cut: each pair within the radius, with its distance, exactly once."""
    join = SelfJoin(library, radius, bands)
    assert every_pair(library, radius) == triples(steps_of(join))


@settings(max_examples=60, deadline=None)
@given(library=families, radius=st.integers(0, 10), share=st.floats(0, 1))
def test_a_join_goes_on_where_it_stopped(library: NDArray[np.uint64], radius: int, share: float) -> None:
    """The steps before any point and those that a new join runs from there are all the steps."""
    join = SelfJoin(library, radius, Bands(3, 5))
    done = int(share * len(join))
    first = [list(parts) for parts, _ in zip(join.run(), range(done), strict=False)]
    rest = steps_of(SelfJoin(library, radius, Bands(3, 5)), done)
    assert len(join) == len(first) + len(rest)
    assert every_pair(library, radius) == triples(first + rest)


@settings(max_examples=60, deadline=None)
@given(library=families, gone=st.sets(st.integers(0, 300)), radius=st.integers(0, 8), share=st.floats(0, 1))
def test_hashes_may_leave_between_two_halves(
    library: NDArray[np.uint64], gone: set[int], radius: int, share: float
) -> None:
    """When hashes left before a join went on, every pair of those that stayed is found all the same."""
    stayed = np.array([h for place, h in enumerate(library.tolist()) if place not in gone], dtype=np.uint64)
    bands = Bands(4, 4)
    done = int(share * len(SelfJoin(library, radius, bands)))
    before = [
        list(parts) for parts, _ in zip(SelfJoin(library, radius, bands).run(), range(done), strict=False)
    ]
    after = steps_of(SelfJoin(stayed, radius, bands), done)
    found = _by_hash(library, before) | _by_hash(stayed, after)
    assert _by_hash(stayed, steps_of(SelfJoin(stayed, radius, bands))) <= found


def _by_hash(library: NDArray[np.uint64], steps: Steps) -> set[frozenset[int]]:
    listed = library.tolist()
    return {frozenset({listed[a], listed[b]}) for a, b, _ in triples(steps)}


@pytest.mark.parametrize("radius", [0, 3, 8])
def test_a_crowd_in_one_bucket_is_taken_in_chunks(radius: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that share all bits of two bands overfill their buckets; the chunks lose and double nothing."""
    monkeypatch.setattr(join_module, "CHUNK", 1_000)
    rng = np.random.default_rng(5)
    crowd = np.unique(rng.integers(0, 1 << 12, 700, dtype=np.uint64) << np.uint64(20))
    library = np.concatenate([crowd, rng.integers(0, 2**64, 200, dtype=np.uint64)])
    rng.shuffle(library)
    join = SelfJoin(library, radius, Bands(4, 16))
    assert every_pair(library, radius) == triples(steps_of(join))


def test_near_hashes_in_one_crowd_come_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """When everybody is near everybody, no part holds more pairs than are looked at twice over."""
    monkeypatch.setattr(join_module, "CHUNK", 100)
    library = np.arange(512, dtype=np.uint64)
    join = SelfJoin(library, 9, Bands(2, 4))
    steps = steps_of(join)
    assert 512 * 511 // 2 == len(triples(steps))
    # A hash meets all of its bucket at once, so a part may be as long as that beyond its measure.
    assert max(len(part) for step in steps for part in step) <= 100 + max(100, len(library))


@pytest.mark.parametrize("count", [0, 1, 2, 1_000, 1_000_000, 100_000_000])
@pytest.mark.parametrize("radius", [0, 4, 8, 12, 16])
def test_the_chosen_cut_is_one_that_works(count: int, radius: int) -> None:
    """For every size and radius the bands fit into 64 bits and none is asked for more flips than bits."""
    bands = bands_for_join(count, radius)
    assert bands.count * bands.width <= 64
    assert max(bands.reaches(radius)) <= bands.width
