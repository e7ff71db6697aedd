"""The vectorised measures against plain ones, and the rules for storing a pair."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simd.core.measures import FLAT_GREY_DIFFERENCE, FLAT_RGB_DIFFERENCE, greyish, measure, verified
from simd.core.model import Pair, Thumbs
from simd.core.presets import STORED_CORRELATION, STORED_RADIUS
from tests.examples import brief


def thumbs(seed: int, spread: float = 60.0, colour: float = 40.0) -> Thumbs:
    """Random thumbnails; ``spread`` and ``colour`` set the deviation of grey and chroma."""
    rng = np.random.default_rng(seed)
    grey = np.clip(rng.normal(120, spread, (32, 32)), 0, 255).astype(np.uint8)
    rgb = np.clip(120 + rng.normal(0, colour, (16, 16, 3)), 0, 255).astype(np.uint8)
    return Thumbs(
        phash=int(rng.integers(0, 2**64, dtype=np.uint64)),
        phash256=rng.bytes(32),
        grey=grey.tobytes(),
        rgb=rgb.tobytes(),
        deviation=float(grey.std()),
        width=640,
        height=480,
    )


def flat(level: int, **cells: tuple[int, int]) -> Thumbs:
    """A plain picture of one level; ``grey`` and ``rgb`` change one cell (place, level) each."""
    grey, rgb = bytearray([level] * 1_024), bytearray([level] * 768)
    for name, (place, changed) in cells.items():
        (grey if name == "grey" else rgb)[place] = changed
    return Thumbs(0, bytes(32), bytes(grey), bytes(rgb), float(np.std(list(grey))), 640, 480)


def plain_correlation(a: bytes, b: bytes) -> float:
    """The gradient correlation, one difference after the other."""

    def gradients(grey: bytes) -> list[int]:
        rows = [grey[at : at + 32] for at in range(0, 1_024, 32)]
        across = [row[x + 1] - row[x] for row in rows for x in range(31)]
        return across + [rows[y + 1][x] - rows[y][x] for y in range(31) for x in range(32)]

    mine, theirs = gradients(a), gradients(b)
    product = sum(x * y for x, y in zip(mine, theirs, strict=True))
    return product / math.sqrt(sum(x * x for x in mine) * sum(y * y for y in theirs) + 1e-3)


def plain_colour(a: bytes, b: bytes) -> float | None:
    """The cosine of the chroma vectors, cell by cell."""

    def chroma(rgb: bytes) -> list[float]:
        found = []
        for y in range(0, 16, 2):
            for x in range(0, 16, 2):
                places = [(y + dy) * 48 + (x + dx) * 3 for dy in (0, 1) for dx in (0, 1)]
                red, green, blue = (sum(rgb[at + band] for at in places) / 4 for band in range(3))
                found += [red - green, (red + green) / 2 - blue]
        return found

    mine, theirs = chroma(a), chroma(b)
    lengths = [math.sqrt(sum(x * x for x in vector)) for vector in (mine, theirs)]
    if any(length / math.sqrt(128) < 4 for length in lengths):
        return None
    return sum(x * y for x, y in zip(mine, theirs, strict=True)) / (lengths[0] * lengths[1])


def plain_worst_cell(a: bytes, b: bytes) -> float:
    """The largest difference of a standardised cell."""

    def standardised(grey: bytes) -> list[float]:
        mean = sum(grey) / 1_024
        deviation = math.sqrt(sum((level - mean) ** 2 for level in grey) / 1_024)
        return [(level - mean) / max(deviation, 1.0) for level in grey]

    return max(abs(x - y) for x, y in zip(standardised(a), standardised(b), strict=True))


@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from([0.5, 5, 60]), st.sampled_from([1, 5, 40]))))
@brief(12)
def test_measures_equal_plain_ones(kinds: list[tuple[int, float, float]]) -> None:
    """For any pictures the array operations give what loops over the definition give."""
    one = thumbs(1)
    others = [thumbs(*kind) for kind in kinds]
    found = measure(one, others)
    assert len(others) == len(found)
    for other, measures in zip(others, found, strict=True):
        bits = int.from_bytes(one.phash256) ^ int.from_bytes(other.phash256)
        assert (one.phash ^ other.phash).bit_count() == measures.distance
        assert bits.bit_count() == measures.distance256
        assert pytest.approx(plain_correlation(one.grey, other.grey)) == measures.correlation
        assert pytest.approx(plain_colour(one.rgb, other.rgb)) == measures.colour
        assert pytest.approx(plain_worst_cell(one.grey, other.grey)) == measures.worst_cell


def test_a_picture_equals_itself() -> None:
    """Distance 0, correlation and colour 1, no worst cell."""
    one = thumbs(3)
    [found] = measure(one, [one])
    assert (0, 0, 0.0, False) == (found.distance, found.distance256, found.worst_cell, found.flat)
    assert pytest.approx(1.0) == found.correlation
    assert pytest.approx(1.0) == found.colour


def test_flat_pictures_score_zero() -> None:
    """A flat picture correlates with nothing, not even with itself."""
    assert [0.0, 0.0] == [each.correlation for each in measure(flat(90), [flat(90), thumbs(1)])]


def test_faint_pictures_are_held_down_by_the_stabiliser() -> None:
    """One cell that differs by one level has four unit gradients: 4 / sqrt(4 * 4 + 0.001)."""
    faint = flat(90, grey=(500, 91))
    assert pytest.approx(4 / math.sqrt(16.001), rel=1e-9) == measure(faint, [faint])[0].correlation


def test_grey_pictures_have_no_colour() -> None:
    """Where either side is grey, colour is not compared."""
    grey = thumbs(1, colour=0.0)
    assert [None, None] == [each.colour for each in measure(grey, [thumbs(2), grey])]
    assert [None] == [each.colour for each in measure(thumbs(2), [grey])]


def test_grey_pictures_are_told_from_coloured_ones() -> None:
    """What is called grey is just what has no colour to compare, however many are asked about."""
    pictures = [thumbs(number, colour=40.0 * (number % 3 == 0)) for number in range(600)]
    assert [number % 3 != 0 for number in range(600)] == greyish(pictures)
    assert [] == greyish([])


def test_many_pictures_are_measured_in_order() -> None:
    """Beyond one chunk the measures still stand where their pictures stand."""
    others = [thumbs(number % 7) for number in range(2_100)]
    found = measure(thumbs(0), others)
    expected = measure(thumbs(0), others[:7])
    assert [expected[number % 7] for number in range(2_100)] == found


def test_nothing_to_measure() -> None:
    """No candidates give no measures."""
    assert [] == measure(thumbs(0), [])
    assert [] == verified({1: thumbs(0)}, [])


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (flat(90), True),
        (flat(90 + FLAT_GREY_DIFFERENCE), True),
        (flat(90 + FLAT_GREY_DIFFERENCE + 1), False),
        (flat(90, grey=(77, 90 + FLAT_GREY_DIFFERENCE + 1)), False),
        (flat(90, rgb=(500, 90 + FLAT_RGB_DIFFERENCE)), True),
        (flat(90, rgb=(500, 90 + FLAT_RGB_DIFFERENCE + 1)), False),
        (replace(flat(90), width=320, height=240), False),
    ],
)
def test_low_detail_pictures_compare_by_pixels(other: Thumbs, *, expected: bool) -> None:
    """Two plain pictures are the same exactly when they are of one size and no cell differs by
    more than saving does.
    """
    [found] = measure(flat(90), [other])
    assert expected == found.flat
    pictures = {9: flat(90), 7: other}
    assert ([(7, 9)] if expected else []) == [(p.a, p.b) for p in verified(pictures, [(9, 7)])]


def test_low_detail_never_joins_detail() -> None:
    """Equal hashes of a plain picture and one with detail are an accident."""
    detailed = thumbs(4)
    plain = Thumbs(detailed.phash, detailed.phash256, *_plain_parts(flat(90)))
    assert [] == verified({1: detailed, 2: plain}, [(1, 2), (2, 1)])


def _plain_parts(plain: Thumbs) -> tuple[bytes, bytes, float, int, int]:
    return plain.grey, plain.rgb, plain.deviation, plain.width, plain.height


def test_only_near_and_correlated_pictures_are_stored() -> None:
    """Both the radius and the correlation must hold; the ids stay with their pictures."""
    one = thumbs(5)
    rest = (one.phash256, one.grey, one.rgb, one.deviation, 640, 480)
    near = Thumbs(one.phash ^ ((1 << STORED_RADIUS) - 1), *rest)
    far = Thumbs(one.phash ^ ((1 << (STORED_RADIUS + 1)) - 1), *rest)
    other = thumbs(6)
    uncorrelated = Thumbs(one.phash, one.phash256, other.grey, other.rgb, other.deviation, 640, 480)
    pictures = {1: one, 11: far, 12: near, 13: uncorrelated, 14: one}
    kept = verified(pictures, [(1, 11), (12, 1), (1, 13), (1, 14)])
    assert [(1, 12), (1, 14)] == [(pair.a, pair.b) for pair in kept]
    assert [STORED_RADIUS, 0] == [pair.measures.distance for pair in kept]


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=40))
def test_many_pairs_measure_as_one_by_one(named: list[tuple[int, int]]) -> None:
    """Pairs measured together, whatever pictures recur in them, have the measures that each has alone."""
    pictures = {number: replace(thumbs(number % 3), phash=number) for number in range(6)}
    pictures[5] = flat(90)
    pairs = [(a, b) for a, b in named if a != b]
    expected = [
        Pair(min(a, b), max(a, b), found)
        for a, b in pairs
        for found in measure(pictures[a], [pictures[b]])
        if found.flat or (5 not in {a, b} and found.correlation >= STORED_CORRELATION)
    ]
    assert expected == verified(pictures, pairs)


def test_more_pairs_than_a_chunk_keep_their_order() -> None:
    """Beyond one chunk the pairs still come in the order in which they were named."""
    pictures = {number: thumbs(0) for number in range(60)}
    pairs = [(a, b) for a in range(60) for b in range(a + 1, 60)]
    assert pairs == [(pair.a, pair.b) for pair in verified(pictures, pairs)]
