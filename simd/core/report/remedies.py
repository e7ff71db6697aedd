"""Why files could not be read, for a person, and what to do about it."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from simd.core.model import ProblemCode


class Remedy(NamedTuple):
    """What one kind of problem is, and what helps. The reason fits one file and many: "2 files: empty"."""

    reason: str
    remedy: str


_AGAIN: Final = "then run: simctl problems --retry"

REMEDIES: Final[Mapping[ProblemCode, Remedy]] = {
    ProblemCode.PERMISSION: Remedy(
        "no permission to read",
        f"Let the user who runs simd read the file and enter its folder, {_AGAIN}",
    ),
    ProblemCode.EMPTY: Remedy(
        "empty",
        "A copy that was broken off often leaves this. Copy the picture again from where it came from.",
    ),
    ProblemCode.NOT_AN_IMAGE: Remedy(
        "not a picture that simd can read",
        "Give the file the name that fits what it is, or save it in a common format such as JPEG or PNG.",
    ),
    ProblemCode.TRUNCATED: Remedy(
        "cut off before its end",
        "Copy the picture again from the camera, the card or a backup, before these are emptied.",
    ),
    ProblemCode.CORRUPT: Remedy(
        "damaged",
        "Bring the picture back from a backup. If there are more every night, check the disk.",
    ),
    ProblemCode.TOO_LARGE: Remedy(
        "more pixels or bytes than simd reads",
        "Nothing is wrong with the file. Keep it, and save a smaller version beside it to have it compared.",
    ),
    ProblemCode.NOT_A_FILE: Remedy(
        "not a regular file",
        "A link, a pipe or a device has the name of a picture; simd leaves it alone, and so can you.",
    ),
    ProblemCode.TIMEOUT: Remedy(
        "reading took too long",
        f"See whether the disk or the network is slow, or raise imaging.deadline_seconds; {_AGAIN}",
    ),
    ProblemCode.CRASHED: Remedy(
        "crashed the decoder",
        f"See whether another program opens the picture. If none does, it is damaged; if one does, {_AGAIN}",
    ),
    ProblemCode.MEMORY: Remedy(
        "more memory needed than a worker has",
        f"Raise imaging.memory_limit if the machine has the memory, {_AGAIN}",
    ),
    ProblemCode.IO: Remedy(
        "the disk did not give the bytes",
        f"Check the health and the cable of the disk, and save what can be saved; {_AGAIN}",
    ),
}
"""For every code of a problem."""
