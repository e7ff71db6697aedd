"""Write verbs of a rematch: pairs that hold no longer, and how far it has come."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import delete, text
from sqlalchemy.dialects.sqlite import insert

from simd.catalogue.rematch_reads import BOOKMARK, CROWD, MATCHING
from simd.catalogue.schema import state
from simd.catalogue.writing import Writing
from simd.core.matching import Bookmark

_DROP_PAIR: Final = text("DELETE FROM match WHERE a = :a AND b = :b")


class RematchWrites(Writing):
    """What becomes of a rematch."""

    def drop_pairs(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Forget these pairs, the smaller id first in each."""
        if pairs:
            self._connection.execute(_DROP_PAIR, [{"a": a, "b": b} for a, b in pairs])

    def note_crowd(self) -> None:
        """Note that images came which were not compared with all of their candidates."""
        self._put_states({CROWD: 1})

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
