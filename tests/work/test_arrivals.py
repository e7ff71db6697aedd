"""New images are matched once: what is stored is what comparing everything with everything finds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from simd.catalogue import Catalogue
from simd.core.measures import verified
from simd.core.model import Measures, ProblemCode, Thumbs
from simd.index import HashIndex
from simd.runtime.broadcast import Broadcast
from simd.work.arrivals import Arrival, Arrivals, Copied, Moved, Read, Recognised, Unreadable, Vanished
from tests.fakes import FakeClock
from tests.work.samples import RECIPE, ROOT, picture, plain, signature, stamp

FOREVER = timedelta(days=1)

DETAILED = st.builds(
    picture,
    st.integers(0, 2),
    flipped=st.integers(0, 16),
    noise=st.sampled_from([0.0, 8.0, 15.0, 22.0, 35.0]),
)
PLAIN = st.builds(plain, st.integers(100, 106), width=st.sampled_from([640, 641]))
LIBRARIES = st.lists(DETAILED | PLAIN, max_size=14)


def reads(library: Sequence[Thumbs]) -> list[Arrival]:
    """Each picture as a file that was read."""
    return [
        Read(ROOT + b"/%d.jpg" % number, stamp(number), signature(thumbs, number))
        for number, thumbs in enumerate(library)
    ]


def every_pair(library: Sequence[Thumbs]) -> set[tuple[int, int]]:
    """Which pictures are verified pairs, by comparing each with all before it."""
    pictures = dict(enumerate(library))
    candidates = [(earlier, number) for number in pictures for earlier in range(number)]
    return {(pair.a, pair.b) for pair in verified(pictures, candidates)}


def stored_pairs(catalogue: Catalogue, count: int) -> dict[tuple[int, int], Measures]:
    """The stored pairs, by the numbers of the pictures."""
    with catalogue.read() as snapshot:
        files = snapshot.files_at([ROOT + b"/%d.jpg" % number for number in range(count)])
        number_of = {row.image_id: int(path[len(ROOT) + 1 : -4]) for path, row in files.items()}
        found = [one for image_id in number_of if image_id for one in snapshot.pairs_of(image_id)]
    return {
        (min(ends), max(ends)): one.measures
        for one in found
        if (ends := (number_of[one.a], number_of[one.b]))
    }


def forget_everything(catalogue: Catalogue, clock: FakeClock) -> None:
    """Make the catalogue empty again."""
    catalogue.write(lambda to: to.mark_directory_missing(ROOT)).result()
    catalogue.write(lambda to: to.forget_missing(clock.now() + FOREVER)).result()


@given(library=LIBRARIES, cuts=st.sets(st.integers(1, 13)), freeze_after=st.sets(st.integers(0, 13)))
@example(library=[picture(0), picture(0, flipped=12), picture(0, flipped=13)], cuts=set(), freeze_after=set())
@example(library=[plain(100), plain(102), plain(103)], cuts={1, 2}, freeze_after={0})
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_split_into_batches_stores_the_pairs_that_a_full_comparison_finds(
    catalogue: Catalogue,
    clock: FakeClock,
    library: list[Thumbs],
    cuts: set[int],
    freeze_after: set[int],
) -> None:
    """Neither the order of batches nor a freeze of the index hides or invents a pair."""
    forget_everything(catalogue, clock)
    index = HashIndex()
    arrivals = Arrivals(catalogue, index, Broadcast(), RECIPE)
    batch: list[Arrival] = []
    for number, arrival in enumerate(reads(library)):
        if number in cuts:
            assert frozenset() == arrivals.write(batch)
            batch = []
        if number in freeze_after:
            index.freeze()
        batch.append(arrival)
    assert frozenset() == arrivals.write(batch)

    assert every_pair(library) == stored_pairs(catalogue, len(library)).keys()


class TestPairs:
    """What else is known of pairs."""

    def test_a_pair_is_stored_with_its_measures(self, catalogue: Catalogue) -> None:
        """Distance and correlation are those of the verifier."""
        library = [picture(0), picture(0, flipped=5, noise=8.0)]
        arrivals = Arrivals(catalogue, HashIndex(), Broadcast(), RECIPE)
        arrivals.write(reads(library))

        [expected] = verified(dict(enumerate(library)), [(0, 1)])
        assert {(0, 1): expected.measures} == stored_pairs(catalogue, 2)

    def test_an_image_without_detail_stays_out_of_the_index(self, catalogue: Catalogue) -> None:
        """Its hash says nothing, and must not become a candidate of anything."""
        index = HashIndex()
        Arrivals(catalogue, index, Broadcast(), RECIPE).write(reads([plain(100), picture(0)]))
        assert 1 == len(index)

    def test_a_new_recipe_replaces_the_signature_and_its_pairs(self, catalogue: Catalogue) -> None:
        """The id stays, the old pairs and the old hash are gone, the new ones are found."""
        index = HashIndex()
        arrivals = Arrivals(catalogue, index, Broadcast(), RECIPE)
        arrivals.write(reads([picture(0), picture(0, flipped=2), picture(1)]))
        with catalogue.read() as snapshot:
            before = snapshot.file_at(ROOT + b"/0.jpg")
        assert {(0, 1)} == stored_pairs(catalogue, 3).keys()

        changed = signature(picture(1, flipped=3), 0, recipe=RECIPE + 1)
        later = Arrivals(catalogue, index, Broadcast(), RECIPE + 1)
        later.write([Read(ROOT + b"/0.jpg", stamp(0), changed)])

        assert {(0, 2)} == stored_pairs(catalogue, 3).keys()
        with catalogue.read() as snapshot:
            after = snapshot.file_at(ROOT + b"/0.jpg")
        assert before is not None
        assert after is not None
        assert before.image_id == after.image_id
        assert [] == [i for _, i in index.find(picture(0).phash, 0) if i == after.image_id]
        assert [after.image_id] == [i for _, i in index.find(picture(1, flipped=3).phash, 0)]


class TestFiles:
    """What becomes of the paths of a batch."""

    def test_equal_bytes_in_one_batch_are_one_image(self, catalogue: Catalogue) -> None:
        """Two files that were read at the same time and hold the same bytes share a row."""
        same = signature(picture(0), 7)
        arrivals = Arrivals(catalogue, HashIndex(), Broadcast(), RECIPE)
        arrivals.write([Read(ROOT + b"/a.jpg", stamp(1), same), Read(ROOT + b"/b.jpg", stamp(2), same)])

        assert _image_at(catalogue, b"/a.jpg") == _image_at(catalogue, b"/b.jpg")
        with catalogue.read() as snapshot:
            assert 1 == snapshot.counts().images

    def test_a_copy_of_an_image_that_was_forgotten_must_be_read_again(self, catalogue: Catalogue) -> None:
        """The rest of its batch is written all the same."""
        arrivals = Arrivals(catalogue, HashIndex(), Broadcast(), RECIPE)
        batch = [Copied(ROOT + b"/a.jpg", stamp(1), bytes(32)), *reads([picture(0)])]

        assert {ROOT + b"/a.jpg"} == arrivals.write(batch)
        assert _image_at(catalogue, b"/a.jpg") is None
        assert _image_at(catalogue, b"/0.jpg") is not None

    def test_two_new_names_of_one_moved_file_are_both_kept(self, catalogue: Catalogue) -> None:
        """The first takes over the row, the second is another file of the same image."""
        arrivals = Arrivals(catalogue, HashIndex(), Broadcast(), RECIPE)
        arrivals.write(reads([picture(0)]))
        image = _image_at(catalogue, b"/0.jpg")
        assert image is not None

        old = ROOT + b"/0.jpg"
        moved = [Moved(old, ROOT + name, stamp(0), image) for name in (b"/a.jpg", b"/b.jpg")]
        arrivals.write(moved)

        assert (None, image, image) == tuple(
            _image_at(catalogue, name) for name in (b"/0.jpg", b"/a.jpg", b"/b.jpg")
        )

    def test_what_comes_back_is_present_again_and_what_vanishes_is_missing(
        self, catalogue: Catalogue
    ) -> None:
        """The row of a missing file keeps its image."""
        arrivals = Arrivals(catalogue, HashIndex(), Broadcast(), RECIPE)
        arrivals.write(reads([picture(0)]))
        image = _image_at(catalogue, b"/0.jpg")
        assert image is not None

        arrivals.write([Vanished(ROOT + b"/0.jpg")])
        with catalogue.read() as snapshot:
            assert (0, 1) == (snapshot.counts().present, snapshot.counts().missing)
        arrivals.write([Recognised(ROOT + b"/0.jpg", stamp(0), image)])
        with catalogue.read() as snapshot:
            assert (1, 0) == (snapshot.counts().present, snapshot.counts().missing)

    def test_a_problem_counts_its_retries_and_ends_when_the_file_can_be_read(
        self, catalogue: Catalogue
    ) -> None:
        """One row for each bad file, none for a good one."""
        arrivals = Arrivals(catalogue, HashIndex(), Broadcast(), RECIPE)
        bad = Unreadable(ROOT + b"/0.jpg", stamp(0), ProblemCode.CORRUPT, "It is damaged.")
        arrivals.write([bad])
        arrivals.write([bad])
        with catalogue.read() as snapshot:
            problems, _ = snapshot.problems(10)
        assert [(ROOT + b"/0.jpg", "It is damaged.", 1)] == [(p.path, p.reason, p.retried) for p in problems]

        arrivals.write(reads([picture(0)]))
        with catalogue.read() as snapshot:
            assert ([], None) == snapshot.problems(10)

    def test_what_nobody_looked_for_is_noted_when_a_file_is_read_again(self, catalogue: Catalogue) -> None:
        """Position and rating of an image that is known; its pairs are not compared again."""
        arrivals = Arrivals(catalogue, HashIndex(), Broadcast(), RECIPE)
        known = signature(picture(1), 1)
        arrivals.write([Read(ROOT + b"/a", stamp(1), known)])
        arrivals.write([Read(ROOT + b"/a", stamp(1), replace(known, has_position=True, rating=4))])
        arrivals.write([Read(ROOT + b"/a", stamp(1), replace(known, has_position=False))])
        with catalogue.read() as snapshot:
            [row] = snapshot.images_by_digest([known.digest]).values()
        assert (True, 4) == (row.has_position, row.rating)


def _image_at(catalogue: Catalogue, name: bytes) -> int | None:
    with catalogue.read() as snapshot:
        row = snapshot.file_at(ROOT + name)
    return None if row is None else row.image_id


class TestEvents:
    """Who listens to ``groups`` hears of every image whose group has changed."""

    def test_a_pair_is_told(self, catalogue: Catalogue) -> None:
        """Both ends, once; pictures that are alone are not."""
        library = [picture(0), picture(1), picture(0, flipped=2)]
        assert [[1, 3]] == told(catalogue, reads(library))

    def test_equal_bytes_that_come_together_are_told(self, catalogue: Catalogue) -> None:
        """One image with two files is a group, without any pair."""
        [original] = reads([picture(0)])
        copy = Copied(ROOT + b"/copy.jpg", stamp(9), signature(picture(0), 0).digest)
        assert [[1]] == told(catalogue, [original, copy])

    def test_a_later_copy_is_told(self, catalogue: Catalogue) -> None:
        """The copy brings a known image a second file."""
        Arrivals(catalogue, HashIndex(), Broadcast(), RECIPE).write(reads([picture(0)]))
        copy = Copied(ROOT + b"/copy.jpg", stamp(9), signature(picture(0), 0).digest)
        assert [[1]] == told(catalogue, [copy])

    def test_a_picture_like_no_other_is_not_told(self, catalogue: Catalogue) -> None:
        """It changes no group."""
        assert [] == told(catalogue, reads([picture(0)]))


def told(catalogue: Catalogue, batch: Sequence[Arrival]) -> list[list[int]]:
    """The images of the ``groups`` events that writing a batch causes."""
    broadcast = Broadcast()
    subscription = broadcast.subscribe()
    Arrivals(catalogue, HashIndex(), broadcast, RECIPE).write(batch)
    return [notice.data["images"] for notice in subscription.take(0.0) if notice.event == "groups"]
