"""Moves and enrolment: rows change their place and nothing else."""

import sqlite3
from contextlib import closing

import pytest

from simd.catalogue import Catalogue, Transaction
from simd.core.errors import NotFound
from simd.core.model import FileRow, FileState, ProblemCode, Root
from tests.catalogue.samples import ROOT, make_signature, make_stamp


def put(catalogue: Catalogue, *paths: bytes) -> dict[bytes, FileRow]:
    """Put one image for each path, and read the rows."""
    numbers = {path: catalogue.next_image_id() for path in paths}

    def job(to: Transaction) -> None:
        to.put_images([(number, make_signature(number)) for number in numbers.values()])
        to.put_files([(path, make_stamp(number), number) for path, number in numbers.items()])

    catalogue.write(job).result()
    return rows_of(catalogue, *paths)


def rows_of(catalogue: Catalogue, *paths: bytes) -> dict[bytes, FileRow]:
    """The rows at paths."""
    with catalogue.read() as snapshot:
        return snapshot.files_at(paths)


def move(catalogue: Catalogue, source: bytes, target: bytes) -> bool:
    """Move a directory."""
    return catalogue.write(lambda to: to.move_directory(source, target)).result()


def identity(row: FileRow) -> tuple[int, int | None, object]:
    """What a move must not change."""
    return row.id, row.image_id, row.stamp


def test_a_moved_file_keeps_its_row_and_image(catalogue: Catalogue, root: Root) -> None:
    """Only path and stamp change, even for a file that was thought missing."""
    source, target = ROOT + b"/a.jpg", ROOT + b"/new\xff/b.jpg"
    before = put(catalogue, source)[source]
    catalogue.write(lambda to: to.mark_missing([source])).result()
    assert catalogue.write(lambda to: to.move_file(source, target, make_stamp(7))).result()
    after = rows_of(catalogue, source, target)
    assert {target} == set(after)
    assert (before.id, before.image_id, make_stamp(7), FileState.PRESENT) == (
        after[target].id,
        after[target].image_id,
        after[target].stamp,
        after[target].state,
    )


def test_a_moved_file_replaces_what_was_there(catalogue: Catalogue, root: Root) -> None:
    """The row at the target goes, with its problem."""
    source, target = ROOT + b"/a.jpg", ROOT + b"/b.jpg"
    before = put(catalogue, source)[source]
    catalogue.write(lambda to: to.put_problems([(target, None, ProblemCode.IO, "Broken.")])).result()
    assert catalogue.write(lambda to: to.move_file(source, target, before.stamp)).result()
    assert identity(before) == identity(rows_of(catalogue, target)[target])
    with catalogue.read() as snapshot:
        assert (1, 0) == (snapshot.counts().present, snapshot.counts().problems)


def test_a_file_moved_to_its_own_place_stays(catalogue: Catalogue, root: Root) -> None:
    """Nothing is deleted; an unknown file is not moved."""
    path = ROOT + b"/a.jpg"
    before = put(catalogue, path)[path]
    assert catalogue.write(lambda to: to.move_file(path, path, before.stamp)).result()
    assert before == rows_of(catalogue, path)[path]
    assert not catalogue.write(lambda to: to.move_file(ROOT + b"/x", path, before.stamp)).result()
    assert before == rows_of(catalogue, path)[path]


def test_a_moved_directory_takes_everything_below(catalogue: Catalogue, root: Root) -> None:
    """All levels move, names that are not UTF-8 too; siblings that begin alike stay."""
    inside = [b"/x.jpg", b"/day/y.jpg", b"/\xff\xfe/\xe9.jpg"]
    beside = [ROOT + b"/trip0/z.jpg", ROOT + b"/trip-1/z.jpg", ROOT + b"/trip.jpg"]
    source, target = ROOT + b"/trip", ROOT + b"/2019/\xe9t\xe9"
    before = put(catalogue, *(source + path for path in inside), *beside)
    assert move(catalogue, source, target)
    after = rows_of(catalogue, *(target + path for path in inside), *beside)
    assert {source + path: identity(before[source + path]) for path in inside} == {
        source + path: identity(after[target + path]) for path in inside
    }
    assert {path: before[path] for path in beside} == {path: after[path] for path in beside}
    assert {} == rows_of(catalogue, *(source + path for path in inside))


def test_moved_paths_are_still_blobs(catalogue: Catalogue, root: Root) -> None:
    """SQLite's concatenation makes TEXT of BLOBs, which would equal no path any more."""
    put(catalogue, ROOT + b"/trip/day/x.jpg")
    assert move(catalogue, ROOT + b"/trip", ROOT + b"/other")
    with closing(sqlite3.connect(catalogue.folder / "catalogue.db")) as database:
        rows = database.execute("SELECT path, typeof(path) FROM directory").fetchall()
    assert [(b"other/day", "blob")] == rows


def test_a_directory_moves_across_roots(catalogue: Catalogue, root: Root) -> None:
    """The rows belong to the other root afterwards."""
    catalogue.write(lambda to: to.enrol_root(b"/disk", 5, 6, "xfs")).result()
    before = put(catalogue, ROOT + b"/trip/x.jpg")
    assert move(catalogue, ROOT + b"/trip", b"/disk/trip")
    after = rows_of(catalogue, b"/disk/trip/x.jpg")[b"/disk/trip/x.jpg"]
    assert identity(before[ROOT + b"/trip/x.jpg"]) == identity(after)
    assert b"/disk" == after.root


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (ROOT + b"/nothing", ROOT + b"/x"),
        (ROOT + b"/trip", ROOT + b"/trip/inside"),
        (ROOT + b"/trip/day", ROOT + b"/trip"),
        (ROOT, ROOT + b"/x"),
        (ROOT + b"/trip", ROOT + b"/trip"),
    ],
)
def test_what_cannot_be_a_move_is_refused(
    catalogue: Catalogue, root: Root, source: bytes, target: bytes
) -> None:
    """Unknown directories, roots, and moves into each other change nothing."""
    path = ROOT + b"/trip/day/x.jpg"
    before = put(catalogue, path)
    assert not move(catalogue, source, target)
    assert before == rows_of(catalogue, path)


def test_a_move_out_of_every_root_is_an_error(catalogue: Catalogue, root: Root) -> None:
    """There is no place for such rows."""
    put(catalogue, ROOT + b"/trip/x.jpg")
    with pytest.raises(NotFound):
        move(catalogue, ROOT + b"/trip", b"/elsewhere/trip")


def test_colliding_rows_are_merged(catalogue: Catalogue, root: Root) -> None:
    """The present row of a name stays; of two present ones the moved; the rest of the target stays too."""
    source, target = ROOT + b"/new", ROOT + b"/old"
    names = [b"/both.jpg", b"/gone-there.jpg", b"/gone-here.jpg"]
    moved = put(catalogue, *(source + name for name in names))
    stale = put(catalogue, *(target + name for name in names), target + b"/only.jpg")
    missing = [target + b"/gone-there.jpg", source + b"/gone-here.jpg", target + b"/only.jpg"]
    catalogue.write(lambda to: to.mark_missing(missing)).result()
    assert move(catalogue, source, target)
    after = rows_of(catalogue, *stale)
    expected = {
        target + b"/both.jpg": identity(moved[source + b"/both.jpg"]),
        target + b"/gone-there.jpg": identity(moved[source + b"/gone-there.jpg"]),
        target + b"/gone-here.jpg": identity(stale[target + b"/gone-here.jpg"]),
        target + b"/only.jpg": identity(stale[target + b"/only.jpg"]),
    }
    assert expected == {path: identity(row) for path, row in after.items()}
    assert FileState.MISSING is after[target + b"/only.jpg"].state
    assert {} == rows_of(catalogue, *moved)


def test_the_writer_forgets_where_a_directory_was(catalogue: Catalogue, root: Root) -> None:
    """A file put at the old path after a move gets a directory of its own."""
    put(catalogue, ROOT + b"/trip/x.jpg")
    assert move(catalogue, ROOT + b"/trip", ROOT + b"/other")
    put(catalogue, ROOT + b"/trip/y.jpg")
    found = rows_of(catalogue, ROOT + b"/trip/y.jpg", ROOT + b"/other/x.jpg", ROOT + b"/other/y.jpg")
    assert {ROOT + b"/trip/y.jpg", ROOT + b"/other/x.jpg"} == set(found)


def test_enrolling_again_changes_nothing(catalogue: Catalogue, root: Root) -> None:
    """The identity of the first time stays, for the caller to compare, until it is updated."""
    again = catalogue.write(lambda to: to.enrol_root(ROOT, 77, 78, "tmpfs")).result()
    assert root == again
    catalogue.write(lambda to: to.update_root_identity(root.id, 77, 2**64 - 1, "tmpfs")).result()
    with catalogue.read() as snapshot:
        assert [Root(root.id, ROOT, 77, 2**64 - 1, "tmpfs", online=True)] == snapshot.roots()


def test_a_root_around_another_takes_it_over(catalogue: Catalogue, root: Root) -> None:
    """Enrolling the parent of a root keeps every row, at the same absolute path."""
    before = put(catalogue, ROOT + b"/x.jpg", ROOT + b"/day/y.jpg")
    outer = catalogue.write(lambda to: to.enrol_root(b"/", 1, 1, "ext4")).result()
    after = rows_of(catalogue, *before)
    assert {path: identity(row) for path, row in before.items()} == {
        path: identity(row) for path, row in after.items()
    }
    assert {b"/"} == {row.root for row in after.values()}
    with catalogue.read() as snapshot:
        assert [outer] == snapshot.roots()
        assert {b"x.jpg"} == set(snapshot.stamps([ROOT])[ROOT])


def test_a_root_inside_another_takes_its_part(catalogue: Catalogue, root: Root) -> None:
    """Enrolling a folder below a root keeps its rows, and leaves the others with the outer one."""
    before = put(catalogue, ROOT + b"/x.jpg", ROOT + b"/day/y.jpg", ROOT + b"/day/hour/z.jpg")
    catalogue.write(lambda to: to.enrol_root(ROOT + b"/day", 1, 9, "ext4")).result()
    after = rows_of(catalogue, *before)
    assert {path: row.id for path, row in before.items()} == {path: row.id for path, row in after.items()}
    assert [ROOT, ROOT + b"/day", ROOT + b"/day"] == [after[path].root for path in before]
