"""Reports on demand and by night: one at a time, each in a process of its own."""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Lock

from simd.catalogue import Catalogue
from simd.core.actions.summing import NOTHING, Summary
from simd.core.answers import (
    Note,
    NotificationTest,
    ReportAnswer,
    ReportDiff,
    ReportHead,
    ReportList,
    ReportTrigger,
)
from simd.core.errors import BadRequest, CatalogueError, SimdError, Unavailable
from simd.core.report.naming import nightly_id
from simd.core.verdicts import GivenVerdict
from simd.delivery import send
from simd.ports import Clock
from simd.render.words import count, size
from simd.runtime.broadcast import Broadcast
from simd.runtime.errand import Errands
from simd.work.keeporders import OrderFor, usual_order_for
from simd.work.report.child import (
    Commission,
    DeedsWanted,
    PreviewsWanted,
    Progress,
    make_report,
)
from simd.work.report.comparing import DiffOrder, compare_reports
from simd.work.report.previews import Previews
from simd.work.report.shelf import Shelf

log = logging.getLogger(__name__)

DEADLINE_SECONDS = 900.0
"""A report of a million images takes three minutes; what takes so long hangs."""

DIFF_SECONDS = 120.0

PREVIEW_SECONDS = {ReportTrigger.ASKED: 8.0, ReportTrigger.NIGHTLY: 60.0}
"""How long previews may take: a person waits for one, nobody for the other."""

EVENT = "report"

_DELIVERY = "delivery"
"""The job whose last success is the moment at which the report was made that was delivered last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPlan:
    """Who is told of nightly reports.

    Attributes:
        targets: Apprise's URLs, with their secrets.
        only_when_new_bytes: least that must have become reclaimable for a message; None sends always.
    """

    targets: Sequence[str] = field(repr=False)
    only_when_new_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPlan:
    """How reports are made and kept.

    Attributes:
        state_dir: holds the catalogue.
        folder: where reports are kept; made when its parent is there.
        preset: what counts as a near-duplicate.
        keep_nightly: days of reports that stay.
        keep_monthly: months of which the first report stays.
        groups_shown: groups that get a card on the page.
        delivery: None when nobody is told.
    """

    state_dir: Path
    folder: Path
    preset: str
    keep_nightly: int
    keep_monthly: int
    groups_shown: int
    delivery: DeliveryPlan | None


class Reports:
    """Makes, lists and compares reports. Safe to use from every thread; :meth:`close` ends what runs."""

    def __init__(
        self,
        plan: ReportPlan,
        catalogue: Catalogue,
        previews: Previews,
        clock: Clock,
        broadcast: Broadcast,
        notes: Callable[[], Sequence[Note]],
        next_at: Callable[[], datetime | None],
        verdicts: Callable[[], Sequence[GivenVerdict]] = tuple,
        order_for: OrderFor = usual_order_for,
        deeds: Callable[[int], Summary] = lambda _: NOTHING,
    ) -> None:
        """Be able to make reports.

        Args:
            plan: how they are made and kept.
            catalogue: what they are about.
            previews: makes their small pictures.
            clock: dates them.
            broadcast: tells their progress.
            notes: says what is wrong with the daemon.
            next_at: says when the next nightly report is due.
            verdicts: says what the person has decided; by default nothing.
            order_for: says which files are kept.
            deeds: says what was done after a place in the journal of actions; by default nothing.
        """
        self._plan = plan
        self._catalogue = catalogue
        self._previews = previews
        self._clock = clock
        self._broadcast = broadcast
        self._daemon_notes = notes
        self._next_at = next_at
        self._verdicts = verdicts
        self._order_for = order_for
        self._deeds = deeds
        self._shelf = Shelf(plan.folder)
        self._errands = Errands()
        self._lock = Lock()
        self._current: Future[ReportHead] | None = None
        self._newest: tuple[set[str], ReportHead | None] = (set(), None)
        self._report_fault: Note | None = None
        self._delivery_fault: Note | None = None
        self._delivered: str | None = None

    def follow(self, plan: ReportPlan) -> None:
        """Go by another plan from now on; a report that is being made is finished by the old one."""
        self._plan = plan
        self._shelf = Shelf(plan.folder)

    def make(self, trigger: ReportTrigger) -> ReportHead:
        """Make a report now and return once it is there.

        Whoever asks for one while one is being made gets that one. The nightly one of a day that
        has one already is not made again.

        Raises:
            BadReportFolder: it cannot be written.
            CatalogueError: the catalogue cannot be read.
            Failed: its process died or took too long.
            Unavailable: the daemon is stopping.
        """
        while True:
            with self._lock:
                current = self._current
                if current is None:
                    mine = self._current = Future()
                    break
            if trigger is ReportTrigger.ASKED:
                return current.result()
            wait([current])
        try:
            head = self._make_one(trigger)
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            mine.set_result(head)
        finally:
            with self._lock:
                self._current = None
        return head

    def nightly(self) -> None:
        """Make the report of this night, if there is none yet, and tell of it, if that was not done.

        Raises:
            Unavailable: the daemon is stopping; what is missing is made up for when this is called again.
        """
        self.make(ReportTrigger.NIGHTLY)

    def list(self) -> ReportList:
        """Every report that is kept.

        Raises:
            BadReportFolder: the folder cannot be read.
        """
        next_at = self._next_at()
        return ReportList(
            reports=[entry.head for entry in self._shelf.entries()],
            folder=str(self._shelf.folder),
            next_at=None if next_at is None else next_at.isoformat(timespec="seconds"),
            generation=self._catalogue.generation(),
        )

    def newest(self) -> ReportHead | None:
        """The newest report, None when there is none; read again only when other reports lie in the folder.

        Raises:
            BadReportFolder: the folder cannot be read.
        """
        ids = self._shelf.ids()
        known, head = self._newest
        if ids != known:
            entries = self._shelf.entries()
            head = entries[0].head if entries else None
            self._newest = (ids, head)
        return head

    def get(self, report_id: str) -> ReportAnswer:
        """One report; ``latest`` is the newest.

        Raises:
            BadRequest: no report can have this id.
            NotFound: there is no such report.
        """
        entry = self._shelf.get(report_id)
        return ReportAnswer(report=entry.head, summary=entry.summary, generation=self._catalogue.generation())

    def diff(self, a: str, b: str) -> ReportDiff:
        """What changed from report ``a`` to report ``b``; either may be ``latest``.

        Raises:
            BadRequest: no report can have this id.
            NotFound: there is no such report.
            Failed: a record is damaged.
        """
        # Named here, so that an id which is not there costs no process.
        a, b = self._shelf.get(a).head.id, self._shelf.get(b).head.id
        order = DiffOrder(folder=self._plan.folder, a=a, b=b, generation=self._catalogue.generation())
        return self._errands.run(compare_reports, order, _hear_nothing, DIFF_SECONDS)

    def test_notification(self) -> NotificationTest:
        """Send a trial message to every target, whatever the threshold.

        Raises:
            BadRequest: there are no targets.
        """
        delivery = self._plan.delivery
        if delivery is None or not delivery.targets:
            raise BadRequest("Nobody is to be notified.", hint="Set notify.targets in the configuration.")
        failed = send(
            delivery.targets,
            "simd: a trial message",
            "This is how simd tells of a nightly report. Nothing is wrong, and nothing was changed.",
        )
        return NotificationTest(
            sent=len(delivery.targets) - len(failed), failed=failed, generation=self._catalogue.generation()
        )

    def notes(self) -> Sequence[Note]:
        """What went wrong with the last report or its delivery."""
        return [note for note in (self._report_fault, self._delivery_fault) if note is not None]

    def close(self) -> None:
        """End what runs, and start nothing more."""
        self._errands.close()

    def _make_one(self, trigger: ReportTrigger) -> ReportHead:
        now, began = self._clock.now(), time.monotonic()
        if trigger is ReportTrigger.NIGHTLY:
            known = self._shelf.find(nightly_id(now.date()))
            if known is not None:
                if not self._is_delivered(known.head):
                    self._deliver(known.head, known.summary)  # the daemon was stopped before it was
                return known.head
        try:
            head = self._errands.run(
                make_report, self._commission(trigger, now), partial(self._hear, trigger), DEADLINE_SECONDS
            )
        except SimdError as error:
            self._report_fault = Note(message=f"The last report failed: {error.message}", hint=error.hint)
            raise
        self._report_fault = None
        _log_made(head, time.monotonic() - began)
        self._broadcast.tell(EVENT, phase="done", id=head.id)
        if trigger is ReportTrigger.NIGHTLY:
            summary = self._shelf.get(head.id).summary
            for line in filter(None, summary.splitlines()):
                log.info("%s", line)
            self._deliver(head, summary)
        return head

    def _commission(self, trigger: ReportTrigger, now: datetime) -> Commission:
        plan = self._plan
        return Commission(
            state_dir=plan.state_dir,
            folder=plan.folder,
            trigger=trigger,
            made_at=now,
            preset=plan.preset,
            notes=list(self._daemon_notes()),
            groups_shown=plan.groups_shown,
            keep_nightly=plan.keep_nightly,
            keep_monthly=plan.keep_monthly,
            verdicts=self._verdicts(),
            keep=self._order_for(None),
        )

    def _hear(self, trigger: ReportTrigger, message: Progress | DeedsWanted | PreviewsWanted) -> object:
        """What the process of a report is answered."""
        if isinstance(message, DeedsWanted):
            return self._deeds(message.since)
        if isinstance(message, Progress):
            self._broadcast.tell(EVENT, phase=message.phase, done=message.done, total=message.total)
            return None
        return self._previews.provide(message, PREVIEW_SECONDS[trigger], self._tell_previews)

    def _tell_previews(self, done: int, total: int) -> None:
        self._broadcast.tell(EVENT, phase="previews", done=done, total=total)

    def _deliver(self, head: ReportHead, summary: str) -> None:
        delivery = self._plan.delivery
        if delivery is None or not delivery.targets:
            return
        least = delivery.only_when_new_bytes
        if least is not None and head.new.reclaimable_bytes < least:
            return
        failed = send(delivery.targets, f"simd: report of {head.date}", summary)
        if failed and self._errands.closed:
            raise Unavailable("The daemon is stopping.", hint="A start on the same day makes up for it.")
        self._delivery_fault = None if not failed else _undelivered(head, failed)
        self._delivered = head.id
        try:
            self._catalogue.write(lambda to: to.set_job_success(_DELIVERY, _moment_of(head))).result()
        except CatalogueError as error:
            # Whoever waits for the report has it all the same.
            log.warning("that the report %s is delivered is not noted: %s", head.id, error.message)

    def _is_delivered(self, head: ReportHead) -> bool:
        """Whether this is the report that was delivered last, be it that some targets refused it."""
        if self._delivered == head.id:
            return True  # even if the catalogue could not note it
        with self._catalogue.read() as snapshot:
            return snapshot.job_success(_DELIVERY) == _moment_of(head)


def _moment_of(head: ReportHead) -> datetime:
    return datetime.fromisoformat(head.made_at)


def _log_made(head: ReportHead, seconds: float) -> None:
    found = {"groups": head.totals.groups, "reclaimable_bytes": head.totals.reclaimable_bytes}
    log.info(
        "the report %s is made (%s): %s, %s could be freed, %.1f s",
        head.id,
        head.trigger,
        count(head.totals.groups, "group"),
        size(head.totals.reclaimable_bytes),
        seconds,
        extra={"report": head.id, "page": head.paths.html, "seconds": round(seconds, 1), **found},
    )


def _undelivered(head: ReportHead, failed: Sequence[str]) -> Note:
    return Note(
        message=f"The report of {head.date} was not delivered to {', '.join(failed)}",
        hint="simctl report test-notification tries again with a trial message.",
    )


def _hear_nothing(_message: object) -> None:
    """Two reports are compared without a question."""
