"""Read verbs about verified pairs of images."""

import json
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import or_, select

from simd.catalogue.accepted import ACCEPTED, thresholds
from simd.catalogue.group_reads import GroupReads
from simd.catalogue.schema import match
from simd.core.judgement import Judgement, PairLook
from simd.core.model import Measures, Pair
from simd.core.presets import Preset

_PAIRS: Final = select(
    match.c.a,
    match.c.b,
    match.c.distance,
    match.c.distance256,
    match.c.correlation,
    match.c.colour,
    match.c.worst_cell,
    match.c.flat,
)

_NO_COLOUR: Final = -2.0
"""Stands for NULL while a row becomes an array: no cosine is below -1."""

_COLUMNS: Final = (
    f"match.a, match.b, distance, distance256, correlation, ifnull(colour, {_NO_COLOUR}), worst_cell, flat"
)

_ALL_PAIRS: Final = f"""
    SELECT {_COLUMNS} FROM match
    WHERE {ACCEPTED}
    ORDER BY a, b
"""  # noqa: S608 - made of constants; the values are bound

_PAIRS_BETWEEN: Final = f"""
    SELECT {_COLUMNS} FROM json_each(:ones) AS one CROSS JOIN match ON match.a = one.value
    WHERE {ACCEPTED} AND match.b IN (SELECT value FROM json_each(:others))
    UNION
    SELECT {_COLUMNS} FROM json_each(:ones) AS one CROSS JOIN match ON match.b = one.value
    WHERE {ACCEPTED} AND match.a IN (SELECT value FROM json_each(:others))
    ORDER BY 1, 2
"""  # noqa: S608 - made of constants; the values are bound

_LOOKS_AMONG: Final = """
    SELECT look.a, look.b, judgement, a_words, b_words
    FROM json_each(:ids) AS wanted CROSS JOIN look ON look.a = wanted.value
"""

_LOOKS: Final = "SELECT a, b, judgement, a_words, b_words FROM look"

_PAIR_TYPE: Final = np.dtype(
    [
        ("a", np.int64),
        ("b", np.int64),
        ("distance", np.uint8),
        ("distance256", np.uint16),
        ("correlation", np.float64),
        ("colour", np.float64),
        ("worst_cell", np.float64),
        ("flat", np.bool_),
    ]
)


@dataclass(frozen=True)
class PairTable:
    """Many pairs as one structured array; iterating gives :class:`Pair` values.

    Attributes:
        rows: fields ``a``, ``b``, ``distance``, ``distance256``, ``correlation``, ``colour``
            (NaN where a picture is grey), ``worst_cell`` and ``flat``; ordered by ``a`` and ``b``.
    """

    rows: NDArray[np.void]

    # A field of a structured array is scattered: NumPy would copy it whole for each search.
    @cached_property
    def a(self) -> NDArray[np.int64]:
        """The smaller image id of each pair."""
        return np.ascontiguousarray(self.rows["a"])

    @cached_property
    def b(self) -> NDArray[np.int64]:
        """The greater image id of each pair."""
        return np.ascontiguousarray(self.rows["b"])

    @property
    def distance(self) -> NDArray[np.uint8]:
        """The Hamming distance of the 64-bit hashes of each pair."""
        return self.rows["distance"]

    def find(self, one: int, other: int) -> Pair | None:
        """The pair of two images, in either order."""
        low, high = min(one, other), max(one, other)
        start, end = self.a.searchsorted(low), self.a.searchsorted(low, side="right")
        place = start + self.b[start:end].searchsorted(high)
        if place == end or self.b[place] != high:
            return None
        return _as_pair(self.rows[place].item())

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Pair]:
        return map(_as_pair, self.rows.tolist())


def _as_pair(row: tuple[int, int, int, int, float, float, float, bool]) -> Pair:
    a, b, distance, distance256, correlation, colour, worst_cell, flat = row
    known_colour = None if math.isnan(colour) else colour
    return Pair(a, b, Measures(distance, distance256, correlation, known_colour, worst_cell, flat))


def _by_pair(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[int, int], PairLook]:
    return {(a, b): PairLook(a, b, Judgement(word), *words) for a, b, word, *words in rows}


class PairReads(GroupReads):
    """Questions about pairs."""

    def pairs_of(self, image_id: int) -> list[Pair]:
        """Every stored pair of one image, whatever its measures, ordered by ids."""
        query = _PAIRS.where(or_(match.c.a == image_id, match.c.b == image_id)).order_by(match.c.a, match.c.b)
        return [Pair(a, b, Measures(*measures)) for a, b, *measures in self._connection.execute(query)]

    def pairs(self, preset: Preset) -> PairTable:
        """The pairs that a preset accepts, of images with a present or an offline file."""
        table = self._table(_ALL_PAIRS, thresholds(preset))
        return PairTable(table.rows[self.both_live(table.a, table.b)])

    def pairs_between(self, preset: Preset, ones: Sequence[int], others: Sequence[int]) -> PairTable:
        """The pairs that a preset accepts of an image among ``ones`` and an image among ``others``."""
        wanted = {"ones": json.dumps(list(ones)), "others": json.dumps(list(others))}
        return self._table(_PAIRS_BETWEEN, wanted | thresholds(preset))

    def looks_among(self, image_ids: Collection[int]) -> dict[tuple[int, int], PairLook]:
        """What closer looks have found, by the ids of pairs whose smaller image is one of these."""
        return _by_pair(self._driver_rows(_LOOKS_AMONG, {"ids": json.dumps(list(image_ids))}))

    def looks(self) -> dict[tuple[int, int], PairLook]:
        """All that closer looks have found, by the ids of their pairs."""
        return _by_pair(self._driver_rows(_LOOKS, {}))

    def _table(self, sql: str, values: dict[str, Any]) -> PairTable:
        table = np.fromiter(self._driver_rows(sql, values), dtype=_PAIR_TYPE)
        table["colour"][table["colour"] == _NO_COLOUR] = np.nan
        return PairTable(table)
