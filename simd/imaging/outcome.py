"""What can come of looking into a file. Bad files are values here, never exceptions."""

from dataclasses import dataclass

from simd.core.model import ProblemCode, Signature
from simd.core.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Decoded:
    """The file is a picture, and this is its signature."""

    signature: Signature
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class AlreadyKnown:
    """The file's bytes were among those that the caller knows: nothing was decoded."""

    digest: bytes
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Refused:
    """The file cannot be read as a picture.

    Attributes:
        code: why, for programs.
        reason: why, as one sentence for a person.
        stamp: the file as it was found; None when it could not even be opened.
    """

    code: ProblemCode
    reason: str
    stamp: Stamp | None


@dataclass(frozen=True, slots=True)
class Changed:
    """The file vanished, or changed while it was read: look again later."""


Outcome = Decoded | AlreadyKnown | Refused | Changed


@dataclass(frozen=True, slots=True)
class Framed:
    """What parting pictures needs of a file.

    Attributes:
        sha1: of the file's bytes, 40 hex digits.
        frame: grey levels of the picture squeezed into a square, row by row, see :mod:`simd.core.partition`.
        aspect: its width as a multiple of its height, upright.
    """

    sha1: str
    frame: bytes
    aspect: float


class Refusal(Exception):
    """Ends the reading of one file within this room; becomes a :class:`Refused` at its border."""

    def __init__(self, problem: ProblemCode, reason: str) -> None:
        super().__init__(reason)
        self.problem = problem
        self.reason = reason


class Vanished(Exception):
    """Ends the reading of one file that is gone; becomes a :class:`Changed` at the border."""
