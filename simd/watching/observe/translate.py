"""What a watchdog event means."""

import os
from dataclasses import dataclass

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
)

from simd.core.hints import Appeared, Gone, Hint, Lost, Moved, Touched
from simd.core.skipping import SkipRules


@dataclass(frozen=True, slots=True)
class Territory:
    """A root and the rules for what in it matters."""

    root: bytes
    skip: SkipRules

    def covers(self, path: bytes, *, directory: bool) -> bool:
        """Whether anybody wants to hear of ``path``."""
        return bool(path) and not self.skip.skips(path, self.root, directory=directory)


def translate(event: FileSystemEvent, territory: Territory) -> list[Hint]:
    """The hints that an event gives; none when it concerns nobody."""
    if event.is_synthetic:  # walked out of a directory that is announced as a whole
        return []
    source, target, directory = os.fsencode(event.src_path), os.fsencode(event.dest_path), event.is_directory
    if isinstance(event, FileMovedEvent | DirMovedEvent):
        return _moved(source, target, territory, directory=directory)
    if isinstance(event, DirDeletedEvent) and source == territory.root:
        return [Lost(territory.root, "the folder was removed")]
    hint: Hint | None = None
    match event:
        case FileCreatedEvent() | FileClosedEvent() | FileModifiedEvent():
            hint = Touched(source)
        case FileDeletedEvent() | DirDeletedEvent():
            hint = Gone(source, directory)
        case DirCreatedEvent():
            hint = Appeared(source)
    return [hint] if hint is not None and territory.covers(source, directory=directory) else []


def _moved(source: bytes, target: bytes, territory: Territory, *, directory: bool) -> list[Hint]:
    """A move across the border of what matters is a departure or an arrival."""
    left = territory.covers(source, directory=directory)
    arrived = territory.covers(target, directory=directory)
    hints: list[Hint] = []
    if left:
        hints.append(Moved(source, target, directory) if arrived else Gone(source, directory))
    if arrived and directory:
        hints.append(Appeared(target))
    elif arrived and not left:
        hints.append(Touched(target))
    return hints
