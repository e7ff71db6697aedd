"""What one daemon goes through in one life: anything done to files, and workers killed at any moment."""

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import TimeoutExpired
from typing import ClassVar

import psutil
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.daemon.running import PATIENCE, RunningDaemon, ending
from tests.faults import ledger
from tests.faults.folders import FOLDERS, MODES, NAMES, Folders
from tests.faults.form import Form
from tests.faults.ledger import Ledger
from tests.faults.pictures import blotches, no_pictures, unlike

pytestmark = pytest.mark.soak

WORKERS = 2
PICTURES = 6
LONG_PATIENCE = 600.0
MOST_SECONDS_BETWEEN = 0.2
PICTURES_A_ROLL = 8
KILLS_A_ROLL = 4


@pytest.fixture(scope="module")
def resident(shared_place: Path) -> Iterator[RunningDaemon]:
    """A daemon with two roots, which lives through all of this."""
    daemon = RunningDaemon(
        shared_place / "simd",
        shared_place / "photos",
        shared_place / "card",
        workers=WORKERS,
        settle_seconds=0.1,
    )
    with ending(daemon):
        yield daemon.start()


@dataclass
class Belief:
    """Which number each file has in the catalogue, as far as that can be foretold.

    A number goes with a file that is moved. What else happened to the file, or to the place where it
    goes, makes its number uncertain until the catalogue was looked at again.
    """

    numbers: dict[Path, int] = field(default_factory=dict)

    def move(self, source: Path, target: Path) -> None:
        """A file was renamed; over another one, whose number may survive just as well."""
        number = self.numbers.pop(source, None)
        if target in self.numbers:
            self.numbers.pop(target)
        elif number is not None:
            self.numbers[target] = number

    def move_folder(self, source: Path, target: Path) -> None:
        """A folder was renamed."""
        for path in [path for path in self.numbers if source in path.parents]:
            self.move(path, target / path.relative_to(source))

    def doubt(self, *paths: Path) -> None:
        """Something else happened here."""
        for path in paths:
            self.numbers.pop(path, None)

    def learn(self, ids: dict[Path, int]) -> None:
        """The catalogue was looked at; ``ids`` are those of pictures, for what is none is read anew.

        Of the names of one file each may get the number of another.
        """
        self.numbers = {path: number for path, number in ids.items() if path.stat().st_nlink == 1}


class Upheaval(RuleBasedStateMachine):
    """Everything that people and programs do to files, and now and then a look at the catalogue.

    The folders are the model: whatever they are, the catalogue has to become.
    """

    daemon: ClassVar[RunningDaemon]
    pictures: ClassVar[dict[str, bytes]]
    contents: ClassVar[list[bytes]]

    places = st.tuples(st.integers(0, 1), st.sampled_from(FOLDERS), st.sampled_from(NAMES))
    some_folders = st.tuples(st.integers(0, 1), st.sampled_from(FOLDERS[1:]))
    picks = st.integers(0, 99)
    contents_at = st.integers(0, PICTURES + 2)

    def __init__(self) -> None:
        super().__init__()
        self._folders = Folders(self.daemon.roots)
        self._belief = Belief()
        self._folders.clear()
        self.daemon.scan(accept_missing=True)
        self._look()

    def _place(self, place: tuple[int, str, str]) -> Path:
        root, folder, name = place
        return self.daemon.roots[root] / folder / name

    def _file(self, pick: int) -> Path:
        files = self._folders.files()
        return files[pick % len(files)]

    def _any_files(self) -> bool:
        return bool(self._folders.files())

    @rule(place=places, content=contents_at)
    def write(self, place: tuple[int, str, str], content: int) -> None:
        """Make a file, or overwrite one."""
        self._folders.write(self._place(place), self.contents[content])
        self._belief.doubt(self._place(place))

    @rule(place=places, content=contents_at)
    def replace(self, place: tuple[int, str, str], content: int) -> None:
        """Write beside a file and rename over it."""
        self._folders.replace(self._place(place), self.contents[content])
        self._belief.doubt(self._place(place))

    @precondition(_any_files)
    @rule(pick=picks, place=places)
    def copy(self, pick: int, place: tuple[int, str, str]) -> None:
        """Copy a file with its times."""
        self._folders.copy(self._file(pick), self._place(place))
        self._belief.doubt(self._place(place))

    @precondition(_any_files)
    @rule(pick=picks, place=places)
    def move(self, pick: int, place: tuple[int, str, str]) -> None:
        """Rename a file, also into the other root and over another file."""
        source, target = self._file(pick), self._place(place)
        if source != target:
            alone = not target.exists()
            self._folders.move(source, target)
            self._belief.move(source, target)
            if not alone:
                self._belief.doubt(target)

    @precondition(_any_files)
    @rule(pick=picks, place=places)
    def link(self, pick: int, place: tuple[int, str, str]) -> None:
        """Give a file a second name."""
        source, target = self._file(pick), self._place(place)
        self._folders.link(source, target)
        self._belief.doubt(source, target)

    @precondition(_any_files)
    @rule(pick=picks)
    def delete(self, pick: int) -> None:
        """Delete a file."""
        path = self._file(pick)
        self._folders.delete(path)
        self._belief.doubt(path)

    @precondition(_any_files)
    @rule(pick=picks, mode=st.sampled_from(MODES))
    def chmod(self, pick: int, mode: int) -> None:
        """Change the mode of a file."""
        self._folders.chmod(self._file(pick), mode)

    @rule(source=some_folders, goal=some_folders)
    def move_folder(self, source: tuple[int, str], goal: tuple[int, str]) -> None:
        """Rename a folder, also into the other root."""
        old, new = self.daemon.roots[source[0]] / source[1], self.daemon.roots[goal[0]] / goal[1]
        if self._folders.can_move(old, new):
            self._folders.move_folder(old, new)
            self._belief.move_folder(old, new)

    @rule(folder=some_folders)
    def delete_folder(self, folder: tuple[int, str]) -> None:
        """Delete a folder."""
        path = self.daemon.roots[folder[0]] / folder[1]
        self._folders.delete_folder(path)
        self._belief.doubt(*(each for each in list(self._belief.numbers) if path in each.parents))

    @rule()
    def look(self) -> None:
        """The catalogue is what the folders are, but for change times: a mode causes no event."""
        self._look()

    def teardown(self) -> None:
        """To the stamp, once everything was swept; and that reads nothing again."""
        self._look()
        decoded = self.daemon.decoded()
        self.daemon.scan()
        assert ledger.on_disk(self._folders.files(), self.pictures) == self._catalogued().entries
        assert decoded == self.daemon.decoded() <= len(self.pictures)

    def _look(self) -> None:
        self.daemon.sync()
        on_disk, held = ledger.on_disk(self._folders.files(), self.pictures), self._catalogued()
        assert but_for_change_times(on_disk) == but_for_change_times(held.entries)
        assert {path for path, entry in on_disk.items() if entry.digest is None} == held.problems.keys()
        expected = {path: n for path, n in self._belief.numbers.items() if path in on_disk}
        assert expected == {path: held.ids[path] for path in expected}
        self._belief.learn({path: held.ids[path] for path, entry in on_disk.items() if entry.digest})

    def _catalogued(self) -> Ledger:
        return ledger.catalogued(self.daemon.folder / "state")


def but_for_change_times(entries: dict[Path, ledger.Entry]) -> dict[Path, tuple[object, ...]]:
    """Entries without what a link or a new mode alters."""
    return {path: (e.size, e.modified, e.inode, e.digest) for path, e in entries.items()}


def test_whatever_is_done_to_files_the_catalogue_becomes_what_the_folders_are(
    resident: RunningDaemon, form: Form
) -> None:
    """After `sync`: every path with its digest or problem, and moved files keep their rows."""
    pictures = unlike(form.dice(), PICTURES)
    Upheaval.daemon = resident
    Upheaval.pictures = {ledger.digest_of(each): each for each in pictures}
    Upheaval.contents = [*pictures, *no_pictures(pictures[0])]
    run_state_machine_as_test(
        seed(form.seed)(Upheaval),
        settings=settings(
            max_examples=form.times("examples", short=12, long=1_000),
            stateful_step_count=form.times("steps in each", short=15, long=25),
            database=None,
            print_blob=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_workers_may_die_at_any_moment(resident: RunningDaemon, form: Form) -> None:
    """Every picture is catalogued, and as many workers decode as before."""
    dice = form.dice()
    kills = form.times("workers killed", short=20, long=500)
    pictures: dict[str, bytes] = {}
    killed, rolls = 0, 0
    while killed < kills:
        rolls += 1
        contents = [blotches(dice, 1_000, 750) for _ in range(PICTURES_A_ROLL)]
        _lay_down(resident.roots[0] / f"roll {rolls}", contents, pictures)
        killed += _kill_some(resident, dice, min(KILLS_A_ROLL, kills - killed))
    # The last ones find every slot as it was.
    last = [blotches(dice, 1_000, 750) for _ in range(PICTURES_A_ROLL)]
    _lay_down(resident.roots[0] / "roll 0", last, pictures)
    resident.sync(LONG_PATIENCE)

    held = ledger.catalogued(resident.folder / "state")
    rolled = {path: entry.digest for path, entry in held.entries.items() if path.parent.name[:4] == "roll"}
    assert {} == {path: why for path, why in held.problems.items() if path in rolled}
    assert (len(pictures), set(pictures)) == (len(rolled), set(rolled.values()))
    _await_workers(resident)
    assert WORKERS == len(workers(resident))
    form.note("pictures", len(pictures))


def _lay_down(folder: Path, contents: Sequence[bytes], pictures: dict[str, bytes]) -> None:
    folder.mkdir()
    for number, content in enumerate(contents):
        pictures[ledger.digest_of(content)] = content
        (folder / f"{number}.jpg").write_bytes(content)


def _kill_some(daemon: RunningDaemon, dice: random.Random, number: int) -> int:
    """Kill so many workers at moments of no choice; how many were there to be killed."""
    assert daemon.process is not None
    killed = 0
    for _ in range(number):
        with suppress(TimeoutExpired):
            daemon.process.wait(dice.uniform(0.0, MOST_SECONDS_BETWEEN))
        alive = workers(daemon)
        if alive:
            with suppress(psutil.NoSuchProcess):
                dice.choice(alive).kill()
                killed += 1
    return killed


def _await_workers(daemon: RunningDaemon) -> None:
    """Return when there are no more workers than slots: those of a replaced pool end in the background."""
    assert daemon.process is not None
    end = time.monotonic() + PATIENCE
    while len(workers(daemon)) > WORKERS and time.monotonic() < end:
        with suppress(TimeoutExpired):
            assert daemon.process.wait(0.05) is None


def workers(daemon: RunningDaemon) -> list[psutil.Process]:
    """The decode workers: the children of the fork server, which is the daemon's child."""
    assert daemon.process is not None
    return [each for own in psutil.Process(daemon.process.pid).children() for each in own.children()]
