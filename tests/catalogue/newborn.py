"""An empty catalogue in a moment: the revisions, which take longest, are run once for all tests."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from simd.catalogue import DATABASE, Catalogue
from simd.catalogue.migrate import upgrade
from simd.ports import Clock


@cache
def _tables() -> bytes:
    """A database file with all tables and no rows, as the revisions make it."""
    with TemporaryDirectory() as folder:
        database = Path(folder) / DATABASE
        upgrade(database, Path(folder) / "backups")
        return database.read_bytes()


def open_new(folder: Path, clock: Clock) -> Catalogue:
    """Open a catalogue that is empty and was never opened, in a folder that has none."""
    with (folder / DATABASE).open("xb") as file:
        file.write(_tables())
    return Catalogue.open(folder, clock)
