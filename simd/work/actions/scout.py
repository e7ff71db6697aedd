"""The process that looks at files ahead: it takes orders from standard input, answers on standard output.

It says once that it is ready. An order holds what has to be so of the files of each unit; the answer, for
each unit, whether it is so, as far as can be told from here. Both are pickled. The process ends when no
orders come any more. It changes nothing.
"""

import pickle
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress

from simd.core.actions.known import Known
from simd.core.stamp import Stamp
from simd.work.actions.sighting import Demand, Sighter, Unfit

Plain = tuple[bytes, tuple[int, ...], bytes | None]
"""A file as a plan knows it: path, stamp, digest."""

PlainDemand = tuple[Plain, Plain | None, bool, bool, bytes | None]
"""A demand in plain tuples: those are pickled in a third of the time."""

Order = Sequence[Sequence[PlainDemand]]
"""Demands, for each unit."""

READY = True
"""What is said first."""


def main() -> None:
    """Answer orders until there are no more."""
    with suppress(EOFError, BrokenPipeError):
        _say(READY)
        while True:
            _say(answer(pickle.load(sys.stdin.buffer)))  # noqa: S301 - simd alone holds the other end


def order_of(demands: Iterable[Iterable[Demand]]) -> Order:
    """What has to be so of units, as an order."""
    return [
        [
            (_plain(each.file), each.kept and _plain(each.kept), each.read, each.together, each.home)
            for each in unit
        ]
        for unit in demands
    ]


def answer(order: Order) -> list[bool]:
    """Look at everything once, none of it twice; for each unit, whether all is as it has to be."""
    sighter = Sighter()
    return [all(_is_met(sighter, demand) for demand in unit) for unit in order]


def _say(what: object) -> None:
    pickle.dump(what, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _plain(known: Known) -> Plain:
    return known.path, tuple(known.stamp), known.digest


def _known(plain: Plain) -> Known:
    path, stamp, digest = plain
    return Known(path, Stamp(*stamp), digest)


def _is_met(sighter: Sighter, demand: PlainDemand) -> bool:
    file, kept, read, together, home = demand
    try:
        sighter.require(Demand(_known(file), kept and _known(kept), read, together, home))
    except Unfit:
        return False
    return True


if __name__ == "__main__":
    main()
