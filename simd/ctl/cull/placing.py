"""One group after the other, laid into folders of their own: hard links where that can be, else copies."""

import os
import stat
from dataclasses import dataclass
from datetime import datetime
from errno import EDQUOT, ENOSPC, EROFS

from simd.core.cull.model import Exported
from simd.core.cull.names import KEEP, LONGEST, PROTECTED, name_for
from simd.core.display import display_path
from simd.core.errors import Failed
from simd.core.wire import Json
from simd.ctl.cull.record import Group, path_json
from simd.ctl.laying import CHANGED, copy, make_folder
from simd.ctl.subjects import bytes_of

VANISHED = "It is no longer at its place."
ALONE = "Nothing else of its group could be laid."

_TOLD_TO_SECONDS = 1.0
"""Answers tell the times of files to the second."""

_FATAL = frozenset({ENOSPC, EDQUOT, EROFS})
"""What goes wrong with these goes wrong with every further file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A file of a group, as the daemon knows it.

    Attributes:
        path: absolute.
        digest: ``sha256:`` and 64 hex digits.
        size: in bytes.
        mtime: in seconds since 1970, to the second.
        keeper: it is the one to keep.
        protected: it keeps its place, whatever is planned.
    """

    path: bytes
    digest: str
    size: int
    mtime: float
    keeper: bool
    protected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A group of which a file may go, the one to keep first."""

    id: str
    kind: str
    files: tuple[Candidate, ...]


def offer(group: Json) -> Offer:
    """A group of an answer."""
    kept = bytes_of(group)
    return Offer(
        id=group["id"],
        kind=group["kind"],
        files=tuple(_candidate(member, kept) for member in group["members"]),
    )


class Placing:
    """Lays groups into the numbered folders of an export.

    Attributes:
        groups: what was laid.
        left_out: files that were not, each with its reason.
        failed: how many of those could not be read or written.
    """

    def __init__(self, out: bytes, *, copies: bool) -> None:
        """``out`` is a folder; with ``copies`` nothing is linked."""
        self.groups: list[Group] = []
        self.left_out: list[Json] = []
        self.failed = 0
        self._out = out
        self._copies = copies
        self._longest = min(LONGEST, os.pathconf(out, "PC_NAME_MAX"))

    def lay(self, offered: Offer) -> None:
        """Lay a group, unless fewer than two files of it are there, or none that may go.

        Raises:
            Failed: nothing more can be laid there.
        """
        number = len(self.groups) + 1
        folder = self._within(b"%d" % number)
        make_folder(folder)
        laid = [
            file
            for place, candidate in enumerate(offered.files)
            if (file := self._lay(candidate, number, self._name(candidate, place, len(offered.files))))
            is not None
        ]
        if len(laid) > 1 and not all(file.protected for file in laid):
            self.groups.append(Group(folder=number, id=offered.id, kind=offered.kind, files=laid))
            return
        for file in laid:
            os.unlink(self._within(file.place))  # noqa: PTH108 - bytes
            self.left_out.append({**path_json(file.path), "reason": ALONE})
        os.rmdir(folder)  # noqa: PTH106 - bytes

    def _within(self, place: bytes) -> bytes:
        return os.path.join(self._out, place)  # noqa: PTH118 - bytes

    def _name(self, file: Candidate, place: int, among: int) -> bytes:
        remarks = [word for word, holds in ((KEEP, file.keeper), (PROTECTED, file.protected)) if holds]
        number = f"{place:0{len(str(among - 1))}}"
        return name_for(file.path, number, remarks, limit=self._longest)

    def _lay(self, file: Candidate, folder: int, name: bytes) -> Exported | None:
        """Lay one file; None where that cannot be, which is noted."""
        to = self._within(b"%d/%s" % (folder, name))
        try:
            original = self._expected(file)
            linked = not self._copies and _linked(file.path, to, original)
            if not linked:
                copy(file.path, to, "sha256", file.digest.removeprefix("sha256:"))
            laid = os.lstat(to)
        except OSError as error:
            self._note(file, f"{error.strerror}.", error)
            return None
        except Failed as error:
            self._note(file, error.message)
            return None
        return Exported(
            folder=folder,
            name=name,
            path=file.path,
            digest=file.digest,
            size=original.st_size,
            mtime_ns=original.st_mtime_ns,
            inode=original.st_ino,
            laid_mtime_ns=laid.st_mtime_ns,
            laid_inode=laid.st_ino,
            keeper=file.keeper,
            protected=file.protected,
            linked=linked,
        )

    def _expected(self, file: Candidate) -> os.stat_result:
        """The original.

        Raises:
            Failed: it is not what the daemon knows.
        """
        try:
            found = os.lstat(file.path)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise Failed(VANISHED) from error
        known = stat.S_ISREG(found.st_mode) and found.st_size == file.size
        if not known or abs(found.st_mtime - file.mtime) > _TOLD_TO_SECONDS:
            raise Failed(CHANGED)
        return found

    def _note(self, file: Candidate, reason: str, fault: OSError | None = None) -> None:
        if fault is not None and fault.errno in _FATAL:
            shown = display_path(self._out)
            raise Failed(
                f"nothing more can be laid into {shown}: {fault.strerror}",
                hint="the export is not finished: delete it, and make another where there is room",
                path=shown,
            ) from fault
        self.failed += fault is not None
        self.left_out.append({**path_json(file.path), "reason": reason})


def _candidate(member: Json, kept: bytes) -> Candidate:
    (file,) = member["image"]["files"]
    path = bytes_of(member)
    return Candidate(
        path=path,
        digest=member["image"]["digest"],
        size=file["bytes"],
        mtime=datetime.fromisoformat(file["mtime"]).timestamp(),
        keeper=path == kept,
        protected=member["protected"],
    )


def _linked(path: bytes, to: bytes, original: os.stat_result) -> bool:
    """Link a file; whether that could be done.

    It cannot be on another filesystem, on one without links, or where the file is somebody else's: a copy
    will do then, or say what is wrong.

    Raises:
        Failed: it was replaced a moment ago.
    """
    try:
        os.link(path, to, follow_symlinks=False)
    except OSError:
        return False
    laid = os.lstat(to)
    if (laid.st_ino, laid.st_size, laid.st_mtime_ns) != (
        original.st_ino,
        original.st_size,
        original.st_mtime_ns,
    ):
        os.unlink(to)  # noqa: PTH108 - bytes
        raise Failed(CHANGED)
    return True
