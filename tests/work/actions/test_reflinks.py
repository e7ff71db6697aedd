"""Plans that have copies share their bytes, on filesystems that can do it and on those that cannot."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from simd.catalogue import Catalogue
from simd.core.actions.model import ActionName, PlanRequest, Step
from simd.core.actions.words import Action, PlanState
from simd.work.actions.linking import Sharing
from tests.disks import FORMATS, disk_that_shares, shared_everywhere
from tests.fakes import FakeClock
from tests.work.actions.library import Library

CONTENT = bytes(range(256)) * 64
"""More than a block, for what is shorter lies in the inode of some filesystems, and is not shared."""

MEMORY = Path("/dev/shm")  # noqa: S108 - a filesystem in memory that every Linux has


@pytest.fixture(params=sorted(FORMATS))
def copies(
    request: pytest.FixtureRequest, tmp_path: Path, catalogue: Catalogue, clock: FakeClock
) -> Iterator[Library]:
    """A picture with a copy, on a filesystem that can share blocks."""
    base = tmp_path / request.param
    base.mkdir()
    with disk_that_shares(request.param, base) as disk:
        made = Library(disk, catalogue, clock)
        yield _filled(made)
        made.journal.close()  # another one by now, where it was started again


def _filled(library: Library) -> Library:
    library.add("a.jpg", CONTENT)
    library.add("sub/a.jpg", CONTENT)
    os.sync()
    return library


def _planned(library: Library) -> int:
    return int(library.actions.plan(PlanRequest(action=Action.REFLINK)).id)


def test_copies_share_their_bytes_and_stay_files_of_their_own(copies: Library) -> None:
    """Every block is stored once; bytes, modes, times and inodes are as before."""
    before, plan = copies.tree(), _planned(copies)
    outcome = copies.actions.apply(plan, dry_run=False)
    assert (1, 0, len(CONTENT)) == (outcome.done, outcome.refused, outcome.bytes)
    assert before == copies.tree()
    assert all(shared_everywhere(copies.folder / name) for name in before)


def test_what_has_changed_in_the_last_moment_is_not_shared(
    copies: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel finds it out, whoever has looked before; the file keeps its new bytes."""
    plan, doing = _planned(copies), Sharing.do

    def edit_and_do(self: Sharing, step: Step) -> None:
        copies.write("sub/a.jpg", CONTENT[::-1])
        doing(self, step)

    monkeypatch.setattr(Sharing, "do", edit_and_do)
    outcome = copies.actions.apply(plan, dry_run=False)
    assert ["The files are not equal any more."] == [trouble.reason for trouble in outcome.troubles]
    assert {CONTENT, CONTENT[::-1]} == copies.contents()


def test_sharing_is_not_undone(copies: Library) -> None:
    """Each is a file of its own all the time: that is said, the plan stays applied, and no byte moves."""
    before, plan = copies.tree(), _planned(copies)
    copies.actions.apply(plan, dry_run=False)
    outcome = copies.actions.undo(ActionName(plan))
    [trouble] = outcome.troubles
    said = (
        f"{copies.folder.resolve() / 'sub/a.jpg'} is a file of its own all the time: nothing is to be undone."
    )
    assert (0, said) == (outcome.done, trouble.reason)
    assert PlanState.APPLIED == copies.actions.plan_at(plan, 1, None, None).state
    assert before == copies.tree()


def _interrupted(
    library: Library, monkeypatch: pytest.MonkeyPatch, call: str, act: Callable[[], object]
) -> None:
    """What is there after a process that died as it was going to do it has been started again."""

    def die(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Sharing, call, die)
        with pytest.raises(KeyboardInterrupt):
            act()
    library.restart()


def test_what_a_crash_kept_from_sharing_is_shared_later(
    copies: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands as it was planned."""
    plan = _planned(copies)
    _interrupted(copies, monkeypatch, "do", lambda: copies.actions.apply(plan, dry_run=False))
    assert PlanState.PLANNED == copies.actions.plan_at(plan, 1, None, None).state
    assert 1 == copies.actions.apply(plan, dry_run=False).done
    assert shared_everywhere(copies.folder / "sub/a.jpg")


def test_a_crash_undoes_no_sharing(copies: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shared stays so, and is said to be."""
    plan = _planned(copies)
    copies.actions.apply(plan, dry_run=False)
    _interrupted(copies, monkeypatch, "undo", lambda: copies.actions.undo(ActionName(plan)))
    assert PlanState.APPLIED == copies.actions.plan_at(plan, 1, None, None).state
    assert shared_everywhere(copies.folder / "sub/a.jpg")


@pytest.mark.skipif(not MEMORY.is_dir(), reason="needs a filesystem without blocks")
def test_where_blocks_cannot_be_shared_nothing_is_done(catalogue: Catalogue, clock: FakeClock) -> None:
    """And the person is told why."""
    with TemporaryDirectory(dir=MEMORY) as made:
        library = _filled(Library(Path(made), catalogue, clock))
        with closing(library.journal):
            before, plan = library.tree(), _planned(library)
            outcome = library.actions.apply(plan, dry_run=False)
            said = f"{made}/photos/sub/a.jpg: the filesystem cannot share the blocks of these files."
            assert (0, [said]) == (outcome.done, [trouble.reason for trouble in outcome.troubles])
            assert before == library.tree()
