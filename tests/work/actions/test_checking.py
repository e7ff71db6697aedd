"""What is looked at right before something is done to a file."""

import os

import pytest

from simd.core.actions.model import ActionName, PlanRequest
from simd.core.actions.words import Action
from tests.work.actions.library import Library


def planned(library: Library, action: Action = Action.QUARANTINE) -> int:
    """A plan about everything."""
    return int(library.actions.plan(PlanRequest(action=action)).id)


@pytest.mark.parametrize("action", [Action.QUARANTINE, Action.TRASH])
def test_equal_pictures_are_read_whatever_their_dates_say(
    library: Library, monkeypatch: pytest.MonkeyPatch, action: Action
) -> None:
    """Each that goes and the one that is kept, once; and what was taken away before it goes back."""
    library.add("kept.jpg", b"A" * 1_001)
    library.add("sub/1.jpg", b"A" * 1_001)
    library.add("sub/2.jpg", b"A" * 1_001)
    plan, reading, read = planned(library, action), os.pread, []

    def noting(*given: int) -> bytes:
        read.append(given[1])
        return reading(*given)

    monkeypatch.setattr(os, "pread", noting)
    assert 2 == library.actions.apply(plan, dry_run=False).done
    assert [1_001] * 3 == read
    assert 2 == library.actions.undo(ActionName(plan)).done
    assert [1_001] * 5 == read


def test_raw_files_are_compared_when_their_turn_has_come(library: Library) -> None:
    """Nobody has read them for the plan, which took one of the same name and length for its equal."""
    library.add("a/1.jpg", b"A" * 1_000)
    library.write("a/1.cr2", b"R" * 50)
    library.add("b/1.jpg", b"A" * 1_000)
    library.write("b/1.cr2", b"r" * 50)
    plan, before = planned(library), library.tree()
    [step] = library.actions.apply(plan, dry_run=False).troubles
    paths = [os.fsdecode(library.path(name)) for name in ("b/1.cr2", "a/1.cr2")]
    assert f"{paths[0]} and {paths[1]} are not equal." == step.reason
    assert before == library.tree()
