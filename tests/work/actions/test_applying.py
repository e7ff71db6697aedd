"""Plans applied, undone and purged on real files: what lies where afterwards, and what is told."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from simd.core.actions.model import ActionName, PlanRequest
from simd.core.actions.words import Action, PlanState, StepState
from simd.core.answers import Outcome
from simd.core.errors import BadRequest, NotFound, Unavailable
from simd.core.hints import Gone, Settled, Touched
from simd.core.stamp import Stamp
from simd.system.trash import info_of, original_of
from tests.work.actions.library import Library

NOW = timedelta(0)

TAKEN = "2026-01-15-plan-1"
"""The folder of the first plan, by the day of the clock."""


@pytest.fixture
def filled(library: Library) -> Library:
    """``a`` with a copy that has a sidecar, and ``b`` that looks like it."""
    large = library.add("a.jpg", b"A" * 1_000, width=2_000)
    library.add("sub/a.jpg", b"A" * 1_000)
    library.write("sub/a.xmp", b"S" * 7)
    library.join(large, library.add("b.jpg", b"B" * 500))
    return library


def applied(library: Library, action: Action = Action.QUARANTINE) -> Outcome:
    """What came of a new plan about everything."""
    plan = library.actions.plan(PlanRequest(action=action, permanently=action is Action.DELETE))
    return library.actions.apply(int(plan.id), dry_run=False)


def names(library: Library) -> set[str]:
    """Every file below the root."""
    return set(library.tree())


def reasons(outcome: Outcome) -> list[str | None]:
    """Why files were left alone."""
    return [step.reason for step in outcome.troubles]


def test_quarantine_keeps_the_shape_of_the_tree(filled: Library) -> None:
    """With what belongs to the pictures, and a manifest that says what came from where."""
    outcome = applied(filled)
    assert (2, 0, 1_507, ["1"]) == (outcome.done, outcome.refused, outcome.bytes, outcome.plans)
    inside = {
        f".simd-quarantine/{TAKEN}/{name}" for name in ("MANIFEST.txt", "sub/a.jpg", "sub/a.xmp", "b.jpg")
    }
    assert {"a.jpg"} | inside == names(filled)
    manifest = (filled.folder / ".simd-quarantine" / TAKEN / "MANIFEST.txt").read_text()
    lines = [line.split("\t")[1:] for line in manifest.splitlines() if "\t" in line]
    root = filled.root.decode()
    assert ["taken", f"{root}/sub/a.jpg", "sub/a.jpg", f"{root}/a.jpg"] == lines[0][:4]
    assert ["taken", f"{root}/sub/a.xmp", "sub/a.xmp", "", ""] == lines[1]
    shown = filled.actions.plan_at(1, 10, None, None)
    assert (PlanState.APPLIED, [StepState.DONE] * 2) == (shown.state, [step.state for step in shown.steps])
    assert f"{root}/.simd-quarantine/{TAKEN}/sub/a.jpg" == shown.steps[0].to


@pytest.mark.parametrize("action", [Action.QUARANTINE, Action.TRASH, Action.HARDLINK])
def test_undoing_leaves_the_tree_as_it_was(filled: Library, action: Action) -> None:
    """Bytes, modes and times; the same inodes but where a link was parted; and nothing of ours."""
    before = filled.tree()
    (filled.folder / "sub/a.jpg").chmod(0o640)
    filled.know("sub/a.jpg")
    changed = {name: row for name, row in filled.tree().items() if row != before[name]}
    assert applied(filled, action).done
    assert before != filled.tree()
    outcome = filled.actions.undo(ActionName(1))
    assert (0, PlanState.UNDONE) == (outcome.refused, filled.actions.plan_at(1, 1, None, None).state)
    after = filled.tree()
    parted = {"sub/a.jpg"} if action is Action.HARDLINK else set()
    assert {name: row[: 3 if name in parted else 4] for name, row in (dict(before) | changed).items()} == {
        name: row[: 3 if name in parted else 4] for name, row in after.items()
    }
    assert not (filled.folder / ".simd-quarantine").exists()


def test_the_trash_knows_where_files_came_from(filled: Library) -> None:
    """As its specification says, and whoever put one back by hand is told so when he undoes it."""
    assert 2 == applied(filled, Action.TRASH).done
    steps = filled.actions.plan_at(1, 10, None, None).steps
    assert steps[0].to is not None
    place = steps[0].to.encode()
    assert filled.path("sub/a.jpg") == original_of(place)
    Path(os.fsdecode(place)).rename(filled.folder / "mine.jpg")
    outcome = filled.actions.undo(ActionName(1))
    assert (1, 1) == (outcome.done, outcome.refused)
    assert not os.path.lexists(info_of(place.replace(b"a.jpg", b"b.jpg")))


def test_linked_files_are_one(filled: Library) -> None:
    """With a link count of two; what only looks the same stays as it is."""
    outcome = applied(filled, Action.HARDLINK)
    assert (1, 1_000) == (outcome.done, outcome.bytes)
    tree = filled.tree()
    assert tree["a.jpg"][3] == tree["sub/a.jpg"][3]
    assert {"a.jpg", "b.jpg", "sub/a.jpg", "sub/a.xmp"} == set(tree)


def test_a_link_is_parted_whatever_has_become_of_the_kept_name(filled: Library) -> None:
    """It was renamed since, or removed: the linked file holds the bytes, and gets back what was its own."""
    before = filled.tree()["sub/a.jpg"]
    applied(filled, Action.HARDLINK)
    (filled.folder / "a.jpg").rename(filled.folder / "renamed.jpg")
    assert 0 == filled.actions.undo(ActionName(1)).refused
    after = filled.tree()
    assert before[:3] == after["sub/a.jpg"][:3]
    assert after["renamed.jpg"][3] != after["sub/a.jpg"][3]


def test_a_file_in_the_place_of_a_link_is_not_parted(filled: Library) -> None:
    """Somebody put a file of his own there, be its bytes the same: it stays as it is."""
    applied(filled, Action.HARDLINK)
    (filled.folder / "sub/a.jpg").unlink()
    filled.write("sub/a.jpg", b"A" * 1_000)
    before = filled.tree()
    outcome = filled.actions.undo(ActionName(1))
    assert (1, True) == (outcome.refused, "not the link any more" in (reasons(outcome)[0] or ""))
    assert before == filled.tree()


def test_deleted_files_are_gone(filled: Library) -> None:
    """With no quarantine left behind; it cannot be undone, and says so."""
    outcome = applied(filled, Action.DELETE)
    assert (2, 0, 1_507) == (outcome.done, outcome.refused, outcome.bytes)
    assert ["a.jpg"] == [
        str(place.relative_to(filled.folder)) for place in filled.folder.rglob("*") if place.is_file()
    ]
    assert not (filled.folder / ".simd-quarantine").exists()
    with pytest.raises(BadRequest, match="nothing to undo"):
        filled.actions.undo(ActionName(1))


def test_a_rehearsal_changes_nothing(filled: Library) -> None:
    """Neither on the disk nor in the journal, and tells what would be refused."""
    plan = filled.actions.plan(PlanRequest())
    filled.glances.doubtful.add(filled.path("b.jpg"))
    before, known = filled.tree(), filled.journal.units(1)
    outcome = filled.actions.apply(int(plan.id), dry_run=True)
    assert (True, 1, 1, ["It is doubtful."]) == (
        outcome.dry_run, outcome.done, outcome.refused, reasons(outcome),
    )  # fmt: skip
    assert (before, known, 0) == (filled.tree(), filled.journal.units(1), filled.glances.kept)


def test_what_was_refused_is_tried_again(filled: Library) -> None:
    """What was done is not; when nothing is left, that is said."""
    filled.glances.doubtful.add(filled.path("b.jpg"))
    assert (1, 1) == ((first := applied(filled)).done, first.refused)
    filled.glances.doubtful.clear()
    again = filled.actions.apply(1, dry_run=False)
    assert (1, 0, 500) == (again.done, again.refused, again.bytes)
    with pytest.raises(BadRequest, match="is left to do: it is applied"):
        filled.actions.apply(1, dry_run=False)


def test_one_step_is_undone_by_its_name(filled: Library) -> None:
    """With its companions, named by any of them; the others stay where they are."""
    applied(filled)
    assert 1 == filled.actions.undo(ActionName(1, 2)).done
    assert {"a.jpg", "sub/a.jpg", "sub/a.xmp", f".simd-quarantine/{TAKEN}/b.jpg"} < names(filled)
    with pytest.raises(BadRequest, match=r"Nothing of 1\.2 is done"):
        filled.actions.undo(ActionName(1, 2))


@pytest.mark.parametrize("place", [b"/b.jpg", f"/.simd-quarantine/{TAKEN}/b.jpg".encode()])
def test_a_file_is_restored_by_where_it_was_or_is(filled: Library, place: bytes) -> None:
    """Of several names one that is unknown has nothing restored."""
    applied(filled)
    with pytest.raises(NotFound, match="taken no file away"):
        filled.actions.restore([filled.root + place, filled.path("unknown.jpg")])
    assert "b.jpg" not in names(filled)
    assert (1, ["1"]) == ((outcome := filled.actions.restore([filled.root + place])).done, outcome.plans)
    assert "b.jpg" in names(filled)


def test_the_folder_of_a_file_is_made_anew(filled: Library) -> None:
    """Somebody removed it when it was empty."""
    applied(filled)
    (filled.folder / "sub").rmdir()
    assert 0 == filled.actions.undo(ActionName(1)).refused
    assert {"sub/a.jpg", "sub/a.xmp"} < names(filled)


def test_nothing_is_put_over_anything(filled: Library) -> None:
    """A new file has the name by now: the old one waits, and is put back once the name is free.

    Then nothing is said any more of why it was left alone.
    """

    def told() -> list[StepState]:
        return [step.state for unit in filled.journal.units(1) for step in unit.steps if step.reason]

    applied(filled)
    filled.write("b.jpg", b"new")
    outcome = filled.actions.undo(ActionName(1))
    assert (1, 1) == (outcome.done, outcome.refused)
    assert "nothing is overwritten" in (reasons(outcome)[0] or "")
    assert b"new" == (filled.folder / "b.jpg").read_bytes()
    (filled.folder / "b.jpg").unlink()
    assert [StepState.DONE] == told()
    assert (1, 0) == ((again := filled.actions.undo(ActionName(1))).done, again.refused)
    assert [] == told()
    assert b"B" * 500 == (filled.folder / "b.jpg").read_bytes()


def test_a_plan_says_when_its_pictures_came_so_far(filled: Library) -> None:
    """When they were taken away, until they are put back; what was left alone keeps its moment."""

    def moments() -> dict[str, datetime | None]:
        return {os.fsdecode(unit.picture.file.path[-5:]): unit.picture.at for unit in filled.journal.units(1)}

    taken = filled.clock.now()
    applied(filled)
    assert {"a.jpg": taken, "b.jpg": taken} == moments()
    filled.clock.advance(60)
    filled.write("b.jpg", b"new")
    assert 1 == filled.actions.undo(ActionName(1)).refused
    assert {"a.jpg": filled.clock.now(), "b.jpg": taken} == moments()


def test_a_purge_takes_what_is_old_enough(filled: Library) -> None:
    """By the moment at which it was put away; with what belongs to it, and the folders."""
    applied(filled)
    filled.clock.advance(86_400)
    assert (0, []) == ((young := filled.actions.purge(timedelta(days=2), dry_run=False)).done, young.plans)
    rehearsed = filled.actions.purge(timedelta(hours=23), dry_run=True)
    outcome = filled.actions.purge(timedelta(hours=23), dry_run=False)
    assert (2, 2, 1_507) == (rehearsed.done, outcome.done, outcome.bytes)
    assert {"a.jpg"} == names(filled)
    assert not (filled.folder / ".simd-quarantine").exists()
    assert PlanState.PURGED is filled.actions.plan_at(1, 1, None, None).state


def test_a_purge_spares_the_last_copy(filled: Library) -> None:
    """The kept file is another picture by now; a copy anywhere that the catalogue knows is enough."""
    applied(filled)
    filled.clock.advance(10)
    (filled.folder / "a.jpg").write_bytes(b"X" * 1_000)
    outcome = filled.actions.purge(NOW, dry_run=False)
    assert (0, 2) == (outcome.done, outcome.refused)
    assert "last copy" in (reasons(outcome)[0] or "")
    filled.add("elsewhere/again.jpg", b"B" * 500)
    assert (1, 1) == ((again := filled.actions.purge(NOW, dry_run=False)).done, again.refused)
    assert {b"A" * 1_000, b"B" * 500} <= filled.contents()


def test_a_purge_misses_no_sidecar_that_is_gone(filled: Library) -> None:
    """A person has deleted it in the quarantine: the picture goes all the same."""
    applied(filled)
    filled.clock.advance(10)
    (filled.folder / f".simd-quarantine/{TAKEN}/sub/a.xmp").unlink()
    assert (2, 0) == ((outcome := filled.actions.purge(NOW, dry_run=False)).done, outcome.refused)
    assert {"a.jpg"} == names(filled)


def test_a_purge_spares_a_raw_file_without_an_equal(library: Library) -> None:
    """It went because there was one beside the picture that is kept: both stay, until there is one again."""
    for folder in ("a", "b"):
        library.add(f"{folder}/1.jpg", b"A" * 1_000)
        library.write(f"{folder}/1.cr2", b"R" * 50)
    assert 1 == applied(library).done
    library.clock.advance(10)
    library.write("a/1.cr2", b"X" * 50)
    outcome = library.actions.purge(NOW, dry_run=False)
    assert [
        f"{library.folder.resolve()}/b/1.cr2 has no equal any more beside the picture that was kept."
    ] == (reasons(outcome))
    assert {b"A" * 1_000, b"R" * 50, b"X" * 50} == library.contents()
    library.write("a/1.cr2", b"R" * 50)
    assert 1 == library.actions.purge(NOW, dry_run=False).done
    assert {"a/1.jpg", "a/1.cr2"} == names(library)


def test_the_loop_is_told_and_need_not_read(filled: Library) -> None:
    """Of pictures that left, and of those that are back with their stamps; of a link and of what it is to."""
    applied(filled)
    gone = [Gone(filled.path(name), directory=False) for name in ("sub/a.jpg", "b.jpg")]
    assert gone == filled.mailbox.take(0)[0]
    filled.actions.undo(ActionName(1))
    back = [(path, Stamp.of(os.lstat(path))) for path in map(filled.path, ("sub/a.jpg", "b.jpg"))]
    assert {Settled(path, stamp, image) for (path, stamp), image in zip(back, (1, 2), strict=True)} == set(
        filled.mailbox.take(0)[0]
    )
    filled.know("sub/a.jpg")
    applied(filled, Action.HARDLINK)
    told = [Settled(path, Stamp.of(os.lstat(path)), 1) for path in map(filled.path, ("sub/a.jpg", "a.jpg"))]
    assert set(told) == set(filled.mailbox.take(0)[0])


def test_the_loop_reads_what_the_catalogue_has_forgotten(filled: Library) -> None:
    """A picture that was away for long enough is a new one when it is back."""
    applied(filled)
    filled.forget("b.jpg")
    filled.mailbox.take(0)
    filled.actions.undo(ActionName(1))
    stamp = Stamp.of(os.lstat(filled.path("sub/a.jpg")))
    assert {Settled(filled.path("sub/a.jpg"), stamp, 1), Touched(filled.path("b.jpg"))} == set(
        filled.mailbox.take(0)[0]
    )


def test_one_thing_is_done_at_a_time(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes meanwhile is told so at once; after the end nothing is begun."""
    filled.actions.plan(PlanRequest())
    refused: list[Unavailable] = []

    def meanwhile(_: object, **__: object) -> dict[object, str]:
        with pytest.raises(Unavailable, match="at this moment") as error:
            filled.actions.undo(ActionName(1))
        refused.append(error.value)
        return {}

    monkeypatch.setattr(filled.glances, "doubts", meanwhile)
    assert 2 == filled.actions.apply(1, dry_run=False).done
    assert refused
    filled.actions.close()
    with pytest.raises(Unavailable, match="stopping"):
        filled.actions.undo(ActionName(1))


def test_plans_that_nobody_applies_are_forgotten(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """After thirty days, but not while something is done to files, which may be one of them."""
    filled.actions.plan(PlanRequest())
    applied(filled)
    filled.actions.undo(ActionName(2))
    filled.clock.advance(29 * 86_400)
    filled.actions.plan(PlanRequest())
    filled.actions.forget_unbegun()
    assert ["3", "2", "1"] == [plan.id for plan in filled.actions.plans(9, None).plans]
    filled.clock.advance(2 * 86_400)
    refused: list[Unavailable] = []

    def meanwhile(_: object, **__: object) -> dict[object, str]:
        with pytest.raises(Unavailable, match="at this moment") as error:
            filled.actions.forget_unbegun()
        refused.append(error.value)
        return {}

    monkeypatch.setattr(filled.glances, "doubts", meanwhile)
    filled.actions.apply(1, dry_run=True)
    assert refused
    filled.actions.forget_unbegun()
    assert ["3", "2"] == [plan.id for plan in filled.actions.plans(9, None).plans]


def test_what_was_begun_is_told_after_a_start(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of two files has gone when the process ends: both are put right, and the status says so."""
    filled.actions.plan(PlanRequest())

    class Killed(BaseException):
        pass

    def stop(_: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("simd.work.actions.running.sync_folders", stop)
        with pytest.raises(Killed):
            filled.actions.apply(1, dry_run=False)
    assert 3 == len(filled.journal.unfinished())
    filled.restart()
    assert [] == filled.journal.unfinished()
    assert PlanState.APPLIED is filled.actions.plan_at(1, 1, None, None).state
    assert "3 files were in the midst" in filled.actions.notes()[0].message
    assert 3 == len(
        (filled.folder / ".simd-quarantine" / TAKEN / "MANIFEST.txt").read_text().split("taken\t")[1:]
    )


def test_paths_are_what_the_disk_says(library: Library) -> None:
    """A name that is no text goes and comes back, and is shown escaped with its bytes beside."""
    bad = os.fsdecode(b"caf\xe9\n.jpg")
    library.add("a.jpg", b"A" * 1_000)
    library.add(bad, b"A" * 1_000)
    outcome = applied(library)
    shown = library.actions.plan_at(1, 1, None, None).steps[0]
    assert (1, True, True) == (outcome.done, shown.path_b64 is not None, shown.to_b64 is not None)
    assert 1 == library.actions.restore([library.path(bad)]).done
    assert (Path(library.folder) / bad).exists()
