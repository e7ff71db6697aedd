"""A service that answers with samples, remembers what it was asked, and fails or waits on request."""

from collections.abc import Sequence
from datetime import timedelta
from threading import Event
from typing import Any

from simd.core.actions.model import ActionName, PlanRequest
from simd.core.actions.words import StepState
from simd.core.answers import (
    Comparison,
    DoctorAnswer,
    GroupPage,
    ImageAnswer,
    Marked,
    Metric,
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
    Retried,
    ScanStarted,
    Status,
    Synced,
    Unmarked,
    VerdictPage,
)
from simd.core.partition import Upload
from simd.core.questions import GroupOptions, PictureName, QueryOptions, QuerySubject
from simd.core.verdicts import GivenVerdict, VerdictKind
from simd.runtime.broadcast import Broadcast, Subscription
from tests.api import plan_samples, samples


class StandIn:
    """The façade's methods over canned answers.

    Attributes:
        asked: each call as ``(method, *arguments)``, in order.
        error: raised by every question when set.
        query_seconds: what ``note_query`` was told.
        metric_samples: what ``metrics`` gives.
        syncing: set when a ``sync`` has begun; it returns once ``synced`` is set.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.error: Exception | None = None
        self.query_seconds: list[float] = []
        self.metric_samples: Sequence[Metric] = samples.METRICS
        self.syncing = Event()
        self.synced = Event()
        self.synced.set()
        self.unsubscribed = Event()
        self.broadcast = Broadcast(capacity=50)

    def status(self) -> Status:
        """A canned answer."""
        self._note("status")
        return samples.STATUS

    def pulse(self) -> Pulse:
        """A canned answer."""
        self._note("pulse")
        return samples.PULSE

    def note_query(self, seconds: float) -> None:
        """Remembered."""
        self.query_seconds.append(seconds)

    def sync(self, timeout: float) -> Synced:
        """A canned answer, once ``synced`` is set."""
        self._note("sync", timeout)
        self.syncing.set()
        self.synced.wait()
        return samples.SYNCED

    def scan(self, paths: Sequence[bytes] | None, *, rehash: bool, accept_missing: bool) -> ScanStarted:
        """A canned answer."""
        self._note("scan", paths, rehash, accept_missing)
        return samples.SCAN_STARTED

    def query(self, subject: QuerySubject, options: QueryOptions) -> QueryAnswer:
        """A canned answer."""
        self._note("query", subject, options)
        return samples.QUERY

    def groups(self, options: GroupOptions) -> GroupPage:
        """A canned answer."""
        self._note("groups", options)
        return samples.GROUPS

    def image(self, image_id: int) -> ImageAnswer:
        """A canned answer."""
        self._note("image", image_id)
        return samples.IMAGE_ANSWER

    def image_at(self, path: bytes) -> ImageAnswer:
        """A canned answer."""
        self._note("image_at", path)
        return samples.IMAGE_ANSWER

    def compare(self, a: QuerySubject, b: QuerySubject) -> Comparison:
        """A canned answer."""
        self._note("compare", a, b)
        return samples.COMPARISON

    def partition(self, paths: Sequence[bytes], grade: float) -> Partition:
        """A canned answer."""
        self._note("partition", paths, grade)
        return samples.PARTITION

    def partition_uploads(self, uploads: Sequence[Upload], grade: float) -> Partition:
        """A canned answer; what was uploaded is read before it is gone."""
        self._note("partition", [(upload.name, upload.stream.read()) for upload in uploads], grade)
        return samples.PARTITION

    def problems(self, limit: int, cursor: str | None) -> ProblemPage:
        """A canned answer."""
        self._note("problems", limit, cursor)
        return samples.PROBLEMS

    def retry_problems(self) -> Retried:
        """A canned answer."""
        self._note("retry_problems")
        return Retried(retried=1, generation=samples.GENERATION)

    def mark(self, kind: VerdictKind, pictures: Sequence[PictureName]) -> Marked:
        """A canned answer."""
        self._note("mark", kind, pictures)
        return samples.MARKED

    def unmark(self, pictures: Sequence[PictureName]) -> Unmarked:
        """A canned answer."""
        self._note("unmark", pictures)
        return samples.UNMARKED

    def verdicts(self, limit: int, cursor: str | None) -> VerdictPage:
        """A canned answer."""
        self._note("verdicts", limit, cursor)
        return samples.VERDICTS

    def accept_verdicts(self, verdicts: Sequence[GivenVerdict]) -> Marked:
        """A canned answer."""
        self._note("accept_verdicts", verdicts)
        return samples.MARKED

    def protected(self) -> ProtectedList:
        """A canned answer."""
        self._note("protected")
        return samples.PROTECTED

    def protect(self, paths: Sequence[bytes]) -> ProtectionChanged:
        """A canned answer."""
        self._note("protect", paths)
        return samples.PROTECTION_CHANGED

    def unprotect(self, paths: Sequence[bytes]) -> ProtectionChanged:
        """A canned answer."""
        self._note("unprotect", paths)
        return samples.PROTECTION_CHANGED

    def plan(self, request: PlanRequest) -> Plan:
        """A canned answer."""
        self._note("plan", request)
        return plan_samples.PLAN

    def plan_at(self, plan: int, limit: int, cursor: str | None, state: StepState | None) -> Plan:
        """A canned answer."""
        self._note("plan_at", plan, limit, cursor, state)
        return plan_samples.PLAN

    def plans(self, limit: int, cursor: str | None) -> PlanPage:
        """A canned answer."""
        self._note("plans", limit, cursor)
        return plan_samples.PLANS

    def apply(self, plan: int, *, dry_run: bool) -> Outcome:
        """A canned answer."""
        self._note("apply", plan, dry_run)
        return plan_samples.OUTCOME

    def undo(self, name: ActionName) -> Outcome:
        """A canned answer."""
        self._note("undo", name)
        return plan_samples.OUTCOME

    def restore(self, paths: Sequence[bytes]) -> Outcome:
        """A canned answer."""
        self._note("restore", paths)
        return plan_samples.OUTCOME

    def purge(self, older_than: timedelta, *, dry_run: bool) -> Outcome:
        """A canned answer."""
        self._note("purge", older_than, dry_run)
        return plan_samples.OUTCOME

    def make_report(self) -> ReportAnswer:
        """A canned answer, once ``synced`` is set: a report takes its time."""
        self._note("make_report")
        self.syncing.set()
        self.synced.wait()
        return samples.REPORT

    def reports(self) -> ReportList:
        """A canned answer."""
        self._note("reports")
        return samples.REPORTS

    def report(self, report_id: str) -> ReportAnswer:
        """A canned answer."""
        self._note("report", report_id)
        return samples.REPORT

    def report_diff(self, a: str, b: str) -> ReportDiff:
        """A canned answer."""
        self._note("report_diff", a, b)
        return samples.REPORT_DIFF

    def test_notification(self) -> NotificationTest:
        """A canned answer."""
        self._note("test_notification")
        return samples.NOTIFIED

    def rematch(self) -> RematchStarted:
        """A canned answer."""
        self._note("rematch")
        return samples.REMATCH_STARTED

    def reload(self) -> Reloaded:
        """A canned answer."""
        self._note("reload")
        return samples.RELOADED

    def pause(self) -> Paused:
        """A canned answer."""
        self._note("pause")
        return Paused(paused=True, generation=samples.GENERATION)

    def resume(self) -> Paused:
        """A canned answer."""
        self._note("resume")
        return Paused(paused=False, generation=samples.GENERATION)

    def doctor(self) -> DoctorAnswer:
        """A canned answer."""
        self._note("doctor")
        return samples.DOCTOR

    def metrics(self) -> Sequence[Metric]:
        """Canned samples."""
        self._note("metrics")
        return self.metric_samples

    def subscribe(self) -> Subscription:
        """Begin to listen."""
        return self.broadcast.subscribe()

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop listening."""
        self.broadcast.unsubscribe(subscription)
        self.unsubscribed.set()

    def _note(self, *call: Any) -> None:
        self.asked.append(call)
        if self.error is not None:
            raise self.error
