"""A file as a plan knows it. By itself, because a process that looks at files has to start in no time."""

from typing import NamedTuple

from simd.core.stamp import Stamp


class Known(NamedTuple):
    """A file as it was when the plan was made.

    Attributes:
        path: absolute.
        stamp: of the file then.
        digest: SHA-256 of its bytes; None for a companion, whose bytes nobody had read.
    """

    path: bytes
    stamp: Stamp
    digest: bytes | None
