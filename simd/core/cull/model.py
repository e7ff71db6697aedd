"""What was exported, and what is found of it later."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A file that was laid into a numbered folder.

    Attributes:
        folder: the number of its group, which is the name of the folder.
        name: in that folder.
        path: of the original, absolute.
        digest: of its bytes: ``sha256:`` and 64 hex digits.
        size: in bytes.
        mtime_ns, inode: of the original.
        laid_mtime_ns, laid_inode: of what was laid; those of the original where it is linked.
        keeper: it is the one that simd would keep.
        protected: it keeps its place, whatever is planned.
        linked: it was laid as a hard link, not as a copy.
    """

    folder: int
    name: bytes
    path: bytes
    digest: str
    size: int
    mtime_ns: int
    inode: int
    laid_mtime_ns: int
    laid_inode: int
    keeper: bool
    protected: bool
    linked: bool

    @property
    def place(self) -> bytes:
        """Where it was laid, relative to the export."""
        return b"%d/%s" % (self.folder, self.name)


@dataclass(frozen=True, slots=True)
class Look:
    """What ``stat`` says of a regular file."""

    device: int
    inode: int
    size: int
    mtime_ns: int


class Standing(StrEnum):
    """What became of a file of an export."""

    KEPT = "kept"
    MOVED = "moved"
    EDITED = "edited"
    DELETED = "deleted"


class Origin(StrEnum):
    """What became of an original since it was exported."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a file and of its original."""

    file: Exported
    standing: Standing
    origin: Origin


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a person should know of a file."""

    file: Exported
    text: str


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """What deletions in the folder of a group come to.

    Attributes:
        folder: its number.
        emptied: nothing was left in it.
        goes: files that the person does not want, and that may be planned.
        stays: files that are as they were, and are kept in place of those.
        remarks: on files that are left out, and others that are not what they seem.
    """

    folder: int
    emptied: bool
    goes: tuple[Exported, ...]
    stays: tuple[Exported, ...]
    remarks: tuple[Remark, ...]
