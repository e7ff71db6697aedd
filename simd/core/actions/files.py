"""Files of many steps as columns. By themselves, because a process that looks at files needs them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from simd.core.actions.known import Known
from simd.core.columns import picked, rows
from simd.core.stamp import Stamp


class Files(NamedTuple):
    """Files as they were when a plan was made, see :class:`Known`; where there is none, all is None."""

    paths: Sequence[bytes | None]
    sizes: Sequence[int | None]
    mtimes: Sequence[int | None]
    ctimes: Sequence[int | None]
    inodes: Sequence[int | None]
    digests: Sequence[bytes | None]

    @classmethod
    def of(cls, files: Iterable[Known | None]) -> "Files":
        """The columns of these."""
        each = [(None,) * 6 if file is None else (file.path, *file.stamp, file.digest) for file in files]
        return cls(*(list(column) for column in zip(*each, strict=True))) if each else cls(*([],) * 6)

    def known(self, chosen: Sequence[bool] | None = None) -> Iterator[Known | None]:
        """Each of them, or each that is chosen."""
        paths, *stamps, digests = picked(self, chosen)
        known = rows(Known, paths, rows(Stamp, *stamps), digests)
        return (None if file.path is None else file for file in known) if None in self.paths else known
