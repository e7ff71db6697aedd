"""Files: seen, unreadable, missing, offline, and found again."""

from datetime import timedelta

import pytest

from simd.catalogue import Catalogue, Transaction
from simd.core.errors import NotFound
from simd.core.model import FileState, ProblemCode, Root
from simd.core.stamp import Stamp
from tests.catalogue.samples import ROOT, make_signature, make_stamp
from tests.fakes import FakeClock

A = ROOT + b"/a.jpg"
B = ROOT + b"/trip/b.jpg"
ODD = ROOT + b"/\xff\xfe\n/\xe9.jpg"


def put_image(catalogue: Catalogue, *paths: bytes, number: int = 1) -> int:
    """Put one image with files that share a stamp."""
    image_id = catalogue.next_image_id()

    def job(to: Transaction) -> None:
        to.put_images([(image_id, make_signature(number))])
        to.put_files([(path, make_stamp(number), image_id) for path in paths])

    catalogue.write(job).result()
    return image_id


def test_a_file_comes_back_as_it_was_put(catalogue: Catalogue, root: Root) -> None:
    """Path, stamp, state and image survive, for names that are not UTF-8 and the greatest numbers."""
    stamp = Stamp(size=2**62, mtime_ns=-1, ctime_ns=2**62, inode=2**64 - 1)
    image_id = put_image(catalogue)
    catalogue.write(lambda to: to.put_files([(ODD, stamp, image_id)])).result()
    with catalogue.read() as snapshot:
        found = snapshot.file_at(ODD)
        assert found is not None
        assert (ODD, ROOT, stamp) == (found.path, found.root, found.stamp)
        assert (FileState.PRESENT, image_id) == (found.state, found.image_id)
        assert {image_id: [found]} == snapshot.files_of([image_id])
        assert {ODD.rpartition(b"/")[0]: {b"\xe9.jpg": stamp}} == snapshot.stamps([ODD.rpartition(b"/")[0]])


def test_putting_a_file_again_keeps_its_row(catalogue: Catalogue, root: Root) -> None:
    """A changed file has a new stamp and image in the same row, and is not missing any more."""
    put_image(catalogue, A)
    with catalogue.read() as snapshot:
        before = snapshot.file_at(A)
    catalogue.write(lambda to: to.mark_missing([A])).result()
    second = put_image(catalogue, A, number=2)
    with catalogue.read() as snapshot:
        after = snapshot.file_at(A)
    assert before is not None
    assert after is not None
    assert before.id == after.id
    assert (second, FileState.PRESENT, make_stamp(2)) == (after.image_id, after.state, after.stamp)


def test_stamps_leave_out_what_is_missing(catalogue: Catalogue, root: Root) -> None:
    """Every directory asked for has an entry; missing files and directories below are not in it."""
    put_image(catalogue, A, B, ROOT + b"/gone.jpg")
    catalogue.write(lambda to: to.mark_missing([ROOT + b"/gone.jpg"])).result()
    with catalogue.read() as snapshot:
        found = snapshot.stamps([ROOT, ROOT + b"/nothing", b"/elsewhere"])
    assert {ROOT: {b"a.jpg": make_stamp()}, ROOT + b"/nothing": {}, b"/elsewhere": {}} == found


def test_stamps_of_more_directories_than_a_statement_takes(catalogue: Catalogue, root: Root) -> None:
    """Long lists are cut, and nothing is lost where they are."""
    paths = [b"%s/%d/x.jpg" % (ROOT, number) for number in range(1_200)]
    put_image(catalogue, *paths)
    with catalogue.read() as snapshot:
        found = snapshot.stamps([path.rpartition(b"/")[0] for path in paths])
        rows = snapshot.files_at(paths)
    assert [{b"x.jpg": make_stamp()}] * 1_200 == list(found.values())
    assert set(paths) == set(rows)


def test_a_problem_is_told_once_and_counts_its_retries(
    catalogue: Catalogue, root: Root, clock: FakeClock
) -> None:
    """A repeat keeps the first time and takes the newest reason."""
    first = (A, make_stamp(), ProblemCode.TRUNCATED, "It ends too early.")
    catalogue.write(lambda to: to.put_problems([first])).result()
    started = clock.now()
    clock.advance(60)
    again = (A, None, ProblemCode.PERMISSION, "It may not be read.")
    catalogue.write(lambda to: to.put_problems([again])).result()
    with catalogue.read() as snapshot:
        (problem,), cursor = snapshot.problems(10)
        row = snapshot.file_at(A)
    assert cursor is None
    assert (A, ProblemCode.PERMISSION, "It may not be read.", 1) == (
        problem.path,
        problem.code,
        problem.reason,
        problem.retried,
    )
    assert started.isoformat(timespec="microseconds").startswith(problem.since[:19])
    assert row is not None
    assert (None, Stamp(0, 0, 0, 0)) == (row.image_id, row.stamp)


def test_a_readable_file_has_no_problem(catalogue: Catalogue, root: Root) -> None:
    """A problem ends when its file is read, and that of another file stays."""
    problems = [(path, make_stamp(), ProblemCode.CORRUPT, "It is damaged.") for path in (A, B)]
    catalogue.write(lambda to: to.put_problems(problems)).result()
    put_image(catalogue, A)
    with catalogue.read() as snapshot:
        assert [B] == snapshot.problem_paths()


def test_problems_are_paged(catalogue: Catalogue, root: Root) -> None:
    """The pages hold every problem once, and the last has no cursor; a missing file is none."""
    paths = [b"%s/%02d.jpg" % (ROOT, number) for number in range(7)]
    problems = [(path, None, ProblemCode.EMPTY, "It is empty.") for path in paths]
    catalogue.write(lambda to: to.put_problems(problems)).result()
    catalogue.write(lambda to: to.mark_missing(paths[:1])).result()
    pages: list[list[bytes]] = []
    cursor: int | None = None
    with catalogue.read() as snapshot:
        while cursor is not None or not pages:
            page, cursor = snapshot.problems(2, cursor)
            pages.append([problem.path for problem in page])
    assert [paths[1:3], paths[3:5], paths[5:7]] == pages


def test_a_missing_directory_takes_all_below_it(catalogue: Catalogue, root: Root) -> None:
    """Its files and those deeper down are missing; a sibling that begins alike is not."""
    inside = [ROOT + b"/trip/b.jpg", ROOT + b"/trip/day/c.jpg"]
    beside = [ROOT + b"/trip0/d.jpg", ROOT + b"/trip-2/e.jpg", ROOT + b"/trip.jpg"]
    put_image(catalogue, *inside, *beside)
    assert 2 == catalogue.write(lambda to: to.mark_directory_missing(ROOT + b"/trip")).result()
    assert 0 == catalogue.write(lambda to: to.mark_directory_missing(ROOT + b"/trip")).result()
    with catalogue.read() as snapshot:
        rows = snapshot.files_at([*inside, *beside])
    missing = {path for path, row in rows.items() if row.state is FileState.MISSING}
    assert set(inside) == missing


def test_missing_is_since_the_first_time(catalogue: Catalogue, root: Root, clock: FakeClock) -> None:
    """Marking a missing file again does not make it newer."""
    put_image(catalogue, A)
    assert 1 == catalogue.write(lambda to: to.mark_missing([A, B])).result()
    clock.advance(3_600)
    assert 0 == catalogue.write(lambda to: to.mark_missing([A])).result()
    forgotten = catalogue.write(lambda to: to.forget_missing(clock.now() - timedelta(minutes=30))).result()
    assert 1 == len(forgotten)


def test_a_file_that_came_back_is_present_with_its_new_stamp(catalogue: Catalogue, root: Root) -> None:
    """Its row and its image stay."""
    image_id = put_image(catalogue, A)
    catalogue.write(lambda to: to.mark_missing([A])).result()
    catalogue.write(lambda to: to.put_files([(A, make_stamp(9), image_id)])).result()
    with catalogue.read() as snapshot:
        row = snapshot.file_at(A)
    assert row is not None
    assert (FileState.PRESENT, make_stamp(9), image_id) == (row.state, row.stamp, row.image_id)


def test_files_of_an_offline_root_are_offline_unless_missing(catalogue: Catalogue, root: Root) -> None:
    """A file that was deleted before its disk went away does not come back as an offline one."""
    image_id = put_image(catalogue, A, B)
    catalogue.write(lambda to: to.mark_missing([B])).result()
    catalogue.write(lambda to: to.set_root_online(root.id, online=False)).result()
    with catalogue.read() as snapshot:
        states = {path: row.state for path, row in snapshot.files_at([A, B]).items()}
        assert [A] == [row.path for row in snapshot.files_of([image_id])[image_id]]
        counts = snapshot.counts()
        assert [False] == [place.online for place in snapshot.roots()]
    assert {A: FileState.OFFLINE, B: FileState.MISSING} == states
    assert (0, 1, 1, 1) == (counts.present, counts.missing, counts.offline, counts.images)


def test_twins_are_known_by_inode_size_and_time(catalogue: Catalogue, root: Root) -> None:
    """A row that is not missing is preferred; another change time does not matter, another size does."""
    put_image(catalogue, A, B)
    catalogue.write(lambda to: to.mark_missing([A])).result()
    known = make_stamp()
    moved = known._replace(ctime_ns=5)
    grown = known._replace(size=1)
    with catalogue.read() as snapshot:
        twins = snapshot.twins([moved, grown])
    assert {(known.inode, known.size, known.mtime_ns): B} == {key: row.path for key, row in twins.items()}


def test_an_unreadable_file_is_nobodys_twin(catalogue: Catalogue, root: Root) -> None:
    """Only a file with an image saves a decode."""
    catalogue.write(lambda to: to.put_problems([(A, make_stamp(), ProblemCode.IO, "Broken.")])).result()
    with catalogue.read() as snapshot:
        assert {} == snapshot.twins([make_stamp()])


def test_directories_under_hold_files(catalogue: Catalogue, root: Root) -> None:
    """Only directories with a file that is not missing are told, at and below the one asked for."""
    put_image(catalogue, A, B, ROOT + b"/trip/day/c.jpg", ROOT + b"/trip0/d.jpg")
    catalogue.write(lambda to: to.mark_missing([B])).result()
    with catalogue.read() as snapshot:
        assert [ROOT + b"/trip/day"] == snapshot.directories_under(ROOT + b"/trip")
        assert [ROOT, ROOT + b"/trip/day", ROOT + b"/trip0"] == snapshot.directories_under(ROOT)
        assert [] == snapshot.directories_under(b"/elsewhere")


def test_files_of_are_ordered_by_path(catalogue: Catalogue, root: Root) -> None:
    """Copies come in order of their paths, whatever the order they were found in."""
    image_id = put_image(catalogue, B, A)
    with catalogue.read() as snapshot:
        assert {image_id: [A, B], 99: []} == {
            key: [row.path for row in rows] for key, rows in snapshot.files_of([image_id, 99]).items()
        }
        assert [image_id] == snapshot.copies()


def test_a_stale_recipe_names_one_readable_file_for_each_image(catalogue: Catalogue, root: Root) -> None:
    """Images of an older recipe are told once, while a file of theirs can be read."""
    old = put_image(catalogue, A, B)
    gone = put_image(catalogue, ROOT + b"/gone.jpg", number=2)
    catalogue.write(lambda to: to.mark_missing([ROOT + b"/gone.jpg"])).result()
    with catalogue.read() as snapshot:
        assert [old] == [row.image_id for row in snapshot.stale_recipe(2, limit=10)]
        assert [] == snapshot.stale_recipe(1, limit=10)
    catalogue.write(lambda to: to.put_images([(old, make_signature(1, recipe=2))])).result()
    with catalogue.read() as snapshot:
        assert [] == snapshot.stale_recipe(2, limit=10)
        renewed = snapshot.image(old)
        untouched = snapshot.image(gone)
    assert renewed is not None
    assert untouched is not None
    assert (2, 1) == (renewed.recipe, untouched.recipe)


def test_a_path_under_no_root_is_refused(catalogue: Catalogue, root: Root) -> None:
    """The whole job is undone: no file of it is kept."""
    job = catalogue.write(lambda to: to.put_files([(A, make_stamp(), None), (b"/x/y", make_stamp(), None)]))
    with pytest.raises(NotFound):
        job.result()
    with catalogue.read() as snapshot:
        assert snapshot.file_at(A) is None
