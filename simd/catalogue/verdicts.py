"""The table of verdicts among the decisions: by digests of images, never by ids of the catalogue."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from simd.catalogue.decisions import Decisions
from simd.core.verdicts import GivenVerdict, Images, VerdictKind

_ALL: Final = "SELECT kind, a, b, since FROM verdict"
_PUT: Final = "INSERT OR REPLACE INTO verdict (a, b, kind, since) VALUES (?, ?, ?, ?)"
_DROP: Final = "DELETE FROM verdict WHERE a = ? AND b = ?"


class VerdictTable:
    """Reads and writes verdicts. What is written is on the disk when the call returns, or not at all.

    Every method raises :class:`~simd.core.errors.CatalogueError` when the decisions cannot be
    read or written.
    """

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions

    def all(self) -> list[GivenVerdict]:
        """Every verdict, in no particular order."""
        with self._decisions.transaction() as connection:
            rows = connection.execute(_ALL).fetchall()
        return [
            GivenVerdict(VerdictKind(kind), (a,) if a == b else (a, b), datetime.fromisoformat(since))
            for kind, a, b, since in rows
        ]

    def put(self, verdicts: Iterable[GivenVerdict]) -> None:
        """Keep verdicts; each takes the place of another one about the same pictures."""
        rows = [(*_key(it.images), it.kind.value, _moment(it.since)) for it in verdicts]
        with self._decisions.transaction() as connection:
            connection.executemany(_PUT, rows)

    def drop(self, verdicts: Iterable[GivenVerdict]) -> None:
        """Forget verdicts; those that are not there do no harm."""
        with self._decisions.transaction() as connection:
            connection.executemany(_DROP, [_key(it.images) for it in verdicts])


def _key(images: Images) -> tuple[bytes, bytes]:
    """A picture alone is kept as a pair with itself."""
    return images[0], images[-1]


def _moment(since: datetime) -> str:
    return since.astimezone(UTC).isoformat(timespec="seconds")
