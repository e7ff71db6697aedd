"""The arithmetic that makes the banded search exact."""

from itertools import product

import numpy as np
import pytest

from simd.index.bands import HASH_BITS, Bands, probes


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_no_spread_of_differences_slips_through(count: int) -> None:
    """However up to ``radius`` differing bits fall on the bands, one band is within its reach."""
    for radius in range(13):
        reaches = Bands(count, 4).reaches(radius)
        for spread in product(range(radius + 1), repeat=count):
            if sum(spread) <= radius:
                assert any(bits <= reach for bits, reach in zip(spread, reaches, strict=True))


@pytest.mark.parametrize(("bands", "radius"), [(Bands(4, 5), 9), (Bands(3, 6), 4), (Bands(4, 3), 2)])
def test_probes_are_all_buckets_within_reach(bands: Bands, radius: int) -> None:
    """The buckets opened for a hash are those whose value is within the band's reach, each once."""
    hash_ = 0x9F3A_77C1_0E5D_B246
    expected = [
        band * bands.buckets + value
        for band, reach in enumerate(bands.reaches(radius))
        for value in range(bands.buckets)
        if (value ^ int(bands.of_hashes(np.array([hash_], dtype=np.uint64), band)[0])).bit_count() <= reach
    ]
    assert expected == sorted(probes(bands, radius).buckets(hash_).tolist())
    assert len(expected) == bands.probes(radius)


def test_bands_are_disjoint_bits() -> None:
    """Put together, the bands of a hash are its leading bits in order."""
    bands = Bands(3, 20)
    hash_ = 0x9F3A_77C1_0E5D_B246
    joined = 0
    for band in range(bands.count):
        joined = joined << 20 | int(bands.of_hashes(np.array([hash_], dtype=np.uint64), band)[0])
    assert hash_ >> (HASH_BITS - 60) == joined
