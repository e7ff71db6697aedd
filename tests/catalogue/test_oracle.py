"""Random histories of two folders, against a dictionary of paths."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from simd.catalogue import Catalogue, Tallies, Transaction
from simd.core.model import FileState
from simd.core.stamp import Stamp
from tests.catalogue.samples import make_signature, make_stamp
from tests.fakes import FakeClock

IMAGES = (1, 2, 3)
NAMES = st.sampled_from([b"a", b"a0", b"\xff"])
ROOTS = (b"one", b"two\xff")
DIRECTORIES = st.tuples(st.sampled_from(ROOTS), st.lists(NAMES, max_size=2)).map(
    lambda drawn: b"/".join([drawn[0], *drawn[1]])
)
FILES = st.tuples(DIRECTORIES, st.sampled_from([b"/x.jpg", b"/\xe9.jpg"])).map(b"".join)
STAMPS = st.integers(1, 5).map(make_stamp)

LIVES = count()
"""Every history has roots of its own, so that one database serves them all."""


@dataclass(frozen=True)
class Known:
    """What the oracle knows of a file."""

    stamp: Stamp
    image_id: int
    missing: bool = False


class History(RuleBasedStateMachine):
    """The catalogue and the dictionary live through the same."""

    catalogue: Catalogue

    def __init__(self) -> None:
        super().__init__()
        self.top = b"/life%d/" % next(LIVES)
        self.files: dict[bytes, Known] = {}
        self.seen: set[bytes] = set()
        self.before = self.tallies()
        self.expected = Counter[str]()
        self.catalogue.write(self.enrol).result()

    def enrol(self, to: Transaction) -> None:
        """Enrol the roots of this life."""
        for name in ROOTS:
            to.enrol_root(self.top + name, 1, 1, "ext4")

    def tallies(self) -> Tallies:
        """What the catalogue has counted, in this life and those before."""
        with self.catalogue.read() as snapshot:
            return snapshot.tallies()

    def below(self, directory: bytes) -> list[bytes]:
        """The known files below a directory."""
        return [path for path in self.files if path.startswith(directory + b"/")]

    @rule(paths=st.sets(FILES, min_size=1, max_size=16), stamp=STAMPS, image_id=st.sampled_from(IMAGES))
    def put(self, paths: set[bytes], stamp: Stamp, image_id: int) -> None:
        """Files are seen."""
        files = [(self.top + path, stamp, image_id) for path in paths]
        self.catalogue.write(lambda to: to.put_files(files)).result()
        self.expected["added"] += sum(self.absent(path) for path, *_ in files)
        self.files.update({path: Known(stamp, image_id) for path, *_ in files})

    @rule(path=FILES)
    def lose(self, path: bytes) -> None:
        """A file is gone."""
        path = self.top + path
        there = path in self.files and not self.files[path].missing
        assert there == self.catalogue.write(lambda to: to.mark_missing([path])).result()
        self.expected["removed"] += there
        if there:
            self.files[path] = replace(self.files[path], missing=True)

    @rule(directory=DIRECTORIES)
    def lose_directory(self, directory: bytes) -> None:
        """A directory is gone."""
        directory = self.top + directory
        there = [path for path in self.below(directory) if not self.files[path].missing]
        assert len(there) == self.catalogue.write(lambda to: to.mark_directory_missing(directory)).result()
        self.expected["removed"] += len(there)
        for path in there:
            self.files[path] = replace(self.files[path], missing=True)

    @rule(source=FILES, goal=FILES, stamp=STAMPS)
    def move_file(self, source: bytes, goal: bytes, stamp: Stamp) -> None:
        """A file is renamed, perhaps over another."""
        source, goal = self.top + source, self.top + goal
        moved = self.catalogue.write(lambda to: to.move_file(source, goal, stamp)).result()
        assert (source in self.files) == moved
        if moved:
            self.count_move_file(source, goal)
            self.files[goal] = Known(stamp, self.files.pop(source).image_id)

    def absent(self, path: bytes) -> bool:
        """Whether nothing is at a path."""
        return path not in self.files or self.files[path].missing

    def count_move_file(self, source: bytes, goal: bytes) -> None:
        """A file that was missing is not removed after all; one at the goal is."""
        if source != goal:
            self.expected["moved"] += 1
            self.expected["removed"] += int(not self.absent(goal)) - self.files[source].missing
        else:
            self.expected["added"] += self.files[source].missing

    @rule(source=DIRECTORIES, goal=DIRECTORIES)
    def move_directory(self, source: bytes, goal: bytes) -> None:
        """A directory is renamed, perhaps over another."""
        nested = (source + b"/").startswith(goal + b"/") or (goal + b"/").startswith(source + b"/")
        possible = not nested and source not in ROOTS and goal not in ROOTS
        source, goal = self.top + source, self.top + goal
        moved = self.catalogue.write(lambda to: to.move_directory(source, goal)).result()
        assert possible or not moved
        if possible:
            assert moved or not self.below(source)
            for path in self.below(source):
                self.land(self.files.pop(path), goal + path[len(source) :])

    def land(self, moved: Known, path: bytes) -> None:
        """A moved file arrives; only a present file is not replaced by a missing one."""
        here = self.files.get(path)
        if not moved.missing:
            self.expected["moved"] += 1
            self.expected["removed"] += here is not None and not here.missing
        if here is None or here.missing or not moved.missing:
            self.files[path] = moved

    @rule()
    def forget(self) -> None:
        """What is missing is forgotten."""
        future = FakeClock().now() + timedelta(days=1)
        self.catalogue.write(lambda to: to.forget_missing(future)).result()
        self.files = {path: known for path, known in self.files.items() if not known.missing}
        self.catalogue.write(put_images).result()

    @invariant()
    def agree(self) -> None:
        """Both know the same files, in the same state, at the same places, and what happened to them."""
        self.seen.update(self.files)
        directories = {path.rpartition(b"/")[0] for path in self.seen}
        with self.catalogue.read() as snapshot:
            rows = snapshot.files_at(self.seen)
            stamps = snapshot.stamps(list(directories))
            holding = [snapshot.directories_under(self.top + name) for name in ROOTS]
        assert self.files == {
            path: Known(row.stamp, row.image_id or 0, row.state is FileState.MISSING)
            for path, row in rows.items()
        }
        counted = self.tallies()
        assert (self.expected["added"], self.expected["moved"], self.expected["removed"]) == (
            counted.added - self.before.added,
            counted.moved - self.before.moved,
            counted.removed - self.before.removed,
        )
        present = {path: known.stamp for path, known in self.files.items() if not known.missing}
        assert present == {
            directory + b"/" + name: stamp
            for directory, names in stamps.items()
            for name, stamp in names.items()
        }
        assert {path.rpartition(b"/")[0] for path in present} == {path for found in holding for path in found}


def put_images(to: Transaction) -> None:
    """Put the images that files may have; those without files are forgotten now and then."""
    to.put_images([(image_id, make_signature(image_id)) for image_id in IMAGES])


def test_every_history_ends_like_the_dictionary(catalogue: Catalogue) -> None:
    """After any sequence of changes the catalogue holds exactly the files of the oracle, and is sound."""
    catalogue.write(put_images).result()
    History.catalogue = catalogue
    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            # Each step waits for commits, so shrinking a history would take minutes.
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
        ),
    )
    assert [] == catalogue.check().result()
