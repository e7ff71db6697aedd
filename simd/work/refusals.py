"""What to tell a person about a catalogue that refuses."""

from pathlib import Path

from simd.core.answers import Note
from simd.core.errors import CatalogueError, CatalogueLocked
from simd.system.holders import holders_of


def note_of(error: CatalogueError, database: Path) -> Note:
    """What happened and what to do about it; who is in the way, if that can be told."""
    told = named(error, database) if isinstance(error, CatalogueLocked) else error
    return Note(message=f"{told.message} Nothing new is written until this is over.", hint=told.hint)


def long_log_note(size: int, database: Path) -> Note:
    """That the log of the catalogue cannot be folded into it, and because of whom."""
    readers = holders_of([database, _index_of_log(database)], readers=True)
    by = f" ({', '.join(readers)})" if readers else ""
    return Note(
        message=f"The catalogue's log has grown to {size / 1e6:,.0f} MB, as another program reads in it{by}.",
        hint="Close that program: the log is folded into the catalogue when nobody reads in it.",
    )


def named(error: CatalogueLocked, database: Path) -> CatalogueLocked:
    """The same error, with the names of those who hold the database, if there are any to be told."""
    holders = holders_of([database, _index_of_log(database)])
    if not holders:
        return error
    return CatalogueLocked(
        error.message, hint=f"It is held open by {', '.join(holders)}; close that program."
    )


def _index_of_log(database: Path) -> Path:
    """Where those who use a database together lock parts of it."""
    return Path(f"{database}-shm")
