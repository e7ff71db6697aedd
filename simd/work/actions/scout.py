"""The process that looks at files ahead: it takes orders from standard input, answers on standard output.

It says once that it is ready. An order holds a sheet as the journal keeps it; the answer, for each unit that
it is asked about, whether all is as it has to be, as far as can be told from here. Both are pickled, an order
as a plain tuple. The process ends when no orders come any more. It changes nothing.
"""

import pickle
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from simd.core.actions.packing import FILES, PLACES, unpack_files, unpack_paths, unpacked
from simd.work.actions.sighting import Demand, Sighter, Unfit, demand_back

READY = True
"""What is said first."""


class Order(NamedTuple):
    """What is to be looked at.

    Attributes:
        facts: of a sheet, packed.
        standing: of the same sheet, packed, if its files are to go back from where they lie; None if they are
            to be taken away.
        spans: of each unit the place of its first step on the sheet, and that behind its last.
        read: for each step of the sheet whether the bytes of its file are read before it is taken away.
    """

    facts: bytes
    standing: bytes | None
    spans: Sequence[tuple[int, int]]
    read: Sequence[bool]


def main() -> None:
    """Answer orders until there are no more."""
    with suppress(EOFError, BrokenPipeError):
        _say(READY)
        while True:
            order = Order(*pickle.load(sys.stdin.buffer))  # noqa: S301 - simd alone holds the other end
            _say(answer(order))


def answer(order: Order) -> list[bool]:
    """Look at everything once, none of it twice; for each unit, whether all is as it has to be."""
    sighter = Sighter()
    return [all(_is_met(sighter, demand) for demand in unit) for unit in demands_of(order)]


def demands_of(order: Order) -> list[list[Demand]]:
    """What has to be so of the files of each unit."""
    files, keepers = unpack_files(unpacked(order.facts)[FILES])
    known = [file for file in files.known() if file is not None]  # every step has one
    if order.standing is None:
        demands = list(map(Demand, known, keepers.known(), order.read))
        return [demands[start:end] for start, end in order.spans]
    places = unpack_paths(unpacked(order.standing)[PLACES])
    return [list(map(demand_back, known[start:end], places[start:end])) for start, end in order.spans]


def _say(what: object) -> None:
    pickle.dump(what, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _is_met(sighter: Sighter, demand: Demand) -> bool:
    try:
        sighter.require(demand)
    except Unfit:
        return False
    return True


if __name__ == "__main__":
    main()
