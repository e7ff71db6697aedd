"""What is known of all groups at once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simd.catalogue import PairTable
from simd.core.answers import Category
from simd.core.model import Measures
from simd.core.presets import EDITED_ABOVE, RECOLOURED_BELOW, tags
from simd.work.outlines import Outline
from simd.work.report.survey import categorise, doubtful_pairs

COLOURS = st.none() | st.floats(-1, 1) | st.sampled_from([RECOLOURED_BELOW])
CELLS = st.floats(0, 5) | st.sampled_from([EDITED_ABOVE])


def table(measures: list[Measures]) -> PairTable:
    """Pairs (1, 2), (2, 3) and so on, as the catalogue gives them."""
    fields = ["a", "b", "distance", "distance256", "correlation", "colour", "worst_cell", "flat"]
    kinds = [np.int64, np.int64, np.uint8, np.uint16, np.float64, np.float64, np.float64, np.bool_]
    rows = [
        (
            number,
            number + 1,
            it.distance,
            it.distance256,
            it.correlation,
            np.nan if it.colour is None else it.colour,
            it.worst_cell,
            it.flat,
        )
        for number, it in enumerate(measures, start=1)
    ]
    return PairTable(np.array(rows, dtype=list(zip(fields, kinds, strict=True))))


@given(st.lists(st.builds(Measures, st.just(1), st.just(4), st.just(0.99), COLOURS, CELLS)))
def test_pairs_are_doubted_when_they_carry_a_tag(measures: list[Measures]) -> None:
    """Asking all at once says what asking each one says."""
    expected = {(number, number + 1) for number, it in enumerate(measures, start=1) if tags(it)}
    assert expected == doubtful_pairs(table(measures))


def test_one_doubtful_member_makes_a_doubtful_group() -> None:
    """Only pairs with the keeper count, whichever of the two has the smaller id; copies are never doubted."""
    doubted = frozenset({(3, 7), (4, 5)})
    assert Category.DOUBTFUL is categorise(Outline((7, 8, 3), 3, 9), doubted)
    assert Category.DOUBTFUL is categorise(Outline((3, 7), 2, 9), doubted)
    assert Category.NEAR is categorise(Outline((6, 4, 5), 3, 9), doubted)
    assert Category.IDENTICAL is categorise(Outline((3,), 2, 9), doubted)
