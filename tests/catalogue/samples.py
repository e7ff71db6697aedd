"""Signatures, stamps and pairs made of numbers."""

import hashlib

import numpy as np

from simd.core.model import GREY_SIDE, RGB_SIDE, Measures, Pair, Signature, Thumbs
from simd.core.stamp import Stamp

ROOT = b"/photos"


def make_stamp(number: int = 1) -> Stamp:
    """A stamp that differs from that of any other number."""
    return Stamp(size=1_000 + number, mtime_ns=10**18 + number, ctime_ns=10**18 + 2 * number, inode=number)


def make_signature(
    number: int,
    *,
    phash: int | None = None,
    deviation: float = 30.0,
    grey: int | None = None,
    size: int | None = None,
    recipe: int = 1,
) -> Signature:
    """A signature whose parts all follow from ``number``, but for those that are given."""
    random = np.random.default_rng(number)
    grey_levels = random.bytes(GREY_SIDE**2) if grey is None else bytes([grey]) * GREY_SIDE**2
    thumbs = Thumbs(
        phash=int(random.integers(2**64, dtype=np.uint64)) if phash is None else phash,
        phash256=random.bytes(32),
        grey=grey_levels,
        rgb=random.bytes(3 * RGB_SIDE**2),
        deviation=deviation,
        width=640 + number,
        height=480,
    )
    return Signature(
        digest=hashlib.sha256(number.to_bytes(8, "big")).digest(),
        size=1_000 + number if size is None else size,
        format="JPEG",
        thumbs=thumbs,
        taken_at="2019-05-04T03:02:01",
        camera=None,
        recipe=recipe,
    )


def make_pair(
    a: int,
    b: int,
    *,
    distance: int = 4,
    correlation: float = 0.99,
    colour: float | None = 0.9,
    flat: bool = False,
) -> Pair:
    """A verified pair."""
    return Pair(a, b, Measures(distance, 4 * distance, correlation, colour, 0.25, flat))
