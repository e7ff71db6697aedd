"""What is asked of a report, and what gathering it gives."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from simd.catalogue import Tallies
from simd.core.actions.summing import NOTHING, Summary
from simd.core.answers import Group, Note, ReportHead, ReportPaths, ReportTrigger
from simd.core.keeprules import USUAL_ORDER, KeepOrder
from simd.core.report.membership import GroupRecord
from simd.core.report.value import Report, TrendPoint
from simd.core.stamp import Stamp
from simd.core.verdicts import GivenVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The report before, as far as the next one asks about it.

    Attributes:
        noted: how far it had read the journal of actions.
    """

    head: ReportHead
    records: Sequence[GroupRecord]
    tallies: Tallies
    noted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """All that a report is made from, beside the catalogue. It can be pickled.

    Attributes:
        date: the local date, as it is shown.
        made_at: the moment, aware, in local time.
        preset: name of what counts as a near-duplicate.
        paths: the files that will hold the report.
        notes: what is wrong with the daemon.
        previous: the report before; None for the first.
        trend: earlier reports, the oldest first.
        groups_shown: how many groups get a card, at most 2,000.
        verdicts: what the person has decided about pictures.
        keep: which files are kept.
        done: what the journal of actions tells.
    """

    id: str
    date: str
    made_at: datetime
    trigger: ReportTrigger
    preset: str
    paths: ReportPaths
    notes: Sequence[Note]
    previous: Earlier | None
    trend: Sequence[TrendPoint]
    groups_shown: int
    verdicts: Sequence[GivenVerdict] = ()
    keep: KeepOrder = USUAL_ORDER
    done: Summary = NOTHING


@dataclass(frozen=True, slots=True)
class Wanted:
    """An image that the page shows, and the file to make its preview from.

    ``stamp`` is what the file must still be; None when it cannot be reached, so that only a
    kept preview or a sketch can be shown.
    """

    image_id: int
    path: bytes
    stamp: Stamp | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A report, and what goes with it.

    Attributes:
        records: every group, for the reports to come.
        tallies: what happened to files so far, for the next report.
        wanted: the images of the page, in its order.
        groups: reads every group, the largest savings first; valid while the snapshot is open.
    """

    report: Report
    records: Sequence[GroupRecord]
    tallies: Tallies
    wanted: Sequence[Wanted]
    groups: Callable[[], Iterator[Group]]
