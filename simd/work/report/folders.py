"""Which folders hold the same pictures, over all groups."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from simd.core.display import display_path
from simd.core.model import FileRow, Root
from simd.core.report.value import FolderPair
from simd.work.groupviews import GroupRows
from simd.work.outlines import Outline

_SEPARATOR = b"/"


class _Folder(NamedTuple):
    root: bytes
    path: bytes

    @classmethod
    def of(cls, row: FileRow) -> "_Folder":
        """The folder that a file lies in."""
        return cls(row.root, row.path.rpartition(_SEPARATOR)[0] or _SEPARATOR)


class FolderPairs:
    """Counts, group by group, the duplicates that lie in one folder of files kept in another."""

    def __init__(self, roots: Iterable[Root]) -> None:
        names = Counter(_last_part(root.path) for root in roots)
        self._shared_names = {name for name, count in names.items() if count > 1}
        self._pairs: Counter[tuple[_Folder, _Folder]] = Counter()
        self._bytes: Counter[tuple[_Folder, _Folder]] = Counter()

    def add(self, outline: Outline, rows: GroupRows) -> None:
        """Count a group: each file but the kept one, and its bytes unless they are counted already."""
        kept = rows.keeper_file(outline)
        here = _Folder.of(kept)
        inodes = {rows.disks.inode(kept)}
        for row in (row for image_id in outline.images for row in rows.files[image_id]):
            if row is kept:
                continue
            pair = (here, _Folder.of(row))
            self._pairs[pair] += 1
            inode = rows.disks.inode(row)
            if inode not in inodes:
                inodes.add(inode)
                self._bytes[pair] += row.stamp.size

    def first(self, most: int) -> tuple[Sequence[FolderPair], int]:
        """The pairs of folders with most duplicates, and how many others there are."""
        ordered = sorted(self._pairs, key=lambda pair: (-self._pairs[pair], -self._bytes[pair], pair))
        shown = [
            FolderPair(
                keeper=self._name(keeper),
                other=self._name(other),
                pairs=self._pairs[keeper, other],
                reclaimable_bytes=self._bytes[keeper, other],
            )
            for keeper, other in ordered[:most]
        ]
        return shown, len(ordered) - len(shown)

    def _name(self, folder: _Folder) -> str:
        """The path from the root's own name on; all of it where that name says nothing, or not which root."""
        name = _last_part(folder.root)
        if not name or name in self._shared_names:
            return display_path(folder.path)
        return display_path(name + folder.path[len(folder.root) :])


def _last_part(path: bytes) -> bytes:
    return path.rpartition(_SEPARATOR)[2]
