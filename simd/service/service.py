"""The façade: one method for each thing that a person can ask.

Every door (the socket, the scheduler, the terminal, the tests) goes through it. The methods
are safe to call from any thread, and raise only :class:`~simd.core.errors.SimdError`.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta

from simd.core.actions.model import ActionName, PlanRequest
from simd.core.actions.words import StepState
from simd.core.answers import (
    Comparison,
    DoctorAnswer,
    GroupPage,
    HoldView,
    ImageAnswer,
    Marked,
    Metric,
    Note,
    NotificationTest,
    Outcome,
    Partition,
    Paused,
    Plan,
    PlanPage,
    ProblemPage,
    ProtectedList,
    ProtectionChanged,
    Pulse,
    QueryAnswer,
    Reloaded,
    RematchStarted,
    ReportAnswer,
    ReportDiff,
    ReportList,
    ReportTrigger,
    Retried,
    ScanStarted,
    Status,
    Synced,
    Unmarked,
    VerdictPage,
    view_of,
)
from simd.core.display import display_path
from simd.core.errors import BadReportFolder, Unavailable
from simd.core.partition import Upload
from simd.core.questions import GroupOptions, PictureName, QueryOptions, QuerySubject
from simd.core.verdicts import GivenVerdict, VerdictKind
from simd.render.holds import reasons, remedies
from simd.runtime.broadcast import Subscription
from simd.service.chores import Chores
from simd.system.doctor import examine
from simd.work.examine import folder_of, is_directory
from simd.work.sweeping import REASON_ASKED


class Service(Chores):
    """Everything that simd does for whoever asks."""

    # About the daemon.

    def status(self) -> Status:
        """The daemon at a glance."""
        parts = self._parts
        faults = parts.reports.notes()
        notes = [*parts.guard.notes(), *faults, *parts.rematch.notes(), *parts.actions.notes()]
        try:
            last_report = parts.reports.newest()
        except BadReportFolder as error:
            last_report = None
            if not faults:  # else the report that failed has told
                notes.append(Note(message=error.message, hint=error.hint))
        status = parts.overview.status(notes)
        return replace(
            status,
            progress=status.progress or parts.rematch.progress(),
            duplicates=parts.groups.totals,
            last_report=last_report,
        )

    def metrics(self) -> Sequence[Metric]:
        """Counters and gauges for Prometheus."""
        return self._parts.overview.metrics()

    def pulse(self) -> Pulse:
        """What the daemon does at this moment."""
        return self._parts.overview.beat.pulse()

    def note_query(self, seconds: float) -> None:
        """A query was answered, so long after it had come."""
        self._parts.overview.beat.note_query(seconds)

    def reload(self) -> Reloaded:
        """Read the settings again, and have whatever goes by what has changed follow.

        Raises:
            ConfigError: they do not hold together; nothing is changed.
        """
        return self._parts.reload()

    def doctor(self) -> DoctorAnswer:
        """The machine's health, seen from the daemon."""
        roots = [standing.root.path for standing in self._parts.roots.all()]
        found = examine(roots, self._parts.state_dir, self._parts.socket)
        found += self._parts.guard.checks()
        found += self._parts.overview.checks([*self._parts.reports.notes(), *self._parts.rematch.notes()])
        # What several of them see is told once.
        checks = list({check.message: check for check in reversed(found)}.values())[::-1]
        return DoctorAnswer(
            ok=all(check.ok for check in checks), checks=checks, generation=self._parts.catalogue.generation()
        )

    def subscribe(self) -> Subscription:
        """Begin to listen to what happens."""
        return self._parts.broadcast.subscribe()

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop listening."""
        self._parts.broadcast.unsubscribe(subscription)

    # About the folders.

    def sync(self, timeout: float) -> Synced:
        """Return when every change made before the call is committed and searchable.

        Raises:
            TimedOut: it took longer than ``timeout`` seconds.
            Unavailable: reading is paused, or the watcher does not answer.
        """
        if holds := self._holds():
            why = [asdict(hold) for hold in holds]
            raise Unavailable(
                f"Reading is paused, so nothing can catch up: {reasons(why)}.", hint=remedies(why)
            )
        started = time.monotonic()
        self._parts.barrier.wait(timeout)
        waited = round((time.monotonic() - started) * 1e3, 1)
        return Synced(waited_ms=waited, generation=self._parts.catalogue.generation())

    def scan(
        self, paths: Sequence[bytes] | None, *, rehash: bool = False, accept_missing: bool = False
    ) -> ScanStarted:
        """Sweep these folders, or every root; its end is told by the ``scanned`` event.

        Args:
            paths: roots, or folders below them; None for every root.
            rehash: read every file again, changed or not.
            accept_missing: believe it when most files of a root are gone.

        Raises:
            BadRequest: a path lies in no watched folder.
        """
        roots = [standing.root.path for standing in self._parts.roots.all()]
        # A root that is gone is still a root; any other path that is no folder stands for the one around it.
        chosen = [
            path if path in roots or is_directory(path) else folder_of(path) for path in paths or ()
        ] or roots
        if accept_missing:
            self._parts.roots.accept_loss(chosen)
        number = self._parts.sweeper.request(chosen, REASON_ASKED, rehash=rehash)
        return ScanStarted(
            scan=number,
            roots=[display_path(path) for path in chosen],
            generation=self._parts.catalogue.generation(),
        )

    def pause(self) -> Paused:
        """Stop reading files until somebody resumes, even after a restart; questions are still answered.

        Raises:
            CatalogueError: reading stops, but a new start would not know.
        """
        self._parts.pausing.pause()
        return self._paused()

    def resume(self) -> Paused:
        """Go on reading files, unless something else than the person's pause holds them.

        Raises:
            CatalogueError: reading goes on, but a new start would not know.
        """
        self._parts.pausing.resume()
        return self._paused()

    def problems(self, limit: int, cursor: str | None) -> ProblemPage:
        """The files that could not be read, a page at a time.

        Raises:
            BadRequest: a cursor that no page gave.
        """
        return self._parts.portraits.problems(limit, cursor)

    def retry_problems(self) -> Retried:
        """Read every unreadable file again."""
        with self._parts.catalogue.read() as snapshot:
            paths = snapshot.problem_paths()
        self._parts.ingest.offer(paths, forced=True)
        return Retried(retried=len(paths), generation=self._parts.catalogue.generation())

    # About pictures.

    def query(self, subject: QuerySubject, options: QueryOptions) -> QueryAnswer:
        """The near-duplicates of one picture; see :meth:`Search.query`."""
        return self._parts.search.query(subject, options)

    def groups(self, options: GroupOptions) -> GroupPage:
        """The duplicate groups, a page at a time; see :meth:`Groups.page`."""
        return self._parts.groups.page(options)

    def image(self, image_id: int) -> ImageAnswer:
        """All that is known of one image.

        Raises:
            NotFound: there is no such image.
        """
        return self._parts.portraits.image(image_id)

    def image_at(self, path: bytes) -> ImageAnswer:
        """All that is known of the image at a path.

        Raises:
            NotFound: the catalogue knows no picture there.
        """
        return self._parts.portraits.image_at(path)

    def compare(self, a: QuerySubject, b: QuerySubject) -> Comparison:
        """Two pictures against each other; see :meth:`Compare.compare`."""
        return self._parts.compare.compare(a, b)

    def partition(self, paths: Sequence[bytes], grade: float) -> Partition:
        """Files, and pictures in folders, parted by similarity; see :meth:`Partitioning.of_paths`."""
        return self._parts.partitioning.of_paths(paths, grade)

    def partition_uploads(self, uploads: Sequence[Upload], grade: float) -> Partition:
        """Uploaded pictures parted by similarity; see :meth:`Partitioning.of_uploads`."""
        return self._parts.partitioning.of_uploads(uploads, grade)

    def rematch(self) -> RematchStarted:
        """Have all images compared anew, unless that is under way; its end is told by the ``rematch`` event.

        Raises:
            CatalogueError: that it was begun cannot be noted.
        """
        return self._parts.rematch.begin()

    def rematch_crowds(self) -> None:
        """Have all images compared anew if some have come into a crowd of near ones since the last time."""
        self._parts.rematch.begin_for_crowds()

    # What a person decides.

    def mark(self, kind: VerdictKind, pictures: Sequence[PictureName]) -> Marked:
        """Decide something about pictures; see :meth:`Verdicts.mark`."""
        return self._parts.verdicts.mark(kind, pictures)

    def unmark(self, pictures: Sequence[PictureName]) -> Unmarked:
        """Take back what was decided; see :meth:`Verdicts.unmark`."""
        return self._parts.verdicts.unmark(pictures)

    def verdicts(self, limit: int, cursor: str | None) -> VerdictPage:
        """What was decided, the newest first; see :meth:`Verdicts.page`."""
        return self._parts.verdicts.page(limit, cursor)

    def accept_verdicts(self, verdicts: Sequence[GivenVerdict]) -> Marked:
        """Take verdicts that were given earlier or elsewhere; see :meth:`Verdicts.accept`."""
        return self._parts.verdicts.accept(verdicts)

    def protected(self) -> ProtectedList:
        """Everything that keeps its place; see :meth:`Protecting.all`."""
        return self._parts.protecting.all()

    def protect(self, paths: Sequence[bytes]) -> ProtectionChanged:
        """Have files and folders keep their place; see :meth:`Protecting.protect`."""
        return self._parts.protecting.protect(paths)

    def unprotect(self, paths: Sequence[bytes]) -> ProtectionChanged:
        """Take protection back; see :meth:`Protecting.unprotect`."""
        return self._parts.protecting.unprotect(paths)

    # What is done to files.

    def plan(self, request: PlanRequest) -> Plan:
        """Plan what would be done to files, and keep the plan; see :meth:`Actions.plan`."""
        return self._parts.actions.plan(request)

    def plan_at(self, plan: int, limit: int, cursor: str | None, state: StepState | None) -> Plan:
        """A plan with a page of its steps; see :meth:`Actions.plan_at`."""
        return self._parts.actions.plan_at(plan, limit, cursor, state)

    def plans(self, limit: int, cursor: str | None) -> PlanPage:
        """What was planned, the newest first; see :meth:`Actions.plans`."""
        return self._parts.actions.plans(limit, cursor)

    def apply(self, plan: int, *, dry_run: bool) -> Outcome:
        """Do what a plan says; see :meth:`Actions.apply`."""
        return self._parts.actions.apply(plan, dry_run=dry_run)

    def undo(self, name: ActionName) -> Outcome:
        """Take back what was done; see :meth:`Actions.undo`."""
        return self._parts.actions.undo(name)

    def restore(self, paths: Sequence[bytes]) -> Outcome:
        """Put files back; see :meth:`Actions.restore`."""
        return self._parts.actions.restore(paths)

    def purge(self, older_than: timedelta, *, dry_run: bool) -> Outcome:
        """Delete for good what has lain in quarantine for so long; see :meth:`Actions.purge`."""
        return self._parts.actions.purge(older_than, dry_run=dry_run)

    # About reports.

    def make_report(self) -> ReportAnswer:
        """Make a report of what is known now; see :meth:`Reports.make`."""
        head = self._parts.reports.make(ReportTrigger.ASKED)
        return self._parts.reports.get(head.id)

    def reports(self) -> ReportList:
        """Every report that is kept; see :meth:`Reports.list`."""
        return self._parts.reports.list()

    def report(self, report_id: str) -> ReportAnswer:
        """One report by its id, or as ``latest``; see :meth:`Reports.get`."""
        return self._parts.reports.get(report_id)

    def report_diff(self, a: str, b: str) -> ReportDiff:
        """What changed from report ``a`` to report ``b``; see :meth:`Reports.diff`."""
        return self._parts.reports.diff(a, b)

    def test_notification(self) -> NotificationTest:
        """Send a trial message to everyone who is told of reports.

        Raises:
            BadRequest: nobody is.
        """
        return self._parts.reports.test_notification()

    def _paused(self) -> Paused:
        holds = self._holds()
        return Paused(paused=bool(holds), holds=holds, generation=self._parts.catalogue.generation())

    def _holds(self) -> Sequence[HoldView]:
        return [view_of(hold) for hold in self._parts.ingest.holding.holds]
