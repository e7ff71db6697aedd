"""What is remembered of a catalogue outside of it, so that a copy put in its place is recognised.

Every time the catalogue is opened it gets a new number, its *token*: in the header of the file, as
SQLite's ``user_version``, and in a small file beside it. A copy bears none, or an older one. So
the next start sees whether the file is the one that was in use: the log of another one must not be
played into it, and ids that the other one gave must not be given again.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from secrets import randbelow
from typing import Final

NAME: Final = "catalogue.life"
"""Name of the small file, inside the state folder."""

NO_TOKEN: Final = 0
"""What a copy bears, and a database that was never opened."""

_MAGIC: Final = b"SQLite format 3\0"
_OFFSET: Final = 60
_LARGEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Life:
    """The last use of a catalogue.

    Attributes:
        tokens: what the file may bear since then; two when the log could not be folded at once.
        ids_up_to: no greater image id was given.
        suspect: something said that the file is damaged, so the next start looks at all of it.
    """

    tokens: tuple[int, ...]
    ids_up_to: int
    suspect: bool = False


def read_life(folder: Path) -> Life | None:
    """The last use of the catalogue of a state folder, None when nothing is known of one."""
    try:
        written = json.loads((folder / NAME).read_bytes())
        return Life(tuple(map(int, written["tokens"])), int(written["ids_up_to"]), bool(written["suspect"]))
    except (OSError, ValueError, TypeError, KeyError):
        # Without it a start goes on as if there had been no other catalogue.
        return None


def write_life(folder: Path, life: Life) -> None:
    """Remember a use, on disk before this returns.

    Raises:
        OSError: it cannot be written; what was remembered before is still there.
    """
    content = {"tokens": life.tokens, "ids_up_to": life.ids_up_to, "suspect": life.suspect}
    unfinished = folder / f"{NAME}.part"
    with unfinished.open("wb") as file:
        file.write(json.dumps(content).encode())
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / NAME)


def new_token() -> int:
    """A number that no other use of the catalogue has, as good as certainly."""
    return 1 + randbelow(_LARGEST)


def token_of(database: Path) -> int | None:
    """What the file itself bears, whatever its log says; None when it is no database at all.

    Raises:
        OSError: it cannot be read.
    """
    with database.open("rb") as file:
        header = file.read(_OFFSET + 4)
    return int.from_bytes(header[_OFFSET:], "big") if header.startswith(_MAGIC) else None
