"""All that can be done to files, and somebody who does it at random."""

import os
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("", "x", "y", "x/deep", "w")
NAMES = tuple(f"{letter}.jpg" for letter in "abcdef")
MODES = (0o600, 0o644, 0o640)


@dataclass(frozen=True, slots=True)
class Folders:
    """Some roots and what people do in them. What cannot be done at the moment is left undone."""

    roots: Sequence[Path]

    def files(self) -> list[Path]:
        """Everything that is there."""
        return sorted(path for root in self.roots for path in root.rglob("*") if path.is_file())

    def clear(self) -> None:
        """Leave nothing but the roots."""
        for root in self.roots:
            for path in root.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def write(self, target: Path, content: bytes) -> None:
        """Make a file, or overwrite one where it stands.

        A file with several names gets this one anew: of those that were not used the kernel tells
        nothing, so that only a sweep could notice.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and target.stat().st_nlink > 1:
            target.unlink()
        target.write_bytes(content)

    def replace(self, target: Path, content: bytes) -> None:
        """Write beside a file, and rename over it, as careful programs do."""
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.part")
        beside.write_bytes(content)
        beside.rename(target)

    def copy(self, source: Path, target: Path) -> None:
        """Copy a file with its times."""
        if source != target:
            self.write(target, source.read_bytes())
            shutil.copystat(source, target)

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name."""
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(source, target)

    def move(self, source: Path, target: Path) -> None:
        """Rename a file, over another one if need be."""
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)

    def delete(self, source: Path) -> None:
        """Delete a file."""
        source.unlink()

    def chmod(self, source: Path, mode: int) -> None:
        """Change who may do what; as good as nothing has happened."""
        source.chmod(mode)

    def can_move(self, source: Path, target: Path) -> bool:
        """Whether a folder can be given another name."""
        movable = source not in self.roots and source.is_dir() and source not in target.parents
        return movable and not target.exists()

    def move_folder(self, source: Path, target: Path) -> None:
        """Rename a folder, also into another root."""
        if self.can_move(source, target):
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)

    def delete_folder(self, folder: Path) -> None:
        """Delete a folder with all that is in it."""
        if folder not in self.roots and folder.is_dir():
            shutil.rmtree(folder)


class Person:
    """Somebody who does all of this at random."""

    def __init__(self, dice: random.Random, folders: Folders, content: Callable[[], bytes]) -> None:
        """``content`` is asked for what to write."""
        self._dice = dice
        self._folders = folders
        self._content = content
        self._habits = (
            self._write, self._write, self._replace, self._copy, self._link,
            self._move, self._move, self._delete, self._chmod,
        )  # fmt: skip
        self._rare_habits = (self._move_folder, self._delete_folder)

    def act(self, steps: int) -> None:
        """Do some things without a pause."""
        for _ in range(steps):
            habits = self._rare_habits if self._dice.random() < 0.1 else self._habits
            self._dice.choice(habits)()

    def _write(self) -> None:
        self._folders.write(self._place(), self._content())

    def _replace(self) -> None:
        self._folders.replace(self._place(), self._content())

    def _copy(self) -> None:
        self._with_file(lambda source: self._folders.copy(source, self._place()))

    def _link(self) -> None:
        self._with_file(lambda source: self._folders.link(source, self._place()))

    def _move(self) -> None:
        self._with_file(lambda source: self._folders.move(source, self._place()))

    def _delete(self) -> None:
        self._with_file(self._folders.delete)

    def _chmod(self) -> None:
        self._with_file(lambda source: self._folders.chmod(source, self._dice.choice(MODES)))

    def _move_folder(self) -> None:
        self._folders.move_folder(self._folder(), self._folder())

    def _delete_folder(self) -> None:
        self._folders.delete_folder(self._folder())

    def _with_file(self, act: Callable[[Path], None]) -> None:
        files = self._folders.files()
        if files:
            act(self._dice.choice(files))

    def _folder(self) -> Path:
        return self._dice.choice(self._folders.roots) / self._dice.choice(FOLDERS)

    def _place(self) -> Path:
        return self._folder() / self._dice.choice(NAMES)
