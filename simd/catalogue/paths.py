"""Paths as the catalogue keeps them: root, directory below the root, name.

An absolute path of bytes is cut in three: the path of its root, the path of its
directory relative to that root (``b""`` for the root itself) and its name. Only the
directory part changes when a directory is renamed, so no file row is touched.
"""

from collections.abc import Iterable

from simd.core.model import Root

SEPARATOR = b"/"
AFTER_SEPARATOR = b"0"
"""The byte that follows the separator: the end of the range of all paths below a directory."""


def split(path: bytes) -> tuple[bytes, bytes]:
    """Cut an absolute path into its directory and its name."""
    directory, _, name = path.rpartition(SEPARATOR)
    return directory or SEPARATOR, name


def join(parent: bytes, child: bytes) -> bytes:
    """Put ``child`` below ``parent``; either may be empty."""
    if not parent or not child:
        return parent or child
    return parent + child if parent.endswith(SEPARATOR) else parent + SEPARATOR + child


def relative_to(root: bytes, path: bytes) -> bytes | None:
    """The path below ``root``, ``b""`` for the root itself, None when it lies elsewhere."""
    if path == root:
        return b""
    prefix = root if root.endswith(SEPARATOR) else root + SEPARATOR
    return path[len(prefix) :] if path.startswith(prefix) else None


def below(directory: bytes) -> tuple[bytes, bytes]:
    """The half-open range that holds every relative path strictly below ``directory``.

    For ``b""``, the root itself, ask for every row of the root instead.
    """
    return directory + SEPARATOR, directory + AFTER_SEPARATOR


def locate(roots: Iterable[Root], path: bytes) -> tuple[Root, bytes] | None:
    """The innermost root that holds ``path``, and the path relative to it."""
    found: tuple[Root, bytes] | None = None
    for root in roots:
        relative = relative_to(root.path, path)
        if relative is not None and (found is None or len(root.path) > len(found[0].path)):
            found = root, relative
    return found
