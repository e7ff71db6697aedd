"""Queries against the index: radius, presets, pictures without detail, transforms, order."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from simd.catalogue import Catalogue
from simd.core.answers import MatchKind, QueryAnswer
from simd.core.errors import BadRequest, NotFound
from simd.core.measures import measure
from simd.core.model import Thumbs
from simd.core.presets import PRESETS
from simd.core.questions import QueryOptions, QuerySubject
from simd.core.transforms import Transform, variants
from simd.imaging import DecodePool, Limits
from simd.index import HashIndex
from simd.runtime.broadcast import Broadcast
from simd.work.arrivals import Arrivals, Read, Vanished
from simd.work.search import Search
from simd.work.subjects import Subjects
from simd.work.uploads import UploadFolder
from tests.work.samples import RECIPE, ROOT, picture, plain, signature, stamp


class Library:
    """Catalogued pictures, numbered from 1, and who searches them."""

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        index = HashIndex()
        self.arrivals = Arrivals(catalogue, index, Broadcast(), RECIPE)
        subjects = Subjects(catalogue, DecodePool(1, Limits()), RECIPE, UploadFolder(folder))
        self.search = Search(index, subjects, "default")
        self.catalogue = catalogue

    def add(self, *pictures: Thumbs) -> None:
        """Catalogue each of them as ``/photos/NUMBER``."""
        for number, thumbs in enumerate(pictures, start=1):
            self.arrivals.write([Read(path_of(number), stamp(number), signature(thumbs, number))])

    def query(self, number: int, **options: object) -> QueryAnswer:
        """The answer about one of them."""
        with self.catalogue.read() as snapshot:
            row = snapshot.file_at(path_of(number))
        assert row is not None
        chosen = QueryOptions(**options)  # type: ignore[arg-type]  # any options
        return self.search.query(QuerySubject(image_id=row.image_id), chosen)


def path_of(number: int) -> bytes:
    """Where a picture is."""
    return ROOT + b"/%d" % number


def names(answer: QueryAnswer) -> list[str]:
    """The names of the matches, nearest first; each match lists its own file and no other."""
    assert [[match.path] for match in answer.matches] == [
        [file.path for file in match.image.files] for match in answer.matches
    ]
    return [match.path.removeprefix("/photos/") for match in answer.matches]


@pytest.fixture
def library(catalogue: Catalogue, tmp_path: Path) -> Library:
    """Nothing yet."""
    return Library(catalogue, tmp_path)


class TestRadius:
    """How near in the hash."""

    FLIPS = (0, 1, 4, 8, 10, 11, 12, 16, 17)

    @pytest.mark.parametrize("radius", [0, 4, 7, 12, 16])
    def test_everything_within_the_radius_is_found_and_nothing_else(
        self, library: Library, radius: int
    ) -> None:
        """Also beyond the radius at which pairs are stored; another family is never found."""
        library.add(picture(0), *(picture(0, flipped=flips) for flips in self.FLIPS), picture(1))
        answer = library.query(1, radius=radius)
        assert [flips for flips in self.FLIPS if flips <= radius] == [m.distance for m in answer.matches]
        assert (radius, "default") == (answer.radius, answer.preset)

    @pytest.mark.parametrize("radius", [-1, 17, 2**70])
    def test_a_radius_out_of_range_is_refused(self, library: Library, radius: int) -> None:
        """With the range."""
        library.add(picture(0))
        with pytest.raises(BadRequest) as refused:
            library.query(1, radius=radius)
        assert "from 0 to 16" in (refused.value.hint or "")


class TestPresets:
    """What counts as near."""

    PICTURES = (
        picture(0),
        picture(0, flipped=3, noise=2.0),
        picture(0, flipped=7, noise=2.0),
        picture(0, flipped=4, noise=11.0),
        picture(0, flipped=11, noise=2.0),
        picture(0, flipped=12, noise=22.0),
        picture(0, flipped=2, noise=60.0),
    )

    @pytest.mark.parametrize("preset", ["strict", "default", "loose"])
    def test_a_preset_asks_for_distance_and_correlation(self, library: Library, preset: str) -> None:
        """Exactly the pictures whose measures reach its thresholds."""
        library.add(*self.PICTURES)
        wanted = PRESETS[preset]
        expected = {
            str(number)
            for number, measures in enumerate(measure(self.PICTURES[0], self.PICTURES), start=1)
            if number > 1
            and measures.distance <= wanted.radius
            and measures.correlation >= wanted.correlation
        }
        assert expected == set(names(library.query(1, preset=preset)))

    def test_the_samples_tell_the_presets_apart(self, library: Library) -> None:
        """Without which the test above could not fail; the configured preset holds when none is asked."""
        library.add(*self.PICTURES)
        found = [len(library.query(1, preset=preset).matches) for preset in PRESETS]
        assert 0 < found[0] < found[1] < found[2] < len(self.PICTURES) - 1
        assert names(library.query(1, preset="default")) == names(library.query(1))

    def test_an_unknown_preset_is_refused(self, library: Library) -> None:
        """Before anything is looked up."""
        with pytest.raises(BadRequest, match="no preset"):
            library.search.query(QuerySubject(image_id=99), QueryOptions(preset="vague"))


class TestPicturesWithoutDetail:
    """A hash of nearly nothing says nothing."""

    def test_they_match_only_what_is_equal_in_every_pixel(self, library: Library) -> None:
        """Not a picture with detail that has their hash, nor another size, nor another grey."""
        detailed = picture(0)
        same_hash = Thumbs(0, *(getattr(detailed, name) for name in list(Thumbs.__slots__)[1:]))
        library.add(plain(100), plain(101), plain(103), plain(100, width=641), same_hash)
        assert ["2"] == names(library.query(1))
        assert [] == names(library.query(5, radius=16, preset="loose"))


class TestAnswers:
    """What an answer holds."""

    def test_the_nearest_come_first_and_top_cuts_the_rest(self, library: Library) -> None:
        """By distance, then by similarity."""
        library.add(*(picture(0, flipped=flips) for flips in (0, 9, 3, 6)))
        assert ["3", "4", "2"] == names(library.query(1))
        assert ["3", "4"] == names(library.query(1, top=2))

    def test_copies_come_before_near_ones_and_the_subject_is_not_its_own_match(
        self, library: Library
    ) -> None:
        """A copy is identical at distance 0; the file that was named is left out."""
        library.add(picture(0), picture(0, flipped=1))
        copy = Read(ROOT + b"/copy", stamp(50), signature(picture(0), 1))
        library.arrivals.write([copy])

        answer = library.query(1)

        assert ["copy", "2"] == names(answer)
        assert [MatchKind.IDENTICAL, MatchKind.NEAR] == [match.kind for match in answer.matches]

    def test_files_that_are_missing_are_no_matches(self, library: Library) -> None:
        """Their image is remembered, and shown when a file of it comes back."""
        library.add(picture(0), picture(0, flipped=1))
        library.arrivals.write([Vanished(path_of(2))])
        assert [] == names(library.query(1))

    @pytest.mark.parametrize("transform", [t for t in Transform if t is not Transform.IDENTITY])
    def test_a_turned_or_mirrored_picture_is_found_when_asked_for(
        self, library: Library, transform: Transform
    ) -> None:
        """And named by what has to be done to the subject; otherwise it is not found."""
        turned: Sequence[Thumbs] = [thumbs for t, thumbs in variants(real_picture()) if t is transform]
        library.add(real_picture(), *turned)
        assert [] == names(library.query(1))
        assert [("2", transform)] == [
            (match.path.removeprefix("/photos/"), match.transform)
            for match in library.query(1, transforms=True).matches
        ]

    def test_an_image_that_is_not_there_is_not_found(self, library: Library) -> None:
        """With a word on where ids come from."""
        with pytest.raises(NotFound, match="no image 99"):
            library.search.query(QuerySubject(image_id=99), QueryOptions())


def real_picture() -> Thumbs:
    """A picture whose hash is that of its grey thumbnail, as transforms need it."""
    made = picture(0)
    return next(thumbs for t, thumbs in variants(made) if t is Transform.ROTATE180)
