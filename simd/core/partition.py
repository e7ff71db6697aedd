"""Parting pictures into groups by structural similarity, first come, first served.

Each picture joins the first group whose founder it is like, and founds a group of its own where there is
none. So the outcome depends on the order of arrival, as people expect who lay pictures on piles.
"""

from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from simd.core.ssim import WINDOW, Grey, structural_similarity, window_similarities

USUAL_GRADE = 0.95
"""The SSIM from which a picture is like a founder, unless another is asked for."""

FRAME_SIDE = 64
"""Side of the grey frame of a picture, in pixels; copies that were saved again score 0.96 and more."""

MOST_PICTURES = 3_000
"""How many pictures are parted at once.

Where no two are alike, each is compared with all before it: 4.5 million times at 25 µs, which takes as
long as to decode so many photographs. Only the frames of founders are kept, 12 MB at most.
"""

MOST_ASPECT = 1.25
"""Ratio of two shapes up to which pictures may be alike: 4:3 and 3:2 may, 4:3 and 16:9 may not."""

_AT_ONCE = 64
"""Founders that a picture is compared with in one go."""

_WINDOWS = FRAME_SIDE - WINDOW + 1
_STRIP = 8
"""Rows of windows, from the middle, by which most strangers are told: a seventh of all."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture that came over the socket.

    Attributes:
        name: what its sender calls it.
        stream: its bytes, from the beginning.
    """

    name: str
    stream: BinaryIO


class Founders:
    """The frames of those that founded a group, held against one picture after another."""

    def __init__(self, grade: float) -> None:
        """``grade`` is the SSIM from which a picture is like a founder, 0 to 1."""
        self._grade = grade
        self._count = 0
        self._frames = np.empty((_AT_ONCE, FRAME_SIDE, FRAME_SIDE), dtype=np.uint8)
        self._aspects = np.empty(_AT_ONCE)

    def __len__(self) -> int:
        return self._count

    def place(self, frame: Grey, aspect: float) -> int:
        """The number of the group that a picture belongs to; a new one where it founds one.

        Args:
            frame: the picture in grey, squeezed into (FRAME_SIDE, FRAME_SIDE).
            aspect: its width as a multiple of its height.
        """
        found = self._first_alike(frame, aspect)
        if found is None:
            found = self._found(frame, aspect)
        return found

    def _first_alike(self, frame: Grey, aspect: float) -> int | None:
        aspects = self._aspects[: self._count]
        fitting = np.flatnonzero(np.maximum(aspects / aspect, aspect / aspects) <= MOST_ASPECT)
        for start in range(0, len(fitting), _AT_ONCE):
            part = fitting[start : start + _AT_ONCE]
            for number in part[self._may_reach(frame, self._frames[part])]:
                if structural_similarity(frame, self._frames[number]) >= self._grade:
                    return int(number)
        return None

    def _may_reach(self, frame: Grey, founders: Grey) -> npt.NDArray[np.bool_]:
        """Which founders a picture can still be like, once the windows in the middle are known.

        No window is worth more than 1, so what is missing in the middle is missing in the mean.
        """
        top = (_WINDOWS - _STRIP) // 2
        rows = slice(top, top + _STRIP + WINDOW - 1)
        middle = window_similarities(frame[rows], founders[:, rows])
        missing = (1.0 - middle).sum(axis=(1, 2), dtype=np.float64) / _WINDOWS**2
        reachable: npt.NDArray[np.bool_] = 1.0 - missing >= self._grade - _ROUNDING
        return reachable

    def _found(self, frame: Grey, aspect: float) -> int:
        if self._count == len(self._frames):
            self._frames = np.concatenate([self._frames, np.empty_like(self._frames)])
            self._aspects = np.concatenate([self._aspects, np.empty_like(self._aspects)])
        self._frames[self._count], self._aspects[self._count] = frame, aspect
        self._count += 1
        return self._count - 1


_ROUNDING = 1e-5
"""What rounding may take from a sum of windows."""
