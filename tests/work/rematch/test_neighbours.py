"""Both kinds of neighbourhood name everybody near, once, in steps that can be taken up anywhere."""

from itertools import combinations

import numpy as np
import pytest

from simd.core.candidates import Families
from simd.core.measures import FLAT_GREY_DIFFERENCE
from simd.core.presets import STORED_RADIUS
from simd.index.join import SelfJoin
from simd.work.rematch.neighbours import (
    LEVELS,
    HashNeighbours,
    Neighbourhood,
    PlainNeighbours,
    Step,
    plain_keys,
)

Named = tuple[list[int], list[tuple[int, int, int]]]


def hash_neighbours() -> HashNeighbours:
    """400 hashes in clusters, some of them twice, among them the least and the greatest."""
    rng = np.random.default_rng(3)
    keys = rng.integers(2**64, size=80, dtype=np.uint64).repeat(5)
    for _ in range(4):
        keys ^= np.uint64(1) << rng.integers(64, size=len(keys)).astype(np.uint64)
    keys[:2], keys[2:4] = 0, 2**64 - 1
    families = Families.of(keys, np.arange(len(keys)), np.arange(len(keys)))
    return HashNeighbours(families, SelfJoin(families.keys, STORED_RADIUS))


def plain_neighbours() -> PlainNeighbours:
    """400 images of two shapes, as dark and as bright as can be and between."""
    rng = np.random.default_rng(4)
    brightness = rng.integers(0, 12 * LEVELS, size=400) / LEVELS
    brightness[200:] = 255 - brightness[200:]
    brightness[:2], brightness[-2:] = 0, 255
    keys = plain_keys(rng.integers(640, 642, size=400), np.full(400, 480), brightness)
    return PlainNeighbours(Families.of(keys, np.arange(400), np.arange(400)))


def named(step: Step) -> Named:
    """What a step names, with the smaller place first."""
    near = [
        (min(a, b), max(a, b), distance)
        for part in step.near
        for a, b, distance in zip(*(column.tolist() for column in part), strict=True)
    ]
    return step.within.tolist(), sorted(near)


@pytest.mark.parametrize(
    ("neighbourhood", "reach"),
    [(hash_neighbours(), STORED_RADIUS), (plain_neighbours(), FLAT_GREY_DIFFERENCE * LEVELS)],
    ids=["hashes", "brightness"],
)
def test_every_neighbour_is_named_once_from_any_step_on(neighbourhood: Neighbourhood, reach: int) -> None:
    """All steps name every family and every near pair; those behind some are the same as in the whole."""
    steps = [named(step) for step in neighbourhood.steps(0)]
    assert len(neighbourhood) == len(steps)
    count = len(neighbourhood.families.keys)
    assert list(range(count)) == sorted(place for within, _ in steps for place in within)
    table = np.array(list(combinations(range(count), 2)))
    distances = neighbourhood.distances(table[:, 0], table[:, 1])
    near = {
        (a, b, distance)
        for (a, b), distance in zip(table.tolist(), distances.tolist(), strict=True)
        if distance <= reach
    }
    found = [pair for _, pairs in steps for pair in pairs]
    assert near == set(found)
    assert len(near) == len(found) > count
    for done in (1, 100, 255, 256, 300, len(steps)):
        assert steps[done:] == [named(step) for step in neighbourhood.steps(done)]

    for place in range(0, count, 37):
        places, around = neighbourhood.around(place)
        expected = {(b if a == place else a, distance) for a, b, distance in near if place in {a, b}}
        assert expected | {(place, 0)} == set(zip(places.tolist(), around.tolist(), strict=True))
