"""A disk that takes nothing any more: what is told, and that it is over when it is over."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from simd.catalogue import Catalogue
from simd.core.errors import CatalogueError
from simd.core.model import Root
from tests.catalogue.samples import make_signature


@contextmanager
def no_file_grows() -> Iterator[None]:
    """Every write to a file fails, as on a disk that the system has made read-only after a fault."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def reason(catalogue: Catalogue) -> str | None:
    """Why nothing can be written."""
    return None if catalogue.refusal is None else catalogue.refusal.message


@pytest.mark.usefixtures("root")
def test_a_disk_that_fails_is_told_and_what_was_written_is_kept(catalogue: Catalogue) -> None:
    """Questions are answered meanwhile, and the next commit that is kept ends it."""
    catalogue.write(lambda to: to.put_images([(1, make_signature(1))])).result()
    with no_file_grows():
        with pytest.raises(CatalogueError, match="I/O") as refusal:
            catalogue.write(lambda to: to.put_images([(2, make_signature(2))])).result()
        with catalogue.read() as snapshot:
            assert {1} == set(snapshot.images([1, 2]))
    assert "the system's log says why" in (refusal.value.hint or "")
    assert refusal.value.message == reason(catalogue)
    assert not catalogue.suspects_damage
    catalogue.write(lambda to: to.put_images([(2, make_signature(2))])).result()
    assert (None, []) == (reason(catalogue), catalogue.check().result())


def test_a_job_that_is_wrong_is_no_fault_of_the_disk(catalogue: Catalogue, root: Root) -> None:
    """Nor is the disk all right again because a job changed nothing."""
    nowhere = "INSERT INTO directory VALUES (9, 99, x'')"
    wrong = catalogue.write(lambda to: to._connection.exec_driver_sql(nowhere))
    with pytest.raises(CatalogueError, match="FOREIGN KEY"):
        wrong.result()
    assert reason(catalogue) is None
    with no_file_grows(), pytest.raises(CatalogueError):
        catalogue.try_to_write().result()
    catalogue.write(lambda to: to.snapshot.roots()).result()
    assert reason(catalogue) is not None
    catalogue.write(lambda to: to.set_root_online(root.id, online=False)).result()
    assert reason(catalogue) is None
