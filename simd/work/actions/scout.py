"""The process that looks at files ahead: it takes orders from standard input, answers on standard output.

It says once that it is ready. An order holds files as they were, each with whether its bytes are to be read,
and folders. The answer holds for each file the number of its device, None where whoever asks has to look for
himself, for whatever reason; and those of the folders that no link leads to. Both are pickled. The process
ends when no orders come any more. It changes nothing.
"""

import pickle
import sys
from collections.abc import Sequence
from contextlib import suppress

from simd.core.actions.known import Known
from simd.core.model import Stamp
from simd.work.actions.sighting import Looks, Sighter, Unfit

FileOrder = tuple[bytes, tuple[int, ...], bytes | None, bool]
"""Path, stamp, digest, and whether the bytes are to be read."""

Order = tuple[Sequence[FileOrder], Sequence[bytes]]
"""Files and folders."""

Answer = tuple[Sequence[int | None], Sequence[bytes]]
"""Devices in the order of the files, and folders."""


READY = True
"""What is said first."""


def main() -> None:
    """Answer orders until there are no more."""
    with suppress(EOFError, BrokenPipeError):
        _say(READY)
        while True:
            _say(answer(pickle.load(sys.stdin.buffer)))  # noqa: S301 - simd alone holds the other end


def order_of(looks: Looks) -> Order:
    """What is to be seen, as an order: in plain tuples, which are pickled in a third of the time."""
    files = [(known.path, tuple(known.stamp), known.digest, read) for known, read in looks.files]
    return files, looks.folders


def answer(order: Order) -> Answer:
    """Look at everything once, none of it twice."""
    files, folders = order
    sighter = Sighter()
    devices = [
        _device(sighter, Known(path, Stamp(*stamp), digest), read=read) for path, stamp, digest, read in files
    ]
    return devices, [folder for folder in folders if _is_real(sighter, folder)]


def _say(what: object) -> None:
    pickle.dump(what, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _device(sighter: Sighter, known: Known, *, read: bool) -> int | None:
    try:
        return sighter.see(known, digest=read)[0]
    except Unfit:
        return None


def _is_real(sighter: Sighter, folder: bytes) -> bool:
    try:
        sighter.require_real(folder)
    except Unfit:
        return False
    return True


if __name__ == "__main__":
    main()
