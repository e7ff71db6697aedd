"""The writer thread: what a future promises, and what a failure leaves."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Event

import pytest

from simd.catalogue import Catalogue, Transaction
from simd.core.errors import CatalogueError
from simd.core.model import Root
from tests.catalogue.samples import ROOT, make_signature, make_stamp
from tests.fakes import FakeClock

A = ROOT + b"/a.jpg"
B = ROOT + b"/new/b.jpg"


class Broken(Exception):
    """What a job raises here."""


def put(path: bytes) -> Callable[[Transaction], None]:
    """A job that puts a file."""
    return lambda to: to.put_files([(path, make_stamp(), None)])


def put_and_break(to: Transaction) -> None:
    """A job that fails after it has made a directory."""
    to.put_files([(B, make_stamp(), None)])
    raise Broken


def paths(catalogue: Catalogue) -> set[bytes]:
    """Which of the files of these tests are known."""
    with catalogue.read() as snapshot:
        return set(snapshot.files_at([A, B]))


def hold(catalogue: Catalogue) -> Event:
    """Keep the writer busy until the event is set, so that what follows waits together."""
    held, released = Event(), Event()

    def job(_: Transaction) -> None:
        held.set()
        released.wait(20)

    catalogue.write(job)
    held.wait(20)
    return released


def test_a_future_resolves_after_the_commit(catalogue: Catalogue, root: Root) -> None:
    """When the result is there, another connection sees what was written, and its generation."""
    before = catalogue.generation()
    assert 7 == catalogue.write(lambda to: (put(A)(to), 7)[1]).result()
    assert {A} == paths(catalogue)
    with catalogue.read() as snapshot:
        assert before + 1 == catalogue.generation() == snapshot.generation


def test_nothing_changed_is_no_new_generation(catalogue: Catalogue, root: Root) -> None:
    """A job that only looks, or finds nothing to change, does not count."""
    before = catalogue.generation()
    assert 0 == catalogue.write(lambda to: to.mark_missing([A])).result()
    assert before == catalogue.generation()


def test_waiting_jobs_share_a_commit(catalogue: Catalogue, root: Root) -> None:
    """Jobs that wait behind a running one are one step of the generation, each with its own result."""
    before = catalogue.generation()
    released = hold(catalogue)
    futures = [catalogue.write(put(path)) for path in (A, B)]
    released.set()
    assert [None, None] == [future.result() for future in futures]
    assert before + 1 == catalogue.generation()
    assert {A, B} == paths(catalogue)


def test_a_job_that_fails_leaves_nothing_and_harms_no_other(catalogue: Catalogue, root: Root) -> None:
    """Its neighbours in the same commit are kept; its error comes back as it was raised."""
    released = hold(catalogue)
    first, broken = catalogue.write(put(A)), catalogue.write(put_and_break)
    released.set()
    first.result()
    with pytest.raises(Broken):
        broken.result()
    assert {A} == paths(catalogue)


def test_directories_of_a_failed_job_are_forgotten(catalogue: Catalogue, root: Root) -> None:
    """A directory row that was rolled back is made again, and not referred to from memory."""
    with pytest.raises(Broken):
        catalogue.write(put_and_break).result()
    catalogue.write(put(B)).result()
    assert {B} == paths(catalogue)
    assert [] == catalogue.check().result()


def test_a_snapshot_does_not_move(catalogue: Catalogue, root: Root) -> None:
    """What is committed while a snapshot is open is not in it, and does not wait for it."""
    with catalogue.read() as snapshot:
        before = snapshot.generation
        catalogue.write(put(A)).result()
        assert snapshot.file_at(A) is None
        assert before == snapshot.generation
    assert {A} == paths(catalogue)


def test_a_transaction_reads_what_it_wrote(catalogue: Catalogue, root: Root) -> None:
    """The snapshot of a job holds its own work."""

    def job(to: Transaction) -> bool:
        to.put_files([(A, make_stamp(), None)])
        return to.snapshot.file_at(A) is not None

    assert catalogue.write(job).result()


def test_readers_cannot_write(catalogue: Catalogue) -> None:
    """The connection of a snapshot refuses to change anything."""
    with pytest.raises(CatalogueError, match="readonly"), catalogue.read() as snapshot:
        snapshot._connection.exec_driver_sql("DELETE FROM state")


def test_a_full_disk_is_an_error_and_no_end(catalogue: Catalogue, root: Root) -> None:
    """Jobs fail with a hint while there is no room, lose nothing that was kept, and go on after."""
    catalogue.write(put(A)).result()
    catalogue._writer.aside(lambda driver: driver.execute("PRAGMA max_page_count = 1").fetchall()).result()
    released = hold(catalogue)
    small: Future[bool] = catalogue.write(lambda to: to.move_file(A, A, make_stamp(2)))
    images = [(number, make_signature(number)) for number in range(200)]
    large = catalogue.write(lambda to: to.put_images(images))
    released.set()
    with pytest.raises(CatalogueError, match="full") as failure:
        large.result()
    assert "Free space" in (failure.value.hint or "")
    assert small.exception() is None or isinstance(small.exception(), CatalogueError)
    catalogue._writer.aside(lambda driver: driver.execute("PRAGMA max_page_count = 99999")).result()
    catalogue.write(lambda to: to.put_images(images)).result()
    with catalogue.read() as snapshot:
        kept = snapshot.file_at(A)
        assert 200 == len(snapshot.images(range(200)))
    assert kept is not None
    assert kept.stamp == (make_stamp(2) if small.exception() is None else make_stamp())
    assert [] == catalogue.check().result()


def test_closing_finishes_what_waits(tmp_path: Path, clock: FakeClock) -> None:
    """Jobs handed in before the close are kept; later ones are refused; closing twice is fine."""
    catalogue = Catalogue.open(tmp_path, clock)
    catalogue.write(lambda to: to.enrol_root(ROOT, 1, 2, "ext4")).result()
    released = hold(catalogue)
    waiting = [catalogue.write(put(path)) for path in (A, B)]
    released.set()
    catalogue.close()
    catalogue.close()
    assert all(future.done() for future in waiting)
    with pytest.raises(CatalogueError, match="closed"):
        catalogue.write(put(A))
    again = Catalogue.open(tmp_path, clock)
    assert {A, B} == paths(again)
    again.close()


def test_a_cancelled_job_is_not_run(catalogue: Catalogue, root: Root) -> None:
    """A job that waits may be taken back."""
    released = hold(catalogue)
    job = catalogue.write(put(A))
    assert job.cancel()
    released.set()
    catalogue.write(put(B)).result()
    assert {B} == paths(catalogue)


def test_scheduled_jobs_are_remembered(catalogue: Catalogue, clock: FakeClock) -> None:
    """The newest success of each job is told; one that never ran has none."""
    catalogue.write(lambda to: to.set_job_success("backup", clock.now())).result()
    clock.advance(86_400)
    catalogue.write(lambda to: to.set_job_success("backup", clock.now())).result()
    with catalogue.read() as snapshot:
        assert clock.now() == snapshot.job_success("backup")
        assert snapshot.job_success("sweep") is None
