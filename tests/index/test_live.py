"""The live tier against a plain scan, with tombstones, blank scans and a second thread."""

from threading import Thread

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simd.index.live import TOMBSTONE_SHARE, LiveIndex
from tests.index.oracle import ALL_RADII, Pairs, hashes, image_ids, scan

steps = st.lists(st.tuples(st.booleans(), hashes, image_ids), max_size=60)


@given(steps=steps, wanted=hashes)
def test_adds_and_discards_leave_what_they_should(steps: list[tuple[bool, int, int]], wanted: int) -> None:
    """After any adds and discards, each of them perhaps repeated, a search finds what a scan finds."""
    live, pairs = LiveIndex(), Pairs()
    for added, hash_, image_id in steps:
        for _ in range(2):
            (live.add if added else live.discard)(hash_, image_id)
        (pairs.add if added else pairs.discard)((hash_, image_id))
    assert len(pairs) == len(live)
    assert pairs == set(live.pairs())
    assert {hash_ for hash_, _ in pairs} == set(live.hashes())
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


def test_searching_while_the_tree_grows() -> None:
    """A search beside an inserting thread sees all that was there before, and no error."""
    values = [int(value) for value in np.random.default_rng(5).integers(0, 2**64, 6_000, dtype=np.uint64)]
    live, pairs = LiveIndex(), {(hash_, number) for number, hash_ in enumerate(values[:500])}
    for hash_, number in pairs:
        live.add(hash_, number)

    def insert() -> None:
        for number, hash_ in enumerate(values[500:], 500):
            live.add(hash_, number)

    writer = Thread(target=insert)
    writer.start()
    searches = 0
    while writer.is_alive() or searches < 20:
        wanted = values[searches % 500]
        found = sorted(pair for pair in live.find(wanted, 30) if pair[1] < 500)
        assert scan(pairs, wanted, 30) == found
        searches += 1
    writer.join()
    assert 6_000 == len(live.find(0, 64))
