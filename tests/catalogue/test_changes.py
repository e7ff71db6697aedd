"""What each commit touched, as those learn who keep something in step with the catalogue."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from simd.catalogue import Catalogue, Transaction
from simd.catalogue.changes import MOST_REMEMBERED, ChangeLog
from simd.core.model import ProblemCode, Root
from tests.catalogue.samples import ROOT, make_pair, make_signature, make_stamp
from tests.fakes import FakeClock

Verb = Callable[[Transaction], object]

FILES = {1: ROOT + b"/trip/a.jpg", 2: ROOT + b"/trip/day/b.jpg", 3: ROOT + b"/c.jpg", 4: ROOT + b"/gone.jpg"}


@pytest.fixture
def library(catalogue: Catalogue, root: Root) -> Catalogue:
    """Images 1 to 4 with a file each, of which the last is missing, and the pairs 1-2 and 2-3."""

    def fill(to: Transaction) -> None:
        to.put_images([(number, make_signature(number)) for number in FILES])
        to.put_files([(path, make_stamp(number), number) for number, path in FILES.items()])
        to.put_pairs([make_pair(1, 2), make_pair(2, 3)])
        to.mark_missing([FILES[4]])

    catalogue.write(fill).result()
    return catalogue


def touched_by(catalogue: Catalogue, verb: Verb) -> frozenset[int] | None:
    """The images that a verb touches."""
    before = catalogue.generation()
    catalogue.write(verb).result()
    return catalogue.touched(before, catalogue.generation())


VERBS: dict[str, tuple[Verb, set[int]]] = {
    "a new image without a file": (lambda to: to.put_images([(9, make_signature(9))]), set()),
    "a second file": (lambda to: to.put_files([(ROOT + b"/new.jpg", make_stamp(7), 1)]), {1}),
    "a file with other content": (lambda to: to.put_files([(FILES[1], make_stamp(7), 2)]), {1, 2}),
    "a file that cannot be read": (
        lambda to: to.put_problems([(FILES[1], None, ProblemCode.IO, "Broken.")]),
        {1},
    ),
    "a file that goes": (lambda to: to.mark_missing([FILES[3]]), {3}),
    "a folder that goes": (lambda to: to.mark_directory_missing(ROOT + b"/trip"), {1, 2}),
    "a file that is back": (lambda to: to.put_files([(FILES[4], make_stamp(4), 4)]), {4}),
    "a file that moves": (lambda to: to.move_file(FILES[1], ROOT + b"/new.jpg", make_stamp(1)), {1}),
    "a file that takes another's place": (lambda to: to.move_file(FILES[1], FILES[3], make_stamp(1)), {1, 3}),
    "a folder that moves": (lambda to: to.move_directory(ROOT + b"/trip", ROOT + b"/far"), {1, 2}),
    "another signature": (lambda to: to.put_images([(2, replace(make_signature(2), format="PNG"))]), {2}),
    "a pair": (lambda to: to.put_pairs([make_pair(1, 3)]), {1, 3}),
    "a pair with other measures": (lambda to: to.put_pairs([make_pair(1, 2, distance=9)]), {1, 2}),
    "pairs that go": (lambda to: to.drop_pairs_of([1]), {1, 2}),
    "another disk": (lambda to: to.update_root_identity(1, 9, 9, "ext4"), {1, 2, 3, 4}),
    "a folder enrolled inside": (lambda to: to.enrol_root(ROOT + b"/trip", 1, 3, "ext4"), {1, 2}),
    "a root that goes offline": (lambda to: to.set_root_online(1, online=False), set()),
    "nothing": (lambda _to: None, set()),
}


@pytest.mark.parametrize("name", VERBS)
def test_a_commit_tells_which_images_it_touched(library: Catalogue, name: str) -> None:
    """Those whose files, pairs or signature are others now, whichever verb did it, and no more."""
    verb, expected = VERBS[name]
    assert frozenset(expected) == touched_by(library, verb)


def test_forgetting_touches_the_partners_of_what_it_drops(library: Catalogue, clock: FakeClock) -> None:
    """Pairs go by a cascade, which nobody asked for by name."""
    library.write(lambda to: to.mark_missing([FILES[1]])).result()
    clock.advance(100)
    later = clock.now() + timedelta(days=1)
    assert frozenset({1, 2, 4}) == touched_by(library, lambda to: to.forget_missing(later))


def test_what_was_rolled_back_touched_nothing(library: Catalogue) -> None:
    """The next commit does not tell of it."""

    def fail(to: Transaction) -> None:
        to.mark_missing([FILES[3]])
        raise RuntimeError("stop")

    before = library.generation()
    with pytest.raises(RuntimeError):
        library.write(fail).result()
    library.write(lambda to: to.mark_missing([FILES[1]])).result()
    assert frozenset({1}) == library.touched(before, library.generation())


def test_several_commits_are_told_together(library: Catalogue) -> None:
    """From the one after the first generation to the last, both as snapshots give them."""
    start = library.generation()
    for number in (1, 2, 3):
        library.write(partial(Transaction.mark_missing, paths=[FILES[number]])).result()
    assert frozenset({1, 2, 3}) == library.touched(start, start + 3)
    assert frozenset({2}) == library.touched(start + 1, start + 2)
    assert frozenset() == library.touched(start + 3, start + 3)


def test_what_came_before_the_start_is_not_known(library: Catalogue) -> None:
    """Whoever has seen less than this daemon must work everything out."""
    assert library.touched(-1, library.generation()) is None


def test_the_log_forgets_the_oldest_commits() -> None:
    """It never remembers more images than it says, and says so when asked about earlier ones."""
    log = ChangeLog()
    log.begin(10)
    log.note(11, frozenset(range(MOST_REMEMBERED - 1)))
    log.note(12, frozenset({1, 2, 3}))
    assert log.between(10, 12) is None
    assert frozenset({1, 2, 3}) == log.between(11, 12)
    log.note(13, frozenset(range(MOST_REMEMBERED + 1)))
    assert log.between(12, 13) is None
    assert frozenset() == log.between(13, 13)
