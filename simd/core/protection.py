"""What a person has put under protection: files that keep their place, whatever is planned.

A protected path stands for the file there, or for the folder with everything below it. Every plan
that would take a file away asks :func:`clearance` first.
"""

from collections.abc import Iterable
from dataclasses import dataclass

ALL_PROTECTED = "every file but the keeper is protected"


def lies_within(path: bytes, folder: bytes) -> bool:
    """Whether an absolute path is a folder or lies below it, by its name alone."""
    return path == folder or path.startswith(folder.rstrip(b"/") + b"/")


@dataclass(frozen=True, slots=True)
class Protection:
    """The paths that are protected: absolute, without a slash at the end."""

    paths: frozenset[bytes] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.paths)

    def covers(self, path: bytes) -> bool:
        """Whether a file keeps its place."""
        return self.guardian(path) is not None

    def guardian(self, path: bytes) -> bytes | None:
        """The protected path that a path is, or lies below; the nearest of several, None for none."""
        if not self.paths:
            return None
        # Asked of every file of a large library.
        while path and path not in self.paths:
            path = path[: path.rfind(b"/")]
        if path:
            return path
        return b"/" if b"/" in self.paths else None


UNPROTECTED = Protection()


@dataclass(frozen=True, slots=True)
class Clearance:
    """Which files of a group may go.

    Attributes:
        may_go: in the order in which they were given.
        obstacle: why none of them may; None when one may.
    """

    may_go: tuple[bytes, ...]
    obstacle: str | None


def clearance(others: Iterable[bytes], protection: Protection) -> Clearance:
    """What may be taken away of a group whose keeper stays anyway.

    Args:
        others: the files of the group but for the keeper.
        protection: what keeps its place.
    """
    may_go = tuple(path for path in others if not protection.covers(path))
    return Clearance(may_go, None if may_go else ALL_PROTECTED)
