"""Which images each commit touched, so that what is worked out from the catalogue can be kept in step.

Triggers on the writer's own connection collect the images while rows change, whichever verb
changes them and through however many cascades. They live in SQLite's temporary schema:
nothing of them is in the database.
"""

import json
import sqlite3
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from threading import Lock
from typing import Final

MOST_REMEMBERED: Final = 200_000
"""Images that are remembered over all commits: beyond, working everything out anew is as quick."""

# Not unique: within an upsert, SQLite makes an error even of an INSERT OR IGNORE that a trigger does.
_COLLECT: Final = "CREATE TEMP TABLE touched (image_id INTEGER NOT NULL)"

_FILE_COLUMNS: Final = "directory_id, name, size, mtime_ns, inode, image_id, missing_since"

_OLD_FILE: Final = "INSERT INTO touched SELECT OLD.image_id WHERE OLD.image_id IS NOT NULL;"
_NEW_FILE: Final = "INSERT INTO touched SELECT NEW.image_id WHERE NEW.image_id IS NOT NULL;"
_OLD_MATCH: Final = "INSERT INTO touched VALUES (OLD.a), (OLD.b);"
_NEW_MATCH: Final = "INSERT INTO touched VALUES (NEW.a), (NEW.b);"

_TRIGGERS: Final = {
    "AFTER INSERT ON main.file": _NEW_FILE,
    "AFTER DELETE ON main.file": _OLD_FILE,
    f"AFTER UPDATE OF {_FILE_COLUMNS} ON main.file": _OLD_FILE + _NEW_FILE,
    "AFTER UPDATE ON main.image": "INSERT INTO touched VALUES (NEW.id);",
    "AFTER DELETE ON main.image": "INSERT INTO touched VALUES (OLD.id);",
    "AFTER INSERT ON main.match": _NEW_MATCH,
    "AFTER DELETE ON main.match": _OLD_MATCH,
    "AFTER UPDATE ON main.match": _NEW_MATCH,
    # The path of a file is part of how its image ranks, and its root says on which disk it is.
    "AFTER UPDATE OF root_id, path ON main.directory": """
        INSERT INTO touched
        SELECT image_id FROM file WHERE directory_id = NEW.id AND image_id IS NOT NULL;""",
    "AFTER UPDATE OF path, device ON main.root": """
        INSERT INTO touched
        SELECT file.image_id FROM directory JOIN file ON file.directory_id = directory.id
        WHERE directory.root_id = NEW.id AND file.image_id IS NOT NULL;""",
}


def collect_touched(writing: sqlite3.Connection) -> None:
    """Begin to collect, on the connection that writes; outside any transaction."""
    writing.execute(_COLLECT)
    for number, (moment, action) in enumerate(_TRIGGERS.items()):
        writing.execute(f"CREATE TEMP TRIGGER touched_{number} {moment} BEGIN {action} END")


def touch(writing: sqlite3.Connection, image_ids: Collection[int]) -> None:
    """Count images as touched although no row of theirs changes."""
    writing.execute("INSERT INTO touched SELECT value FROM json_each(?)", (json.dumps(list(image_ids)),))


def take_touched(writing: sqlite3.Connection) -> frozenset[int]:
    """The images touched since the last call, within the transaction that touched them."""
    touched = frozenset(row[0] for row in writing.execute("SELECT image_id FROM touched"))
    if touched:
        writing.execute("DELETE FROM touched")
    return touched


@dataclass(frozen=True, slots=True)
class _Commit:
    generation: int
    touched: frozenset[int]


class ChangeLog:
    """What the last commits touched; written by the writer, read by anybody."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._commits: deque[_Commit] = deque()
        self._remembered = 0
        self._known_after = 0

    def begin(self, generation: int) -> None:
        """Know of everything that comes after ``generation``, and nothing before."""
        self._known_after = generation

    def note(self, generation: int, touched: frozenset[int]) -> None:
        """Remember what a commit touches.

        To be called before the commit takes effect: whoever sees the commit must find it
        here. If it fails after all, the next one bears the same number, and both are told.
        """
        with self._lock:
            self._commits.append(_Commit(generation, touched))
            self._remembered += len(touched)
            while self._remembered > MOST_REMEMBERED:
                forgotten = self._commits.popleft()
                self._remembered -= len(forgotten.touched)
                self._known_after = forgotten.generation

    def between(self, seen: int, now: int) -> frozenset[int] | None:
        """The images touched by commits after ``seen`` up to ``now``; None when that is forgotten."""
        with self._lock:
            if seen < self._known_after:
                return None
            touched = [it.touched for it in self._commits if seen < it.generation <= now]
        return frozenset().union(*touched)
