"""Pictures, people who rummage among them, and a simd that clears up and dies meanwhile."""

import io
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, ClassVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from simd.catalogue import Journal
from simd.core.actions.model import ActionName, PlanRequest, Removal
from simd.core.actions.words import Action, StepState
from simd.core.answers import MatchKind, Outcome
from simd.core.errors import SimdError
from simd.core.protection import Protection
from simd.work.actions.quarantine import MANIFEST
from tests.catalogue.newborn import open_new
from tests.fakes import FakeClock
from tests.work.actions.library import Library
from tests.work.actions.walker import is_change
from tests.work.samples import enrol

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
PICTURES = 3
FOLDERS = ("photos", "photos/sub", "photos/sub/deep", os.fsdecode(b"photos/\xff"), "card", "card/sub")
NAMES = ("a.jpg", "b (1).jpg", os.fsdecode(b"c\n\xe9.jpg"))
MOST_CHANGES = 40
"""Changes to the disk after which simd dies at the latest, if it has not come to its end."""

Seen = Mapping[bytes, tuple[int, bytes]]


def content_of(picture: int, variant: int) -> bytes:
    """Bytes of a picture; its variants only look the same, and are of equal length."""
    return f"picture {picture}, variant {variant}. ".encode() * 20


def raw_of(picture: int) -> bytes:
    """Bytes of the raw file of a picture, which counts as a picture of its own."""
    return b"raw %d. " % picture * 30


NUMBERS = {content_of(picture, variant): picture for picture in range(PICTURES) for variant in range(2)} | {
    raw_of(picture): PICTURES + picture for picture in range(PICTURES)
}

places = st.builds("{}/{}".format, st.sampled_from(FOLDERS), st.sampled_from(NAMES))
pictures = st.integers(0, PICTURES - 1)
variants = st.integers(0, 1)
lots = st.integers(0, 1_000)
actions = st.sampled_from([each for each in Action if each is not Action.REFLINK])
TO_DO = (StepState.PLANNED, StepState.REFUSED)
deeds = st.sampled_from(["rewrite", "secretly", "remove", "move", "link", "folder"])
deaths = st.one_of(st.none(), st.integers(1, MOST_CHANGES))


class DeadError(BaseException):
    """The end of the process, as far as the code can tell."""


class Rummage(RuleBasedStateMachine):
    """Two watched folders, a trash, and a catalogue that is told only now and then what is where.

    Attributes:
        done: how often something was done, and how often all was refused.
    """

    done: ClassVar[Counter[bool]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.data_home = os.environ.get("XDG_DATA_HOME")
        os.environ["XDG_DATA_HOME"] = str(self.folder / "home")
        (self.folder / "state").mkdir()
        (self.folder / "card").mkdir()
        self.clock = FakeClock()
        self.catalogue = open_new(self.folder / "state", self.clock)
        self.library = Library(self.folder, self.catalogue, self.clock)
        found = (self.folder / "card").stat()
        enrol(self.catalogue, os.fsencode(self.folder / "card"), found.st_dev, found.st_ino)
        self.images: dict[bytes, int] = {}

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.library.journal.close()
        with closing(self.catalogue):
            rmtree(self.folder)
        if self.data_home is None:
            del os.environ["XDG_DATA_HOME"]
        else:
            os.environ["XDG_DATA_HOME"] = self.data_home

    # ---- what people do -------------------------------------------------------------------------------

    @initialize(picture=pictures)
    def begin(self, picture: int) -> None:
        """There is a picture with a copy, and one that looks like it."""
        self.add("photos/a.jpg", picture, 0, companions=False)
        self.add("photos/sub/a.jpg", picture, 0, companions=True)
        self.add("photos/sub/b (1).jpg", picture, 0, companions=False)
        self.add("card/b (1).jpg", picture, 1, companions=False)

    @rule(place=places, picture=pictures, variant=variants, companions=st.booleans())
    def add(self, place: str, picture: int, variant: int, *, companions: bool) -> None:
        """Lay a picture, if nothing is there, with or without what belongs to it; the catalogue knows it."""
        path = self.folder / place
        if os.path.lexists(path) or not _is_plain(path.parent, self.folder):
            return
        content = content_of(picture, variant)
        self.images[content] = self.library.add(str(path), content, width=640 - 100 * variant)
        if companions and not path.with_suffix(".xmp").exists():
            path.with_suffix(".xmp").write_text("<x/>")
            path.with_suffix(".cr2").write_bytes(raw_of(picture))
        other = self.images.get(content_of(picture, 1 - variant))
        if other is not None:
            self.library.join(self.images[content], other)

    @rule(lot=lots, place=places)
    def link(self, lot: int, place: str) -> None:
        """Give a picture a second name."""
        path, target = self._any(lot), self.folder / place
        if path is not None and not os.path.lexists(target) and _is_plain(target.parent, self.folder):
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, target)
            self.library.know(str(target))

    @rule(deed=deeds, lot=lots, place=places)
    def meddle(self, deed: str, lot: int, place: str) -> None:
        """Do something to a file, most of all to one that is kept instead of another, or to a folder."""
        path = self._any(lot // 2) if lot % 2 else self._kept(lot // 2)
        if deed == "folder":
            self._swap_folder()
        elif path is not None and deed in {"rewrite", "secretly"}:
            _rewrite(path, content_of(lot % PICTURES, 0), secretly=deed == "secretly")
        elif path is not None and deed == "remove":
            path.unlink()
        elif path is not None and deed == "move" and _is_plain((self.folder / place).parent, self.folder):
            (self.folder / place).parent.mkdir(parents=True, exist_ok=True)
            path.replace(self.folder / place)
        elif path is not None and deed == "link":
            path.unlink()
            path.symlink_to(self.folder / place)

    def _swap_folder(self) -> None:
        """Have a link where a folder was, or the folder again."""
        sub, elsewhere = self.folder / "photos/sub", self.folder / "elsewhere"
        if sub.is_symlink():
            sub.unlink()
            elsewhere.rename(sub)
        elif sub.is_dir():
            sub.rename(elsewhere)
            sub.symlink_to(elsewhere)

    @rule(place=places)
    def protect(self, place: str) -> None:
        """Have a file keep its place, and no other one."""
        self.library.protection = Protection(frozenset({os.fsencode(self.folder / place)}))

    @rule()
    def sweep(self) -> None:
        """Tell the catalogue what is there."""
        there = {os.fsencode(path) for path in self._pictures_at_hand()}
        for path in there:
            if Path(os.fsdecode(path)).read_bytes() in self.images:
                self.library.know(os.fsdecode(path))
        with self.catalogue.read() as snapshot:
            known = [
                row.path for rows in snapshot.files_of(list(self.images.values())).values() for row in rows
            ]
        gone = [path for path in known if path not in there]
        self.catalogue.write(lambda to: to.mark_missing(gone)).result()

    # ---- what simd does -------------------------------------------------------------------------------

    @rule(action=actions, near=st.booleans())
    def plan(self, action: Action, *, near: bool) -> None:
        """Plan something about all groups."""
        kind = None if near else MatchKind.IDENTICAL
        self._plan(PlanRequest(action=action, kind=kind, permanently=action is Action.DELETE))

    @rule(lots=st.lists(lots, min_size=2, max_size=6))
    def choose(self, lots: list[int]) -> None:
        """Plan by hand, with what is kept chosen badly."""
        paths = [os.fsencode(path) for path in map(self._any, lots) if path is not None]
        removals = tuple(Removal(path, tuple(paths[::-1])) for path in paths[: len(paths) // 2 + 1])
        if removals:
            self._plan(PlanRequest(removals=removals))

    @rule(action=actions, dying=deaths)
    def clear_up(self, action: Action, dying: int | None) -> None:
        """Plan what the disk shows, and do it at once."""
        self.sweep()
        self.plan(action, near=True)
        if self._plans_with(*TO_DO):
            self.apply(0, dying)

    @rule(action=actions, meddlings=st.lists(st.tuples(deeds, lots, places), min_size=2, max_size=2))
    def tempt(self, action: Action, meddlings: list[tuple[str, int, str]]) -> None:
        """Meddle between a plan and its application, or between that and the deletion of what was taken."""
        self.sweep()
        self.plan(action, near=True)
        if action is Action.DELETE:
            self.meddle(*meddlings[0])
        if self._plans_with(*TO_DO):
            self.apply(0, None)
        self.meddle(*meddlings[1])
        self.purge(None)

    @precondition(lambda self: self._plans_with(*TO_DO))
    @rule(lot=lots, dying=deaths)
    def apply(self, lot: int, dying: int | None) -> None:
        """Do what an older or newer plan says, and perhaps die at that."""
        self._act(lambda: self.library.actions.apply(self._plan_of(lot, *TO_DO), dry_run=False), dying)

    @precondition(lambda self: self._plans_with(StepState.DONE))
    @rule(lot=lots, step=st.one_of(st.none(), st.integers(1, 4)), dying=deaths)
    def undo(self, lot: int, step: int | None, dying: int | None) -> None:
        """Take a plan back, or a step, and perhaps die at that."""
        self._act(
            lambda: self.library.actions.undo(ActionName(self._plan_of(lot, StepState.DONE), step)),
            dying,
            undoing=True,
        )

    @precondition(lambda self: self._plans_with(StepState.DONE))
    @rule(lots=st.lists(lots, min_size=1, max_size=3))
    def restore(self, lots: list[int]) -> None:
        """Put files back by where they were, or where they are."""
        plans = self._plans_with(StepState.DONE)
        units = [unit for plan in plans for unit in self.library.journal.units(plan)]
        steps = [step for unit in units for step in unit.steps if step.state is StepState.DONE]
        chosen = [steps[lot % len(steps)] for lot in lots if steps]
        paths = [
            step.file.path if lot % 2 else step.place or b"/" for lot, step in zip(lots, chosen, strict=False)
        ]
        if paths:
            self._act(lambda: self.library.actions.restore(paths), undoing=True)

    @precondition(lambda self: self._plans_with(StepState.DONE))
    @rule(dying=deaths)
    def purge(self, dying: int | None) -> None:
        """Delete what is in quarantine, and perhaps die at that."""
        self.clock.advance(1)
        self._act(lambda: self.library.actions.purge(timedelta(0), dry_run=False), dying)

    @precondition(lambda self: self.library.journal.unfinished())
    @rule()
    def restart(self) -> None:
        """Start anew, and settle what was begun."""
        with self._nothing_lost(undoing=True):
            self.library.restart()
        self._check_open()

    # ---- what has to hold -----------------------------------------------------------------------------

    def _plan(self, request: PlanRequest) -> None:
        with self._nothing_lost():
            self.library.actions.plan(request)

    def _act(self, do: Callable[[], Outcome], dying: int | None = None, *, undoing: bool = False) -> None:
        """Do something; after a death people go on before the next start, or before what is done next."""
        with self._nothing_lost(undoing=undoing):
            try:
                with dying_at(dying):
                    outcome = do()
            except SimdError as error:
                note(f"refused: {error.message}")
                return
            except DeadError:
                self.library.journal.close()
                self.library.journal = Journal(self.library.state, self.clock)
                self.library.actions = self.library.start()
                return
        self.done[outcome.done > 0] += 1
        note(f"done {outcome.done}, refused {[step.reason for step in outcome.troubles]}")
        assert all(step.reason for step in outcome.troubles)
        self._check_open()

    def _check_open(self) -> None:
        """What is still open says why."""
        for step in self.library.journal.unfinished():
            siblings = self.library.journal.unit(step.name).steps
            assert any(each.reason for each in siblings), step.name
            assert {step.state} == {each.state for each in siblings if each.state is not StepState.PURGED}

    @contextmanager
    def _nothing_lost(self, *, undoing: bool = False) -> Iterator[None]:
        """No picture is lost within, nothing is written over, and what is protected keeps its place."""
        before, protection = self._seen(), self.library.protection
        yield
        after = self._seen()
        for path, (inode, content) in before.items():
            if path in after:
                assert content == after[path][1], f"{path!r} was overwritten"
            if protection.covers(path):
                # Undoing a link gives the file bytes of its own again, at the same place.
                assert path in after, f"{path!r} is protected"
                assert undoing or inode == after[path][0], f"{path!r} is protected"
        lost = _numbers(before) - _numbers(after)
        assert not lost, f"pictures {lost} are lost"

    def _seen(self) -> Seen:
        """Every file but for manifests and notes of the trash, wherever it lies: its inode and bytes."""
        seen = {}
        for name in (b"photos", b"card", b"elsewhere", b"home"):
            for folder, _, names in os.walk(os.path.join(os.fsencode(self.folder), name)):  # noqa: PTH118 - bytes
                for each in names:
                    path = folder + b"/" + each
                    if each != MANIFEST and not each.endswith(b".trashinfo") and not os.path.islink(path):  # noqa: PTH114 - bytes
                        content = Path(os.fsdecode(path)).read_bytes()
                        seen[path] = (os.lstat(path).st_ino, content)
        return seen

    def _pictures_at_hand(self) -> list[Path]:
        return [
            path
            for path in sorted(self.folder / place / name for place in FOLDERS for name in NAMES)
            if path.is_file() and not path.is_symlink() and _is_plain(path.parent, self.folder)
        ]

    def _any(self, lot: int) -> Path | None:
        there = self._pictures_at_hand()
        return there[lot % len(there)] if there else None

    def _kept(self, lot: int) -> Path | None:
        """A file that the newest plan keeps instead of another, if it is there."""
        plans = self.library.journal.plans(1)
        steps = [unit.picture for plan in plans for unit in self.library.journal.units(plan.id)]
        kept = {Path(os.fsdecode(step.keeper.path)) for step in steps if step.keeper is not None}
        there = [path for path in self._pictures_at_hand() if path in kept]
        return there[lot % len(there)] if there else None

    def _plans_with(self, *states: StepState) -> list[int]:
        """The plans of which something is in one of these states, the newest first."""
        found = self.library.journal.plans(-1)
        return [plan.id for plan in found if any(plan.counts.get(state) for state in states)]

    def _plan_of(self, lot: int, *states: StepState) -> int:
        """One of these, or one of which nothing is left when others have been at it."""
        plans = self._plans_with(*states) or [1]
        return plans[lot % len(plans)]


@contextmanager
def dying_at(point: int | None) -> Iterator[None]:
    """Have this thread die after so many changes to the disk, or not."""
    if point is None:
        yield
        return
    left = point

    def notice(frame: Any, event: str, arg: Any) -> None:
        nonlocal left
        # Who is ended between the opening of a file and the next line leaves it open for ever.
        if is_change(frame, event, arg) and arg not in (os.open, io.open):
            left -= 1
            if left == 0:
                raise DeadError

    sys.setprofile(notice)
    try:
        yield
    finally:
        sys.setprofile(None)


def _rewrite(path: Path, content: bytes, *, secretly: bool) -> None:
    """Write another picture into a file, of the same length, perhaps under the same date."""
    found = path.stat()
    path.write_bytes(content)
    if secretly:
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def _is_plain(folder: Path, top: Path) -> bool:
    """Whether no link is on the way to a folder, and no file."""
    return os.path.realpath(folder) == str(folder) and all(
        not os.path.lexists(each) or each.is_dir()
        for each in (folder, *folder.parents)
        if top in each.parents
    )


def _numbers(seen: Seen) -> set[int]:
    return {NUMBERS[content] for _, content in seen.values() if content in NUMBERS}
