"""The making of one report, from the catalogue to the files on the shelf, in a process of its own."""

import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta

from simd.catalogue import open_reader
from simd.core.answers import Group, ReportHead, ReportTrigger
from simd.core.errors import SimdError
from simd.core.report.naming import asked_id, nightly_id
from simd.core.report.retention import expired
from simd.core.report.value import TrendPoint
from simd.render.report import CsvWriter, summary, write_json, write_page
from simd.runtime.errand import Line
from simd.work.report.child import Commission, DeedsWanted, PreviewsWanted, Progress
from simd.work.report.draft import Draft, point_latest
from simd.work.report.gather import gather
from simd.work.report.order import Gathered, Order
from simd.work.report.pictures import MOST_PICTURES, Pictures
from simd.work.report.shelf import PAGE, RECORD, Entry, Shelf, write_record

log = logging.getLogger(__name__)

_TOLD_EVERY = 1_000


def make(line: Line, commission: Commission) -> ReportHead:
    """Make a report, put it on the shelf, and take away those whose time is over.

    Raises:
        CatalogueError: the catalogue cannot be read.
        BadReportFolder: the report cannot be written; what was there before is as it was.
    """
    shelf = Shelf(commission.folder)
    order = _order(line, commission, shelf)
    with Draft(commission.folder, order.id) as draft:
        gathered = _write_lists(line, commission, order, draft)
        # The parent has put its previews into the catalogue meanwhile, where a new snapshot finds them.
        line.listen()
        with open_reader(commission.state_dir) as snapshot, draft.text(PAGE) as stream:
            write_page(stream, gathered.report, Pictures(snapshot, _shown(gathered)))
        draft.publish()
    _tidy(shelf, commission)
    return gathered.report.head


def _write_lists(line: Line, commission: Commission, order: Order, draft: Draft) -> Gathered:
    """Gather, ask for previews, and write everything but the page while the parent makes them."""
    line.say(Progress(phase="gather", done=0, total=None))
    with open_reader(commission.state_dir) as snapshot:
        gathered = gather(snapshot, order)
        shown = _shown(gathered)
        kept = snapshot.previews(shown).keys()
        absent = [each for each in gathered.wanted[:MOST_PICTURES] if each.image_id not in kept]
        line.say(PreviewsWanted(absent=absent, shown=shown))
        with draft.text(".json") as document, draft.text(".csv") as table:
            write_json(document, gathered.report, _passing(gathered, CsvWriter(table), line))
    words = summary(gathered.report)
    with draft.text(".txt") as stream:
        stream.write(words)
    entry = Entry(head=gathered.report.head, summary=words, tallies=gathered.tallies, noted=order.done.noted)
    with draft.binary(RECORD) as record:
        write_record(record, entry, gathered.records)
    return gathered


def _shown(gathered: Gathered) -> list[int]:
    """The images of the page that may have a preview, in its order."""
    return [each.image_id for each in gathered.wanted]


def _passing(gathered: Gathered, table: CsvWriter, line: Line) -> Iterator[Group]:
    """Every group, once: for one form while it is written in the other, since reading them takes longest."""
    total = len(gathered.records)
    for done, group in enumerate(gathered.groups(), start=1):
        table.write(group)
        yield group
        if done % _TOLD_EVERY == 0:
            line.say(Progress(phase="write", done=done, total=total))


def _order(line: Line, commission: Commission, shelf: Shelf) -> Order:
    report_id = _free_id(commission, shelf)
    entries = shelf.entries()
    previous = shelf.newest_readable(entries)
    line.say(DeedsWanted(0 if previous is None else previous.noted))
    return Order(
        id=report_id,
        date=commission.made_at.date().isoformat(),
        made_at=commission.made_at,
        trigger=commission.trigger,
        preset=commission.preset,
        paths=shelf.paths(report_id),
        notes=commission.notes,
        previous=previous,
        trend=_trend(entries),
        groups_shown=commission.groups_shown,
        verdicts=commission.verdicts,
        keep=commission.keep,
        done=line.listen(),
    )


def _free_id(commission: Commission, shelf: Shelf) -> str:
    """The id of this report; where a second, or an hour that comes twice, has one, the next that is free."""
    if commission.trigger is ReportTrigger.NIGHTLY:
        return nightly_id(commission.made_at.date())
    taken, moment = shelf.ids(), commission.made_at
    while asked_id(moment) in taken:
        moment += timedelta(seconds=1)
    return asked_id(moment)


def _trend(entries: Sequence[Entry]) -> list[TrendPoint]:
    """The reports so far, the oldest first."""
    return [
        TrendPoint(
            made_at=entry.head.made_at,
            reclaimable_bytes=entry.head.totals.reclaimable_bytes,
            groups=entry.head.totals.groups,
            library_bytes=entry.head.library.bytes,
        )
        for entry in reversed(entries)
    ]


def _tidy(shelf: Shelf, commission: Commission) -> None:
    """Renew the link and make room. The report is there by now; what fails here costs it nothing."""
    try:
        entries = shelf.entries()
        point_latest(shelf.folder, entries[0].head.id)
        ids = [entry.head.id for entry in entries]
        shelf.remove(expired(ids, commission.keep_nightly, commission.keep_monthly))
    except SimdError as error:
        log.warning("the folder of reports is not tidied: %s", error.message)
