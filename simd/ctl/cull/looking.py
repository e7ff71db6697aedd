"""What a person has left of an export, and what has become of the originals."""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simd.core.cull.judging import judge
from simd.core.cull.model import Exported, Fate, GroupVerdict, Look, Origin, Standing
from simd.core.cull.recognising import Missing, Stranger
from simd.core.display import display_path
from simd.core.errors import Failed
from simd.ctl.cull.record import OWN_NAMES, Record

TRASH_NAMES = frozenset({b".Trash", b".Trashes", b"$RECYCLE.BIN"})
TRASH_PREFIX = b".Trash-"
"""Where file managers put what is deleted, at the top of a disk; an export may be the top of one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What an export comes to.

    Attributes:
        verdicts: of every group, in the order of their folders.
        moved: places of files under other names, each with the files that it may be.
        unknown: places of files that were not exported.
    """

    verdicts: Sequence[GroupVerdict]
    moved: Sequence[tuple[bytes, tuple[Exported, ...]]]
    unknown: Sequence[bytes]


def look_at(out: bytes, record: Record) -> Finding:
    """Compare an export with its record. Nothing is changed.

    Raises:
        Failed: something in it cannot be read, so that what is missing there need not be deleted.
    """
    try:
        return _look_at(out, record)
    except OSError as error:
        shown = display_path(os.fsencode(error.filename)) if error.filename is not None else display_path(out)
        raise Failed(
            f"{shown} cannot be read: {error.strerror}", hint="nothing is concluded from it", path=shown
        ) from error


def _look_at(out: bytes, record: Record) -> Finding:
    found = dict(_walk(out, b""))
    files = [file for group in record.groups for file in group.files]
    standings = {file: _standing(out, file, found[file.place]) for file in files if file.place in found}
    missing = [file for file in files if file not in standings]
    originals = {file.path: look for file in missing if (look := regular(file.path)) is not None}
    moved, unknown = _recognised(
        out, found, files, Missing(missing, originals), {file.size for file in missing}
    )
    standings |= {file: Standing.MOVED for _, those in moved for file in those}
    fates = (
        [Fate(file, standings.get(file, Standing.DELETED), _origin(file)) for file in group.files]
        for group in record.groups
    )
    return Finding([judge(group) for group in fates], moved, unknown)


def _walk(out: bytes, below: bytes) -> Iterator[tuple[bytes, Look | None]]:
    """The places of all files, and how they look; None for what is no regular file. No link is followed."""
    with os.scandir(os.path.join(out, below)) as entries:  # noqa: PTH118 - bytes
        for entry in sorted(entries, key=lambda entry: entry.name):
            place = os.path.join(below, entry.name)  # noqa: PTH118 - bytes
            if not below and _is_no_picture(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(out, place)
            else:
                yield place, regular(entry.path)


def _is_no_picture(name: bytes) -> bool:
    """Whether a name at the top of an export is one of our own, or a folder of what was deleted."""
    return name in OWN_NAMES or name in TRASH_NAMES or name.startswith(TRASH_PREFIX)


def regular(path: bytes) -> Look | None:
    """How a regular file looks; None where there is none."""
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Look(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _standing(out: bytes, file: Exported, look: Look | None) -> Standing:
    """Whether what stands under the name of a file is still that file."""
    if look is None or look.size != file.size:
        return Standing.EDITED
    # A copy of the export may have lost the times, and nothing else.
    same = look.mtime_ns == file.laid_mtime_ns or _digest(out, file.place) == file.digest
    return Standing.KEPT if same else Standing.EDITED


def _origin(file: Exported) -> Origin:
    look = regular(file.path)
    if look is None:
        return Origin.GONE
    return Origin.SAME if (look.size, look.mtime_ns) == (file.size, file.mtime_ns) else Origin.CHANGED


def _recognised(
    out: bytes,
    found: Mapping[bytes, Look | None],
    files: Sequence[Exported],
    missing: Missing,
    sizes: set[int],
) -> tuple[list[tuple[bytes, tuple[Exported, ...]]], list[bytes]]:
    """Files under names that they were not given, with those that they may be; and those nobody knows."""
    moved, unknown = [], []
    known = {file.place for file in files}
    for place, look in found.items():
        if place in known:
            continue
        those: tuple[Exported, ...] = ()
        if look is not None:
            digest = _digest(out, place) if look.size in sizes else None
            those = missing.recognise(Stranger(place, look, digest))
        if those:
            moved.append((place, those))
        else:
            unknown.append(place)
    return moved, unknown


def _digest(out: bytes, place: bytes) -> str:
    descriptor = os.open(os.path.join(out, place), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # noqa: PTH118 - bytes
    with os.fdopen(descriptor, "rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
