"""A disk that fills up half-way, with the journal on it as well."""

import os
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from simd.catalogue import Catalogue
from simd.core.actions.model import ActionName, PlanRequest
from simd.core.actions.words import Action, StepState
from simd.core.errors import BadRequest, CatalogueError
from tests.fakes import FakeClock
from tests.work.actions.library import Library
from tests.work.actions.test_refusals import mounted

PAIRS = 70
PAGE = 4096


@pytest.fixture
def small(tmp_path: Path, catalogue: Catalogue, clock: FakeClock) -> Iterator[Library]:
    """Pictures with a copy each in folders of their own, on a disk that holds little more."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted("-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)):
        library = Library(disk, catalogue, clock)
        for number in range(PAIRS):
            library.add(f"{number}.jpg", b"%d" % number)
            library.add(f"sub/{number % 20}/{number}.jpg", b"%d" % number)
        yield library
        library.journal.close()


@pytest.mark.parametrize("action", [Action.QUARANTINE, Action.HARDLINK])
def test_a_disk_that_is_full_half_way(small: Library, action: Action) -> None:
    """Whoever asked is told, nothing is lost, and with some room again it can be finished and undone."""
    before = {name: seen[:3] for name, seen in small.tree().items()}
    ballast, troubled = small.folder.parent / "ballast", 0
    for pages in (0, 5, 14):
        plan = int(small.actions.plan(PlanRequest(action=action)).id)
        fill(ballast, leaving=pages * PAGE)
        try:
            troubled += small.actions.apply(plan, dry_run=False).refused > 0
        except CatalogueError:
            troubled += 1
        assert {content for content, *_ in before.values()} == small.contents()
        ballast.unlink()

        small.restart()
        assert [] == small.journal.unfinished()
        with suppress(BadRequest):  # all of it was done
            assert 0 == small.actions.apply(plan, dry_run=False).refused
        assert {StepState.DONE} == {unit.picture.state for unit in small.journal.units(plan)}
        assert (PAIRS, 0) == ((undone := small.actions.undo(ActionName(plan))).done, undone.refused)
        assert before == {name: seen[:3] for name, seen in small.tree().items()}
        for name in before if action is Action.HARDLINK else ():
            small.know(name)
    assert 2 <= troubled


def fill(ballast: Path, *, leaving: int) -> None:
    """Leave only so many bytes on the disk."""
    with closing(ballast.open("wb", buffering=0)) as file:
        with suppress(OSError):
            while True:
                file.write(bytes(PAGE))
        file.truncate(max(os.fstat(file.fileno()).st_size - leaving, 0))
