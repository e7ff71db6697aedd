"""Every pair of near hashes in a library, found by joining buckets instead of asking n times.

The bands of :mod:`simd.index.bands` say where two near hashes must meet: some band of theirs
differs in no more bits than that band's reach. One *step* of the join takes one band and one
pattern of flipped bits, and joins every bucket of the band with the bucket that the pattern
leads to; all steps together find all pairs. A pair that several steps meet belongs to the
first band that reaches it, so that no memory of pairs is needed to name each once.

Steps are the same for every library of one size class, which makes a join resumable: whoever
noted how many steps are done goes on behind them, even when hashes have left meanwhile, and
whichever kernel does the work.
"""

import logging
import mmap
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from simd.index.array_kernel import ArrayKernel
from simd.index.bands import HASH_BITS, Bands, flip_masks
from simd.index.buckets import CHUNK, Buckets, Kernel, Near, Places

log = logging.getLogger(__name__)

NARROWEST_BAND = 4
WIDEST_BAND = 21
MOST_BANDS = 6

COMPILED_FROM = 100_000
"""Hashes of a library that is worth the seconds of compiling."""


@dataclass(frozen=True, slots=True)
class NearPairs:
    """Some of what a step found: parallel arrays, each pair once in a whole join.

    Attributes:
        a, b: positions in the joined hashes, ``a < b``.
        distances: the Hamming distances, 1 to the radius.
    """

    a: Places
    b: Places
    distances: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.a)


def kernel_for(count: int) -> Kernel:
    """What joins a library of ``count`` hashes: compiled code if it is large and ``simd[fast]`` installed."""
    if count < COMPILED_FROM or find_spec("numba") is None:
        return ArrayKernel()
    if not _may_compile():
        log.info("the system lets no code be compiled in memory: NumPy joins the library")
        return ArrayKernel()
    from simd.index.compiled_kernel import CompiledKernel  # noqa: PLC0415 - an extra, and slow to load

    return CompiledKernel()


def _may_compile() -> bool:
    """Whether memory may be written and run, which LLVM takes for granted: it ends the process if not."""
    if sys.platform == "win32":
        return True
    try:
        mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()
    except OSError:
        return False
    return True


def bands_for_join(count: int, radius: int, kernel: Kernel) -> Bands:
    """The cut that finds all pairs among ``count`` hashes with the least work, by an estimate."""
    widest = max(NARROWEST_BAND, min(count.bit_length(), WIDEST_BAND))
    cuts = [
        Bands(bands, width)
        for bands in range(1, MOST_BANDS + 1)
        for width in range(NARROWEST_BAND, min(widest, HASH_BITS // bands) + 1)
        if radius // bands <= width
    ]
    return min(cuts, key=lambda cut: _cost(cut, count, radius, kernel))


def _cost(bands: Bands, count: int, radius: int, kernel: Kernel) -> float:
    """Nanoseconds that a join takes, if the hashes are spread evenly."""
    candidates = count * count / bands.buckets
    each_probe = kernel.element_cost * count + kernel.candidate_cost * candidates
    return bands.probes(radius) * each_probe / 2


class SelfJoin:
    """All pairs of distinct hashes within a radius of each other, step by step."""

    def __init__(
        self,
        hashes: NDArray[np.uint64],
        radius: int,
        bands: Bands | None = None,
        kernel: Kernel | None = None,
    ) -> None:
        """Prepare a join.

        Args:
            hashes: distinct, in any order.
            radius: greatest distance of a pair, 0 to 16 or so; the work grows steeply with it.
            bands: how the hashes are cut; a join can only be resumed with the same ones.
            kernel: what does the work; the fitting one if it is None.
        """
        self.hashes = hashes
        self.radius = radius
        self._kernel = kernel or kernel_for(len(hashes))
        self.bands = bands or bands_for_join(len(hashes), radius, self._kernel)
        # In ascending order, patterns with the same highest bit follow each other, as `ArrayKernel` likes it.
        self._steps = [
            (band, mask)
            for band, reach in enumerate(self.bands.reaches(radius))
            for mask in sorted(flip_masks(self.bands.width, reach).tolist())
        ]

    def __len__(self) -> int:
        """Number of steps."""
        return len(self._steps)

    def run(self, done: int = 0) -> Iterator[Iterator[NearPairs]]:
        """What each step finds, in order, beginning behind the first ``done`` ones.

        A step gives its pairs in parts, as they are found, and may give none. Memory stays within
        a few arrays of the length of ``hashes``, however crowded they are.
        """
        buckets: Buckets | None = None
        for band, mask in self._steps[done:]:
            if buckets is None or buckets.band != band:
                buckets = Buckets.of(self.hashes, self.bands, band, self.radius)
            yield self._step(buckets, mask)

    def _step(self, buckets: Buckets, mask: int) -> Iterator[NearPairs]:
        found: list[Near] = []
        for near in self._kernel.step(buckets, mask):
            found.append(near)
            if sum(len(each.left) for each in found) >= CHUNK:
                yield _as_pairs(buckets, found)
                found = []
        if any(len(near.left) for near in found):
            yield _as_pairs(buckets, found)


def _as_pairs(buckets: Buckets, found: Sequence[Near]) -> NearPairs:
    left, right, distances = (np.concatenate(parts) for parts in zip(*found, strict=True))
    a, b = buckets.order.take(left), buckets.order.take(right)
    return NearPairs(np.minimum(a, b), np.maximum(a, b), distances)
