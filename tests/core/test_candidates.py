"""Candidates are those of a plain rule, worked out for one image after another."""

from itertools import combinations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from simd.core.candidates import (
    Candidates,
    Families,
    Limits,
    Near,
    candidates_between,
    candidates_within,
    count_neighbours,
    fingerprint,
)

RADIUS = 3
LIBRARIES = st.lists(st.integers(0, 12), max_size=40)
"""The key of each image; keys are near when they differ by RADIUS at most."""


def build(keys: list[int], seed: int) -> tuple[Families, dict[int, tuple[int, int]]]:
    """Families of images whose ids are 100 and up, and the key and rank of each image."""
    ranks = np.random.default_rng(seed).permutation(len(keys)).astype(np.int64)
    ids = np.arange(100, 100 + len(keys))
    families = Families.of(np.array(keys, dtype=np.uint64), ids, ranks)
    return families, {
        100 + n: (key, int(rank)) for n, (key, rank) in enumerate(zip(keys, ranks, strict=True))
    }


def near_families(families: Families) -> Near:
    """All near families."""
    keys = families.keys.tolist()
    found = [(a, b, keys[b] - keys[a]) for a, b in combinations(range(len(keys)), 2)]
    table = np.array([pair for pair in found if pair[2] <= RADIUS], dtype=np.int64).reshape(-1, 3)
    return Near(table[:, 0], table[:, 1], table[:, 2])


def narrowed(families: Families, most: int) -> Limits:
    """The limits when nobody looks at more than so many others."""
    limits = Limits(families)
    keys = families.keys.astype(np.int64)
    for place in range(len(keys)):
        distances = np.abs(keys - keys[place])
        around = np.flatnonzero(distances <= RADIUS)
        limits.narrow(place, around, distances[around], most)
    return limits


@given(keys=LIBRARIES, seed=st.integers(0, 99), most=st.integers(1, 8))
def test_a_crowd_is_one_whose_images_look_at_some_only(keys: list[int], seed: int, most: int) -> None:
    """There is a row for each family with more neighbours; it names the last that is looked at."""
    families, images = build(keys, seed)
    expected = []
    for key in set(keys):
        near = sorted((abs(k - key), rank, i) for i, (k, rank) in images.items() if abs(k - key) <= RADIUS)
        if len(near) - 1 > most:
            distance, _, last = near[most - 1]
            expected.append((min(i for i, (k, _) in images.items() if k == key), distance, last))
    assert sorted(expected) == [tuple(row) for row in narrowed(families, most).crowds().tolist()]


def test_the_fingerprint_tells_crowds_apart_and_is_nothing_without() -> None:
    """Without crowds it is 0; one image more, or a crowd of the other kind, makes another number."""
    nobody, some, more = (narrowed(build([1] * count, 3)[0], 4) for count in (5, 7, 8))
    prints = [fingerprint([some, nobody]), fingerprint([nobody, some]), fingerprint([more, nobody])]
    assert 0 == fingerprint([nobody, nobody])
    assert 4 == len({0, *prints})
    assert fingerprint([some, nobody]) == fingerprint([narrowed(build([1] * 7, 3)[0], 4), nobody])


def listed(found: list[Candidates]) -> list[tuple[int, int]]:
    """Pairs with the smaller id first."""
    return [
        (min(pair), max(pair))
        for ones, others in found
        for pair in zip(ones.tolist(), others.tolist(), strict=True)
    ]


def by_the_rule(images: dict[int, tuple[int, int]], most: int) -> set[tuple[int, int]]:
    """Each image with its nearest, the best first; an image of a crowd counts itself among them."""
    found = set()
    for one, (key, _) in images.items():
        near = sorted(
            (abs(key - k), rank, other) for other, (k, rank) in images.items() if abs(key - k) <= RADIUS
        )
        looked_at = near if len(near) - 1 <= most else near[:most]
        found |= {(min(one, other), max(one, other)) for _, _, other in looked_at if other != one}
    return found


@given(keys=LIBRARIES, seed=st.integers(0, 5), most=st.integers(1, 12))
@example(keys=[], seed=0, most=1)
@example(keys=[4] * 30, seed=1, most=3)
@example(keys=[4] * 12 + [5] * 12, seed=1, most=12)
def test_candidates_are_those_of_the_rule_each_once(keys: list[int], seed: int, most: int) -> None:
    """Neither families nor chunks hide, invent or double a candidate; single pairs are judged alike."""
    families, images = build(keys, seed)
    limits, near = narrowed(families, most), near_families(families)
    found = listed(
        [
            *candidates_between(families, limits, near),
            *candidates_within(families, limits, np.arange(len(families.keys))),
        ]
    )
    assert len(found) == len(set(found))
    assert by_the_rule(images, most) == set(found)

    position = {image_id: place for place, image_id in enumerate(families.ids.tolist())}
    pairs = [
        pair for pair in combinations(images, 2) if abs(images[pair[0]][0] - images[pair[1]][0]) <= RADIUS
    ]
    ones, others = (np.array([position[pair[side]] for pair in pairs], dtype=np.int64) for side in (0, 1))
    distances = np.array([abs(images[a][0] - images[b][0]) for a, b in pairs], dtype=np.int64)
    allowed = limits.allow(ones, others, distances)
    assert set(found) == {pair for pair, may in zip(pairs, allowed.tolist(), strict=True) if may}


@given(keys=LIBRARIES)
def test_neighbours_are_counted_by_images(keys: list[int]) -> None:
    """A family counts the images of all near families, not the families."""
    families, _ = build(keys, 0)
    counts = np.zeros(len(families.keys), dtype=np.int64)
    count_neighbours(counts, families.sizes, near_families(families))
    expected = [
        sum(1 for other in keys if 0 < abs(other - key) <= RADIUS)
        for key in families.keys.astype(int).tolist()
    ]
    assert expected == counts.tolist()


def test_a_crowd_costs_a_bounded_number_of_candidates() -> None:
    """20,000 images with one key, and as many with a near one, look at 50 others each."""
    count, most = 40_000, 50
    families, _ = build([1, 2] * (count // 2), 0)
    limits = narrowed(families, most)
    between = candidates_between(families, limits, near_families(families))
    within = candidates_within(families, limits, np.array([0, 1]))
    found = sum(len(ones) for pieces in (between, within) for ones, _ in pieces)
    assert count * most * 9 // 10 < found <= count * most
