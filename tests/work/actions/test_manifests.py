"""What a person reads in a quarantine on the day when there is no simd any more."""

import os
from datetime import datetime

import pytest

from simd.core.actions.model import ActionName
from simd.core.actions.words import StepState
from simd.work.actions import quarantine
from tests.work.actions.library import Library
from tests.work.actions.test_mishaps import planned


def told(library: Library) -> list[tuple[str, str, str]]:
    """Moment, word and name of each line of the only manifest."""
    [manifest] = library.folder.glob(".simd-quarantine/*/MANIFEST.txt")
    lines = [line.split("\t") for line in manifest.read_text().splitlines() if "\t" in line]
    return [(moment, word, os.path.basename(was)) for moment, word, was, *_ in lines]  # noqa: PTH119 - a name


def said(moment: datetime) -> str:
    """A moment as a manifest says it."""
    return moment.astimezone().isoformat(timespec="seconds")


def test_each_line_says_when(library: Library) -> None:
    """When a file was taken away, and when it was put back; those that still lie there are told of, too."""
    library.add("a.jpg", b"A" * 1_000)
    for number in (1, 2):
        library.add(f"sub/{number}.jpg", b"A" * 1_000)
    plan, taken = planned(library), said(library.clock.now())
    assert 2 == library.actions.apply(plan, dry_run=False).done
    library.clock.advance(60)
    assert 1 == library.actions.undo(ActionName(plan, 1)).done
    back = said(library.clock.now())
    assert taken != back
    assert [(taken, "taken", "1.jpg"), (taken, "taken", "2.jpg"), (back, "put back", "1.jpg")] == told(
        library
    )


def test_no_line_is_written_into_what_goes(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """When all is back, the manifest goes with the folder of its plan."""
    plan = planned(filled)
    assert 1 == filled.actions.apply(plan, dry_run=False).done
    monkeypatch.setattr(quarantine, "_line", lambda *_: pytest.fail("a line for nobody"))
    assert 1 == filled.actions.undo(ActionName(plan)).done
    assert not (filled.folder / ".simd-quarantine").exists()


def test_what_a_crash_interrupted_has_the_moment_when_it_was_done(filled: Library) -> None:
    """Nobody knows whether it was told before: it is told after the next start."""
    plan, taken = planned(filled), said(filled.clock.now())
    assert 1 == filled.actions.apply(plan, dry_run=False).done
    before = told(filled)
    filled.clock.advance(60)
    [unit] = filled.journal.units(plan)
    filled.journal.note([step._replace(state=StepState.DOING) for step in unit.steps])
    filled.restart()
    assert [taken] * 4 == [moment for moment, *_ in told(filled)]
    assert [*before, *before] == told(filled)
