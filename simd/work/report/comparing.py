"""What changed from one report to another. It reads every group of both, so a process does it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simd.core.answers import GroupChange, ReportDiff
from simd.core.report.membership import GroupRecord, RecordChange, compare
from simd.runtime.errand import Line
from simd.work.report.shelf import Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffOrder:
    """Two reports that are to be compared, and the state of the catalogue to be told."""

    folder: Path
    a: str
    b: str
    generation: int


def compare_reports(_line: Line, order: DiffOrder) -> ReportDiff:
    """What changed from one report to another.

    Raises:
        Failed: a record is damaged, or gone.
    """
    shelf = Shelf(order.folder)
    before, after = shelf.records(order.a), shelf.records(order.b)
    return ReportDiff(
        a=order.a,
        b=order.b,
        changes=[_described(change) for change in compare(before, after)],
        reclaimable_before=_reclaimable(before),
        reclaimable_after=_reclaimable(after),
        generation=order.generation,
    )


def _described(change: RecordChange) -> GroupChange:
    sides = [side for side in (change.after, change.before) if side is not None]
    before, after = change.before, change.after
    return GroupChange(
        change=change.change,
        path=sides[0].path,
        path_b64=sides[0].path_b64,
        files_before=before.files if before else 0,
        files_after=after.files if after else 0,
        reclaimable_before=before.reclaimable_bytes if before else 0,
        reclaimable_after=after.reclaimable_bytes if after else 0,
    )


def _reclaimable(records: Sequence[GroupRecord]) -> int:
    return sum(record.reclaimable_bytes for record in records)
