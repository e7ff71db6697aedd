"""What had been begun when simd was killed, and what has become of the files since."""

import errno
import os
from pathlib import Path

import pytest

from simd.core.actions.model import Unit
from simd.core.actions.words import Action, StepState
from simd.work.actions.verbs import deed_of
from tests.work.actions.library import Library
from tests.work.actions.test_mishaps import linked, planned


def _taken(library: Library, state: StepState) -> tuple[Unit, list[Path]]:
    """A picture and its sidecar that were quarantined, noted as being under way; and where they lie."""
    plan = planned(library)
    assert 1 == library.actions.apply(plan, dry_run=False).done
    [unit] = library.journal.units(plan)
    library.journal.note([step._replace(state=state) for step in unit.steps])
    return unit, [Path(os.fsdecode(step.place or b"")) for step in unit.steps]


@pytest.mark.parametrize(
    ("state", "lost", "stand", "left"),
    [
        (StepState.UNDOING, 0, (StepState.REFUSED, StepState.UNDONE), {"a.jpg", "sub/a.xmp"}),
        (StepState.DOING, 1, (StepState.PLANNED, StepState.REFUSED), {"a.jpg", "sub/a.jpg"}),
    ],
    ids=["a picture that was being put back", "a sidecar that was being taken away"],
)
def test_what_is_nowhere_is_said_to_be_so(
    filled: Library, state: StepState, lost: int, stand: tuple[StepState, ...], left: set[str]
) -> None:
    """It may be anything but done; and what is left of its unit is better off in its own folder."""
    unit, places = _taken(filled, state)
    places[lost].unlink()
    filled.restart()
    steps = filled.journal.unit(unit.picture.name).steps
    assert stand == tuple(step.state for step in steps)
    assert f"After a crash it was neither at its path nor at {places[lost]}." == steps[lost].reason
    assert left == set(filled.tree())


def test_a_link_that_stands_beside_its_file_is_finished(filled: Library) -> None:
    """The file that it replaces lies there still, equal: it is removed, as it was meant to be."""
    step = linked(filled)
    place = Path(os.fsdecode(step.place or b""))
    place.parent.mkdir(parents=True)
    place.write_bytes(b"A" * 1_000)
    lying = place.stat()
    stamp = step.file.stamp._replace(inode=lying.st_ino)
    aside = step._replace(state=StepState.DOING, file=step.file._replace(stamp=stamp))
    settled = deed_of(filled.journal.plan(step.name.plan)).settle(aside)
    assert (StepState.DONE, False) == (settled.state, place.exists())
    assert (filled.folder / "sub/a.jpg").samefile(filled.folder / "a.jpg")


def test_folders_that_cannot_be_synced_hold_nothing_up(
    filled: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What lies where is known all the same; the log tells of a disk that fails."""

    def fail(_folders: object) -> None:
        raise OSError(errno.EIO, "the disk fails")

    for owner in ("running", "recovering"):
        monkeypatch.setattr(f"simd.work.actions.{owner}.sync_folders", fail)
    unit, _ = _taken(filled, StepState.DOING)
    filled.restart()
    assert StepState.DONE is filled.journal.unit(unit.picture.name).picture.state
    told = [record.getMessage() for record in caplog.records if "the disk fails" in record.getMessage()]
    assert 2 == len(told)


def test_a_trash_that_does_not_forget_is_told_to_the_log(
    filled: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The picture is back, whatever a desktop shows of it."""

    def fail(_place: bytes) -> None:
        raise OSError(errno.EIO, "the disk fails")

    before, plan = filled.tree(), planned(filled, Action.TRASH)
    assert 1 == filled.actions.apply(plan, dry_run=False).done
    monkeypatch.setattr("simd.work.actions.trashing.release", fail)
    assert 1 == filled.actions.undo(filled.journal.units(plan)[0].picture.name).done
    assert before == filled.tree()
    assert "the trash still lists" in caplog.text
