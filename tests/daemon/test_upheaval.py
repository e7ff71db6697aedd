"""Whatever is done to the files between two syncs, the catalogue is what the folders are."""

import hashlib
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from simd.core.errors import NotFound
from simd.imaging import drawing
from tests.daemon.running import RunningDaemon, ending

ROUNDS = 10
MOST_STEPS = 14
FOLDERS = ("", "x", "y", "x/deep", "w")
NAMES = tuple(f"{letter}.jpg" for letter in "abcde")
PICTURES = 8


class Person:
    """Somebody who copies, moves, links, overwrites and deletes at random, within two folders.

    A file with several names is never overwritten in place: the names that were not used cause
    no event, and only a sweep would notice.
    """

    def __init__(self, seed: int, roots: tuple[Path, ...], contents: list[bytes]) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - a game, not a secret
        self._roots = roots
        self._contents = contents
        self._habits = (self.write, self.write, self.copy, self.link, self.move, self.move, self.delete)
        self._rare_habits = (self.move_folder, self.delete_folder)
        self.done: list[str] = []

    def act(self) -> None:
        """A handful of steps at once."""
        self.done = []
        for _ in range(self._dice.randint(1, MOST_STEPS)):
            habits = self._rare_habits if self._dice.random() < 0.2 else self._habits
            step = self._dice.choice(habits)
            self.done.append(f"{step.__name__}: {step()}")

    def files(self) -> list[Path]:
        """Everything that is there."""
        return sorted(path for root in self._roots for path in root.rglob("*") if path.is_file())

    def write(self) -> str:
        """Make a file, or replace the content of one."""
        target = self._target()
        target.write_bytes(self._dice.choice(self._contents))
        return f"{target}"

    def copy(self) -> str:
        """Copy a file with its times."""
        source, target = self._source(), self._target()
        if source is not None and source != target:
            shutil.copy2(source, target)
        return f"{source} {target}"

    def link(self) -> str:
        """Give a file a second name."""
        source, target = self._source(), self._target()
        if source is not None and source.exists() and not target.exists():
            os.link(source, target)
        return f"{source} {target}"

    def move(self) -> str:
        """Rename a file, over another one if need be."""
        source, target = self._source(), self._target()
        if source is not None and source.exists():
            source.rename(target)
        return f"{source} {target}"

    def delete(self) -> str:
        """Delete a file."""
        source = self._source()
        if source is not None:
            source.unlink()
        return f"{source}"

    def move_folder(self) -> str:
        """Rename a folder, also into the other root."""
        source, target = self._folder(), self._folder()
        free = not target.exists() and target.parent.exists() and source not in target.parents
        if source not in self._roots and source.is_dir() and free:
            source.rename(target)
        return f"{source} {target}"

    def delete_folder(self) -> str:
        """Delete a folder with all that is in it."""
        folder = self._folder()
        if folder not in self._roots and folder.is_dir():
            shutil.rmtree(folder)
        return f"{folder}"

    def _folder(self) -> Path:
        return self._dice.choice(self._roots) / self._dice.choice(FOLDERS)

    def _source(self) -> Path | None:
        files = self.files()
        return self._dice.choice(files) if files else None

    def _target(self) -> Path:
        target = self._folder() / self._dice.choice(NAMES)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and target.stat().st_nlink > 1:
            target.unlink()
        return target


@pytest.fixture
def contents(place: Path) -> list[bytes]:
    """Some pictures, and two things that are none."""
    pictures = [place / f"{seed}.jpg" for seed in range(PICTURES)]
    for seed, path in enumerate(pictures):
        drawing.save(drawing.landscape(seed, 96, 72), path)
    return [*(path.read_bytes() for path in pictures), b"", b"Notes.\n"]


@pytest.fixture
def daemon(place: Path) -> Iterator[RunningDaemon]:
    """A daemon with two empty roots."""
    with ending(RunningDaemon(place / "simd", place / "photos", place / "card")) as daemon:
        yield daemon.start()


def digest_of(daemon: RunningDaemon, path: Path) -> str | None:
    """The digest by which the catalogue knows the file at a path; None when it is not a known picture."""
    try:
        image = daemon.image(path)
    except NotFound:
        return None
    assert os.fspath(path) in {file["path"] for file in image["files"]}
    return str(image["digest"])


def test_after_every_upheaval_the_catalogue_is_what_the_folders_are(
    daemon: RunningDaemon, contents: list[bytes]
) -> None:
    """Every file has its digest or its problem, and nothing else counts as present."""
    pictures = {f"sha256:{hashlib.sha256(content).hexdigest()}" for content in contents[:PICTURES]}
    person = Person(1, daemon.roots, contents)
    for _ in range(ROUNDS):
        person.act()
        daemon.sync()

        on_disk = {path: f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in person.files()}
        bad = {os.fspath(path) for path, digest in on_disk.items() if digest not in pictures}
        expected = {path: digest if digest in pictures else None for path, digest in on_disk.items()}
        assert expected == {path: digest_of(daemon, path) for path in on_disk}, person.done
        problems = daemon.client.get("/v1/problems", {"limit": 1_000})["problems"]
        assert bad == {problem["path"] for problem in problems}, person.done
        assert len(on_disk) == daemon.status()["files"]["present"], person.done
