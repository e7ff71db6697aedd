"""Colour differences against scikit-image's L*a*b*."""

import numpy as np
import pytest
from skimage.color import deltaE_cie76, rgb2lab

from simd.core.colours import colour_gap, lab
from tests.imaging.pictures import photograph


def test_lab_is_that_of_scikit_image() -> None:
    """Every pixel of a photograph, and black, agrees to a hundredth."""
    rgb = np.asarray(photograph("astronaut.png").convert("RGB").resize((60, 50))).copy()
    rgb[0, 0] = 0
    expected = rgb2lab(rgb)
    assert np.abs(lab(rgb) - expected).max() < 0.01


def test_the_gap_is_cie76() -> None:
    """The mean of scikit-image's differences; a grey copy differs in tint and hardly in light."""
    photo = photograph("coffee.png").convert("RGB").resize((60, 40))
    one, other = np.asarray(photo), np.asarray(photo.convert("L").convert("RGB"))
    apart = deltaE_cie76(rgb2lab(one), rgb2lab(other))  # type: ignore[no-untyped-call]  # scikit-image is untyped
    found = colour_gap(one, other)
    assert pytest.approx(float(apart.mean()), abs=0.01) == found.total
    assert found.tint > 5 * found.contrast


def test_lighter_is_positive() -> None:
    """The sign tells which is lighter; where light moves both ways, only the contrast has it all."""
    dark, light = (np.full((4, 4, 3), level, dtype=np.uint8) for level in (100, 120))
    assert colour_gap(dark, light).lightness > 5
    assert colour_gap(light, dark).lightness < -5
    both = np.concatenate([dark, light])
    gap = colour_gap(both, both[::-1].copy())
    assert pytest.approx(0, abs=1e-3) == gap.lightness
    assert gap.contrast > 5
