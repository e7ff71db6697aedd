"""After a rematch the stored pairs are those that comparing everything with everything finds."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from threading import Event

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from simd.catalogue import Catalogue
from simd.core import presets
from simd.core.matching import MATCHING
from simd.core.measures import (
    FLAT_GREY_DIFFERENCE,
    FLAT_RGB_DIFFERENCE,
    GREYISH_CHROMA,
)
from simd.core.model import LOW_DETAIL_DEVIATION, Thumbs
from simd.runtime.broadcast import Broadcast
from simd.work.arrivals import MOST_CANDIDATES
from simd.work.rematch.rematch import Rematch
from tests.examples import brief
from tests.fakes import FakeClock
from tests.work.rematch.libraries import (
    arrive,
    arrived,
    empty,
    every_candidate,
    every_pair,
    leave,
    phases_of_the_night,
    put,
    put_pairs,
    rematch,
    see_to_crowds,
    stored,
    stored_ids,
    stored_numbers,
)
from tests.work.samples import RECIPE, fill, pair, picture, plain, signature

DETAILED = st.builds(
    picture,
    st.integers(0, 2),
    flipped=st.integers(0, 16),
    noise=st.sampled_from([0.0, 8.0, 15.0, 22.0, 35.0]),
)
PLAIN = st.builds(plain, st.integers(100, 106), width=st.sampled_from([640, 641]))
GATHERING = st.builds(picture, st.integers(0, 1), flipped=st.sampled_from([0, 1, 10, 11, 20])) | st.builds(
    plain, st.sampled_from([100, 102])
)
"""Pictures that are near some of the others and not near all: none may be in a crowd of its own."""
LIBRARIES = st.lists(DETAILED | PLAIN, max_size=14)


@given(library=LIBRARIES, stale=st.sets(st.tuples(st.integers(1, 14), st.integers(1, 14)), max_size=5))
@example(library=[picture(0), picture(0, flipped=12), picture(0, flipped=13)], stale={(1, 3), (2, 3)})
@example(library=[plain(100), plain(102), plain(103), plain(100, width=641)], stale={(1, 3)})
@settings(brief(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_rematch_stores_the_pairs_that_a_full_comparison_finds(
    catalogue: Catalogue, clock: FakeClock, library: list[Thumbs], stale: set[tuple[int, int]]
) -> None:
    """Whatever was stored before: what is missing comes, what is wrong goes, measures are made anew."""
    empty(catalogue, clock)
    put(catalogue, library)
    put_pairs(catalogue, [pair(a, b, distance=11) for a, b in stale if a < b <= len(library)])
    rematch(catalogue, clock)
    assert every_pair(library) == stored(catalogue)


@given(data=st.data(), most=st.integers(1, 6))
@settings(brief(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_crowds_are_cut_alike_whatever_the_order_of_arrival(
    catalogue: Catalogue, clock: FakeClock, data: st.DataObject, most: int
) -> None:
    """The same contents that came in another order, and pairs that others left, end as the same pairs."""
    crowd = st.builds(picture, st.just(0), flipped=st.integers(0, 3)) | st.builds(
        plain, st.integers(100, 101)
    )
    library = data.draw(st.lists(crowd, min_size=2, max_size=16))
    found: list[set[tuple[int, int]]] = []
    for order in (range(len(library)), data.draw(st.permutations(range(len(library))))):
        empty(catalogue, clock)
        put(catalogue, library, order)
        put_pairs(catalogue, every_candidate(library, order) if found else [])
        rematch(catalogue, clock, most=most)
        found.append(stored_numbers(catalogue, dict(enumerate(order, 1))))
    assert found[0] == found[1]
    assert len(found[0]) <= most * len(library)


@given(data=st.data(), most=st.integers(1, 6))
@settings(brief(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pictures_that_arrive_in_a_crowd_end_as_the_same_pairs_in_any_order(
    catalogue: Catalogue, clock: FakeClock, data: st.DataObject, most: int
) -> None:
    """A crowd is noted as it arrives, and the rematch for it makes its pairs independent of the order."""
    library = data.draw(st.lists(GATHERING, min_size=2, max_size=16))
    batches = st.lists(st.integers(1, 5), min_size=len(library), max_size=len(library))
    found: list[set[tuple[int, int]]] = []
    for order in (range(len(library)), data.draw(st.permutations(range(len(library))))):
        empty(catalogue, clock)
        arrive(catalogue, library, order, data.draw(batches), most)
        see_to_crowds(catalogue, clock, most)
        found.append(stored_numbers(catalogue, arrived(catalogue, library)))
    assert found[0] == found[1]


@given(data=st.data(), most=st.integers(1, 6))
@settings(brief(8), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_crowds_that_come_and_go_end_as_one_rematch_would_leave_them(
    catalogue: Catalogue, clock: FakeClock, data: st.DataObject, most: int
) -> None:
    """After each night the pairs are those of a rematch of what is there, whoever came or left by day."""
    empty(catalogue, clock)
    library = data.draw(st.lists(GATHERING, min_size=2, max_size=16))
    order = data.draw(st.permutations(range(len(library))))
    cut = data.draw(st.integers(0, len(library)))
    leaving = data.draw(st.sets(st.sampled_from(range(len(library))), max_size=4))
    days: list[Callable[[], None]] = [
        lambda: arrive(catalogue, library, order[:cut], [2] * cut, most),
        lambda: arrive(catalogue, library, order[cut:], [2] * (len(order) - cut), most),
        lambda: leave(catalogue, clock, leaving),
    ]
    for day in days:
        day()
        see_to_crowds(catalogue, clock, most)
        by_night = stored_ids(catalogue)
        rematch(catalogue, clock, most=most)
        assert stored_ids(catalogue) == by_night


def test_who_gathers_around_two_pictures_makes_crowds_of_both(catalogue: Catalogue, clock: FakeClock) -> None:
    """Nobody is cut off on arrival, but two end with three near ones, and are no pair any more."""
    one, two = 10, 20
    library = [picture(0, flipped=number) for number in (one, two, 6, 7, 23, 24)]
    arrive(catalogue, library, range(6), [1] * 6, most=2)
    by_day = set(stored_ids(catalogue))
    see_to_crowds(catalogue, clock, most=2)
    assert {(1, 2)} == by_day - set(stored_ids(catalogue))


def test_crowds_that_are_as_they_were_are_looked_at_only(catalogue: Catalogue, clock: FakeClock) -> None:
    """Where a picture came near others far from any crowd, the night ends before anything is compared."""
    crowd = [picture(0, flipped=number) for number in range(4)]
    library = [*crowd, picture(1), picture(1, flipped=1)]
    arrive(catalogue, library, range(5), [1] * 5, most=2)
    assert "compare" in phases_of_the_night(catalogue, clock, most=2)
    arrive(catalogue, library, [5], [1], most=2)
    assert ["count", "count", "done"] == phases_of_the_night(catalogue, clock, most=2)


def test_who_asks_for_a_rematch_while_crowds_are_looked_at_gets_one(
    catalogue: Catalogue, clock: FakeClock
) -> None:
    """It is not taken for one that is under way: what was stored wrongly is put right."""
    library = [picture(0), picture(0, flipped=1)]
    arrive(catalogue, library, range(2), [2], most=2)
    ((a, b),) = stored_ids(catalogue)
    made = Rematch(catalogue, Broadcast(), clock, RECIPE, lambda: False, 2)
    made.begin_for_crowds()
    catalogue.write(lambda to: to.drop_pairs([(a, b)])).result()
    assert made.begin().begun
    made.run(Event())
    assert [(a, b)] == stored_ids(catalogue)


def test_a_look_at_crowds_is_no_rematch_by_new_rules(catalogue: Catalogue, clock: FakeClock) -> None:
    """Where pairs were stored by other rules, a night that only had to look compares everything."""
    arrive(catalogue, [picture(0), picture(0, flipped=1)], range(2), [2], most=2)
    catalogue.write(lambda to: to.end_rematch(MATCHING - 1)).result()
    assert "compare" in phases_of_the_night(catalogue, clock, most=2)


def test_a_rematch_for_crowds_is_begun_once_and_only_for_them(catalogue: Catalogue, clock: FakeClock) -> None:
    """Three near pictures are no crowd where each may see two, four are one; then nothing is due."""
    library = [picture(0, flipped=number) for number in range(4)]
    arrive(catalogue, library, range(3), [1] * 3, most=2)
    assert "compare" not in phases_of_the_night(catalogue, clock, most=2)
    arrive(catalogue, library, [3], [1], most=2)
    assert "compare" in phases_of_the_night(catalogue, clock, most=2)
    assert not see_to_crowds(catalogue, clock, most=2)


def test_thousands_of_equal_hashes_make_a_bounded_number_of_pairs(
    catalogue: Catalogue, clock: FakeClock
) -> None:
    """Each of 2,000 equal scans is paired with the best few, with detail and without."""
    blanks, forms = 200, 2_000
    put(catalogue, [plain(250)] * blanks + [picture(0)] * forms)
    rematch(catalogue, clock, most=1)
    images = Counter(image_id for pair in stored_ids(catalogue) for image_id in pair)
    assert {blanks - 1: 1, forms - 1: 1, 1: blanks + forms - 2} == Counter(images.values())


def test_the_best_of_a_crowd_are_paired_with_everybody(catalogue: Catalogue, clock: FakeClock) -> None:
    """They are what groups are kept by: the most pixels, though they came last."""
    crowd = [replace(picture(0), width=640 + number) for number in range(9)]
    put(catalogue, crowd)
    rematch(catalogue, clock, most=2)
    assert {(a, b) for b in (8, 9) for a in range(1, b)} == set(stored(catalogue))


def test_pictures_of_an_earlier_recipe_are_left_to_their_renewal(
    catalogue: Catalogue, clock: FakeClock
) -> None:
    """They are compared with nothing; what was stored of two of them stays."""
    old = [(n, signature(picture(0, flipped=n), n, recipe=RECIPE - 1)) for n in (1, 2)]
    new = [(n, signature(picture(0, flipped=n), n)) for n in (3, 4)]
    fill(catalogue, [*old, *new], [], [pair(1, 2)])
    rematch(catalogue, clock)
    assert {(1, 2), (3, 4)} == set(stored(catalogue))


def test_what_is_stored_already_is_not_written_again(catalogue: Catalogue, clock: FakeClock) -> None:
    """A second rematch tells of no group that changed."""
    put(catalogue, [picture(0, flipped=n, noise=8.0) for n in range(6)] + [plain(100), plain(101)])
    assert 1 == [notice.event for notice in rematch(catalogue, clock)].count("groups")
    assert 0 == [notice.event for notice in rematch(catalogue, clock)].count("groups")


def test_the_number_of_the_rules_belongs_to_these_thresholds() -> None:
    """Who changes a threshold that decides about storing must raise the number, and then this line."""
    thresholds = (
        presets.STORED_RADIUS,
        presets.STORED_CORRELATION,
        FLAT_GREY_DIFFERENCE,
        FLAT_RGB_DIFFERENCE,
        GREYISH_CHROMA,
        LOW_DETAIL_DEVIATION,
        MOST_CANDIDATES,
    )
    assert (1, (12, 0.80, 2, 6, 4.0, 4.0, 500)) == (MATCHING, thresholds)
