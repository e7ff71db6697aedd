"""The journal of actions: whatever is noted is on the disk, and units stay together."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simd.catalogue import Journal, journal
from simd.core.actions.known import Known
from simd.core.actions.model import ActionName, Step, Unit
from simd.core.actions.sheets import Draft, sheet_of
from simd.core.actions.words import Action, CompanionRole, PlanState, StepState
from simd.core.answers import Deeds, DeedTotals, MatchKind
from simd.core.errors import CatalogueError, NewerCatalogue, NotFound
from simd.core.stamp import Stamp
from tests.catalogue.drafts import draft_of
from tests.fakes import FakeClock

LATE = datetime(2026, 11, 21, 23, 59, 59, 123_456, tzinfo=UTC)
INODE = 2**64 - 1

NOTER = """
import os, signal, sys
from pathlib import Path
from simd.catalogue import Journal
from simd.core.actions.words import StepState
from simd.runtime.clock import SystemClock

journal = Journal(Path(sys.argv[1]), SystemClock())
steps = [step for unit in journal.units(1) for step in unit.steps]
journal.note(step._replace(state=StepState.DOING, place=b"/q/1") for step in steps)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def kept(tmp_path: Path, clock: FakeClock) -> Iterator[Journal]:
    """An empty journal."""
    with closing(Journal(tmp_path, clock)) as opened:
        yield opened


def known(name: bytes, number: int, digest: bytes | None = b"d" * 32) -> Known:
    """A file."""
    return Known(b"/photos/" + name, Stamp(1_000 + number, 10**18, 10**18 + 1, INODE - number), digest)


def picture(number: int, name: bytes, *, state: StepState = StepState.PLANNED) -> Step:
    """A step for a picture that gives way to ``/photos/kept``."""
    return Step(
        name=ActionName(0, number),
        file=known(name, number),
        keeper=known(b"kept", 0),
        root=b"/photos",
        kind=MatchKind.IDENTICAL,
        why="same bytes",
        size=1_000,
        state=state,
    )


def companion(number: int, of: Step, name: bytes, counterpart: bytes | None = None) -> Step:
    """A raw file of a picture."""
    return of._replace(
        name=ActionName(0, number),
        file=known(name, number, None),
        keeper=None if counterpart is None else known(counterpart, number, None),
        kind=MatchKind.NEAR,
        size=50,
        unit=of.name.step,
        role=CompanionRole.RAW,
    )


def draft(*units: Unit, action: Action = Action.QUARANTINE, by_hand: bool = False) -> Draft:
    """A plan of these."""
    return draft_of(units, action, by_hand=by_hand, warnings=("mind the gap",))


def some() -> list[Unit]:
    """A picture with two companions, one that has a bad name and none, and another with one."""
    one, two, three = picture(1, b"a.jpg"), picture(4, b"\xff\n.jpg"), picture(5, b"c.jpg")
    return [
        Unit(one, (companion(2, one, b"a.cr2", b"kept.cr2"), companion(3, one, b"a.xmp"))),
        Unit(two),
        Unit(three, (companion(6, three, b"c.cr2"),)),
    ]


def named(units: Sequence[Unit], plan: int) -> list[Unit]:
    """The same with the number of their plan."""
    told = [[step._replace(name=step.name._replace(plan=plan)) for step in unit.steps] for unit in units]
    return [Unit(steps[0], tuple(steps[1:])) for steps in told]


def states(units: Sequence[Unit]) -> list[list[StepState]]:
    """How far everything has come."""
    return [[step.state for step in unit.steps] for unit in units]


def test_what_is_kept_comes_back_whole(kept: Journal) -> None:
    """Every column of every step: unsigned inodes, names that are no text, companions with their picture."""
    number = kept.add(draft(*some(), action=Action.TRASH, by_hand=True))
    record = kept.plan(number)
    assert named(some(), number) == kept.units(number)
    assert (Action.TRASH, True, ("mind the gap",), PlanState.PLANNED, 3_150, None) == (
        record.action, record.by_hand, record.warnings, record.state, record.size, record.last_at,
    )  # fmt: skip
    assert {StepState.PLANNED: 3} == record.counts


def test_units_are_paged_and_chosen_by_the_state_of_their_picture(kept: Journal) -> None:
    """A page never parts a picture from its companions."""
    number = kept.add(draft(*some()))
    units = named(some(), number)
    kept.note(step._replace(state=StepState.DONE) for step in units[1].steps)
    assert units[:1] == kept.units(number, limit=1)
    assert [4, 5] == [unit.picture.name.step for unit in kept.units(number, after=1, limit=2)]
    assert [units[0], units[2]] == kept.units(number, [StepState.PLANNED])
    assert {StepState.PLANNED: 2, StepState.DONE: 1} == kept.plan(number).counts


def test_a_plan_of_many_sheets_comes_back_in_order(kept: Journal) -> None:
    """More than are read in one go, whose steps are not numbered alike."""
    units = some() * 9
    steps = [step for unit in units for step in unit.steps]
    numbered = [step._replace(name=ActionName(0, number)) for number, step in enumerate(steps, 1)]
    pictures = [step._replace(unit=None, role=None) for step in numbered]
    number = kept.add(replace(draft(), sheets=tuple(sheet_of([picture]) for picture in pictures)))
    assert named([Unit(picture) for picture in pictures], number) == kept.units(number)


@pytest.mark.parametrize("order", ["onwards", "backwards"])
def test_a_plan_is_read_by_portions_while_it_is_worked_on(kept: Journal, order: str) -> None:
    """Each picture in one of the states comes once, though it stays in them; or the last comes first."""
    pictures = [picture(number, b"%d.jpg" % number) for number in range(1, 31)]
    sheets = tuple(sheet_of(pictures[start : start + 2]) for start in range(0, 30, 2))
    number = kept.add(replace(draft(), sheets=sheets))
    kept.note(step._replace(state=StepState.DONE) for unit in kept.units(number)[8:11] for step in unit.steps)
    expected = [[first, first + 1] for first in range(1, 31, 2)]
    expected[4:6] = [[12]]
    if order == "backwards":
        expected = [portion[::-1] for portion in reversed(expected)]
    came = []
    wanted = [StepState.PLANNED, StepState.REFUSED]
    for portion in kept.portions(number, wanted, backwards=order == "backwards"):
        units = portion.units()
        came.append([unit.picture.name.step for unit in units])
        kept.note(step._replace(state=StepState.REFUSED) for unit in units for step in unit.steps)
    assert expected == came
    assert {StepState.REFUSED: 27, StepState.DONE: 3} == kept.plan(number).counts


def test_notes_are_found_by_any_name_of_the_unit(kept: Journal) -> None:
    """State, place, reason, moment to the microsecond, and traits; asked for by a companion as well."""
    number = kept.add(draft(*some()))
    before = kept.unit(ActionName(number, 3))
    told = [
        step._replace(state=StepState.DONE, place=b"/q/\xff", reason="why", at=LATE, traits="{}")
        for step in before.steps
    ]
    kept.note(told)
    assert Unit(told[0], tuple(told[1:])) == kept.unit(ActionName(number, 1))
    assert LATE == kept.plan(number).last_at


def test_what_is_not_there_is_said_to_be_so(kept: Journal) -> None:
    """A plan, and a step of one, with where to look."""
    number = kept.add(draft(*some()))
    with pytest.raises(NotFound, match=r"no plan 9\."):
        kept.plan(9)
    with pytest.raises(NotFound, match=rf"no action {number}\.9"):
        kept.unit(ActionName(number, 9))


def test_plans_come_newest_first(kept: Journal) -> None:
    """A page of them, and the page behind it."""
    numbers = [kept.add(draft(*some()[:1])) for _ in range(3)]
    assert numbers[:0:-1] == [record.id for record in kept.plans(2)]
    assert numbers[:1] == [record.id for record in kept.plans(2, before=numbers[1])]


def test_the_last_that_was_done_is_found_by_either_path(kept: Journal) -> None:
    """Of a file that was taken away several times the newest counts; what was undone does not."""
    first, second = (kept.add(draft(*some()[1:2])) for _ in range(2))
    for number, at in ((first, LATE + timedelta(seconds=1)), (second, LATE)):
        [unit] = kept.units(number)
        kept.note([unit.picture._replace(state=StepState.DONE, place=b"/q/%d" % number, at=at)])
    found = kept.last_done(b"/photos/\xff\n.jpg")
    assert found is not None
    assert (first, b"/q/%d" % first) == (found.name.plan, found.place)
    kept.note([found._replace(state=StepState.UNDONE)])
    by_place = kept.last_done(b"/q/%d" % second)
    assert by_place is not None
    assert second == by_place.name.plan
    assert kept.last_done(b"/q/%d" % first) is None


def test_only_what_was_done_before_a_moment_is_old(kept: Journal) -> None:
    """With its companions; what is planned, or was done at that moment, is not."""
    number = kept.add(draft(*some()))
    units = kept.units(number)
    for unit, at in zip(units[:2], (LATE - timedelta(days=1), LATE), strict=True):
        kept.note(step._replace(state=StepState.DONE, at=at) for step in unit.steps)
    old = kept.done_before(number, LATE)
    assert [1] == [unit.picture.name.step for unit in old]
    assert 2 == len(old[0].companions)


def test_what_was_noted_outlives_a_kill(tmp_path: Path, kept: Journal, clock: FakeClock) -> None:
    """A process notes what it is about to do and is killed at once: the next one knows what was open."""
    kept.add(draft(*some()))
    kept.close()
    done = subprocess.run([sys.executable, "-c", NOTER, str(tmp_path)], check=False, timeout=60)
    assert -signal.SIGKILL == done.returncode
    with closing(Journal(tmp_path, clock)) as after:
        assert [1, 2, 3, 4, 5, 6] == [step.name.step for step in after.unfinished()]
        assert {b"/q/1"} == {step.place for step in after.unfinished()}


def test_every_commit_is_synced(kept: Journal) -> None:
    """FULL, in SQLite's numbers: no test can take the power away."""
    assert [(2,)] == kept._connection.execute("PRAGMA synchronous").fetchall()


def test_notes_of_one_call_are_kept_together_or_not_at_all(kept: Journal) -> None:
    """What belongs to the second of two sheets cannot be stored, so that the first is as it was."""
    units = some()
    sheets = tuple(sheet_of(part.steps) for part in units)
    number = kept.add(replace(draft(), sheets=sheets))
    kept._connection.execute(
        "CREATE TEMP TRIGGER full BEFORE INSERT ON standing WHEN new.sheet = 2 "
        "BEGIN SELECT raise(ABORT, 'full'); END"
    )
    done = [unit.picture._replace(state=StepState.DONE) for unit in kept.units(number)[:2]]
    kept.note(done[:1])
    with pytest.raises(CatalogueError):
        kept.note([done[0]._replace(state=StepState.UNDONE), done[1]])
    expected = [StepState.DONE, *([StepState.PLANNED] * 2)]
    assert expected == [unit.picture.state for unit in kept.units(number)]
    assert {StepState.DONE: 1, StepState.PLANNED: 2} == kept.plan(number).counts


def test_a_step_that_was_never_added_is_not_noted(kept: Journal) -> None:
    """It is a mistake of the program, which nothing hides; what is noted with it is not kept."""
    number = kept.add(draft(*some()))
    [first, *_] = kept.units(number)
    done = first.picture._replace(state=StepState.DONE)
    with pytest.raises(RuntimeError, match=rf"{number}\.9"):
        kept.note([done, done._replace(name=ActionName(number, 9))])
    assert first == kept.unit(first.picture.name)


def test_a_damaged_journal_is_set_aside_and_a_copy_restored(tmp_path: Path, clock: FakeClock) -> None:
    """What was done since the copy is lost, and is said to be; nothing is deleted."""
    with closing(Journal(tmp_path, clock)) as before:
        before.add(draft(*some()))
        before.backup(tmp_path / "backups", 3)
        before.add(draft(*some()))
    (tmp_path / "journal.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    with closing(Journal(tmp_path, clock)) as after:
        assert after.recovery is not None
        assert after.recovery.set_aside.exists()
        assert "MANIFEST.txt" in after.recovery.message
        assert [1] == [record.id for record in after.plans(9)]


def test_a_journal_of_a_later_simd_is_refused(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name, with what to do."""
    later = replace(journal._KIND, steps=(*journal._KIND.steps, "CREATE TABLE more (x)"))
    with monkeypatch.context() as afterwards:
        afterwards.setattr(journal, "_KIND", later)
        Journal(tmp_path, clock).close()
    with pytest.raises(NewerCatalogue, match=f"version {len(later.steps)}"):
        Journal(tmp_path, clock)


def test_a_summary_tells_what_has_become_of_pictures(kept: Journal) -> None:
    """Each counts once, by its action and its state, with the bytes of what belongs to it."""
    taken = kept.add(draft(*some()))
    kept.note(
        step._replace(state=state)
        for unit, state in zip(
            kept.units(taken), (StepState.DONE, StepState.REFUSED, StepState.UNDONE), strict=True
        )
        for step in unit.steps
    )
    for action, state in ((Action.DELETE, StepState.PURGED), (Action.REFLINK, StepState.DONE)):
        plan = kept.add(draft(Unit(picture(1, b"x.jpg")), action=action))
        kept.note(step._replace(state=state) for unit in kept.units(plan) for step in unit.steps)
    kept.add(draft(*some()))
    expected = Deeds(
        quarantined=DeedTotals(pictures=1, bytes=1_100),
        refused=DeedTotals(pictures=1, bytes=1_000),
        undone=DeedTotals(pictures=1, bytes=1_050),
        deleted=DeedTotals(pictures=1, bytes=1_000),
        linked=DeedTotals(pictures=1, bytes=1_000),
        in_quarantine=DeedTotals(pictures=1, bytes=1_100),
    )
    assert expected == kept.summary(0).deeds


def test_a_summary_begins_where_the_last_one_ended(kept: Journal) -> None:
    """What was told is not told again; what lies in quarantine is. A lost journal begins anew."""
    plan = kept.add(draft(*some()))
    steps = [step for unit in kept.units(plan) for step in unit.steps]
    kept.note(step._replace(state=StepState.DOING) for step in steps)
    under_way = kept.summary(0)
    kept.note(step._replace(state=StepState.DONE) for step in steps)
    done = kept.summary(under_way.noted)
    nothing_new = kept.summary(done.noted)
    lying = DeedTotals(pictures=3, bytes=3_150)
    assert Deeds() == under_way.deeds
    assert Deeds(quarantined=lying, in_quarantine=lying) == done.deeds
    assert Deeds(in_quarantine=lying) == nothing_new.deeds
    assert done.noted == nothing_new.noted
    assert done == kept.summary(1_000_000)


def test_a_purge_that_is_refused_is_told_as_refused(kept: Journal) -> None:
    """The pictures lie in quarantine as before; they were not put there again."""
    plan = kept.add(draft(*some()))
    steps = [step for unit in kept.units(plan) for step in unit.steps]
    kept.note(step._replace(state=StepState.DONE) for step in steps)
    told = kept.summary(0).noted
    kept.note([steps[3]._replace(state=StepState.DONE, reason="It would be the last copy of the picture.")])
    found = kept.summary(told).deeds
    assert (0, 1, 3) == (found.quarantined.pictures, found.refused.pictures, found.in_quarantine.pictures)
