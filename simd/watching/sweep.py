"""The sweep: what is really in a folder, compared with what the catalogue knows.

Nothing is opened. One ``stat`` per picture and per directory tells all that is asked, and the
catalogue is asked once for some hundred directories.
"""
# Paths are bytes, which pathlib does not take:
# ruff: noqa: PTH116, PTH120

import errno
import logging
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from simd.core.roots import RootIdentity
from simd.core.skipping import SkipRules
from simd.core.stamp import Stamp

log = logging.getLogger(__name__)

_CHUNK_DIRECTORIES = 256
_CHUNK_FILES = 8_192
_VANISHED = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)

Known = Callable[[Sequence[bytes]], Mapping[bytes, Mapping[bytes, Stamp]]]
"""Asks the catalogue: for each directory the names of its present files and their stamps."""


_Pictures = dict[bytes, tuple[int, int, int, int]]
"""The pictures of one directory: name to size, mtime, ctime and inode, as in a stamp."""


@dataclass(slots=True)
class Findings:
    """What one part of a sweep found.

    Attributes:
        changed: files that are new, or whose stamp is not the catalogue's.
        missing: files that the catalogue knows in one of ``directories`` and that are not there.
        files: how many pictures were seen, changed or not.
        directories: the directories that were listed to their end.
        problems: directories that could not be read, and why. Nothing below them is missing.
        mounts: directories that belong to another filesystem and were left out. What the
            catalogue knows below them is hidden, not missing.
    """

    changed: list[tuple[bytes, Stamp]] = field(default_factory=list)
    missing: list[bytes] = field(default_factory=list)
    files: int = 0
    directories: list[bytes] = field(default_factory=list)
    problems: list[tuple[bytes, str]] = field(default_factory=list)
    mounts: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class _Listing:
    """What one directory holds."""

    pictures: _Pictures = field(default_factory=dict)
    children: list[bytes] = field(default_factory=list)
    mounts: list[bytes] = field(default_factory=list)


def identify(root: bytes) -> RootIdentity | None:
    """The identity of the folder at ``root``; None when none can be reached there."""
    try:
        found = os.stat(root, follow_symlinks=False)
    except OSError as error:
        log.debug("%s cannot be reached: %s", os.fsdecode(root), error.strerror)
        return None
    return RootIdentity(found.st_dev, found.st_ino) if stat.S_ISDIR(found.st_mode) else None


def sweep(
    root: bytes,
    start: bytes,
    skip: SkipRules,
    extensions: frozenset[bytes],
    known: Known,
    stop: Callable[[], bool],
) -> Iterator[Findings]:
    """Walk ``start`` and all below it, in parts of a few hundred directories.

    Links are not followed, other filesystems are left out, and a directory that vanishes on the
    way is simply not among ``directories``. :func:`missing_directories` finds what was in such.

    Args:
        root: the root that ``start`` is or lies in; its filesystem and its rules count.
        start: where to begin.
        skip: what to leave alone.
        extensions: of the pictures, in lower case with their dot.
        known: asked once for each part.
        stop: asked before each directory; after True the rest, and the part that was
            begun, is not delivered.
    """
    try:
        device = os.stat(root).st_dev
        first = os.stat(start, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _VANISHED:
            yield Findings(problems=[(start, _reason(error))])
        return
    if not stat.S_ISDIR(first.st_mode) or (start != root and skip.skips(start, root, directory=True)):
        return
    if first.st_dev != device:
        yield Findings(mounts=[start])
        return
    walk = _Walk(root, device, skip, extensions)
    waiting = [start]
    while waiting:
        part = walk.part(waiting, stop)
        if part is None:
            return
        findings, seen = part
        _compare(findings, seen, known)
        yield findings


def missing_directories(
    known_directories: Iterable[bytes], seen: Collection[bytes], left_out: Iterable[bytes]
) -> list[bytes]:
    """The catalogue's directories that a finished sweep did not come upon.

    Args:
        known_directories: those the catalogue knows at or below the sweep's start.
        seen: the sweep's ``directories``, preferably as a set.
        left_out: its problems' paths and its mounts: they and all below them are not judged.
    """
    closed = frozenset(left_out)
    return [path for path in known_directories if path not in seen and not _lies_in(path, closed)]


def _lies_in(path: bytes, closed: frozenset[bytes]) -> bool:
    """Whether the path or one of its ancestors is in ``closed``."""
    while path not in closed:
        parent = os.path.dirname(path)
        if parent == path:
            return False
        path = parent
    return True


class _Walk:
    """One walk's constants and its inner loop."""

    def __init__(self, root: bytes, device: int, skip: SkipRules, extensions: frozenset[bytes]) -> None:
        self._root = root
        self._device = device
        self._skip = skip
        self._extensions = extensions

    def part(
        self, waiting: list[bytes], stop: Callable[[], bool]
    ) -> tuple[Findings, dict[bytes, _Pictures]] | None:
        """List some of the ``waiting`` directories, and add their children; None when stopped."""
        findings = Findings()
        seen: dict[bytes, _Pictures] = {}
        while waiting and len(seen) < _CHUNK_DIRECTORIES and findings.files < _CHUNK_FILES:
            if stop():
                return None
            directory = waiting.pop()
            try:
                listing = self._list(directory)
            except OSError as error:
                if error.errno not in _VANISHED:
                    findings.problems.append((directory, _reason(error)))
                continue
            waiting.extend(listing.children)
            seen[directory] = listing.pictures
            findings.directories.append(directory)
            findings.mounts.extend(listing.mounts)
            findings.files += len(listing.pictures)
        return findings, seen

    def _list(self, directory: bytes) -> _Listing:
        """List one directory; an entry that vanishes meanwhile is not in it.

        Raises:
            OSError: the directory cannot be read, or not to its end.
        """
        extensions, skips_file, root, regular, stamp_of = (
            self._extensions,
            self._skip.skips_file,
            self._root,
            stat.S_ISREG,
            Stamp.of,
        )
        listing = _Listing()
        pictures = listing.pictures
        with os.scandir(directory) as entries:
            for entry in entries:
                name = entry.name
                try:
                    if name[name.rfind(b".") :].lower() in extensions:
                        found = entry.stat(follow_symlinks=False)
                        if regular(found.st_mode):
                            if not skips_file(entry.path, name, root):
                                pictures[name] = stamp_of(found)
                            continue
                    if entry.is_dir(follow_symlinks=False):
                        self._add_child(entry, listing)
                except OSError as error:
                    if error.errno not in _VANISHED:
                        raise
        return listing

    def _add_child(self, entry: os.DirEntry[bytes], listing: _Listing) -> None:
        if self._skip.skips_directory(entry.path, entry.name, self._root):
            return
        same_device = entry.stat(follow_symlinks=False).st_dev == self._device
        (listing.children if same_device else listing.mounts).append(entry.path)


def _compare(
    findings: Findings, seen: Mapping[bytes, dict[bytes, tuple[int, int, int, int]]], known: Known
) -> None:
    """Fill in what changed and what is missing in the directories of one part."""
    if not seen:
        return
    catalogued = known(findings.directories)
    nothing: Mapping[bytes, Stamp] = {}
    for directory, pictures in seen.items():
        rows = catalogued.get(directory, nothing)
        if pictures == rows:
            continue
        prefix = directory if directory.endswith(b"/") else directory + b"/"
        findings.changed += [
            (prefix + name, Stamp(*found)) for name, found in pictures.items() if rows.get(name) != found
        ]
        findings.missing += [prefix + name for name in rows if name not in pictures]


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
