"""Random histories of plans and notes, against a dictionary of steps."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from simd.catalogue import Journal
from simd.core.actions import sheets
from simd.core.actions.model import ActionName, Step, Unit
from simd.core.actions.sheets import units_of
from simd.core.actions.summing import ENDED, Sum, sum_deeds
from simd.core.actions.words import UNDER_WAY, Action, StepState
from simd.core.answers import Deeds, DeedTotals
from tests.catalogue.drafts import draft_of
from tests.catalogue.given_steps import PLANNED, units
from tests.examples import brief
from tests.fakes import FakeClock

EXAMPLES = 12
STEPS = 8

# Few, so that the same comes up again.
PLACES = st.none() | st.sampled_from([b"/a", b"/b\xff", b"/q/\n"])
FILES = PLANNED.flatmap(
    lambda step: st.sampled_from([b"/a", b"/b\xff", b"/c"]).map(
        lambda path: step._replace(file=step.file._replace(path=path))
    )
)
Far = Callable[[Step], Step]
FAR: st.SearchStrategy[Far] = st.builds(
    lambda *given: (
        lambda step: step._replace(
            **dict(zip(("state", "place", "reason", "at", "traits"), given, strict=True))
        )
    ),
    st.sampled_from(StepState),
    PLACES,
    st.none() | st.sampled_from(["no", "never"]),
    st.none() | st.sampled_from([datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3)]),
    st.none() | st.sampled_from(["{}", "[]"]),
)
"""How far a step may come."""

MIDDLE = datetime(2026, 11, 2, tzinfo=UTC)
FREED = {StepState.PLANNED, StepState.DOING, StepState.DONE, StepState.PURGED}
LYING = {Action.QUARANTINE, Action.DELETE}
NEVER = datetime.min.replace(tzinfo=UTC)


class History(RuleBasedStateMachine):
    """The journal and the dictionary are told the same; notes are numbered in both."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.journal = Journal(Path(self.folder.name), FakeClock())
        # Nothing is switched off here: the journal is thrown away.
        self.journal._connection.execute("PRAGMA synchronous = OFF")
        self.plans: dict[int, Action] = {}
        self.steps: dict[ActionName, Step] = {}
        self.noted: dict[ActionName, int] = {}
        self.notes = 0

    def teardown(self) -> None:
        """Throw it away."""
        self.journal.close()
        self.folder.cleanup()

    @initialize(given=units(FILES, at_most=6), action=st.sampled_from(Action))
    def begin(self, given: list[Unit], action: Action) -> None:
        """There is a plan."""
        self.add(given, action)

    @rule(given=units(FILES, at_most=6), action=st.sampled_from(Action))
    def add(self, given: list[Unit], action: Action) -> None:
        """Keep a plan."""
        draft = draft_of(given, action)
        plan = self.journal.add(draft)
        self.plans[plan] = action
        for unit in given:
            for step in unit.steps:
                name = ActionName(plan, step.name.step)
                self.steps[name] = step._replace(name=name)

    @rule(data=st.data())
    def note_some(self, data: st.DataObject) -> None:
        """Note steps of any plans, in any order, and perhaps one of them twice."""
        chosen = data.draw(st.lists(st.sampled_from(sorted(self.steps)), min_size=1, max_size=6))
        self._note([data.draw(FAR)(self.steps[name]) for name in chosen])

    @rule(lot=st.integers(0, 9), far=FAR, backwards=st.booleans())
    def note_all(self, lot: int, far: Far, *, backwards: bool) -> None:
        """Note all steps of a plan alike, from either end."""
        plan = 1 + lot % len(self.plans)
        units = units_of(self._of(plan))
        self._note([far(step) for unit in units[:: -1 if backwards else 1] for step in unit.steps])

    @invariant()
    def pictures_come_with_their_companions(self) -> None:
        """By plan, state, place in the plan, and number of any of them."""
        for plan in self.plans:
            whole = units_of(self._of(plan))
            assert whole == self.journal.units(plan)
            for wanted in ([StepState.PLANNED], [StepState.DONE, StepState.REFUSED]):
                chosen = [unit for unit in whole if unit.picture.state in wanted]
                assert chosen == self.journal.units(plan, wanted)
            behind = [unit for unit in whole if (unit.picture.name.step or 0) > 4]
            assert behind[:3] == self.journal.units(plan, after=4, limit=3)
            assert whole == [self.journal.unit(unit.steps[-1].name) for unit in whole]

    @invariant()
    def steps_are_found(self) -> None:
        """Those that are open, the last that was done at a path, and those that were done long ago."""
        assert [step for step in self._all() if step.state in UNDER_WAY] == self.journal.unfinished()
        done = [step for step in self._all() if step.state is StepState.DONE]
        for path in (b"/a", b"/b\xff", b"/c", b"/q/\n"):
            there = [step for step in done if path in {step.file.path, step.place}]
            last = max(there, key=lambda step: (step.at or NEVER, step.name), default=None)
            assert last == self.journal.last_done(path)
        for plan in self.plans:
            old = [
                unit
                for unit in units_of(self._of(plan))
                if unit.picture.state is StepState.DONE and unit.picture.at and unit.picture.at < MIDDLE
            ]
            assert old == self.journal.done_before(plan, MIDDLE)

    @invariant()
    def sums_are_right(self) -> None:
        """How each plan stands, and what a report has to tell since each second note."""
        for plan in self.plans:
            record, steps = self.journal.plan(plan), self._of(plan)
            counts = Counter(step.state for step in steps if step.unit is None)
            last = max((step.at for step in steps if step.at), default=None)
            size = sum(step.size for step in steps if step.state in FREED)
            assert (counts, last, size) == (Counter(record.counts), record.last_at, record.size)
        for since in range(0, self.notes + 2, 2):
            told = self.journal.summary(since)
            assert (self._deeds(since), self.notes) == (told.deeds, told.noted)

    def _note(self, steps: list[Step]) -> None:
        self.journal.note(steps)
        self.notes += 1
        for step in steps:
            self.steps[step.name] = step
            self.noted[step.name] = self.notes

    def _all(self) -> list[Step]:
        return [self.steps[name] for name in sorted(self.steps)]

    def _of(self, plan: int) -> list[Step]:
        return [step for step in self._all() if step.name.plan == plan]

    def _deeds(self, since: int) -> Deeds:
        """From every step by itself."""
        # Who asks for what comes behind the end has read another journal, and is told all.
        start = since if since <= self.notes else 0
        sums = [
            Sum(self.plans[name.plan], step.state, step.reason is not None, step.unit is None, step.size)
            for name, step in self.steps.items()
            if step.state in ENDED and self.noted.get(name, 0) > start
        ]
        lying = [
            step
            for name, step in self.steps.items()
            if step.state is StepState.DONE and self.plans[name.plan] in LYING
        ]
        pictures = sum(step.unit is None for step in lying)
        return sum_deeds(sums, DeedTotals(pictures=pictures, bytes=sum(step.size for step in lying)))


def test_the_journal_keeps_what_a_dictionary_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is added and noted, in whole sheets and in parts of several."""
    monkeypatch.setattr(sheets, "UNITS_AT_MOST", 3)
    run_state_machine_as_test(History, settings=settings(brief(EXAMPLES), stateful_step_count=STEPS))
