"""What may go of a group in whose folder a person has deleted something.

A picture never loses its last copy: nothing goes unless something else of its group stays.
"""

from collections.abc import Sequence

from simd.core.cull.model import Exported, Fate, GroupVerdict, Origin, Remark, Standing

RESCUED = "It stays, because nothing else of its group would be left."
PROTECTED = "It is protected and stays."
UNWITNESSED = "It stays, because nothing that was kept of its group is still what was exported."
LOST = {
    Origin.CHANGED: "It is left out, because it changed after the export.",
    Origin.GONE: "It is left out, because it is no longer at its place.",
}
LINK_EDITED = (
    "It was edited through its link in the export: the original is the same file and has changed with it."
)
COPY_EDITED = "It was edited in the export; the original is as it was."
KEPT_LOST = {
    Origin.CHANGED: "It was kept, but has changed since the export.",
    Origin.GONE: "It was kept, but is no longer at its place.",
}


def judge(fates: Sequence[Fate]) -> GroupVerdict:
    """What deletions in one folder come to.

    Where all was deleted, the best original that is as it was stays: a protected one, else the first,
    which is the one that simd would keep.

    Args:
        fates: of every file of the group, in the order in which they were exported.
    """
    emptied = all(fate.standing is Standing.DELETED for fate in fates)
    rescued = _best(fates) if emptied else None
    deleted = [fate for fate in fates if fate.standing is Standing.DELETED]
    if not deleted:
        return GroupVerdict(_folder(fates), emptied, (), (), tuple(_edits(fates)))
    remarks = [*_edits(fates), *_lost_keepers(fates)]
    stays, goes = [], []
    for fate in fates:
        left_out = _left_out(fate, rescued) if fate.standing is Standing.DELETED else None
        if left_out is not None:
            remarks.append(Remark(fate.file, left_out))
        elif fate.standing is Standing.DELETED:
            goes.append(fate.file)
        if fate.origin is Origin.SAME and (fate.standing is not Standing.DELETED or left_out is not None):
            stays.append(fate.file)
    if not stays:
        remarks += [Remark(file, UNWITNESSED) for file in goes]
        goes = []
    return GroupVerdict(_folder(fates), emptied, tuple(goes), tuple(stays), tuple(remarks))


def witnesses(file: Exported, stays: Sequence[Exported], most: int) -> list[Exported]:
    """Those that may be kept instead of a file: equal bytes first, then in the order of the group.

    Another name of the same file comes last, as it would free nothing.
    """
    return sorted(stays, key=lambda other: (other.inode == file.inode, other.digest != file.digest))[:most]


def _best(fates: Sequence[Fate]) -> Exported | None:
    present = [fate.file for fate in fates if fate.origin is Origin.SAME]
    return min(present, key=lambda file: not file.protected, default=None)


def _left_out(fate: Fate, rescued: Exported | None) -> str | None:
    """Why a file that was deleted stays all the same; None when it goes."""
    if fate.origin is not Origin.SAME:
        return LOST[fate.origin]
    if fate.file.protected:
        return PROTECTED
    return RESCUED if fate.file is rescued else None


def _edits(fates: Sequence[Fate]) -> list[Remark]:
    return [
        Remark(fate.file, LINK_EDITED if _through_link(fate) else COPY_EDITED)
        for fate in fates
        if fate.standing is Standing.EDITED
    ]


def _through_link(fate: Fate) -> bool:
    return fate.file.linked and fate.origin is Origin.CHANGED


def _lost_keepers(fates: Sequence[Fate]) -> list[Remark]:
    return [
        Remark(fate.file, KEPT_LOST[fate.origin])
        for fate in fates
        if fate.standing is not Standing.DELETED
        and fate.origin is not Origin.SAME
        and not (fate.standing is Standing.EDITED and _through_link(fate))
    ]


def _folder(fates: Sequence[Fate]) -> int:
    return fates[0].file.folder
