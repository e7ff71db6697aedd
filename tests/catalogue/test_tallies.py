"""What SQLite counts by itself: files added, moved and removed."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from simd.catalogue import Catalogue, Tallies, Transaction
from simd.core.model import ProblemCode, Root
from tests.catalogue.samples import ROOT, make_stamp
from tests.fakes import FakeClock

A, B, GONE = ROOT + b"/trip/a.jpg", ROOT + b"/trip/day/b.jpg", ROOT + b"/trip/gone.jpg"
C = ROOT + b"/c.jpg"

Verb = Callable[[Transaction], object]


def present(*paths: bytes) -> Verb:
    """Put files."""
    return lambda to: to.put_files([(path, make_stamp(), None) for path in paths])


@pytest.fixture
def library(catalogue: Catalogue, root: Root) -> Catalogue:
    """Three files that are there, in three directories, and one that is gone: 4 were added, 1 removed."""
    catalogue.write(present(A, B, C, GONE)).result()
    catalogue.write(lambda to: to.mark_missing([GONE])).result()
    return catalogue


def tallies(catalogue: Catalogue) -> tuple[int, int, int]:
    """Added, moved and removed."""
    with catalogue.read() as snapshot:
        found = snapshot.tallies()
    return found.added, found.moved, found.removed


def test_an_empty_catalogue_has_counted_nothing(catalogue: Catalogue) -> None:
    """It begins at zero."""
    with catalogue.read() as snapshot:
        assert Tallies(added=0, moved=0, removed=0) == snapshot.tallies()


VERBS: dict[str, tuple[Verb, tuple[int, int, int]]] = {
    "a new file": (present(ROOT + b"/new.jpg"), (1, 0, 0)),
    "a file that changed": (lambda to: to.put_files([(A, make_stamp(9), None)]), (0, 0, 0)),
    "a file that is back": (present(GONE), (1, 0, 0)),
    "one file twice": (present(ROOT + b"/new.jpg", ROOT + b"/new.jpg"), (1, 0, 0)),
    "a file that cannot be read": (
        lambda to: to.put_problems([(ROOT + b"/bad.jpg", None, ProblemCode.IO, "Broken.")]),
        (1, 0, 0),
    ),
    "a known file that cannot be read any more": (
        lambda to: to.put_problems([(A, None, ProblemCode.IO, "Broken.")]),
        (0, 0, 0),
    ),
    "a file that goes": (lambda to: to.mark_missing([A]), (0, 0, 1)),
    "a file that is gone already": (lambda to: to.mark_missing([GONE]), (0, 0, 0)),
    "a directory that goes": (lambda to: to.mark_directory_missing(ROOT + b"/trip"), (0, 0, 2)),
    "a file that moves": (lambda to: to.move_file(A, ROOT + b"/x/new.jpg", make_stamp()), (0, 1, 0)),
    "a file that is renamed": (lambda to: to.move_file(A, ROOT + b"/trip/z.jpg", make_stamp()), (0, 1, 0)),
    "a file that stays": (lambda to: to.move_file(A, A, make_stamp(2)), (0, 0, 0)),
    "a file that takes the place of another": (lambda to: to.move_file(A, C, make_stamp()), (0, 1, 1)),
    "a file that takes the place of one that is gone": (
        lambda to: to.move_file(A, GONE, make_stamp()),
        (0, 1, 0),
    ),
    "a file that was thought gone and turns up elsewhere": (
        lambda to: to.move_file(GONE, ROOT + b"/here.jpg", make_stamp()),
        (0, 1, -1),
    ),
    "a directory that moves": (lambda to: to.move_directory(ROOT + b"/trip", ROOT + b"/far/trip"), (0, 2, 0)),
    "a directory that is unknown": (
        lambda to: to.move_directory(ROOT + b"/nothing", ROOT + b"/x"),
        (0, 0, 0),
    ),
    "a folder enrolled inside another": (
        lambda to: to.enrol_root(ROOT + b"/trip", 1, 3, "ext4"),
        (0, 0, 0),
    ),
    "a folder enrolled around another": (lambda to: to.enrol_root(b"/", 1, 3, "ext4"), (0, 0, 0)),
    "a root that goes offline": (lambda to: to.set_root_online(1, online=False), (0, 0, 0)),
    "files that are forgotten": (
        lambda to: to.forget_missing(FakeClock().now() + timedelta(days=99)),
        (0, 0, 0),
    ),
}


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_is_counted(library: Catalogue, name: str) -> None:
    """Each change of the library counts once for each file that it concerns."""
    verb, (added, moved, removed) = VERBS[name]

    library.write(verb).result()

    assert (4 + added, moved, 1 + removed) == tallies(library)
    with library.read() as snapshot:
        assert 4 + added - (1 + removed) == snapshot.counts().present + snapshot.counts().offline


def test_a_directory_that_lands_on_another_counts_its_own_files(library: Catalogue) -> None:
    """Those that lay at the target have not moved; one that is replaced there was removed."""
    target = ROOT + b"/old"
    library.write(present(target + b"/a.jpg", target + b"/stays.jpg", target + b"/day/too.jpg")).result()

    assert library.write(lambda to: to.move_directory(ROOT + b"/trip", target)).result()

    assert (7, 2, 2) == tallies(library)
    with library.read() as snapshot:
        assert {
            target + b"/stays.jpg",
            target + b"/day/too.jpg",
            target + b"/a.jpg",
            target + b"/day/b.jpg",
        } == {
            path
            for path, row in snapshot.files_at(
                [
                    target + b"/stays.jpg",
                    target + b"/day/too.jpg",
                    target + b"/a.jpg",
                    target + b"/day/b.jpg",
                    A,
                    B,
                ]
            ).items()
            if row.state == "present"
        }


def test_what_is_taken_back_is_not_counted(library: Catalogue) -> None:
    """A job that fails leaves the counts as they were."""

    def fail(to: Transaction) -> None:
        present(ROOT + b"/new.jpg")(to)
        raise ValueError("broken off")

    with pytest.raises(ValueError, match="broken off"):
        library.write(fail).result()
    assert (4, 0, 1) == tallies(library)


def test_counting_does_not_change_what_a_verb_answers(library: Catalogue) -> None:
    """The rows that triggers touch are no files that went."""
    assert 1 == library.write(lambda to: to.mark_missing([A, GONE])).result()
    assert 1 == library.write(lambda to: to.mark_directory_missing(ROOT + b"/trip")).result()
