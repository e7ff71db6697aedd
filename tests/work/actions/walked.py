"""Files and a journal without a daemon around them, laid anew for every point at which it is killed."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from simd.catalogue import Journal
from simd.core.actions.known import Known
from simd.core.actions.model import ActionName, Step, Unit
from simd.core.actions.sheets import Draft
from simd.core.actions.words import SHARING, Action, CompanionRole, StepState
from simd.core.answers.likeness import MatchKind
from simd.core.protection import UNPROTECTED
from simd.core.stamp import Stamp
from simd.runtime.broadcast import Broadcast
from simd.work.actions.actions import Actions
from simd.work.actions.checking import Checking
from simd.work.actions.quarantine import MANIFEST, QUARANTINE
from tests.catalogue.drafts import draft_of
from tests.fakes import FakeClock

KEPT = {
    "keep/a.jpg": b"A" * 900,
    "keep/a.cr2": b"R" * 700,
    "keep/b.jpg": b"B" * 800,
    "keep/c.jpg": b"C" * 600,
}
GOING = {
    "trip/a.jpg": b"A" * 900,
    "trip/a.cr2": b"R" * 700,
    "trip/a.xmp": b"<x/>",
    "trip/deep/b.jpg": b"b" * 500,
    "trip/c.jpg": b"C" * 600,
}
GONE = frozenset({StepState.DONE, StepState.PURGED})


@dataclass(frozen=True, slots=True)
class Look:
    """What has to stay of a file."""

    content: bytes
    mode: int
    mtime_ns: int
    note: bytes


class Place:
    """A watched folder, a trash, and a journal with one plan.

    There is no catalogue: acting never writes to it, and reads it only to find other witnesses of a picture
    than the one that was kept.
    """

    def __init__(self, folder: Path, action: Action) -> None:
        """Lay everything anew in a folder, whatever is there."""
        shutil.rmtree(folder, ignore_errors=True)
        self.folder = folder
        self.action = action
        self.clock = FakeClock()
        self.root = folder / "photos"
        self.state = folder / "state"
        self.state.mkdir(parents=True)
        for number, (name, content) in enumerate((KEPT | GOING).items()):
            _lay(self.root / name, content, number)
        self.before = {name: _look(self.root / name) for name in KEPT | GOING}
        self.names = self._names()
        os.environ["XDG_DATA_HOME"] = str(folder / "home")
        with self.open() as (journal, _):
            self.plan = journal.add(self._draft())

    @contextmanager
    def open(self) -> Iterator[tuple[Journal, Actions]]:
        """The journal, and what acts, as a start of the daemon makes them; nothing is settled yet."""
        journal = Journal(self.state, self.clock)
        try:
            checking = Checking(_NoDoubts(), lambda: UNPROTECTED, list)  # type: ignore[arg-type]  # no workers
            nobody: Any = SimpleNamespace(generation=lambda: 0)
            yield (
                journal,
                Actions(
                    journal,
                    nobody,
                    nobody,
                    checking,
                    self.clock,
                    Broadcast(),
                    lambda *_: None,
                    lambda _: True,
                ),
            )
        finally:
            journal.close()

    def apply(self, actions: Actions) -> None:
        """Do what is left of the plan; of a deletion, what waits in quarantine as well."""
        with self._all_steps(actions, StepState.PLANNED) as there:
            if there:
                outcome = actions.apply(self.plan, dry_run=False)
                assert 0 == outcome.refused, outcome.troubles
        if self.action is Action.DELETE:
            self.purge(actions)

    def undo(self, actions: Actions) -> None:
        """Take back what is done."""
        with self._all_steps(actions, StepState.DONE) as there:
            if there:
                outcome = actions.undo(ActionName(self.plan))
                assert 0 == outcome.refused, outcome.troubles

    def purge(self, actions: Actions) -> None:
        """Delete what waits in quarantine."""
        self.clock.advance(1)
        outcome = actions.purge(timedelta(0), dry_run=False)
        assert 0 == outcome.refused, outcome.troubles

    def check(self, journal: Journal) -> None:
        """See that the journal tells the truth, and that nothing is there but what belongs there.

        Raises:
            AssertionError: it is not so.
        """
        assert [] == journal.unfinished()
        units = journal.units(self.plan)
        for unit in units:
            _check_whole(unit)
            for step in unit.steps:
                self._check_step(step)
        for name in KEPT:
            assert self.before[name] == _look(self.root / name)
        expected, found = self._expected(units), self._names()
        assert expected == found, f"missing: {expected - found}, left over: {found - expected}"
        self._check_manifest(units)

    def check_untouched(self) -> None:
        """See that everything is as it was at first.

        Raises:
            AssertionError: it is not so.
        """
        assert self.before == {name: _look(self.root / name) for name in KEPT | GOING}
        assert self.names == self._names() - _FOLDERS_OF_TRASH

    def check_gone(self) -> None:
        """See that all that was to go is nowhere.

        Raises:
            AssertionError: it is not so.
        """
        going = {f"photos/{name}" for name in GOING if name != "trip/c.jpg"}
        assert self.names - going == self._names(), self._names() - self.names

    def _check_step(self, step: Step) -> None:
        path, name = Path(os.fsdecode(step.file.path)), self._name(step.file.path)
        place = None if step.place is None else Path(os.fsdecode(step.place))
        if step.state is StepState.PURGED:
            assert not os.path.lexists(path)
            return
        if step.state is StepState.DONE and self.action in SHARING:
            assert path.samefile(os.fsdecode(step.keeper.path if step.keeper else b""))
            return
        found = place if step.state is StepState.DONE else path
        assert found is not None
        assert self.before[name] == _look(found), f"{name} at {found}"
        if self.action not in SHARING:
            assert step.file.stamp.inode == found.stat().st_ino
        if step.state is StepState.DONE:
            assert not os.path.lexists(path)

    def _expected(self, units: list[Unit]) -> set[str]:
        """The names that have to be there."""
        names = set(self.names) | {name for name in self._names() if name in _FOLDERS_OF_TRASH}
        for step in (step for unit in units for step in unit.steps):
            if step.state not in GONE or self.action in SHARING:
                continue
            names.discard(str(Path(os.fsdecode(step.file.path)).relative_to(self.folder)))
            if step.state is StepState.DONE and step.place is not None:
                place = Path(os.fsdecode(step.place)).relative_to(self.folder)
                names |= {str(place), *(str(each) for each in place.parents if each != Path())}
                if self.action is Action.TRASH:
                    names.add(f"home/Trash/info/{place.name}.trashinfo")
                else:
                    names.add(str(Path(*place.parts[:3]) / os.fsdecode(MANIFEST)))
        return names

    def _check_manifest(self, units: list[Unit]) -> None:
        """What lies in quarantine was told last to have been taken there."""
        manifests = list(self.root.glob(f"{os.fsdecode(QUARANTINE)}/*/{os.fsdecode(MANIFEST)}"))
        told = [line.split("\t") for path in manifests for line in path.read_text().splitlines()]
        last = {line[2]: line[1] for line in told if len(line) > 1}
        for step in (step for unit in units for step in unit.steps):
            if step.state is StepState.DONE and manifests:
                assert "taken" == last[os.fsdecode(step.file.path)]

    def _names(self) -> set[str]:
        """Everything below the folder but for the state."""
        found = set()
        for top, folders, files in os.walk(self.folder):
            found |= {os.path.relpath(f"{top}/{name}", self.folder) for name in (*folders, *files)}
        return {name for name in found if name != "state" and not name.startswith("state/")}

    def _name(self, path: bytes) -> str:
        return str(Path(os.fsdecode(path)).relative_to(self.root))

    @contextmanager
    def _all_steps(self, actions: Actions, state: StepState) -> Iterator[bool]:
        """Whether steps of the plan are in a state; afterwards none may be."""
        head = actions.plan_at(self.plan, 100, None, None)
        yield any(step.state is state for step in head.steps)
        head = actions.plan_at(self.plan, 100, None, None)
        assert not any(step.state is state for step in head.steps)

    def _draft(self) -> Draft:
        if self.action in SHARING:
            units = (
                Unit(self._step(1, "trip/a.jpg", "keep/a.jpg")),
                Unit(self._step(2, "trip/c.jpg", "keep/c.jpg")),
            )
        else:
            raw = self._step(2, "trip/a.cr2", "keep/a.cr2", CompanionRole.RAW)
            sidecar = self._step(3, "trip/a.xmp", None, CompanionRole.SIDECAR)
            units = (
                Unit(self._step(1, "trip/a.jpg", "keep/a.jpg"), (raw, sidecar)),
                Unit(self._step(4, "trip/deep/b.jpg", "keep/b.jpg")),
            )
        return draft_of(units, self.action)

    def _step(self, number: int, name: str, keeper: str | None, role: CompanionRole | None = None) -> Step:
        equal = keeper is not None and (KEPT | GOING)[name] == KEPT[keeper]
        return Step(
            name=ActionName(0, number),
            file=self._known(name, role),
            keeper=None if keeper is None else self._known(keeper, role),
            root=os.fsencode(self.root),
            kind=MatchKind.IDENTICAL if equal else MatchKind.NEAR,
            why="it is a test",
            size=1,
            unit=None if role is None else 1,
            role=role,
        )

    def _known(self, name: str, role: CompanionRole | None) -> Known:
        path = self.root / name
        digest = sha256(path.read_bytes()).digest() if role is None else None
        return Known(os.fsencode(path), Stamp.of(path.lstat()), digest)


_FOLDERS_OF_TRASH = frozenset({"home", "home/Trash", "home/Trash/files", "home/Trash/info"})


class _NoDoubts:
    def doubts(self, _pictures: object, **_: object) -> Mapping[Step, str]:
        return {}


def _check_whole(unit: Unit) -> None:
    """All files of a unit are here, or all are there; an interrupted purge leaves at least the picture."""
    states = {step.state for step in unit.steps}
    if states == {StepState.DONE, StepState.PURGED}:
        assert StepState.DONE is unit.picture.state
        return
    assert 1 == len(states), {str(step.name): step.state for step in unit.steps}
    assert StepState.REFUSED not in states, unit.picture.reason


def _lay(path: Path, content: bytes, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o600 + number)
    os.utime(path, ns=(10**18, 10**18 + number))
    if hasattr(os, "setxattr"):
        os.setxattr(path, "user.note", b"%d" % number)


def _look(path: Path) -> Look:
    found = path.lstat()
    note = os.getxattr(path, "user.note") if hasattr(os, "getxattr") else b""
    return Look(path.read_bytes(), found.st_mode, found.st_mtime_ns, note)
