"""Parting by similarity, first come, first served."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simd.core.partition import FRAME_SIDE, MOST_ASPECT, Founders
from simd.core.ssim import Grey, structural_similarity

KINDS = 4


def frames(seeds: list[tuple[int, int]]) -> list[Grey]:
    """Frames of a few scenes: of each a soft picture, with more or less noise."""
    found = []
    for scene, noise in seeds:
        soft = np.random.default_rng(scene).integers(60, 200, (8, 8)).repeat(8, axis=0).repeat(8, axis=1)
        grain = np.random.default_rng(100 + noise).normal(0, 3 * noise, (FRAME_SIDE, FRAME_SIDE))
        found.append(np.clip(soft + grain, 0, 255).astype(np.uint8))
    return found


def plainly(pictures: list[Grey], grade: float) -> list[int]:
    """The group of each picture, by the definition and nothing else."""
    founders: list[Grey] = []
    placed = []
    for picture in pictures:
        alike = (n for n, founder in enumerate(founders) if structural_similarity(picture, founder) >= grade)
        number = next(alike, len(founders))
        if number == len(founders):
            founders.append(picture)
        placed.append(number)
    return placed


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, KINDS - 1), st.integers(0, 12)), min_size=1, max_size=25),
    st.sampled_from([0.0, 0.3, 0.6, 0.8, 0.95, 1.0]),
)
def test_each_joins_the_first_founder_that_it_is_like(seeds: list[tuple[int, int]], grade: float) -> None:
    """Whatever the pictures, their order and the grade, the short way gives what the definition does."""
    pictures = frames(seeds)
    founders = Founders(grade)
    assert plainly(pictures, grade) == [founders.place(each, 1.5) for each in pictures]


def test_many_founders_are_all_asked() -> None:
    """With more founders than are compared in one go, a copy of each still finds its own."""
    rng = np.random.default_rng(1)
    strangers = [rng.integers(0, 256, (FRAME_SIDE, FRAME_SIDE), dtype=np.uint8) for _ in range(150)]
    founders = Founders(0.95)
    assert list(range(150)) == [founders.place(each, 1.0) for each in strangers]
    assert list(range(150)) == [founders.place(each, 1.0) for each in strangers]
    assert 150 == len(founders)


def test_what_differs_in_the_middle_alone_is_alike() -> None:
    """Where the rest is equal, the middle may be as bad as the grade allows, and no worse."""
    (frame,) = frames([(1, 0)])
    other = frame.copy()
    other[31] = np.random.default_rng(5).integers(0, 256, FRAME_SIDE)
    reached = structural_similarity(frame, other)
    for grade, expected in ((reached - 1e-6, 0), (reached + 1e-6, 1)):
        founders = Founders(grade)
        founders.place(frame, 1.5)
        assert expected == founders.place(other, 1.5)


@pytest.mark.parametrize("grade", [0.0, 0.95])
def test_pictures_of_other_shapes_are_not_alike(grade: float) -> None:
    """The same frame, squeezed from another shape, founds a group; a slightly other shape does not."""
    (frame,) = frames([(1, 0)])
    founders = Founders(grade)
    assert 0 == founders.place(frame, 1.5)
    assert 1 == founders.place(frame, 1.5 * MOST_ASPECT + 0.01)
    assert 2 == founders.place(frame, 1.5 / MOST_ASPECT - 0.01)
    assert 0 == founders.place(frame, 1.5 * MOST_ASPECT - 0.01)
