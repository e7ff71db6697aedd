"""What fails amid an action, and what others do in the moment between the last look and the deed."""

import errno
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from simd.core.actions.model import ActionName, PlanRequest, Step
from simd.core.actions.words import Action, StepState
from simd.core.errors import CatalogueError
from simd.system import moving, sharing
from simd.work.actions import linking
from simd.work.actions.sighting import Unfit
from tests.work.actions.library import Library

Doing = Callable[[], object]


def planned(library: Library, action: Action = Action.QUARANTINE) -> int:
    """A plan about everything."""
    return int(library.actions.plan(PlanRequest(action=action)).id)


def linked(library: Library) -> Step:
    """The one step of a plan by which the copy has become a link."""
    plan = planned(library, Action.HARDLINK)
    assert 1 == library.actions.apply(plan, dry_run=False).done
    return library.journal.units(plan)[0].picture


def failing(*numbers: int) -> Callable[..., None]:
    """A move that fails when it is called for these times, from 1."""
    calls = iter(range(1, 100))

    def move(source: bytes, target: bytes) -> None:
        if next(calls) in numbers:
            raise OSError(errno.EIO, os.strerror(errno.EIO), source)
        moving.move(source, target)

    return move


def after_the_look(library: Library, monkeypatch: pytest.MonkeyPatch, doing: Doing) -> None:
    """Have something done when all was looked at and noted, and nothing is done yet."""
    note, calls = library.journal.note, iter(range(9))

    def noting(*given: Any) -> None:
        note(*given)
        if next(calls) == 0:
            doing()

    monkeypatch.setattr(library.journal, "note", noting)


def test_a_unit_that_fails_half_way_is_whole_again(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture has gone when its sidecar cannot: it comes back, and no trace is left.

    Both names are on the disk before that is noted: the picture would lie where nobody looks after a loss of
    power.
    """
    plan, before = planned(filled), filled.tree()
    synced: list[bytes] = []
    monkeypatch.setattr("simd.work.actions.deeds.move", failing(2))
    monkeypatch.setattr("simd.work.actions.running.sync_folders", synced.extend)
    outcome = filled.actions.apply(plan, dry_run=False)
    [unit] = filled.journal.units(plan)
    names = [Path(os.fsdecode(path or b"")) for step in unit.steps for path in (step.file.path, step.place)]
    assert {name.parent for name in names} == {Path(os.fsdecode(folder)) for folder in synced}
    assert ["Input/output error."] == [step.reason for step in outcome.troubles]
    assert before == filled.tree()
    assert not (filled.folder / ".simd-quarantine").exists()


def test_what_cannot_be_taken_back_stays_open(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal does not say that nothing was done; the next who acts puts it right first."""
    plan, before = planned(filled), filled.tree()
    with monkeypatch.context() as broken:
        broken.setattr("simd.work.actions.deeds.move", failing(2, 3))
        outcome = filled.actions.apply(plan, dry_run=False)
        assert "could not be taken back: Input/output error." in (outcome.troubles[0].reason or "")
        assert [StepState.DOING] * 2 == [step.state for step in filled.journal.unfinished()]
        broken.setattr("simd.work.actions.deeds.move", failing(*range(9)))
        filled.restart()
        assert [StepState.DOING] * 2 == [step.state for step in filled.journal.unfinished()]
        assert () == filled.actions.notes()
    filled.restart()
    assert before == filled.tree()
    assert [StepState.PLANNED] * 2 == [step.state for step in filled.journal.units(plan)[0].steps]
    assert 1 == filled.actions.apply(plan, dry_run=False).done


def test_an_outcome_that_cannot_be_noted(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked is told; what was done is found out before anything else is done."""
    plan = planned(filled)

    def full() -> None:
        monkeypatch.setattr(filled.journal, "note", _refuse)

    with monkeypatch.context():
        after_the_look(filled, monkeypatch, full)
        with pytest.raises(CatalogueError, match="full"):
            filled.actions.apply(plan, dry_run=False)
    monkeypatch.undo()
    assert 2 == len(filled.journal.unfinished())
    assert 1 == filled.actions.undo(ActionName(plan)).done
    assert (filled.folder / "sub/a.xmp").exists()


def _refuse(*_: object) -> None:
    raise CatalogueError("The disk is full.")


def test_a_picture_is_restored_once_however_it_is_named(filled: Library) -> None:
    """By itself, by where it lies, and by what belongs to it, all at once: it is undone then."""
    plan = planned(filled)
    filled.actions.apply(plan, dry_run=False)
    places = [step.place for step in filled.journal.units(plan)[0].steps]
    paths = [filled.path("sub/a.jpg"), filled.path("sub/a.xmp"), *(place for place in places if place)]
    outcome = filled.actions.restore(paths)
    assert (1, 0) == (outcome.done, outcome.refused)
    assert [StepState.UNDONE] * 2 == [step.state for step in filled.journal.units(plan)[0].steps]


def test_equal_numbers_on_two_disks_are_two_files(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk was mounted after a crash, and a file there has the number of the one in quarantine."""
    plan = planned(filled)
    filled.actions.apply(plan, dry_run=False)
    steps = filled.journal.units(plan)[0].steps
    filled.journal.note([step._replace(state=StepState.UNDOING) for step in steps])
    picture = steps[0]
    filled.write("sub/a.jpg", b"another")
    stands = {picture.file.path: (1, picture.file.stamp.inode), picture.place: (2, picture.file.stamp.inode)}
    monkeypatch.setattr(
        "simd.work.actions.deeds.inode_at", lambda path: stands.get(path) or moving.inode_at(path)
    )
    filled.restart()
    assert StepState.DONE is filled.journal.units(plan)[0].picture.state
    assert {b"another", b"A" * 1_000, b"<x/>"} == filled.contents()
    assert (filled.folder / "sub/a.jpg").read_bytes() == b"another"


MEANWHILE = {
    "written to": lambda path: path.write_bytes(b"Z" * 1_000),
    "replaced": lambda path: (
        path.with_name("new").write_bytes(b"Z" * 1_000) and path.with_name("new").replace(path)
    ),
    "gone": lambda path: path.unlink(),
}


def test_a_quarantine_that_is_a_link_is_not_followed(filled: Library, tmp_path: Path) -> None:
    """Somebody moved it to another disk, or meant no good: nothing is moved through it."""
    plan, before, elsewhere = planned(filled), filled.tree(), tmp_path / "elsewhere"
    folder = f"{filled.clock.now():%Y-%m-%d}-plan-{plan}"
    (elsewhere / folder / "sub").mkdir(parents=True)
    (filled.folder / ".simd-quarantine").symlink_to(elsewhere)
    outcome = filled.actions.apply(plan, dry_run=False)
    assert ["a folder is wanted here, not a link or a file."] == [each.reason for each in outcome.troubles]
    assert before == filled.tree()
    assert [] == [path for path in elsewhere.rglob("*") if path.is_file()]


def test_a_file_in_the_place_of_the_quarantine_is_in_the_way(filled: Library) -> None:
    """It stays, and so do the pictures, with the reason; when it is gone, they may go."""
    plan, before = planned(filled), filled.tree()
    (filled.folder / ".simd-quarantine").write_bytes(b"mine")
    outcome = filled.actions.apply(plan, dry_run=False)
    assert [f"{os.strerror(errno.ENOTDIR)}."] == [each.reason for each in outcome.troubles]
    (filled.folder / ".simd-quarantine").unlink()
    assert before == filled.tree()
    assert 1 == filled.actions.apply(plan, dry_run=False).done


@pytest.mark.parametrize("action", [Action.QUARANTINE, Action.TRASH, Action.HARDLINK])
@pytest.mark.parametrize("becomes", MEANWHILE)
def test_a_file_that_changes_in_the_last_moment(
    filled: Library, monkeypatch: pytest.MonkeyPatch, becomes: str, action: Action
) -> None:
    """It is left alone, as it is then, and its sidecar stays with it."""
    plan, path = planned(filled, action), filled.folder / "sub/a.jpg"
    after_the_look(filled, monkeypatch, lambda: MEANWHILE[becomes](path))
    outcome = filled.actions.apply(plan, dry_run=False)
    assert (0, 1) == (outcome.done, outcome.refused)
    assert outcome.troubles[0].reason
    assert (becomes != "gone") == path.exists()
    assert {"a.jpg", "sub/a.jpg", "sub/a.xmp"} >= set(filled.tree())
    assert (filled.folder / "sub/a.xmp").exists()


@pytest.mark.parametrize("becomes", MEANWHILE)
def test_a_kept_file_that_changes_in_the_last_moment_is_not_linked(
    filled: Library, monkeypatch: pytest.MonkeyPatch, becomes: str
) -> None:
    """Both are compared once more when the link stands; the other file is where it was, untouched."""
    plan, before = planned(filled, Action.HARDLINK), filled.tree()["sub/a.jpg"]
    after_the_look(filled, monkeypatch, lambda: MEANWHILE[becomes](filled.folder / "a.jpg"))
    outcome = filled.actions.apply(plan, dry_run=False)
    assert (0, 1) == (outcome.done, outcome.refused)
    assert before == filled.tree()["sub/a.jpg"]
    assert not (filled.folder / ".simd-quarantine").exists()


def test_the_last_name_of_a_file_is_no_link_to_be_dropped(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kept file is written to, and loses its own name, when the link to it stands: both contents stay."""
    plan, kept = planned(filled, Action.HARDLINK), filled.folder / "a.jpg"

    def then_lost(keeper: bytes, path: bytes) -> None:
        sharing.link_into(keeper, path)
        kept.write_bytes(b"Z" * 1_000)
        kept.unlink()

    monkeypatch.setattr(linking, "link_into", then_lost)
    assert 1 == filled.actions.apply(plan, dry_run=False).refused
    filled.restart()
    assert {b"Z" * 1_000, b"A" * 1_000, b"<x/>"} == filled.contents()
    assert "another file has its name by now" in (filled.journal.unfinished()[0].reason or "")
    (filled.folder / "sub/a.jpg").rename(kept)
    filled.restart()
    assert {"a.jpg", "sub/a.jpg", "sub/a.xmp"} == set(filled.tree())


@pytest.mark.parametrize("name", ["link_into", "equal", "sync_folders", "forget"])
@pytest.mark.parametrize("error", [OSError(errno.EIO, "the disk fails"), Unfit("the disk fails.")])
def test_a_link_that_fails_is_taken_back(
    filled: Library, monkeypatch: pytest.MonkeyPatch, name: str, error: Exception
) -> None:
    """At whatever it fails, the file has its name again."""
    plan, before = planned(filled, Action.HARDLINK), filled.tree()

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(linking, name, fail)
    outcome = filled.actions.apply(plan, dry_run=False)
    assert ["the disk fails."] == [step.reason for step in outcome.troubles]
    assert before == filled.tree()


def test_a_link_that_is_replaced_while_it_is_undone(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person saves an edited picture at that very moment: what they saved stays."""
    step, path = linked(filled), filled.folder / "sub/a.jpg"

    def then_saved(keeper: bytes, to: bytes, traits: str) -> None:
        sharing.copy_back(keeper, to, traits)
        MEANWHILE["replaced"](path)

    monkeypatch.setattr(linking, "copy_back", then_saved)
    outcome = filled.actions.undo(step.name)
    assert ["has just been replaced."] == [(each.reason or "")[-23:] for each in outcome.troubles]
    assert b"Z" * 1_000 == path.read_bytes()
    assert {"a.jpg", "sub/a.jpg", "sub/a.xmp"} == set(filled.tree())
    assert not (filled.folder / ".simd-quarantine").exists()


@pytest.mark.parametrize(
    ("there", "state", "left"),
    [
        ({"path": "link"}, StepState.DONE, {"sub/a.jpg": b"A"}),
        ({"path": "link", "place": "copy"}, StepState.DONE, {"sub/a.jpg": b"A"}),
        ({"aside": "link", "place": "copy"}, StepState.DONE, {"sub/a.jpg": b"A"}),
        ({"path": "copy", "aside": "link"}, StepState.UNDONE, {"sub/a.jpg": b"A"}),
        ({"path": "copy"}, StepState.UNDONE, {"sub/a.jpg": b"A"}),
        ({"path": "new", "place": "copy"}, StepState.UNDOING, {"sub/a.jpg": b"Z", "place": b"A"}),
        (
            {"path": "new", "aside": "link", "place": "copy"},
            StepState.UNDOING,
            {"sub/a.jpg": b"Z", "aside": b"A", "place": b"A"},
        ),
        ({"path": "new", "aside": "link"}, StepState.UNDOING, {"sub/a.jpg": b"Z", "aside": b"A"}),
    ],
)
def test_undoing_a_link_was_interrupted_and_then_the_kept_file_went(
    filled: Library, there: dict[str, str], state: StepState, left: dict[str, bytes]
) -> None:
    """The last name of the bytes is never removed, nor what has taken the name of the file meanwhile."""
    step = linked(filled)
    assert step.place is not None
    places = {
        "path": filled.folder / "sub/a.jpg",
        "place": Path(os.fsdecode(step.place)),
        "aside": Path(os.fsdecode(step.place)).with_name(f"~{step.name.step}.link"),
    }
    link = (filled.folder / "sub/a.jpg").rename(filled.folder / "link")
    places["place"].parent.mkdir(parents=True)
    for name, what in there.items():
        if what == "link":
            link.rename(places[name])
        else:
            places[name].write_bytes(b"A" * 1_000 if what == "copy" else b"Z" * 1_000)
    link.unlink(missing_ok=True)
    (filled.folder / "a.jpg").unlink()
    filled.journal.note([step._replace(state=StepState.UNDOING)])

    filled.restart()

    assert state is filled.journal.units(step.name.plan)[0].picture.state
    kept = {name: path.read_bytes()[:1] for name, path in places.items() if path.exists()}
    assert left == {("sub/a.jpg" if name == "path" else name): content for name, content in kept.items()}


def test_a_trash_behind_a_link(filled: Library, tmp_path: Path) -> None:
    """Many a home folder is reached through one; what was thrown away comes back all the same."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "home").symlink_to(tmp_path / "disk")
    plan = planned(filled, Action.TRASH)
    assert 1 == filled.actions.apply(plan, dry_run=False).done
    assert 1 == filled.actions.undo(ActionName(plan)).done
    assert [] == [path for path in (tmp_path / "disk").rglob("*") if path.is_file()]


def test_a_file_that_is_changed_right_before_it_is_deleted(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is spared with all of its unit, and can be purged, or put back, as before."""
    plan = planned(filled)
    filled.actions.apply(plan, dry_run=False)
    place = filled.journal.units(plan)[0].picture.place
    assert place is not None
    filled.clock.advance(60)
    with monkeypatch.context() as meanwhile:
        after_the_look(filled, meanwhile, lambda: Path(os.fsdecode(place)).write_bytes(b"Z" * 1_234))
        outcome = filled.actions.purge(timedelta(0), dry_run=False)
    assert (0, 1) == (outcome.done, outcome.refused)
    assert {b"Z" * 1_234, b"A" * 1_000, b"<x/>"} == filled.contents()


@pytest.mark.parametrize("restarted", [True, False])
def test_a_purge_that_fails_begins_no_new_time_of_waiting(
    filled: Library, monkeypatch: pytest.MonkeyPatch, *, restarted: bool
) -> None:
    """It has lain there since it was put there; and what was deleted by then is noted."""
    plan = planned(filled)
    filled.actions.apply(plan, dry_run=False)
    filled.clock.advance(60)
    unlink, calls = os.unlink, iter(range(9))

    def fail(path: bytes) -> None:
        if next(calls) == 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        unlink(path)

    with monkeypatch.context() as broken:
        broken.setattr("simd.work.actions.verbs.os.unlink", fail)
        assert 1 == filled.actions.purge(timedelta(seconds=30), dry_run=False).refused
    if restarted:
        filled.restart()
        states = [step.state for step in filled.journal.units(plan)[0].steps]
        assert [StepState.DONE, StepState.PURGED] == states
    assert 1 == filled.actions.purge(timedelta(seconds=30), dry_run=False).done
    assert {"a.jpg"} == set(filled.tree())
