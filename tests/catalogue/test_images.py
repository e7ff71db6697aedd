"""Images, hashes, pairs, and what is forgotten."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.catalogue import Catalogue
from simd.catalogue.image_reads import IDS_AT_ONCE
from simd.catalogue.reading import VARIABLES
from simd.catalogue.schema import Unsigned64
from simd.core.errors import CatalogueError
from simd.core.model import ImageRow, Pair, Root, Signature
from simd.core.presets import PRESETS, accepts
from tests.catalogue.samples import ROOT, make_pair, make_signature, make_stamp
from tests.fakes import FakeClock


def put_with_files(catalogue: Catalogue, *image_ids: int) -> None:
    """Put images that have one file each."""
    catalogue.write(lambda to: to.put_images([(key, make_signature(key)) for key in image_ids])).result()
    files = [(file_of(key), make_stamp(key), key) for key in image_ids]
    catalogue.write(lambda to: to.put_files(files)).result()


def file_of(image_id: int) -> bytes:
    """The path of the file of an image."""
    return b"%s/%d.jpg" % (ROOT, image_id)


@given(number=st.integers(0, 2**64 - 1))
def test_unsigned_numbers_survive(number: int) -> None:
    """What is stored fits a signed 64-bit integer, and gives the number back."""
    kind = Unsigned64()
    stored = kind.process_bind_param(number, None)  # type: ignore[arg-type]  # the dialect is not looked at
    assert stored is not None
    assert -(2**63) <= stored < 2**63
    assert number == kind.process_result_value(stored, None)  # type: ignore[arg-type]  # the dialect is not looked at


@pytest.mark.parametrize("number", [-1, 2**64])
def test_other_numbers_are_refused(number: int) -> None:
    """A number that would come back as another one is not stored."""
    with pytest.raises(OverflowError):
        Unsigned64().process_bind_param(number, None)  # type: ignore[arg-type]  # the dialect is not looked at


@pytest.mark.parametrize("phash", [0, 1, 2**63 - 1, 2**63, 2**64 - 1])
def test_an_image_comes_back_as_it_was_put(catalogue: Catalogue, phash: int) -> None:
    """Every part of a signature survives, with hashes on both sides of the sign."""
    signature = make_signature(3, phash=phash)
    image_id = catalogue.next_image_id()
    catalogue.write(lambda to: to.put_images([(image_id, signature)])).result()
    with catalogue.read() as snapshot:
        row = snapshot.image_by_digest(signature.digest)
        hashes, ids = snapshot.hashes(1)
        assert row == snapshot.image(image_id)
        assert {image_id: signature.thumbs} == snapshot.thumbs([image_id, image_id + 1])
    thumbs = signature.thumbs
    expected = ImageRow(
        image_id,
        signature.digest,
        signature.size,
        "JPEG",
        thumbs.width,
        thumbs.height,
        phash,
        thumbs.phash256,
        thumbs.deviation,
        signature.taken_at,
        None,
        1,
    )
    assert expected == row
    assert ([phash], [image_id]) == (hashes.tolist(), ids.tolist())
    assert (np.dtype(np.uint64), np.dtype(np.int64)) == (hashes.dtype, ids.dtype)


def test_ids_of_many_digests_are_found_at_once(catalogue: Catalogue) -> None:
    """More than a statement takes; those that are not known are left out."""
    known = [(number, make_signature(number)) for number in range(1, 2 * VARIABLES, 100)]
    catalogue.write(lambda to: to.put_images(known)).result()
    asked = [make_signature(number).digest for number in range(1, 2 * VARIABLES + 2)]
    with catalogue.read() as snapshot:
        assert {signature.digest: image_id for image_id, signature in known} == snapshot.ids_by_digest(asked)
        assert {} == snapshot.ids_by_digest([])


@pytest.mark.parametrize("details", [(None, None), (False, None), (True, 5)])
def test_position_and_rating_come_back(catalogue: Catalogue, details: tuple[bool | None, int | None]) -> None:
    """Also by the statement that goes past SQLAlchemy; that nobody looked is not that there is none."""
    has_position, rating = details
    signature = replace(make_signature(3), has_position=has_position, rating=rating)
    catalogue.write(lambda to: to.put_images([(1, signature)])).result()
    with catalogue.read() as snapshot:
        by_digest, by_id = snapshot.image_by_digest(signature.digest), snapshot.image(1)
    assert by_digest == by_id
    assert by_id is not None
    assert (has_position, rating) == (by_id.has_position, by_id.rating)
    assert type(has_position) is type(by_id.has_position)


def test_details_are_noted_of_known_images_alone(catalogue: Catalogue) -> None:
    """Nothing else of what was read is written, and an image that is gone does no harm."""
    known = make_signature(3)
    catalogue.write(lambda to: to.put_images([(1, known)])).result()
    seen = replace(make_signature(4), has_position=True, rating=2)
    catalogue.write(lambda to: to.put_details([(1, seen), (9, seen)])).result()
    with catalogue.read() as snapshot:
        found = snapshot.images([1, 9])
    assert {1} == set(found)
    assert (True, 2, known.digest) == (found[1].has_position, found[1].rating, found[1].digest)


def test_one_content_is_one_image(catalogue: Catalogue) -> None:
    """A second id for the same bytes is refused, and the first stays."""
    catalogue.write(lambda to: to.put_images([(1, make_signature(1))])).result()
    with pytest.raises(CatalogueError):
        catalogue.write(lambda to: to.put_images([(2, make_signature(1))])).result()
    with catalogue.read() as snapshot:
        assert {1} == set(snapshot.images([1, 2]))


def test_hashes_leave_out_what_says_nothing(catalogue: Catalogue) -> None:
    """Low-detail images and images of another recipe are not indexed."""
    images = [
        (1, make_signature(1)),
        (2, make_signature(2, deviation=3.99)),
        (3, make_signature(3, deviation=4.0)),
        (4, make_signature(4, recipe=2)),
    ]
    catalogue.write(lambda to: to.put_images(images)).result()
    with catalogue.read() as snapshot:
        assert {1, 3} == set(snapshot.hashes(1)[1].tolist())
        assert [4] == snapshot.hashes(2)[1].tolist()
        assert [] == snapshot.hashes(3)[1].tolist()


def test_hashes_come_from_the_whole_range_of_ids(catalogue: Catalogue, root: Root) -> None:
    """Each with its own id, however far apart they are, and as unsigned numbers."""
    known = {1: 5, IDS_AT_ONCE - 1: 2**64 - 1, IDS_AT_ONCE: 2**63, 5 * IDS_AT_ONCE: 0}
    images = [(number, make_signature(number % 1_000, phash=phash)) for number, phash in known.items()]
    catalogue.write(lambda to: to.put_images(images)).result()
    with catalogue.read() as snapshot:
        hashes, ids = snapshot.hashes(1)
    assert known == dict(zip(ids.tolist(), hashes.tolist(), strict=True))


def test_hashes_of_an_empty_catalogue(catalogue: Catalogue) -> None:
    """No arrays to put together is no error."""
    with catalogue.read() as snapshot:
        assert ([], []) == tuple(each.tolist() for each in snapshot.hashes(1))


def test_digests_are_found_by_size_and_recipe(catalogue: Catalogue) -> None:
    """Only images of the recipe count; a size that nothing has is absent."""
    images = [
        (1, make_signature(1, size=10)),
        (2, make_signature(2, size=10)),
        (3, make_signature(3, size=20)),
        (4, make_signature(4, size=10, recipe=2)),
    ]
    digests = {key: signature.digest for key, signature in images}
    catalogue.write(lambda to: to.put_images(images)).result()
    with catalogue.read() as snapshot:
        found = snapshot.digests_of_sizes([10, 20, 30], 1)
    assert {10: frozenset({digests[1], digests[2]}), 20: frozenset({digests[3]})} == found


SIZE = (640, 480)


def of_size(size: tuple[int, int], signature: Signature) -> Signature:
    """The same signature of a picture with this width and height."""
    width, height = size
    return replace(signature, thumbs=replace(signature.thumbs, width=width, height=height))


def test_flat_candidates_come_nearest_first(catalogue: Catalogue) -> None:
    """Only low-detail images of the size and within reach, by how near their brightness is."""
    greys = {1: 100, 2: 104, 3: 99, 4: 120, 5: 101}
    images = [(key, make_signature(key, grey=grey, deviation=0.0)) for key, grey in greys.items()]
    images.append((6, make_signature(6, grey=100)))
    images = [(key, of_size(SIZE, signature)) for key, signature in images]
    images.append((7, make_signature(7, grey=100, deviation=0.0)))
    catalogue.write(lambda to: to.put_images(images)).result()
    with catalogue.read() as snapshot:
        assert [1, 3, 5, 2] == snapshot.flat_candidates(SIZE, 100.0, within=4.0, limit=10)
        assert [1, 3] == snapshot.flat_candidates(SIZE, 100.0, within=4.0, limit=2)


def test_ids_are_never_used_twice(tmp_path: Path, clock: FakeClock) -> None:
    """Neither in one run, nor after the newest image was forgotten and the catalogue opened again."""
    catalogue = Catalogue.open(tmp_path, clock)
    first, second = catalogue.next_image_id(), catalogue.next_image_id()
    assert (1, 2) == (first, second)
    catalogue.write(lambda to: to.put_images([(second, make_signature(second))])).result()
    forgotten = catalogue.write(lambda to: to.forget_missing(clock.now())).result()
    assert [(second, make_signature(second).thumbs.phash)] == forgotten
    catalogue.close()
    catalogue = Catalogue.open(tmp_path, clock)
    assert 3 == catalogue.next_image_id()
    catalogue.close()


def test_pairs_are_read_as_a_preset_accepts_them(catalogue: Catalogue, root: Root) -> None:
    """The thresholds in SQL agree with the presets, at their edges, grey and flat pairs included."""
    image_ids = range(1, 8)
    put_with_files(catalogue, *image_ids)
    pairs = [
        make_pair(1, 2, distance=6, correlation=0.97, colour=0.95),
        make_pair(1, 3, distance=7, correlation=0.97, colour=0.95),
        make_pair(2, 3, distance=10, correlation=0.95, colour=None),
        make_pair(2, 4, distance=6, correlation=0.99, colour=None),
        make_pair(3, 4, distance=11, correlation=0.94, colour=0.2),
        make_pair(3, 5, distance=6, correlation=0.99, colour=0.94),
        make_pair(4, 7, distance=40, correlation=0.0, colour=0.0, flat=True),
    ]
    catalogue.write(lambda to: to.put_pairs(pairs[::-1])).result()
    with catalogue.read() as snapshot:
        for preset in PRESETS.values():
            table = snapshot.pairs(preset)
            assert [pair for pair in pairs if accepts(preset, pair.measures)] == list(table)
            assert len(table) == len(table.a) == len(table.b) == len(table.distance)


def test_pairs_need_files_on_both_sides(catalogue: Catalogue, root: Root) -> None:
    """A missing file hides the pairs of its image; an offline one does not."""
    put_with_files(catalogue, 1, 2, 3)
    pairs = [make_pair(1, 2), make_pair(2, 3)]
    catalogue.write(lambda to: to.put_pairs(pairs)).result()
    catalogue.write(lambda to: to.mark_missing([file_of(1)])).result()
    catalogue.write(lambda to: to.set_root_online(root.id, online=False)).result()
    with catalogue.read() as snapshot:
        assert [pairs[1]] == list(snapshot.pairs(PRESETS["loose"]))
        assert pairs == snapshot.pairs_of(2)


def test_a_pair_written_again_has_its_new_measures(catalogue: Catalogue) -> None:
    """There is one row for two images; a pair the wrong way round is refused."""
    catalogue.write(lambda to: to.put_images([(key, make_signature(key)) for key in (1, 2)])).result()
    catalogue.write(lambda to: to.put_pairs([make_pair(1, 2, distance=9)])).result()
    catalogue.write(lambda to: to.put_pairs([make_pair(1, 2, distance=3)])).result()
    with catalogue.read() as snapshot:
        assert [make_pair(1, 2, distance=3)] == snapshot.pairs_of(1)
    with pytest.raises(CatalogueError):
        catalogue.write(lambda to: to.put_pairs([make_pair(2, 1)])).result()


def test_dropped_pairs_are_gone_on_both_sides(catalogue: Catalogue) -> None:
    """Pairs in which an image is the smaller or the greater id are dropped; others stay."""
    catalogue.write(lambda to: to.put_images([(key, make_signature(key)) for key in (1, 2, 3)])).result()
    pairs: list[Pair] = [make_pair(1, 2), make_pair(2, 3), make_pair(1, 3)]
    catalogue.write(lambda to: to.put_pairs(pairs)).result()
    catalogue.write(lambda to: to.drop_pairs_of([2])).result()
    with catalogue.read() as snapshot:
        assert [pairs[2]] == snapshot.pairs_of(1)
        assert [] == snapshot.pairs_of(2)


def test_only_what_is_long_gone_is_forgotten(catalogue: Catalogue, root: Root, clock: FakeClock) -> None:
    """A file missing for long goes, with its image and pairs; one missing since lately stays with its."""
    put_with_files(catalogue, 1, 2, 3)
    catalogue.write(lambda to: to.put_pairs([make_pair(1, 2), make_pair(2, 3)])).result()
    catalogue.write(lambda to: to.mark_missing([file_of(1)])).result()
    clock.advance(3_600)
    limit = clock.now() - timedelta(minutes=30)
    catalogue.write(lambda to: to.mark_missing([file_of(2)])).result()
    forgotten = catalogue.write(lambda to: to.forget_missing(limit)).result()
    assert [(1, make_signature(1).thumbs.phash)] == forgotten
    with catalogue.read() as snapshot:
        assert {2, 3} == set(snapshot.images([1, 2, 3]))
        assert {2, 3} == set(snapshot.thumbs([1, 2, 3]))
        assert [make_pair(2, 3)] == snapshot.pairs_of(2)
        assert {file_of(2), file_of(3)} == set(snapshot.files_at(map(file_of, (1, 2, 3))))
    assert [] == catalogue.check().result()


def test_an_image_with_another_file_is_not_forgotten(catalogue: Catalogue, root: Root) -> None:
    """A copy that is still there keeps the image."""
    put_with_files(catalogue, 1)
    catalogue.write(lambda to: to.put_files([(ROOT + b"/copy.jpg", make_stamp(1), 1)])).result()
    catalogue.write(lambda to: to.mark_missing([file_of(1)])).result()
    later = catalogue.write(lambda to: to.forget_missing(FakeClock().now() + timedelta(days=1))).result()
    assert [] == later
    with catalogue.read() as snapshot:
        assert [ROOT + b"/copy.jpg"] == [row.path for row in snapshot.files_of([1])[1]]
