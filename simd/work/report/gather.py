"""From one moment of the catalogue to a report as a value."""

from collections.abc import Mapping, Sequence

from simd.catalogue import Snapshot, Tallies
from simd.core.answers import Activity, Change, LibraryTotals, ReportHead
from simd.core.display import display_path
from simd.core.errors import BadRequest
from simd.core.grouping import Grouping
from simd.core.keeprules import KeepOrder
from simd.core.marks import Marks
from simd.core.presets import PRESETS
from simd.core.report.membership import RecordChange, compare, news_of
from simd.core.report.remedies import REMEDIES
from simd.core.report.value import Card, Report, Resolved, Section, TrendPoint, Trouble
from simd.work.groupviews import hydrate
from simd.work.outlines import Outlines, outline_all, total
from simd.work.report.cards import Shown, show_cards
from simd.work.report.order import Earlier, Gathered, Order, Wanted
from simd.work.report.selection import Selection, select
from simd.work.report.survey import Survey, category_totals, survey
from simd.work.verdicts import marks_within

__all__ = ["Earlier", "Gathered", "Order", "Wanted", "gather"]

MOST_GROUPS = 2_000
"""Cards that a page can bear."""

RESOLVED = 50
"""Groups that a report names of those that are gone or smaller."""

TROUBLE_PATHS = 5
"""Files that a report names for each reason why some could not be read."""

_NEWS = (Change.APPEARED, Change.GREW)


def gather(snapshot: Snapshot, order: Order) -> Gathered:
    """Work out all that a report says; nothing in it depends on how the catalogue numbers its rows.

    In the first report nothing is news: its groups all stand in their sections, and the sums of
    the head count everything as new.

    Args:
        snapshot: the moment; it must stay open until the groups are streamed.
        order: what is asked for.

    Raises:
        BadRequest: no such preset.
    """
    outlines = _outlines(snapshot, order.preset, marks_within(order.verdicts, snapshot), order.keep)
    surveyed = survey(outlines, snapshot)
    changes = compare(order.previous.records if order.previous else (), surveyed.records)
    fresh = {} if order.previous is None else _news_by_place(changes, surveyed)
    most = min(order.groups_shown, MOST_GROUPS)
    selection = select(outlines.groups, surveyed.categories, frozenset(fresh), most)
    shown = show_cards(selection.places, outlines, surveyed.categories, fresh, snapshot)
    tallies = snapshot.tallies()
    head = _head(order, snapshot, outlines, surveyed, changes, tallies)
    wanted = {it.image_id: it for place in selection.places for it in shown[place].wanted}
    return Gathered(
        report=_report(order, snapshot, head, surveyed, changes, selection, shown),
        records=surveyed.records,
        tallies=tallies,
        wanted=list(wanted.values()),
        groups=lambda: hydrate(outlines.groups, outlines.pairs, snapshot, outlines.order),
    )


def _outlines(snapshot: Snapshot, preset: str, marks: Marks, keep: KeepOrder) -> Outlines:
    if preset not in PRESETS:
        raise BadRequest(f"There is no preset {preset!r}.", hint=f"The presets are {', '.join(PRESETS)}.")
    return outline_all(PRESETS[preset], Grouping.STAR, snapshot, marks, keep)


def _news_by_place(changes: Sequence[RecordChange], surveyed: Survey) -> dict[int, Change]:
    """The groups that appeared or grew, by their places among all."""
    news = {it.after.keeper: it.change for it in changes if it.after is not None and it.change in _NEWS}
    keepers = (record.keeper for record in surveyed.records)
    return {place: news[keeper] for place, keeper in enumerate(keepers) if keeper in news}


def _head(
    order: Order,
    snapshot: Snapshot,
    outlines: Outlines,
    surveyed: Survey,
    changes: Sequence[RecordChange],
    tallies: Tallies,
) -> ReportHead:
    present, counts = snapshot.present_files(), snapshot.counts()
    return ReportHead(
        id=order.id,
        date=order.date,
        made_at=order.made_at.isoformat(timespec="seconds"),
        trigger=order.trigger,
        since=order.previous.head.id if order.previous else None,
        preset=order.preset,
        library=LibraryTotals(files=present.files, images=counts.images, bytes=present.bytes),
        totals=total(outlines.groups),
        categories=category_totals(outlines.groups, surveyed.categories),
        new=news_of(changes),
        activity=_activity(tallies, order),
        problems=counts.problems,
        paths=order.paths,
    )


def _activity(now: Tallies, order: Order) -> Activity:
    """What happened in between; all that ever did, when nothing was before or the catalogue is a new one."""
    before = order.previous.tallies if order.previous else None
    if before is None or now.added < before.added or now.moved < before.moved:
        before = Tallies(0, 0, 0)
    return Activity(
        added=now.added - before.added,
        moved=now.moved - before.moved,
        # A file that was gone and then turned up elsewhere is taken off those that were removed.
        removed=max(0, now.removed - before.removed),
        deeds=order.done.deeds,
    )


def _report(
    order: Order,
    snapshot: Snapshot,
    head: ReportHead,
    surveyed: Survey,
    changes: Sequence[RecordChange],
    selection: Selection,
    shown: Mapping[int, Shown],
) -> Report:
    resolved = [_resolved(change) for change in changes if change.change not in _NEWS]
    return Report(
        head=head,
        trend=[*order.trend, _trend_point(head)],
        news=_cards(selection.news, shown),
        hidden_news=selection.hidden_news,
        resolved=resolved[:RESOLVED],
        hidden_resolved=len(resolved[RESOLVED:]),
        savings=_cards(selection.savings, shown),
        sections=[
            Section(
                totals=part,
                cards=_cards(selection.sections[part.category], shown),
                hidden_groups=selection.hidden[part.category],
            )
            for part in head.categories
        ],
        folder_pairs=surveyed.folder_pairs,
        hidden_folder_pairs=surveyed.hidden_folder_pairs,
        years=surveyed.years,
        troubles=_troubles(snapshot),
        notes=order.notes,
    )


def _cards(places: Sequence[int], shown: Mapping[int, Shown]) -> Sequence[Card]:
    return [shown[place].card for place in places]


def _trend_point(head: ReportHead) -> TrendPoint:
    return TrendPoint(
        made_at=head.made_at,
        reclaimable_bytes=head.totals.reclaimable_bytes,
        groups=head.totals.groups,
        library_bytes=head.library.bytes,
    )


def _resolved(change: RecordChange) -> Resolved:
    """A change that freed something; the newer of the two reports that have the group names it."""
    sides = [side for side in (change.after, change.before) if side is not None]
    return Resolved(
        change=change.change,
        path=sides[0].path,
        files_before=change.before.files if change.before else 0,
        files_after=change.after.files if change.after else 0,
        freed_bytes=change.freed_bytes,
    )


def _troubles(snapshot: Snapshot) -> Sequence[Trouble]:
    return [
        Trouble(
            code=kind.code,
            reason=REMEDIES[kind.code].reason,
            remedy=REMEDIES[kind.code].remedy,
            files=kind.files,
            paths=[display_path(path) for path in kind.examples],
        )
        for kind in snapshot.problem_kinds(TROUBLE_PATHS)
    ]
