"""The self-join against a plain comparison of every hash with every other."""

import mmap

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simd.index import array_kernel, join
from simd.index.array_kernel import ArrayKernel
from simd.index.bands import Bands
from simd.index.buckets import Kernel
from simd.index.compiled_kernel import CompiledKernel
from simd.index.join import COMPILED_FROM, NearPairs, SelfJoin, bands_for_join, kernel_for
from tests.examples import brief
from tests.index.oracle import hashes

Triples = list[tuple[int, int, int]]

KERNELS = (ArrayKernel(), CompiledKernel(), CompiledKernel(most=7, looked_at=5))
"""The last returns to Python after a few candidates, as large libraries make the others do."""

kernels = st.sampled_from(KERNELS)

cuts = st.sampled_from([Bands(1, 3), Bands(2, 6), Bands(3, 4), Bands(4, 16), Bands(3, 9), Bands(6, 2)])


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


@brief(40)
@given(library=families, radius=st.integers(0, 16), bands=st.one_of(st.none(), cuts), kernel=kernels)
def test_a_join_finds_every_pair_once(
    library: NDArray[np.uint64], radius: int, bands: Bands | None, kernel: Kernel
) -> None:
    """Whatever the radius, the cut and the kernel: each pair within the radius, exactly once."""
    whole = SelfJoin(library, radius, bands, kernel)
    assert every_pair(library, radius) == triples(steps_of(whole))


@settings(max_examples=30)
@given(library=families, radius=st.integers(0, 12), bands=cuts)
def test_all_kernels_find_the_same_in_each_step(
    library: NDArray[np.uint64], radius: int, bands: Bands
) -> None:
    """A join that one kernel began can be finished by another: each of their steps gives the same pairs."""
    one, *others = (
        [triples([step]) for step in steps_of(SelfJoin(library, radius, bands, kernel))] for kernel in KERNELS
    )
    assert [one] * len(others) == others


@brief(30)
@given(library=families, radius=st.integers(0, 10), share=st.floats(0, 1))
def test_a_join_goes_on_where_it_stopped(library: NDArray[np.uint64], radius: int, share: float) -> None:
    """The steps before any point and those that a new join runs from there are all the steps."""
    whole = SelfJoin(library, radius, Bands(3, 5))
    done = int(share * len(whole))
    first = [list(parts) for parts, _ in zip(whole.run(), range(done), strict=False)]
    rest = steps_of(SelfJoin(library, radius, Bands(3, 5)), done)
    assert len(whole) == len(first) + len(rest)
    assert every_pair(library, radius) == triples(first + rest)


@brief(30)
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


@pytest.mark.parametrize("kernel", KERNELS[:2], ids=["arrays", "compiled"])
@pytest.mark.parametrize("radius", [0, 3, 8])
def test_a_crowd_in_one_bucket_is_taken_in_chunks(
    radius: int, kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashes that share all bits of two bands overfill their buckets; the chunks lose and double nothing."""
    monkeypatch.setattr(array_kernel, "CHUNK", 1_000)
    rng = np.random.default_rng(5)
    crowd = np.unique(rng.integers(0, 1 << 12, 700, dtype=np.uint64) << np.uint64(20))
    library = np.concatenate([crowd, rng.integers(0, 2**64, 200, dtype=np.uint64)])
    rng.shuffle(library)
    crowded = SelfJoin(library, radius, Bands(4, 16), kernel)
    assert every_pair(library, radius) == triples(steps_of(crowded))


def test_near_hashes_in_one_crowd_come_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """When everybody is near everybody, no part holds more pairs than are looked at twice over."""
    for module in (join, array_kernel):
        monkeypatch.setattr(module, "CHUNK", 100)
    library = np.arange(512, dtype=np.uint64)
    steps = steps_of(SelfJoin(library, 9, Bands(2, 4), ArrayKernel()))
    assert 512 * 511 // 2 == len(triples(steps))
    # A hash meets all of its bucket at once, so a part may be as long as that beyond its measure.
    assert max(len(part) for step in steps for part in step) <= 100 + max(100, len(library))


@pytest.mark.parametrize("count", [0, 1, 2, 1_000, 1_000_000, 100_000_000])
@pytest.mark.parametrize("radius", [0, 4, 8, 12, 16])
@pytest.mark.parametrize("kernel", KERNELS[:2], ids=["arrays", "compiled"])
def test_the_chosen_cut_is_one_that_works(count: int, radius: int, kernel: Kernel) -> None:
    """For every size and radius the bands fit into 64 bits and none is asked for more flips than bits."""
    bands = bands_for_join(count, radius, kernel)
    assert bands.count * bands.width <= 64
    assert max(bands.reaches(radius)) <= bands.width


def test_a_large_library_is_joined_by_compiled_code_where_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small one is not worth the compiling, and without memory that may be run nothing is compiled."""
    assert isinstance(kernel_for(COMPILED_FROM - 1), ArrayKernel)
    assert isinstance(kernel_for(COMPILED_FROM), CompiledKernel)

    def refuse(*_arguments: object, **_keywords: object) -> None:
        raise PermissionError

    monkeypatch.setattr(mmap, "mmap", refuse)
    assert isinstance(kernel_for(COMPILED_FROM), ArrayKernel)


def test_the_extra_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where numba is not installed, NumPy joins a library of any size."""
    monkeypatch.setattr(join, "find_spec", lambda _name: None)
    assert isinstance(kernel_for(COMPILED_FROM), ArrayKernel)
