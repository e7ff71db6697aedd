"""The transform of the perceptual hash: near enough to every other way of computing it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.fftpack import dct

from simd.core.dct import OVERSAMPLING, SURE_GAP, Matrix, hash_bits, low_frequencies
from tests.examples import brief

SIDES = (32, 64)


def transformed(pixels: Matrix) -> Matrix:
    """The lowest frequencies as SciPy computes them."""
    count = len(pixels) // OVERSAMPLING
    both: Matrix = dct(dct(pixels, axis=0), axis=1)
    return both[:count, :count]


@brief(30)
@given(data=st.data(), side=st.sampled_from(SIDES))
def test_two_ways_agree_far_within_the_gap(data: st.DataObject, side: int) -> None:
    """An error of either way in either of two coefficients cannot close a gap that counts as sure."""
    levels = st.sampled_from((0, 255)) | st.integers(0, 255)
    pixels = data.draw(arrays(np.float64, (side, side), elements=levels))
    assert SURE_GAP / 4 > np.abs(transformed(pixels) - low_frequencies(pixels)).max()


@pytest.mark.parametrize(("gap", "sure"), [(SURE_GAP / 2, False), (SURE_GAP * 2, True)])
def test_a_gap_is_sure_or_not(gap: float, sure: bool) -> None:  # noqa: FBT001 - given by pytest
    """Only the gap around the median counts, whatever lies further off."""
    coefficients = np.array([[0.0, 0.0], [gap, 1.0]])
    bits, beyond_doubt = hash_bits(coefficients)
    assert sure is beyond_doubt
    assert [[False, False], [True, True]] == bits.tolist()
