"""Arrivals on their way to the writer: the last word on a path counts, and no move is half told."""

import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing

import pytest

from simd.catalogue import DATABASE, Catalogue
from simd.core.model import FileState
from simd.index import HashIndex
from simd.runtime.broadcast import Broadcast
from simd.work.arrivals import Arrival, Arrivals, Moved, Read, Vanished
from simd.work.batch import ENOUGH_FILES, FLUSH_FILES, FLUSH_SECONDS, PATIENT_SECONDS, RETRY_SECONDS, Batch
from tests.fakes import FakeClock
from tests.work.samples import RECIPE, ROOT, picture, signature, stamp

A, B = ROOT + b"/a.jpg", ROOT + b"/b.jpg"


class Desk:
    """A batch, and what it says has been written."""

    def __init__(self, catalogue: Catalogue, clock: FakeClock) -> None:
        self.catalogue = catalogue
        self.settled: list[bytes] = []
        self.recovered = 0
        arrivals = Arrivals(catalogue, HashIndex(), Broadcast(), RECIPE)
        self.batch = Batch(arrivals, clock, self._settle, self._recovered)

    def write(self, *arrivals: Arrival) -> None:
        """Hand in arrivals and write them."""
        for arrival in arrivals:
            self.batch.add(arrival)
        self.batch.flush()

    def states(self) -> dict[bytes, FileState]:
        """Every known file."""
        with self.catalogue.read() as snapshot:
            return {path: row.state for path, row in snapshot.files_at([A, B]).items()}

    def _settle(self, written: Sequence[Arrival], _unresolved: Collection[bytes]) -> None:
        self.settled += [arrival.path for arrival in written]

    def _recovered(self) -> None:
        self.recovered += 1


@pytest.fixture
def desk(catalogue: Catalogue, clock: FakeClock) -> Desk:
    """A batch that has written one file."""
    desk = Desk(catalogue, clock)
    desk.write(Read(A, stamp(1), signature(picture(0), 0)))
    return desk


def move(desk: Desk) -> Moved:
    """That file's move to another name."""
    with desk.catalogue.read() as snapshot:
        row = snapshot.file_at(A)
    assert row is not None
    return Moved(A, B, stamp(1), row.image_id or 0)


def test_the_last_word_on_a_path_counts(desk: Desk) -> None:
    """A file that vanished before it was written is not written as present."""
    desk.write(Read(B, stamp(2), signature(picture(1), 1)), Vanished(B))
    assert {A: FileState.PRESENT} == desk.states()


def test_a_move_whose_target_vanished_leaves_neither_name_present(desk: Desk) -> None:
    """A file that was renamed and deleted at once is missing, under the name that was catalogued."""
    desk.write(move(desk), Vanished(B))
    assert {A: FileState.MISSING} == desk.states()


def test_a_move_whose_target_was_overwritten_leaves_the_old_name_missing(desk: Desk) -> None:
    """The new content stands at the new name."""
    desk.write(move(desk), Read(B, stamp(2), signature(picture(1), 1)))
    assert {A: FileState.MISSING, B: FileState.PRESENT} == desk.states()


def test_a_move_whose_old_name_was_taken_anew_keeps_both(desk: Desk) -> None:
    """Whatever came first."""
    desk.write(
        Read(A, stamp(2), signature(picture(1), 1)), move(desk), Read(B, stamp(3), signature(picture(2), 2))
    )
    assert {A: FileState.PRESENT, B: FileState.PRESENT} == desk.states()


def test_many_files_are_written_in_several_lots(desk: Desk) -> None:
    """Between two lots the loop can give its readers something to do; the rest stays due."""
    desk.settled.clear()
    for number in range(FLUSH_FILES + 1):
        desk.batch.add(Vanished(ROOT + b"/%d.jpg" % number))
    desk.batch.flush_when_due(idle=True)
    assert (FLUSH_FILES, True) == (len(desk.settled), desk.batch.due_at is not None)
    desk.batch.flush_when_due(idle=True)
    assert (FLUSH_FILES + 1, False) == (len(desk.settled), desk.batch.due_at is not None)


def test_what_can_wait_is_written_with_others_unless_something_urgent_comes(
    desk: Desk, clock: FakeClock
) -> None:
    """A first scan is written in large lots; a file that has settled takes along what has come so far."""
    now = clock.monotonic()
    desk.batch.add(Vanished(B), patient=True)
    assert now + PATIENT_SECONDS == desk.batch.due_at
    desk.batch.add(Vanished(A))
    assert now + FLUSH_SECONDS == desk.batch.due_at
    desk.batch.add(Vanished(B), patient=True)
    assert now + FLUSH_SECONDS == desk.batch.due_at


def test_a_signature_is_fresh_until_it_is_written(desk: Desk) -> None:
    """A copy that comes meanwhile need not be decoded; afterwards the catalogue knows it."""
    image = signature(picture(1), 1)
    desk.batch.add(Read(B, stamp(2), image))
    desk.batch.add(Read(B, stamp(3), image))
    assert frozenset({image.digest}) == desk.batch.fresh.digests(image.size)
    desk.batch.flush()
    assert 0 == len(desk.batch.fresh)


def test_a_batch_that_the_catalogue_refused_is_kept_and_tried_again(desk: Desk, clock: FakeClock) -> None:
    """It is left in peace for some seconds; then nothing is lost, and what came later follows."""
    database = desk.catalogue.folder / DATABASE
    with closing(sqlite3.connect(database)) as another, another:
        another.execute("CREATE TRIGGER refuse BEFORE UPDATE ON file BEGIN SELECT RAISE(ABORT, 'no'); END")
    desk.settled.clear()
    desk.write(Vanished(A))
    desk.write(Read(B, stamp(2), signature(picture(1), 1)))

    assert ([], {A: FileState.PRESENT}) == (desk.settled, desk.states())
    assert desk.batch.blocked
    assert "Nothing new is read" in (desk.batch.trouble or "")
    assert clock.monotonic() + RETRY_SECONDS == desk.batch.due_at

    with closing(sqlite3.connect(database)) as another, another:
        another.execute("DROP TRIGGER refuse")
    clock.advance(RETRY_SECONDS)
    while desk.batch.due_at is not None and desk.batch.due_at <= clock.monotonic():
        desk.batch.flush_when_due(idle=False)

    assert ([A, B], {A: FileState.MISSING, B: FileState.PRESENT}) == (desk.settled, desk.states())
    assert (None, False, 0) == (desk.batch.trouble, desk.batch.blocked, desk.recovered)


def test_when_enough_have_come_they_are_written_at_once(desk: Desk, clock: FakeClock) -> None:
    """If somebody waits for them; what a sweep found goes on to wait for more."""
    now = clock.monotonic()
    for number in range(ENOUGH_FILES):
        desk.batch.add(Vanished(ROOT + b"/%d" % number), patient=True)
    assert now + PATIENT_SECONDS == desk.batch.due_at
    desk.batch.add(Vanished(A))
    assert now == desk.batch.due_at
