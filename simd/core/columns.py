"""Columns: the values of many things, one after the other."""

from collections.abc import Sequence
from operator import itemgetter
from typing import TypeVar

T = TypeVar("T")


def chosen(column: Sequence[T], places: Sequence[int]) -> Sequence[T]:
    """The values at some places, in the order of these.

    A hundred thousand at once come in half the time that asking for one after the other takes.
    """
    if len(places) < 2:  # noqa: PLR2004 - for one place, the call gives no sequence
        return [column[place] for place in places]
    found: tuple[T, ...] = itemgetter(*places)(column)
    return found
