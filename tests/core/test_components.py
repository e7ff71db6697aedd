"""Cutting pairs into parts that share no image, against a plain union of sets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.components import by_component, distinct_ids, places_in

images = st.integers(1, 30)
edge_lists = st.lists(st.tuples(images, images, st.integers(0, 9)), max_size=40)


def components(edges: list[tuple[int, int, int]]) -> list[set[int]]:
    """Sets of images that pairs connect, by merging sets one pair at a time."""
    found: list[set[int]] = []
    for a, b, _ in edges:
        touching = [one for one in found if a in one or b in one]
        found = [one for one in found if one not in touching] + [{a, b}.union(*touching)]
    return found


@given(edges=edge_lists, most=st.integers(1, 50))
def test_parts_share_no_image_and_lose_no_pair(edges: list[tuple[int, int, int]], most: int) -> None:
    """A part is larger than asked only when it is a single component."""
    table = np.array(edges, dtype=np.int64).reshape(-1, 3)
    parts = [part.tolist() for part in by_component(table, most)]

    assert sorted(list(edge) for edge in edges) == sorted(edge for part in parts for edge in part)
    seen: set[int] = set()
    whole = components(edges)
    for part in parts:
        inside = {image for a, b, _ in part for image in (a, b)}
        assert seen.isdisjoint(inside)
        seen |= inside
        here = [one for one in whole if one <= inside]
        assert inside == set().union(*here)
        assert len(part) <= most or len(here) == 1


def test_a_long_chain_is_one_component() -> None:
    """Whichever way round its images are numbered."""
    rng = np.random.default_rng(1)
    names = rng.permutation(20_000)
    chain = np.column_stack([names[:-1], names[1:], np.zeros(len(names) - 1, dtype=np.int64)])
    assert [19_999] == [len(part) for part in by_component(rng.permutation(chain), 100)]


@given(ids=st.lists(st.integers(0, 40), min_size=1, max_size=20), gap=st.sampled_from([1, 10_000]))
def test_ids_are_found_whether_they_lie_close_or_far_apart(ids: list[int], gap: int) -> None:
    """Distinct ones come in order, and each of many is found among shuffled ones."""
    wanted = gap * np.array(ids)
    distinct = distinct_ids(wanted)
    assert sorted(set(wanted.tolist())) == distinct.tolist()
    images = distinct[::-1].copy()
    assert wanted.tolist() == images[places_in(images, wanted)].tolist()


@pytest.mark.parametrize("gap", [1, 10_000])
@pytest.mark.parametrize("absent", [0, 2, 4])
def test_an_id_that_is_absent_is_refused(gap: int, absent: int) -> None:
    """Below the first, between two, and beyond the last."""
    images = gap * np.array([3, 1])
    assert [1, 0] == places_in(images, gap * np.array([1, 3])).tolist()
    with pytest.raises(ValueError, match="not among"):
        places_in(images, gap * np.array([1, absent]))
