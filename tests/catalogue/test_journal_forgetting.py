"""Plans that nobody has applied leave the journal; whatever was done stays in it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from simd.catalogue import Journal, journal
from simd.catalogue.journal import UNBEGUN_KEPT
from simd.core.actions.model import Unit
from simd.core.actions.sheets import UNITS_AT_MOST
from simd.core.actions.words import StepState
from simd.core.errors import NotFound
from tests.catalogue.test_journal import draft, picture
from tests.fakes import FakeClock

DAY = timedelta(days=1)
LONG = 2 * UNBEGUN_KEPT.total_seconds()
MANY = 2_000


@pytest.fixture
def kept(tmp_path: Path, clock: FakeClock) -> Iterator[Journal]:
    """An empty journal."""
    with closing(Journal(tmp_path, clock)) as opened:
        yield opened


def add(kept: Journal, *states: StepState, pictures: int = 2) -> int:
    """A plan of so many pictures, the first of which have come to one state after the other."""
    number = kept.add(draft(*(Unit(picture(each, b"%d.jpg" % each)) for each in range(1, pictures + 1))))
    step = kept.units(number)[0].picture
    for state in states:
        kept.note([step._replace(state=state, place=b"/q/1")])
    return number


def rows(folder: Path) -> dict[str, int]:
    """How many rows each table has, in a connection that trusts nobody."""
    with closing(sqlite3.connect(folder / "journal.db")) as connection:
        assert [] == connection.execute("PRAGMA foreign_key_check").fetchall()
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - constants
            for table in ("plan", "sheet", "standing", "tally")
        }


def test_old_plans_that_nobody_applied_are_dropped(tmp_path: Path, kept: Journal, clock: FakeClock) -> None:
    """With all that was kept of them; those made since stay, and no number is given twice."""
    done = add(kept, StepState.DONE, pictures=UNITS_AT_MOST + 1)
    old = [add(kept), add(kept, StepState.DOING, StepState.PLANNED)]
    clock.advance(DAY.total_seconds())
    young = add(kept)
    clock.advance((UNBEGUN_KEPT - timedelta(seconds=1)).total_seconds())
    assert 2 == kept.forget_unbegun()
    assert [young, done] == [plan.id for plan in kept.plans(9)]
    assert {"plan": 2, "sheet": 3, "standing": 1, "tally": 4} == rows(tmp_path)
    for number in old:
        with pytest.raises(NotFound) as caught:
            kept.plan(number)
        assert "forgotten after 30 days." in (caught.value.hint or "")
    clock.advance(2)
    assert 1 == kept.forget_unbegun()
    assert young < add(kept)
    assert 0 == kept.forget_unbegun()


@pytest.mark.parametrize("state", [state for state in StepState if state is not StepState.PLANNED])
def test_plans_of_which_anything_has_become_stay(kept: Journal, clock: FakeClock, state: StepState) -> None:
    """Be it a single picture of many that was done, refused, undone, or is under way."""
    number = add(kept, state)
    clock.advance(LONG)
    assert 0 == kept.forget_unbegun()
    assert [state, StepState.PLANNED] == [unit.picture.state for unit in kept.units(number)]


@pytest.mark.parametrize(("others", "shrinks"), [(1, False), (4, True)])
def test_much_room_goes_back_to_the_disk(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, others: int, *, shrinks: bool
) -> None:
    """Where most of the journal lies idle; less is not worth writing it anew. What stays is as before."""
    monkeypatch.setattr(journal, "_ROOMY", 1 << 16)
    with closing(Journal(tmp_path, clock)) as kept:
        done = add(kept, StepState.DONE, pictures=2 * MANY)
        for _ in range(others):
            add(kept, pictures=MANY)
        before = kept.units(done)
    full = _size(tmp_path)
    with closing(Journal(tmp_path, clock)) as kept:
        clock.advance(LONG)
        assert others == kept.forget_unbegun()
        assert before == kept.units(done)
    assert shrinks == (_size(tmp_path) < full)
    with closing(Journal(tmp_path, clock)) as kept:
        assert (before, None) == (kept.units(done), kept.recovery)


def test_a_small_journal_is_left_as_it_is(tmp_path: Path, clock: FakeClock) -> None:
    """Room that the next plan needs is not given away."""
    with closing(Journal(tmp_path, clock)) as kept:
        add(kept, pictures=MANY)
    full = _size(tmp_path)
    with closing(Journal(tmp_path, clock)) as kept:
        clock.advance(LONG)
        assert 1 == kept.forget_unbegun()
    assert full == _size(tmp_path)


def _size(folder: Path) -> int:
    return (folder / "journal.db").stat().st_size
