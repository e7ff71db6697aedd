"""Libraries of made-up pictures, what a rematch makes of them, and what it must make of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import combinations
from threading import Event

from simd.catalogue import Catalogue
from simd.core.matching import Bookmark
from simd.core.measures import verified
from simd.core.model import Measures, Pair, Thumbs
from simd.index import HashIndex
from simd.ports import Clock
from simd.runtime.broadcast import Broadcast, Notice
from simd.work.arrivals import Arrivals, Read
from simd.work.rematch.rematch import Rematch
from simd.work.rematch.reporting import EVENT
from simd.work.upkeep import Forgetting
from tests.work.samples import RECIPE, ROOT, fill, signature, stamp

FOREVER = timedelta(days=1)

Pairs = dict[tuple[int, int], Measures]


def put(catalogue: Catalogue, library: Sequence[Thumbs], order: Sequence[int] | None = None) -> None:
    """Have these pictures, and no pairs. The image ``i`` is the ``i``-th that ``order`` names."""
    places = enumerate(order if order is not None else range(len(library)), 1)
    images = [(image_id, signature(library[number], number)) for image_id, number in places]
    files = [(ROOT + b"/%d.jpg" % image_id, stamp(image_id), image_id) for image_id, _ in images]
    fill(catalogue, images, files)


def empty(catalogue: Catalogue, clock: Clock) -> None:
    """Have no pictures."""
    catalogue.write(lambda to: to.mark_directory_missing(ROOT)).result()
    catalogue.write(lambda to: to.forget_missing(clock.now() + FOREVER)).result()


def arrive(
    catalogue: Catalogue, library: Sequence[Thumbs], order: Sequence[int], batches: Sequence[int], most: int
) -> None:
    """Have files with these pictures arrive in this order, so many at a time, beside those that are there."""
    index = HashIndex()
    with catalogue.read() as snapshot:
        for phash, image_id in zip(*snapshot.hashes(RECIPE), strict=True):
            index.add(int(phash), int(image_id))
    arrivals = Arrivals(catalogue, index, Broadcast(), RECIPE, most)
    coming = [
        Read(ROOT + b"/%d.jpg" % number, stamp(number), signature(library[number], number))
        for number in order
    ]
    for size in batches:
        arrivals.write(coming[:size])
        coming = coming[size:]


def arrived(catalogue: Catalogue, library: Sequence[Thumbs]) -> dict[int, int]:
    """The numbers of the pictures that have arrived, by their image ids."""
    paths = {ROOT + b"/%d.jpg" % number: number for number in range(len(library))}
    with catalogue.read() as snapshot:
        rows = snapshot.files_at(list(paths))
    return {row.image_id: paths[path] for path, row in rows.items() if row.image_id is not None}


def leave(catalogue: Catalogue, clock: Clock, numbers: Iterable[int]) -> None:
    """Have the pictures with these numbers leave, as they do when their files are long gone."""
    paths = [ROOT + b"/%d.jpg" % number for number in numbers]
    catalogue.write(lambda to: to.mark_missing(paths)).result()
    catalogue.write(Forgetting(clock.now() + FOREVER)).result()


def see_to_crowds(catalogue: Catalogue, clock: Clock, most: int) -> bool:
    """Do what is done by night about crowds; whether there was anything to do."""
    return bool(phases_of_the_night(catalogue, clock, most))


def phases_of_the_night(catalogue: Catalogue, clock: Clock, most: int) -> list[str]:
    """Do what is done by night about crowds; the phases that are told of."""
    broadcast = Broadcast()
    subscription = broadcast.subscribe()
    made = Rematch(catalogue, broadcast, clock, RECIPE, lambda: False, most)
    made.begin_for_crowds()
    made.run(Event())
    return [str(notice.data["phase"]) for notice in subscription.take(0.0) if notice.event == EVENT]


def rematch(catalogue: Catalogue, clock: Clock, *, most: int = 500) -> list[Notice]:
    """Match everything anew; what is told of it."""
    broadcast = Broadcast()
    subscription = broadcast.subscribe()
    made = Rematch(catalogue, broadcast, clock, RECIPE, lambda: False, most)
    made.begin()
    made.run(Event())
    return subscription.take(0.0)


def stored(catalogue: Catalogue) -> Pairs:
    """The stored pairs, by image ids."""
    firsts = {a for a, _ in stored_ids(catalogue)}
    with catalogue.read() as snapshot:
        found = [pair for image_id in firsts for pair in snapshot.pairs_of(image_id)]
    return {(pair.a, pair.b): pair.measures for pair in found}


def stored_ids(catalogue: Catalogue) -> list[tuple[int, int]]:
    """The stored pairs, as image ids."""
    with catalogue.read() as snapshot:
        return snapshot.pairs_after((0, 0), 10**9, 10**6)


def stored_numbers(catalogue: Catalogue, numbers: Mapping[int, int]) -> set[tuple[int, int]]:
    """The stored pairs, by the numbers that the pictures with these ids have."""
    return {(min(ends), max(ends)) for a, b in stored_ids(catalogue) if (ends := (numbers[a], numbers[b]))}


def every_candidate(library: Sequence[Thumbs], order: Sequence[int]) -> list[Pair]:
    """The verified pairs of all pictures, which have come in this order."""
    pictures = {image_id: library[number] for image_id, number in enumerate(order, 1)}
    return verified(pictures, list(combinations(pictures, 2)))


def every_pair(library: Sequence[Thumbs]) -> Pairs:
    """The verified pairs of a library whose ids count from 1, by comparing each with all before it."""
    return {(pair.a, pair.b): pair.measures for pair in every_candidate(library, range(len(library)))}


def put_pairs(catalogue: Catalogue, pairs: Sequence[Pair]) -> None:
    """Have these pairs as well."""
    catalogue.write(lambda to: to.put_pairs(pairs)).result()


def bookmark_in(catalogue: Catalogue) -> Bookmark | None:
    """How far a rematch has come."""
    with catalogue.read() as snapshot:
        return snapshot.bookmark()
