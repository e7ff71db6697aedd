"""The two sides that must agree: what the catalogue holds, and what is on the disk.

The catalogue is read from its file, past everything that a daemon could be mistaken in.
"""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

_FILES = """
    SELECT root.path, directory.path, file.name, file.id, file.size, file.mtime_ns, file.ctime_ns, file.inode,
           image.digest, problem.code
    FROM file JOIN directory ON directory.id = directory_id JOIN root ON root.id = root_id
    LEFT JOIN image ON image.id = image_id LEFT JOIN problem ON file_id = file.id
    WHERE missing_since IS NULL AND root.online
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that is there.

    Attributes:
        changed: its change time in nanoseconds, which also a link, a move or a mode alters.
        digest: of its bytes; None when they are no picture.
    """

    size: int
    modified: int
    changed: int
    inode: int
    digest: str | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """All files of the catalogue that count as present.

    Attributes:
        ids: the number of each file's row.
        problems: why a file could not be read.
    """

    entries: dict[Path, Entry]
    ids: dict[Path, int]
    problems: dict[Path, str]


def catalogued(state: Path) -> Ledger:
    """What the catalogue in a state folder holds; its daemon may run."""
    with closing(sqlite3.connect(f"file:{state}/catalogue.db?mode=ro", uri=True)) as database:
        return _read(database)


def _read(database: sqlite3.Connection) -> Ledger:
    ledger = Ledger({}, {}, {})
    for root, folder, name, number, size, modified, changed, inode, digest, problem in database.execute(
        _FILES
    ):
        path = Path(os.fsdecode(b"/".join(part for part in (root, folder, name) if part)))
        shown = None if digest is None else digest.hex()
        ledger.entries[path] = Entry(size, modified, changed, inode % 2**64, shown)
        ledger.ids[path] = number
        if problem is not None:
            ledger.problems[path] = problem
    return ledger


@contextmanager
def snapshot(state: Path) -> Iterator[sqlite3.Connection]:
    """A copy of the catalogue of a daemon that was killed: the next one has to recover it by itself."""
    with TemporaryDirectory() as folder:
        for each in state.glob("catalogue.db*"):
            shutil.copy(each, folder)
        with closing(sqlite3.connect(f"{folder}/catalogue.db")) as database:
            yield database


def images(database: sqlite3.Connection) -> set[str]:
    """The digests of all images, whether a file has them or not; none when there are no tables yet."""
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'image'").fetchone():
        return set()
    return {digest.hex() for (digest,) in database.execute("SELECT digest FROM image")}


def faults_of(database: sqlite3.Connection) -> list[str]:
    """What SQLite finds wrong with a database, its references included; nothing when it is sound."""
    found = [str(row[0]) for row in database.execute("PRAGMA integrity_check") if row[0] != "ok"]
    return found + [f"no row for {row}" for row in database.execute("PRAGMA foreign_key_check")]


def on_disk(files: Iterable[Path], pictures: Mapping[str, bytes] | None = None) -> dict[Path, Entry]:
    """What stands at these paths; when ``pictures`` are given by digest, all else is no picture."""
    entries = {}
    for path in files:
        found, digest = path.stat(), digest_of(path.read_bytes())
        good = pictures is None or digest in pictures
        entries[path] = Entry(
            found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, digest if good else None
        )
    return entries


def digest_of(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()
