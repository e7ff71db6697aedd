"""What the index is held against: a plain scan, and hashes that are likely to meet."""

from hypothesis import strategies as st

ALL_RADII = (*range(17), 20, 31, 32, 40, 63, 64)
"""Every radius in use and several beyond, up to the widest."""

Pairs = set[tuple[int, int]]


def scan(pairs: Pairs, hash_: int, radius: int) -> list[tuple[int, int]]:
    """``(distance, id)`` of every ``(hash, id)`` within the radius, by looking at each."""
    near = [((hash_ ^ other).bit_count(), image_id) for other, image_id in pairs]
    return sorted(found for found in near if found[0] <= radius)


def flipped(hash_: int, bits: set[int]) -> int:
    """The hash with some bits turned."""
    for bit in bits:
        hash_ ^= 1 << bit
    return hash_


centres = st.sampled_from([0, 2**64 - 1, 0x8000000000000000, 0x0123456789ABCDEF, 0xA5A5A5A55A5A5A5A])

hashes = st.one_of(
    st.builds(flipped, centres, st.sets(st.integers(0, 63), max_size=17)),
    st.integers(0, 2**64 - 1),
)
"""Hashes near one of a few centres, so that searches find something, and any others."""

image_ids = st.integers(1, 8)
"""Few ids, so that one hash has several images and one image several hashes."""

pair_sets = st.sets(st.tuples(hashes, image_ids), max_size=60)

crowds = st.builds(
    lambda hash_, most, others: {(hash_, image_id) for image_id in range(9, 9 + most)} | others,
    hashes,
    st.integers(0, 80),
    pair_sets,
)
"""A blank scan many times over, among others."""
