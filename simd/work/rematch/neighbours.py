"""Which images may be near: those with detail by their hashes, those without by their brightness.

Either kind is walked through in *steps* that do not depend on which images there are, so that a
rematch goes on behind the last step that it has done, even when images have left meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from simd.core.candidates import Families, Integers, Limits, Near, count_neighbours
from simd.core.measures import FLAT_GREY_DIFFERENCE
from simd.core.model import GREY_SIDE
from simd.core.presets import STORED_RADIUS
from simd.index.join import NearPairs, SelfJoin

PARTS = 256
"""Steps for images with equal hashes, and steps for images without detail."""

LEVELS = GREY_SIDE * GREY_SIDE
"""Steps of brightness in one grey level: it is the mean of so many whole numbers."""

_LEVEL_BITS = 20
"""Room for every brightness, and for a gap between shapes that nothing near can cross."""

_NEAR_AT_ONCE = 1 << 16
_NOBODY = np.empty(0, dtype=np.int64)


class Step(NamedTuple):
    """What one step compares: families within themselves, and families with near ones."""

    within: Integers
    near: Iterable[Near]


class Neighbourhood(Protocol):
    """Families and who is near whom."""

    @property
    def families(self) -> Families:
        """The images."""
        ...

    def __len__(self) -> int:
        """Number of steps."""
        ...

    def steps(self, done: int) -> Iterator[Step]:
        """The steps behind the first ``done`` ones; together they name everybody near once."""
        ...

    def around(self, place: int) -> tuple[Integers, Integers]:
        """The places and distances of all families near one, itself among them."""
        ...

    def distances(self, ones: Integers, others: Integers) -> Integers:
        """How far families are apart."""
        ...


class HashNeighbours:
    """Images with detail, by their hashes."""

    def __init__(self, families: Families, join: SelfJoin) -> None:
        """``join`` is of ``families.keys``."""
        self.families = families
        self._join = join

    def __len__(self) -> int:
        """Number of steps: first families by themselves, then the join."""
        return PARTS + len(self._join)

    def steps(self, done: int) -> Iterator[Step]:
        """The steps behind the first ``done`` ones."""
        parts = self.families.keys >> np.uint64(56)
        for part in range(done, PARTS):
            start, end = np.searchsorted(parts, (part, part + 1))
            yield Step(np.arange(start, end), ())
        for found in self._join.run(max(0, done - PARTS)):
            yield Step(_NOBODY, chain.from_iterable(map(_in_chunks, found)))

    def around(self, place: int) -> tuple[Integers, Integers]:
        """Every hash within the stored radius of one, found by looking at all."""
        distances = np.bitwise_count(self.families.keys ^ self.families.keys[place])
        places = np.flatnonzero(distances <= STORED_RADIUS)
        return places, distances[places].astype(np.int64)

    def distances(self, ones: Integers, others: Integers) -> Integers:
        """Hamming distances."""
        keys = self.families.keys
        found: Integers = np.bitwise_count(keys[ones] ^ keys[others]).astype(np.int64)
        return found


def _in_chunks(found: NearPairs) -> Iterator[Near]:
    for low in range(0, len(found), _NEAR_AT_ONCE):
        parts = (part[low : low + _NEAR_AT_ONCE] for part in (found.a, found.b, found.distances))
        yield Near(*(part.astype(np.int64) for part in parts))


class PlainNeighbours:
    """Images without detail, by shape and mean brightness.

    They are pairs only when they have one size and no grey cell differs by more than
    :data:`FLAT_GREY_DIFFERENCE`, so that neither can the means.
    """

    def __init__(self, families: Families) -> None:
        """The keys of ``families`` are those of :func:`plain_keys`."""
        self.families = families
        self._keys = families.keys.astype(np.int64)
        self._ends = np.searchsorted(self._keys, self._keys + FLAT_GREY_DIFFERENCE * LEVELS, side="right")

    def __len__(self) -> int:
        """One step for each grey level."""
        return PARTS

    def steps(self, done: int) -> Iterator[Step]:
        """The steps behind the first ``done`` ones."""
        levels = (self._keys & ((1 << _LEVEL_BITS) - 1)) // LEVELS
        for level in range(done, PARTS):
            places = np.flatnonzero(levels == level)
            yield Step(places, self._brighter(places))

    def around(self, place: int) -> tuple[Integers, Integers]:
        """Those of the same shape that are as bright."""
        key = self._keys[place]
        start = int(np.searchsorted(self._keys, key - FLAT_GREY_DIFFERENCE * LEVELS))
        places = np.arange(start, self._ends[place])
        return places, np.abs(self._keys[places] - key)

    def distances(self, ones: Integers, others: Integers) -> Integers:
        """Differences of brightness."""
        found: Integers = np.abs(self._keys[ones] - self._keys[others])
        return found

    def _brighter(self, places: Integers) -> Iterator[Near]:
        """Each with those that are as bright or a little brighter, in chunks."""
        lengths = self._ends[places] - places - 1
        filled = np.cumsum(lengths)
        start, taken = 0, 0
        while start < len(places):
            stop = max(start + 1, int(np.searchsorted(filled, taken + _NEAR_AT_ONCE, side="right")))
            a = np.repeat(places[start:stop], lengths[start:stop])
            firsts = np.repeat(filled[start:stop] - lengths[start:stop], lengths[start:stop])
            b = a + 1 + np.arange(taken, taken + len(a)) - firsts
            yield Near(a, b, self._keys[b] - self._keys[a])
            start, taken = stop, int(filled[stop - 1])


def plain_keys(widths: Integers, heights: Integers, brightness: NDArray[np.float64]) -> NDArray[np.uint64]:
    """A number for shape and brightness: near ones are of one shape and as bright."""
    _, shapes = np.unique(np.stack((widths, heights)), axis=1, return_inverse=True)
    levels = np.rint(brightness * LEVELS).astype(np.int64)
    return ((shapes.reshape(-1).astype(np.int64) << _LEVEL_BITS) + levels).astype(np.uint64)


def limits_of(neighbourhood: Neighbourhood, most: int, advance: Callable[[int], None]) -> Limits:
    """How far each family may look, so that no image is compared with more than ``most`` others.

    Args:
        neighbourhood: who is near whom.
        most: images.
        advance: told after every slice of work how many steps it has finished.
    """
    families = neighbourhood.families
    limits = Limits(families)
    if len(families.ids) - 1 <= most:
        advance(len(neighbourhood))
        return limits
    counts = families.sizes - 1
    for step in neighbourhood.steps(0):
        for near in step.near:
            count_neighbours(counts, families.sizes, near)
            advance(0)
        advance(1)
    for place in np.flatnonzero(counts > most).tolist():
        limits.narrow(place, *neighbourhood.around(place), most)
        advance(0)
    return limits
