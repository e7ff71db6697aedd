"""What a watcher leaves in the mailbox: hints that something may have changed.

A hint is never the truth. It names a place worth looking at, and whoever takes it
from the mailbox looks for himself with ``stat``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from simd.core.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Touched:
    """A file appeared or was written at ``path``."""

    path: bytes


@dataclass(frozen=True, slots=True)
class Gone:
    """A file, or a directory with all that was in it, is no longer at ``path``."""

    path: bytes
    directory: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A file or directory was renamed within one root.

    The content of a moved file may be new as well: temporary names become final ones in
    this way. A moved directory is always followed by :class:`Appeared` for its target.
    """

    source: bytes
    target: bytes
    directory: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """simd itself has laid a file of a known image at ``path``, and nothing of it has to be read."""

    path: bytes
    stamp: Stamp
    image_id: int


@dataclass(frozen=True, slots=True)
class Appeared:
    """A directory was created or moved in; what it holds is told by a sweep, not by hints."""

    path: bytes


@dataclass(frozen=True, slots=True)
class Cookie:
    """The file ``name`` that the watcher itself laid down was seen.

    Every hint about what happened before it was laid down has been delivered already.
    """

    name: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Events below ``root`` were lost, or may have been: only a sweep knows what is there."""

    root: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Degraded:
    """A part of ``root`` cannot be watched: it needs a sweep from time to time."""

    root: bytes
    reason: str


Hint = Touched | Gone | Moved | Settled | Appeared | Cookie | Lost | Degraded


def merged(hints: Iterable[Hint]) -> Iterator[Hint]:
    """The hints in their order, but only one for a file that was touched again with nothing else between.

    A new file is touched when it appears and when it is closed, and one look after both tells as much
    as two.
    """
    touched: dict[Touched, None] = {}
    for hint in hints:
        if isinstance(hint, Touched):
            touched[hint] = None
            continue
        yield from touched
        touched.clear()
        yield hint
    yield from touched


def outermost(directories: Iterable[bytes]) -> list[bytes]:
    """The directories that lie in none of the others, sorted.

    One sweep of each of them covers all; an unpacked archive announces hundreds.
    """
    found: list[bytes] = []
    for directory in sorted(directories, key=lambda path: path.rstrip(b"/") + b"/"):
        if not found or not (directory.rstrip(b"/") + b"/").startswith(found[-1].rstrip(b"/") + b"/"):
            found.append(directory)
    return found
