"""What to tell a person about a catalogue that refuses."""

from pathlib import Path

from simd.core.answers import Note
from simd.core.errors import CatalogueError, CatalogueLocked
from simd.system.holders import holders_of


def note_of(error: CatalogueError, database: Path) -> Note:
    """What happened and what to do about it; who is in the way, if that can be told."""
    told = named(error, database) if isinstance(error, CatalogueLocked) else error
    return Note(message=f"{told.message} Nothing new is written until this is over.", hint=told.hint)


def named(error: CatalogueLocked, database: Path) -> CatalogueLocked:
    """The same error, with the names of those who hold the database, if there are any to be told."""
    holders = holders_of([database, Path(f"{database}-shm")])
    if not holders:
        return error
    return CatalogueLocked(
        error.message, hint=f"It is held open by {', '.join(holders)}; close that program."
    )
