"""What tells that a file is still the one that was read."""

from os import stat_result
from typing import NamedTuple

_LATEST = (1 << 63) - 1
"""The last nanosecond that the catalogue can keep, in the year 2262."""


class Stamp(NamedTuple):
    """What tells that a file is still the one that was read: bytes, nanoseconds, inode."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @classmethod
    def of(cls, found: stat_result) -> "Stamp":
        """What ``stat`` says; a time after the year 2262 counts as the last moment before."""
        mtime, ctime = found.st_mtime_ns, found.st_ctime_ns
        if mtime > _LATEST or ctime > _LATEST:  # to ask takes less than to call min twice, for every file
            mtime, ctime = min(mtime, _LATEST), min(ctime, _LATEST)
        return cls(found.st_size, mtime, ctime, found.st_ino)

    def is_of(self, found: stat_result) -> bool:
        """Whether a file is what it was, the change time aside, which a new name alters."""
        mtime = found.st_mtime_ns
        return (
            found.st_size == self.size
            and found.st_ino == self.inode
            and (mtime == self.mtime_ns or min(mtime, _LATEST) == self.mtime_ns)
        )
