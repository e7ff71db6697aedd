"""The files of many images as columns, with all that a plan asks of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simd.core.actions.files import Files
from simd.core.columns import chosen
from simd.core.holdings import Holdings


@dataclass(frozen=True)
class Inventory:
    """Files that are not missing, as parallel columns.

    Attributes:
        holdings: what they are ranked by.
        present: whether they are at hand, and not on a disk that is away.
        ctimes: of the file, in nanoseconds.
        roots: the watched folder that holds the file.
        hashes, digests: of the image that it holds: the 64-bit hash, SHA-256.
    """

    holdings: Holdings
    present: NDArray[np.bool_]
    ctimes: NDArray[np.int64]
    roots: Sequence[bytes]
    hashes: NDArray[np.uint64]
    digests: Sequence[bytes]

    def files(self, rows: NDArray[np.int64]) -> Files:
        """Some of the files, as a plan keeps them."""
        held, places = self.holdings, rows.tolist()
        return Files(
            paths=chosen(held.paths, places),
            sizes=held.sizes[rows].tolist(),
            mtimes=held.mtimes[rows].tolist(),
            ctimes=self.ctimes[rows].tolist(),
            inodes=held.inodes[rows].view(np.uint64).tolist(),
            digests=chosen(self.digests, places),
        )
