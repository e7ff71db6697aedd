"""A journal of before, with a row for every step, comes over whole."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from simd.catalogue import Journal, journal, single_steps
from simd.catalogue.journal_tables import TABLES
from simd.core.actions.known import Known
from simd.core.actions.model import ActionName, Step, Unit
from simd.core.actions.sheets import units_of
from simd.core.actions.words import UNDER_WAY, Action, CompanionRole, StepState
from simd.core.answers import MatchKind
from simd.core.stamp import Stamp
from tests.fakes import FakeClock

BY_ROWS = 8
"""The first so many steps of its tables make a journal that has a row for every step."""

AT = datetime(2026, 11, 21, 23, 59, 59, 123_456, tzinfo=UTC)
INODE = 2**64 - 1
PUT = f"INSERT INTO step VALUES ({', '.join('?' * 26)})"  # noqa: S608 - constants


def step(number: int, state: StepState, unit: int | None = None) -> Step:
    """A step with a name that is no text; companions have no digests, and every second no keeper."""
    has_keeper = unit is None or number % 2 == 0
    digest = b"%032d" % number if unit is None else None
    begun = state is not StepState.PLANNED
    return Step(
        name=ActionName(1, number),
        file=Known(b"/photos/\xff\n%d" % number, Stamp(number, -number, 10**18, INODE - number), digest),
        keeper=Known(b"/kept/%d" % number, Stamp(1, 2, 3, INODE), digest) if has_keeper else None,
        root=b"/photos",
        kind=MatchKind.IDENTICAL if number % 3 else MatchKind.NEAR,
        why=f"reason {number % 4}",
        size=100 + number,
        unit=unit,
        role=None if unit is None else CompanionRole.RAW,
        state=state,
        place=b"/q/\xfe%d" % number if begun else None,
        reason="it would not go" if state in {StepState.REFUSED, StepState.PURGING} else None,
        at=AT + timedelta(seconds=number) if begun else None,
        traits='{"mode": 420}' if begun else None,
    )


def steps() -> list[Step]:
    """A picture in every state, each second with two companions, and as many that are planned."""
    found: list[Step] = []
    for state in (*StepState, *[StepState.PLANNED] * len(StepState)):
        picture = len(found) + 1
        found.append(step(picture, state))
        if len(found) % 2:
            found += [step(picture + 1, state, picture), step(picture + 2, state, picture)]
    return found


def row(of: Step, plan: int) -> tuple[Any, ...]:
    """As it was kept."""
    return (
        *(plan, of.name.step, of.unit, of.role, of.root),
        *columns(of.file),
        *columns(of.keeper),
        *(of.kind, of.why, of.size, of.state, of.place, of.reason),
        None if of.at is None else of.at.isoformat(timespec="microseconds"),
        of.traits,
        0 if of.state is StepState.PLANNED else of.name.step,
    )


def columns(known: Known | None) -> Sequence[Any]:
    """Inodes were kept as signed numbers."""
    if known is None:
        return (None,) * 6
    stamp = known.stamp
    return (known.path, stamp.size, stamp.mtime_ns, stamp.ctime_ns, stamp.inode - 2**64, known.digest)


def of_plan(found: Sequence[Step], plan: int) -> list[Unit]:
    """Steps as units of a plan."""
    return units_of(each._replace(name=each.name._replace(plan=plan)) for each in found)


@pytest.fixture
def old(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of before, in its folder: two plans that are alike but for the action, and an empty one."""
    before = replace(journal._KIND, steps=TABLES[:BY_ROWS])
    before.prepare(tmp_path, clock.now())
    with closing(before.connect(tmp_path)) as connection:
        for action in (Action.QUARANTINE, Action.HARDLINK, Action.TRASH):
            words = "INSERT INTO plan (action, by_hand, warnings, made_at) VALUES (?, 1, '[\"gap\"]', ?)"
            connection.execute(words, (action, AT.isoformat(timespec="microseconds")))
        for plan in (1, 2):
            connection.executemany(PUT, [row(each, plan) for each in steps()])
    # So that they come onto several sheets.
    monkeypatch.setattr(single_steps, "UNITS_AT_MOST", 3)
    return tmp_path


def test_all_steps_come_over(old: Path, clock: FakeClock) -> None:
    """With their states, places, reasons, moments and traits, in their units."""
    with closing(Journal(old, clock)) as kept:
        assert [of_plan(steps(), 1), of_plan(steps(), 2), []] == [kept.units(plan) for plan in (1, 2, 3)]
        open_ones = [each._replace(name=each.name._replace(plan=plan)) for plan in (1, 2) for each in steps()]
        assert [each for each in open_ones if each.state in UNDER_WAY] == kept.unfinished()
        assert 6 < len(kept._rows("SELECT id FROM sheet", ()))
        assert [] == kept._rows("SELECT name FROM sqlite_master WHERE name LIKE 'step%'", ())


def test_all_sums_are_as_they_were(old: Path, clock: FakeClock) -> None:
    """How plans stand, and what a report has to tell: of everything, and since a note in the middle."""
    pictures = [each for each in steps() if each.unit is None]
    done = [each for each in steps() if each.state is StepState.DONE]
    with closing(Journal(old, clock)) as kept:
        record = kept.plan(1)
        everything, since = kept.summary(0), kept.summary(done[0].name.step or 0)
    counts = {state: sum(each.state is state for each in pictures) for state in StepState}
    lasting = (StepState.PLANNED, StepState.DOING, StepState.DONE, StepState.PURGED)
    freed = sum(each.size for each in steps() if each.state in lasting)
    last = max(each.at for each in steps() if each.at)
    assert (counts, freed, last, ("gap",), AT) == (
        record.counts, record.size, record.last_at, record.warnings, record.made_at,
    )  # fmt: skip
    lying = (1, sum(each.size for each in done))
    assert lying == (everything.deeds.quarantined.pictures, everything.deeds.quarantined.bytes)
    assert lying == (everything.deeds.in_quarantine.pictures, everything.deeds.in_quarantine.bytes)
    assert max(each.name.step or 0 for each in steps() if each.at) == everything.noted
    assert (0, 2) == (since.deeds.quarantined.pictures, since.deeds.refused.pictures)


def test_it_is_gone_on_with(old: Path, clock: FakeClock) -> None:
    """What came over is noted like anything else, and a copy of the old journal is kept."""
    with closing(Journal(old, clock)) as kept:
        told = kept.summary(0).noted
        for unit in kept.units(2, [StepState.PLANNED]):
            kept.note(each._replace(state=StepState.DONE) for each in unit.steps)
        assert 9 == kept.summary(told).deeds.linked.pictures
    assert [f"journal.before-{len(TABLES)}.db"] == [copy.name for copy in (old / "backups").iterdir()]


def test_a_plan_with_gaps_keeps_its_numbers(old: Path, clock: FakeClock) -> None:
    """No simd has left one between pictures; a person may have."""
    with closing(journal._KIND.connect(old)) as connection:
        connection.execute("DELETE FROM step WHERE number IN (4, 5, 6, 7)")
    left = [each for each in steps() if each.name.step not in {4, 5, 6, 7}]
    with closing(Journal(old, clock)) as kept:
        assert of_plan(left, 1) == kept.units(1)
