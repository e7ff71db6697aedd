"""Write verbs of a rematch: pairs that hold no longer, and how far it has come."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import delete, func, text
from sqlalchemy.dialects.sqlite import insert

from simd.catalogue.rematch_reads import BOOKMARK, CROWD, CROWDS, MATCHING
from simd.catalogue.schema import state
from simd.catalogue.writing import Writing
from simd.core.matching import Bookmark, Crowding

_DROP_PAIR: Final = text("DELETE FROM match WHERE a = :a AND b = :b")


class RematchWrites(Writing):
    """What becomes of a rematch."""

    def drop_pairs(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Forget these pairs, the smaller id first in each."""
        if pairs:
            self._connection.execute(_DROP_PAIR, [{"a": a, "b": b} for a, b in pairs])

    def note_crowding(self, crowding: Crowding) -> None:
        """Note what has become of crowds; the graver is kept."""
        statement = insert(state).values(key=CROWD, value=crowding)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[state.c.key],
                set_={"value": func.max(state.c.value, statement.excluded.value)},
            )
        )

    def put_crowds(self, fingerprint: int) -> None:
        """Note by which crowds pairs are stored from now on."""
        self._put_states({CROWDS: fingerprint})

    def begin_rematch(self, bookmark: Bookmark) -> None:
        """Note where the rematch begins; it sees to every crowd that there is."""
        self._connection.execute(delete(state).where(state.c.key == CROWD))
        self.put_bookmark(bookmark)

    def put_bookmark(self, bookmark: Bookmark) -> None:
        """Note where the rematch goes on."""
        self._put_states({key: int(getattr(bookmark, name)) for name, key in BOOKMARK.items()})

    def end_rematch(self, matching: int) -> None:
        """Take the bookmark out: all pairs are made by these rules."""
        self._connection.execute(delete(state).where(state.c.key.in_(BOOKMARK.values())))
        self._put_states({MATCHING: matching})

    def _put_states(self, values: dict[str, Any]) -> None:
        statement = insert(state)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[state.c.key], set_={"value": statement.excluded.value}
            ),
            [{"key": key, "value": value} for key, value in values.items()],
        )
