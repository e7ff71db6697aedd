"""The live tier against a plain scan, with tombstones, blank scans and a second thread."""

from threading import Thread
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.index import live as live_module
from simd.index.live import TOMBSTONE_SHARE, TREE_NODES, LiveIndex
from tests.examples import brief
from tests.index.oracle import ALL_RADII, Pairs, hashes, image_ids, scan

few_hashes = st.sampled_from([number * 0x9E3779B97F4A7C15 % 2**64 for number in range(8)])
steps = st.one_of(
    st.lists(st.tuples(st.booleans(), few_hashes, st.integers(1, 2)), min_size=20, max_size=80),
    st.lists(st.tuples(st.booleans(), hashes, image_ids), max_size=60),
)
"""Adds and discards: of few pairs, so that hashes leave and return, and of many."""


@pytest.mark.parametrize("tree_nodes", [0, 1_000], ids=["row", "tree"])
@brief(100)
@given(steps=steps, wanted=hashes)
def test_adds_and_discards_leave_what_they_should(
    tree_nodes: int, steps: list[tuple[bool, int, int]], wanted: int
) -> None:
    """After any adds and discards, each of them perhaps repeated, a search finds what a scan finds.

    That holds for the tree, which answers while it is small, and for the row, which takes over beyond.
    """
    live, pairs = LiveIndex(), Pairs()
    for added, hash_, image_id in steps:
        for _ in range(2):
            (live.add if added else live.discard)(hash_, image_id)
        (pairs.add if added else pairs.discard)((hash_, image_id))
    assert len(pairs) == len(live)
    assert pairs == set(live.pairs())
    assert live.nodes - len({hash_ for hash_, _ in pairs}) == live.tombstones
    assert {hash_ for hash_, _ in pairs} == set(live.hashes())
    with patch.object(live_module, "TREE_NODES", tree_nodes):
        for radius in ALL_RADII:
            assert scan(pairs, wanted, radius) == sorted(live.find(wanted, radius))


def test_tombstones_are_swept_out() -> None:
    """The tree never carries more than the agreed share of hashes that left, and an emptied one is empty."""
    live = LiveIndex()
    for number in range(200):
        live.add(number * 0x9E3779B97F4A7C15 % 2**64, number)
    most = 0.0
    for number in range(200):
        live.discard(number * 0x9E3779B97F4A7C15 % 2**64, number)
        most = max(most, live.tombstones / max(live.nodes, 1))
    assert TOMBSTONE_SHARE >= most > 0
    assert (0, 0, []) == (len(live), live.nodes, live.find(0, 64))


def test_thousands_of_images_under_one_hash() -> None:
    """Blank scans share a hash: the tree holds it once, and all of them are found."""
    live = LiveIndex()
    for image_id in range(20_000):
        live.add(0x8000000000000000, image_id)
    assert 1 == live.nodes
    assert [(1, image_id) for image_id in range(20_000)] == sorted(live.find(0x8000000000000001, 1))


@pytest.mark.usefixtures("restless_threads")
@pytest.mark.parametrize("tree_nodes", [0, 1_000], ids=["row", "tree"])
def test_searching_while_the_tier_grows(tree_nodes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search beside an inserting thread sees all that was there before, and no error."""
    monkeypatch.setattr(live_module, "TREE_NODES", tree_nodes)
    rng = np.random.default_rng(5)
    for _ in range(40):
        values = [int(value) for value in rng.integers(0, 2**64, 300, dtype=np.uint64)]
        live, fixed = LiveIndex(), set(zip(values[:10], range(10), strict=True))
        for pair in fixed:
            live.add(*pair)
        writer = Thread(target=insert, args=(live, values[10:]))
        writer.start()
        while writer.is_alive():
            found = sorted(pair for pair in live.find(values[0], 40) if pair[1] < 10)
            assert scan(fixed, values[0], 40) == found
            [many] = live.find_many(np.array(values[:1], dtype=np.uint64), 40)
            assert scan(fixed, values[0], 40) == sorted(pair for pair in many if pair[1] < 10)
        writer.join()
        assert 300 == len(live.find(0, 64))


def insert(live: LiveIndex, values: list[int]) -> None:
    """Add hashes under ids from 10 up."""
    for number, hash_ in enumerate(values, 10):
        live.add(hash_, number)


@pytest.mark.usefixtures("restless_threads")
def test_searching_while_images_of_one_hash_come_and_go() -> None:
    """A search beside a thread that adds and discards under the same hash sees what stays, and no error."""
    live = LiveIndex()
    for image_id in range(500):
        live.add(7, image_id)

    def write() -> None:
        for image_id in range(500, 20_000):
            live.add(7, image_id)
            live.discard(7, image_id - 100 if image_id >= 600 else -1)

    writer = Thread(target=write)
    writer.start()
    searches = 0
    while writer.is_alive() or searches < 20:
        found = sorted(image_id for _, image_id in live.find(7, 0) if image_id < 500)
        assert list(range(500)) == found
        searches += 1
    writer.join()
    assert 600 == len(live)


@pytest.mark.parametrize(("count", "asked"), [(TREE_NODES, "tree"), (TREE_NODES + 1, "row")])
def test_the_tree_answers_while_it_is_small(count: int, asked: str) -> None:
    """At a wide radius the BK-tree is searched up to its size, and the row beyond."""
    live = LiveIndex()
    for number in range(count):
        live.add(number * 0x9E3779B97F4A7C15 % 2**64, number)

    with (
        patch.object(live._tree, "find", return_value=[]) as tree,
        patch.object(live._row, "find", return_value=[]) as row,
    ):
        live.find(0, 12)

    assert {"tree": asked == "tree", "row": asked == "row"} == {"tree": tree.called, "row": row.called}
