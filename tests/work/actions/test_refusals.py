"""What may become of files between a plan and its end: each is left alone with its reason, the others go."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from simd.core.actions.model import ActionName, PlanRequest, Removal
from simd.core.actions.words import Action, PlanState, StepState
from simd.core.answers import Outcome
from simd.core.errors import BadRequest, NotFound
from simd.core.protection import Protection
from simd.core.verdicts import VerdictKind, verdicts_on
from tests.work.actions.library import Library

GOING = "sub/a.jpg"
KEPT = "a.jpg"
OTHER = "sub/c.jpg"
"""What goes whatever happens to the first two."""

Deed = Callable[[Path], object]


@pytest.fixture
def filled(library: Library) -> Library:
    """``a`` and ``c``, each with a copy in ``sub``, and ``near`` there, which looks like ``a``."""
    large = library.add(KEPT, b"A" * 1_000, width=2_000)
    library.add(GOING, b"A" * 1_000)
    library.add("c.jpg", b"C" * 700)
    library.add(OTHER, b"C" * 700)
    library.join(large, library.add("sub/near.jpg", b"B" * 500))
    return library


def planned(library: Library, action: Action = Action.QUARANTINE) -> int:
    """A plan about everything."""
    return int(library.actions.plan(PlanRequest(action=action)).id)


def reasons(library: Library, outcome: Outcome) -> dict[str, str | None]:
    """Why files were left alone, by their names."""
    return {os.path.relpath(step.path, library.root.decode()): step.reason for step in outcome.troubles}


def change(path: Path) -> None:
    """Other bytes."""
    path.write_bytes(b"Z" * 1_234)


def change_in_secret(path: Path) -> None:
    """Other bytes of the same length, under the old date."""
    found = path.stat()
    path.write_bytes(b"Z" * found.st_size)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def replace_by_picture(path: Path) -> None:
    """Another file that has its name."""
    other = path.with_name("other.jpg")
    other.write_bytes(b"Z" * path.stat().st_size)
    other.replace(path)


def replace_by_copy(path: Path) -> None:
    """Another file that has its name, its date and its bytes."""
    found, other = path.stat(), path.with_name("other.jpg")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(found.st_atime_ns, found.st_mtime_ns))
    other.replace(path)


def replace_by_link(path: Path) -> None:
    """A link to where it is now."""
    path.rename(path.with_name("elsewhere.jpg"))
    path.symlink_to("elsewhere.jpg")


def replace_by_folder(path: Path) -> None:
    """No file at all."""
    path.unlink()
    path.mkdir()


def replace_by_pipe(path: Path) -> None:
    """Nobody writes to it, so whoever opened it would wait for ever."""
    path.unlink()
    os.mkfifo(path)


BECOMES = {
    change: "has changed since the plan was made",
    change_in_secret: "holds other bytes than when the plan was made",
    Path.unlink: "No such file or directory",
    replace_by_picture: "has changed since the plan was made",
    replace_by_copy: "has changed since the plan was made",
    replace_by_link: "Too many levels of symbolic links",
    replace_by_folder: "is no regular file any more",
    replace_by_pipe: "is no regular file any more",
}


@pytest.mark.parametrize("action", [Action.QUARANTINE, Action.TRASH, Action.HARDLINK])
@pytest.mark.parametrize("name", [GOING, KEPT])
@pytest.mark.parametrize("becomes", BECOMES)
def test_what_is_not_as_it_was_planned_is_left_alone(
    filled: Library, becomes: Deed, name: str, action: Action
) -> None:
    """Be it the file that goes or the one that is kept; the reason is noted, and the others go."""
    plan = planned(filled, action)
    becomes(filled.folder / name)
    before = os.lstat(filled.path(GOING)) if os.path.lexists(filled.path(GOING)) else None

    outcome = filled.actions.apply(plan, dry_run=False)

    told = reasons(filled, outcome)
    assert BECOMES[becomes] in (told[GOING] or "")
    assert name in (told[GOING] or "")
    if before is not None:
        assert os.path.samestat(before, os.lstat(filled.path(GOING)))
    if action is Action.HARDLINK:
        assert (filled.folder / OTHER).samefile(filled.folder / "c.jpg")
    else:
        assert not (filled.folder / OTHER).exists()
    refused = filled.actions.plan_at(plan, 10, None, StepState.REFUSED)
    assert told[GOING] in {step.reason for step in refused.steps}


def test_a_folder_that_is_a_link_by_now_is_not_followed(filled: Library) -> None:
    """Neither to take files out of it, nor to put them back through it."""
    plan = planned(filled)
    sub, elsewhere = filled.folder / "sub", filled.folder / "elsewhere"
    sub.rename(elsewhere)
    sub.symlink_to(elsewhere)
    outcome = filled.actions.apply(plan, dry_run=False)
    assert (0, 3) == (outcome.done, outcome.refused)
    assert all("reached through a link" in (step.reason or "") for step in outcome.troubles)

    sub.unlink()
    elsewhere.rename(sub)
    assert 3 == filled.actions.apply(plan, dry_run=False).done
    sub.rename(elsewhere)
    sub.symlink_to(elsewhere)
    outcome = filled.actions.undo(ActionName(plan))
    assert (0, 3) == (outcome.done, outcome.refused)
    assert [] == list(elsewhere.iterdir())
    sub.unlink()
    assert 3 == filled.actions.undo(ActionName(plan)).done


@pytest.mark.parametrize("lay", [Path.mkdir, lambda path: path.symlink_to("nowhere"), Path.touch])
def test_nothing_is_put_back_over_anything(filled: Library, lay: Deed) -> None:
    """Not even over a link that leads nowhere, or an empty file."""
    plan = planned(filled)
    filled.actions.apply(plan, dry_run=False)
    lay(filled.folder / GOING)
    before = os.lstat(filled.path(GOING))
    outcome = filled.actions.undo(ActionName(plan))
    assert (2, 1) == (outcome.done, outcome.refused)
    assert "Something stands at" in (outcome.troubles[0].reason or "")
    assert os.path.samestat(before, os.lstat(filled.path(GOING)))


def test_what_was_changed_in_quarantine_is_not_put_back(filled: Library) -> None:
    """It is another file by now; what it was is told, and it stays where it is."""
    plan = planned(filled)
    filled.actions.apply(plan, dry_run=False)
    place = filled.journal.units(plan)[0].picture.place
    assert place is not None
    change_in_secret(Path(os.fsdecode(place)))
    outcome = filled.actions.undo(ActionName(plan, 1))
    assert (0, 1) == (outcome.done, outcome.refused)
    assert "holds other bytes" in (outcome.troubles[0].reason or "")
    assert os.path.lexists(place)


def test_two_plans_over_the_same_files(filled: Library) -> None:
    """The second finds them gone; undoing it undoes nothing of the first."""
    first, second = planned(filled), planned(filled)
    assert 3 == filled.actions.apply(first, dry_run=False).done
    outcome = filled.actions.apply(second, dry_run=False)
    assert (0, 3) == (outcome.done, outcome.refused)
    with pytest.raises(BadRequest, match="nothing to undo"):
        filled.actions.undo(ActionName(second))
    assert 3 == filled.actions.undo(ActionName(first)).done
    assert 3 == filled.actions.apply(second, dry_run=False).done


def test_two_plans_that_keep_what_the_other_takes(filled: Library) -> None:
    """Each by itself is right; of both together only one is done, and the picture stays."""
    one = Removal(filled.path(GOING), (filled.path(KEPT),))
    other = Removal(filled.path(KEPT), (filled.path(GOING),))
    plans = [int(filled.actions.plan(PlanRequest(removals=(each,))).id) for each in (one, other)]
    done = [filled.actions.apply(plan, dry_run=False).done for plan in plans]
    assert [1, 0] == done
    assert (filled.folder / KEPT).exists()


@pytest.mark.parametrize("kind", [VerdictKind.DIFFERENT, VerdictKind.SERIES])
def test_a_verdict_is_heeded_that_is_younger_than_the_plan(filled: Library, kind: VerdictKind) -> None:
    """Pictures that were marked apart from each other stay; equal bytes are no question of looks."""
    plan = planned(filled)
    digests = [sha256(content).digest() for content in (b"A" * 1_000, b"B" * 500)]
    filled.verdicts += verdicts_on(kind, digests, filled.clock.now())
    outcome = filled.actions.apply(plan, dry_run=False)
    assert ["sub/near.jpg"] == list(reasons(filled, outcome))
    assert kind in (outcome.troubles[0].reason or "")
    assert (filled.folder / "sub/near.jpg").exists()


def test_a_keep_mark_is_heeded_that_is_younger_than_the_plan(filled: Library) -> None:
    """The picture that looks the same stays."""
    plan = planned(filled)
    filled.verdicts += verdicts_on(VerdictKind.KEEP, [sha256(b"B" * 500).digest()], filled.clock.now())
    outcome = filled.actions.apply(plan, dry_run=False)
    assert {"sub/near.jpg": "The picture is marked to be kept."} == reasons(filled, outcome)


def test_protection_is_heeded_that_is_younger_than_the_plan(filled: Library) -> None:
    """Of a folder as well as of a file, and of what belongs to the picture."""
    filled.write("sub/c.xmp", b"<x/>")
    plan = planned(filled)
    filled.protection = Protection(frozenset({filled.path("sub/c.xmp"), filled.path(GOING)}))
    outcome = filled.actions.apply(plan, dry_run=False)
    assert {GOING, OTHER} == set(reasons(filled, outcome))
    assert all("is protected" in (step.reason or "") for step in outcome.troubles)


def test_a_doubtful_pair_is_left_alone(filled: Library) -> None:
    """What the closer look contradicts stays, also when the plan was made before."""
    plan = planned(filled)
    filled.glances.doubtful.add(filled.path("sub/near.jpg"))
    assert {"sub/near.jpg": "It is doubtful."} == reasons(filled, filled.actions.apply(plan, dry_run=False))


def test_a_deletion_of_which_all_is_refused(filled: Library) -> None:
    """Nothing has been put aside, and so nothing is deleted."""
    plan = int(filled.actions.plan(PlanRequest(action=Action.DELETE, permanently=True)).id)
    filled.protection = Protection(frozenset({filled.path("sub")}))
    outcome = filled.actions.apply(plan, dry_run=False)
    assert (0, 3) == (outcome.done, outcome.refused)


@pytest.mark.parametrize("name", ["é" * 125 + ".jpeg", "x" * 251 + ".jpg", "~" + "y" * 250 + ".jpg"])
@pytest.mark.parametrize("action", [Action.QUARANTINE, Action.TRASH, Action.HARDLINK])
def test_the_longest_names(library: Library, name: str, action: Action) -> None:
    """They go and come back, whatever has to be added to them."""
    library.add("a.jpg", b"A" * 1_000)
    library.add(f"sub/{name}", b"A" * 1_000)
    before = {path: seen[:3] for path, seen in library.tree().items()}
    plan = planned(library, action)
    assert 1 == library.actions.apply(plan, dry_run=False).done
    assert 1 == library.actions.undo(ActionName(plan)).done
    assert before == {path: seen[:3] for path, seen in library.tree().items()}


@pytest.mark.parametrize("name", ["a.jpg", "x" * 251 + ".jpg", "a." + "y" * 252 + "g"])
def test_a_place_in_quarantine_that_is_taken(library: Library, name: str) -> None:
    """Another name is found, be there ever so little room for one; what lay there stays."""
    library.add("kept.jpeg", b"A" * 1_000)
    library.write(f"sub/{name}", b"A" * 1_000)
    library.know(f"sub/{name}")
    removal = Removal(library.path(f"sub/{name}"), (library.path("kept.jpeg"),))
    plan = int(library.actions.plan(PlanRequest(removals=(removal,))).id)
    taken = library.write(f".simd-quarantine/2026-01-15-plan-1/sub/{name}", b"somebody's")
    assert 1 == library.actions.apply(plan, dry_run=False).done
    assert b"somebody's" == Path(os.fsdecode(taken)).read_bytes()
    assert 1 == library.actions.undo(ActionName(plan)).done


def test_names_that_are_no_text(library: Library) -> None:
    """All of it goes and comes back by the bytes; the manifest has one line, with what is no text escaped."""
    bad = os.fsdecode(b"\xff\xfe/caf\xe9\t\n\r\\xe9.jpg")
    library.add("a.jpg", b"A" * 1_000)
    library.add(bad, b"A" * 1_000)
    plan = planned(library)
    assert 1 == library.actions.apply(plan, dry_run=False).done
    [manifest] = library.folder.glob(".simd-quarantine/*/MANIFEST.txt")
    _, _, was, lies, *rest = manifest.read_text(encoding="utf-8").splitlines()[-1].split("\t")
    shown = R"\xff\xfe/caf\xe9\t\n\r\\xe9.jpg"
    assert (library.folder / shown).as_posix() == was
    assert (shown, 2) == (lies, len(rest))
    assert 1 == library.actions.undo(ActionName(plan)).done
    assert (library.folder / bad).exists()


def test_a_root_that_is_away_is_waited_for(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was begun there stays open until it is back, and nothing is believed of it meanwhile."""
    plan = planned(filled)
    with monkeypatch.context() as dying:
        dying.setattr("simd.work.actions.running.sync_folders", _die)
        with pytest.raises(_DeadError):
            filled.actions.apply(plan, dry_run=False)
    away = filled.folder.rename(filled.folder.with_name("away"))
    filled.folder.mkdir()
    filled.online = False
    filled.restart()
    assert 3 == len(filled.journal.unfinished())
    assert PlanState.UNFINISHED is filled.actions.plan_at(plan, 1, None, None).state
    with pytest.raises(NotFound):
        filled.actions.restore([filled.path(GOING)])

    filled.folder.rmdir()
    away.rename(filled.folder)
    filled.online = True
    assert 3 == filled.actions.undo(ActionName(plan)).done


class _DeadError(BaseException):
    """The end of the process, as far as the code can tell."""


def _die(*_: object) -> None:
    raise _DeadError


@contextmanager
def mounted(*how: str) -> Iterator[None]:
    """Something mounted; its last word is where."""
    done = subprocess.run(["mount", *how], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", how[-1]], check=True)


def test_a_disk_inside_the_folder_has_a_quarantine_and_a_trash_of_its_own(library: Library) -> None:
    """Nothing is copied from one to the other; a link across them is refused."""
    card = library.folder / "card"
    card.mkdir()
    with mounted("-t", "tmpfs", "tmpfs", str(card)):
        library.add("a.jpg", b"A" * 1_000)
        library.add("card/sub/a.jpg", b"A" * 1_000)
        inode = (card / "sub/a.jpg").stat().st_ino
        for action, where in (
            (Action.QUARANTINE, ".simd-quarantine"),
            (Action.TRASH, f".Trash-{os.getuid()}"),
        ):
            plan = planned(library, action)
            assert 1 == library.actions.apply(plan, dry_run=False).done
            assert {inode} == {each.stat().st_ino for each in (card / where).rglob("a.jpg")}
            assert 1 == library.actions.undo(ActionName(plan)).done
        outcome = library.actions.apply(planned(library, Action.HARDLINK), dry_run=False)
        assert "lies on another filesystem" in (outcome.troubles[0].reason or "")
        assert inode == (card / "sub/a.jpg").stat().st_ino


def test_a_folder_that_cannot_be_written(filled: Library) -> None:
    """Its files stay, and so does everything about them."""
    plan, sub = planned(filled), filled.folder / "sub"
    before = filled.tree()
    with mounted("--bind", "-o", "ro", str(sub), str(sub)):
        outcome = filled.actions.apply(plan, dry_run=False)
        assert {"Read-only file system."} == {step.reason for step in outcome.troubles}
    assert before == filled.tree()
    assert not (filled.folder / ".simd-quarantine").exists()
    assert 3 == filled.actions.apply(plan, dry_run=False).done


def test_a_disk_that_was_pulled_out_amid_a_move_is_waited_for(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a disk inside the watched folder nobody tells that it is away: neither folder is there."""
    bay, card = tmp_path / "bay", library.folder / "card"
    bay.mkdir()
    card.mkdir()
    with mounted("--bind", str(bay), str(card)):
        library.add("a.jpg", b"A" * 1_000)
        library.add("card/sub/a.jpg", b"A" * 1_000)
        plan = planned(library)
        with monkeypatch.context() as dying:
            dying.setattr("simd.work.actions.running.sync_folders", _die)
            with pytest.raises(_DeadError):
                library.actions.apply(plan, dry_run=False)
    library.restart()
    assert ["neither its folder"] == [
        (step.reason or "").partition(": ")[2][:18] for step in library.journal.unfinished()
    ]
    with mounted("--bind", str(bay), str(card)):
        library.restart()
        assert 1 == library.actions.undo(ActionName(plan)).done
        assert (card / "sub/a.jpg").exists()
